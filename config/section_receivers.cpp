#include "config/receiver_types.hpp"
#include "config/sections.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace scanclock {
namespace {

constexpr Duration heartbeat_min = std::chrono::seconds(1);
constexpr Duration digest_min = std::chrono::hours(1);

struct ReceiverKind {
  const char* word;
  void (*read)(const Cursor&, ReceiverSettings&);
  /// Programs that notice when heartbeats stop.
  bool takes_heartbeats;
  /// Reads by people who are not paged by it.
  bool takes_digests;
};

constexpr ReceiverKind receiver_kinds[] = {
    {"webhook", read_webhook_receiver, true, true},
    {"alertmanager", read_alertmanager_receiver, true, false},
    {"pagerduty", read_pagerduty_receiver, false, false},
    {"slack", read_slack_receiver, false, true},
    {"teams", read_teams_receiver, false, true},
    {"opsgenie", read_opsgenie_receiver, false, false},
    {"email", read_email_receiver, false, true},
};

std::string kind_words() {
  std::string words;
  for (const ReceiverKind& kind : receiver_kinds) {
    words += (words.empty() ? "" : ", ") + std::string(kind.word);
  }
  return words;
}

void read_times(MapReader& map, const ReceiverKind* kind, ReceiverSettings& receiver) {
  if (const auto heartbeat = map.find("heartbeat_every")) {
    receiver.heartbeat_every = heartbeat->duration(heartbeat_min);
    if (kind != nullptr && !kind->takes_heartbeats) {
      heartbeat->fail(std::string(kind->word) + " receivers take no heartbeats",
                      "give them to a webhook or an Alertmanager that notices when they stop");
    }
  }
  if (const auto digest = map.find("digest_every")) {
    receiver.digest_every = digest->duration(digest_min);
    const bool as_alertmanager =
        receiver.webhook && receiver.webhook->format == WebhookFormat::alertmanager;
    if (kind != nullptr && (!kind->takes_digests || as_alertmanager)) {
      digest->fail(as_alertmanager ? std::string("Alertmanager's format knows no digests")
                                   : std::string(kind->word) + " receivers take no digests",
                   "send them by webhook, slack, teams or email");
    }
  }
}

ReceiverSettings read_receiver(const Cursor& item, UniqueNames& names) {
  MapReader map(item);
  ReceiverSettings receiver;
  receiver.name = read_name(map);
  names.add(map, "receiver", receiver.name);
  int kinds = 0;
  const ReceiverKind* chosen = nullptr;
  for (const ReceiverKind& kind : receiver_kinds) {
    const bool is_there = map.has(kind.word);
    if (const auto cursor = map.find(kind.word)) {
      kind.read(*cursor, receiver);
    }
    if (is_there) {
      chosen = &kind;
      ++kinds;
    }
  }
  if (item.is_map() && kinds == 0) {
    item.fail("a receiver needs a kind", "write one of " + kind_words());
  } else if (kinds > 1) {
    item.fail("a receiver has one kind only",
              "make one receiver of each and name both in the route");
  }
  read_times(map, chosen, receiver);
  map.finish();
  return receiver;
}

}  // namespace

void read_receivers(MapReader& root, std::vector<ReceiverSettings>& receivers) {
  if (const auto section = root.find("receivers")) {
    UniqueNames names;
    for (const Cursor& item : section->items()) {
      receivers.push_back(read_receiver(item, names));
    }
  }
}

}  // namespace scanclock
