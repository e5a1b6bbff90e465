#include "config/sections.hpp"

#include <algorithm>

namespace scanclock {
namespace {

void read_webhook(const Cursor& cursor, ReceiverSettings& receiver) {
  MapReader map(cursor);
  WebhookSettings webhook;
  map.boolean("allow_plaintext", webhook.allow_plaintext);
  if (const auto url = map.require("url")) {
    UrlRule rule;
    rule.path_allowed = true;
    rule.allow_plaintext = webhook.allow_plaintext;
    webhook.url = read_http_url(*url, rule).value_or("");
  }
  Secret signing_secret;
  read_secret_setting(map, "signing_secret", signing_secret);
  if (!signing_secret.empty() && !is_signing_secret(signing_secret.reveal())) {
    // Found at the first message it would be an alert that nobody gets.
    cursor.fail("the signing secret is not whsec_ and the base64 form of 24 to 64 bytes",
                "make one with: echo whsec_$(openssl rand -base64 32)");
  }
  if (!signing_secret.empty()) {
    webhook.signing_secrets.push_back(std::move(signing_secret));
  }
  if (const auto format = map.find("format")) {
    if (const auto word = format->word({"standard", "alertmanager"})) {
      webhook.format = *word == 0 ? WebhookFormat::standard : WebhookFormat::alertmanager;
    }
  }
  map.finish();
  receiver.webhook = std::move(webhook);
}

void read_alertmanager(const Cursor& cursor, ReceiverSettings& receiver) {
  MapReader map(cursor);
  AlertmanagerSettings alertmanager;
  map.boolean("allow_plaintext", alertmanager.allow_plaintext);
  if (const auto urls = map.require("urls")) {
    UrlRule rule;
    rule.path_allowed = true;
    rule.allow_plaintext = alertmanager.allow_plaintext;
    const std::vector<Cursor> items = urls->items();
    for (const Cursor& item : items) {
      std::optional<std::string> url = read_http_url(item, rule);
      auto& known = alertmanager.urls;
      if (url && std::find(known.begin(), known.end(), *url) != known.end()) {
        item.fail("stands in the list twice");
      } else if (url) {
        known.push_back(std::move(*url));
      }
    }
    if (urls->node().kind == YamlNode::Kind::sequence && items.empty()) {
      urls->fail("must name at least one Alertmanager");
    }
  }
  // Alerts are told every minute, so a shorter time would resolve them between two tellings.
  map.duration("resolve_after", alertmanager.resolve_after, std::chrono::minutes(3));
  map.finish();
  receiver.alertmanager = std::move(alertmanager);
}

ReceiverSettings read_receiver(const Cursor& item, UniqueNames& names) {
  MapReader map(item);
  ReceiverSettings receiver;
  receiver.name = read_name(map);
  names.add(map, "receiver", receiver.name);
  if (const auto webhook = map.find("webhook")) {
    read_webhook(*webhook, receiver);
  }
  if (const auto alertmanager = map.find("alertmanager")) {
    read_alertmanager(*alertmanager, receiver);
  }
  int kinds = int{map.has("webhook")} + int{map.has("alertmanager")};
  for (const char* const later : {"email", "exec"}) {
    if (const auto cursor = map.has(later) ? map.find(later) : std::nullopt) {
      cursor->fail("not supported by this version yet", "use webhook or alertmanager");
      ++kinds;
    }
  }
  if (item.is_map() && kinds != 1) {
    item.fail(
        kinds == 0 ? "a receiver needs webhook or alertmanager" : "a receiver has one kind only",
        kinds == 0 ? "" : "make one receiver of each and name both in the route");
  }
  if (const auto heartbeat = map.find("heartbeat_every")) {
    receiver.heartbeat_every = heartbeat->duration(std::chrono::seconds(1));
  }
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
