#include "storage/ledger_parts.hpp"
#include "storage/row_writer.hpp"
#include "storage/storable.hpp"

namespace scanclock::ledger_parts {
namespace {

std::string_view how_end_is_known(const StoredContainer& container) {
  return container.end_confirmed ? "confirmed" : "seen";
}

void add_container(RowWriter& rows, const StoredContainer& container) {
  const ContainerPlace& place = *container.place;
  const ContainerImage& printed = *container.printed;
  const Platform& platform = *printed.platform;
  rows.add(*place.source, container.id, container.first_seen_at, container.last_seen_at,
           container.ended_at, how_end_is_known(container), *place.namespace_name, place.workload,
           container.name(), *container.node, storable_object(*place.labels), printed.image,
           printed.image_id, printed.assumed, printed.digests, printed.pullable,
           printed.repositories, platform.os, platform.architecture, platform.variant,
           platform.os_version, container.started_at);
}

asio::awaitable<void> write_containers(PgTransaction& transaction, const ChangeSet& changes) {
  const auto newest = newest_of_each(changes.containers, [](const StoredContainer& container) {
    return key_text(container.source(), container.id.str(),
                    std::to_string(container.first_seen_at.time_since_epoch().count()));
  });
  RowWriter rows(transaction, "StoreContainers", 22);
  for (const auto* container : newest) {
    add_container(rows, *container);
    if (rows.full()) {
      co_await rows.flush();
    }
  }
  co_await rows.flush();
}

asio::awaitable<void> write_container_digests(PgTransaction& transaction,
                                              const ChangeSet& changes) {
  RowWriter rows(transaction, "StoreContainerDigests", 4);
  for (const auto& container : changes.containers) {
    for (const auto& digest : container.digest_history()) {
      rows.add(container.source(), container.id, digest, container.last_seen_at);
      if (rows.full()) {
        co_await rows.flush();
      }
    }
  }
  co_await rows.flush();
}

asio::awaitable<void> write_coverage(PgTransaction& transaction, const ChangeSet& changes) {
  const auto newest = newest_of_each(changes.coverage, [](const CoverageInterval& interval) {
    return key_text(interval.source, std::to_string(interval.from.time_since_epoch().count()));
  });
  RowWriter rows(transaction, "StoreCoverage", 4);
  for (const auto* interval : newest) {
    rows.add(interval->source, interval->from, interval->to, to_string(interval->kind));
    if (rows.full()) {
      co_await rows.flush();
    }
  }
  co_await rows.flush();
}

}  // namespace

asio::awaitable<void> write_workloads(PgTransaction& transaction, const ChangeSet& changes) {
  co_await write_containers(transaction, changes);
  co_await write_container_digests(transaction, changes);
  co_await write_workload_history(transaction, changes);
  co_await write_coverage(transaction, changes);
}

}  // namespace scanclock::ledger_parts
