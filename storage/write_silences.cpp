#include "storage/ledger_parts.hpp"
#include "storage/row_writer.hpp"
#include "storage/storable.hpp"

namespace scanclock::ledger_parts {
namespace {

std::vector<std::string> texts_of(const std::vector<LabelMatcher>& matchers) {
  std::vector<std::string> texts;
  for (const LabelMatcher& matcher : matchers) {
    texts.push_back(to_string(matcher));
  }
  return texts;
}

}  // namespace

asio::awaitable<void> write_silences(PgTransaction& transaction, const ChangeSet& changes) {
  const auto silences = newest_of_each(
      changes.silences, [](const Silence& silence) { return storable_text(silence.id); });
  RowWriter rows(transaction, "StoreSilences", 9);
  for (const auto* silence : silences) {
    rows.add(silence->id, texts_of(silence->matchers), silence->author, silence->reason,
             silence->created_at, silence->starts_at, silence->expires_at, silence->ended_at,
             silence->ended_by);
    if (rows.full()) {
      co_await rows.flush();
    }
  }
  co_await rows.flush();
  const auto taken =
      newest_of_each(changes.acknowledgements, [](const Acknowledgement& acknowledgement) {
        return key_text(acknowledgement.alert_id, format_rfc3339(acknowledgement.at));
      });
  RowWriter taken_rows(transaction, "StoreAcknowledgements", 6);
  for (const auto* one : taken) {
    taken_rows.add(one->alert_id, one->at, one->author, one->reason, one->expires_at,
                   one->ended_at);
    if (taken_rows.full()) {
      co_await taken_rows.flush();
    }
  }
  co_await taken_rows.flush();
}

}  // namespace scanclock::ledger_parts
