#include "storage/ledger_parts.hpp"
#include "storage/row_writer.hpp"

namespace scanclock::ledger_parts {
namespace {

std::string number_of(TimePoint time) { return std::to_string(time.time_since_epoch().count()); }

asio::awaitable<void> write_printed_images(PgTransaction& transaction, const ChangeSet& changes) {
  RowWriter rows(transaction, "StorePrintedImages", 8);
  for (const auto& change : changes.printed_images) {
    rows.add(change.container.source, change.container.id, change.first_seen_at, change.until,
             change.image, change.image_id, change.digests, change.assumed);
    if (rows.full()) {
      co_await rows.flush();
    }
  }
  co_await rows.flush();
}

asio::awaitable<void> write_verdicts(PgTransaction& transaction, const ChangeSet& changes) {
  const auto newest = newest_of_each(changes.verdicts, [](const VerdictChange& change) {
    return key_text(change.container.source, change.container.id.str(),
                    number_of(change.first_seen_at), number_of(change.at));
  });
  RowWriter rows(transaction, "StoreVerdicts", 9);
  for (const auto* change : newest) {
    const Conclusion& concluded = *change->concluded;
    rows.add(change->container.source, change->container.id, change->first_seen_at, change->at,
             to_string(concluded.verdict), concluded.image, concluded.reason, concluded.environment,
             concluded.owner);
    if (rows.full()) {
      co_await rows.flush();
    }
  }
  co_await rows.flush();
}

asio::awaitable<void> write_observations(PgTransaction& transaction, const ChangeSet& changes) {
  const auto newest = newest_of_each(changes.observations, [](const ObservationChange& change) {
    return key_text(change.image.str(), number_of(change.at));
  });
  RowWriter rows(transaction, "StoreObservations", 4);
  for (const auto* change : newest) {
    rows.add(change->image, change->at, change->status, change->reason);
    if (rows.full()) {
      co_await rows.flush();
    }
  }
  co_await rows.flush();
}

}  // namespace

asio::awaitable<void> write_workload_history(PgTransaction& transaction, const ChangeSet& changes) {
  co_await write_printed_images(transaction, changes);
  co_await write_verdicts(transaction, changes);
  co_await write_observations(transaction, changes);
}

}  // namespace scanclock::ledger_parts
