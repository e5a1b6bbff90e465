#include "storage/ledger_parts.hpp"
#include "storage/row_writer.hpp"
#include "storage/storable.hpp"

namespace scanclock::ledger_parts {
namespace {

asio::awaitable<void> write_manifests(PgTransaction& transaction, const ChangeSet& changes) {
  RowWriter rows(transaction, "StoreManifests", 12);
  for (const auto& manifest : changes.manifests) {
    const auto& platform = manifest.platform;
    rows.add(manifest.digest, to_string(manifest.kind), manifest.media_type, manifest.artifact_type,
             storable_size(manifest.size_bytes), manifest.config, manifest.config_identifies,
             platform.os, platform.architecture, platform.variant, platform.os_version,
             manifest.subject);
    if (rows.full()) {
      co_await rows.flush();
    }
  }
  co_await rows.flush();
}

asio::awaitable<void> write_edges(PgTransaction& transaction, const ChangeSet& changes) {
  RowWriter rows(transaction, "StoreManifestEdges", 8);
  for (const auto& manifest : changes.manifests) {
    int position = 0;
    for (const auto& child : manifest.children) {
      const auto& platform = child.platform;
      rows.add(manifest.digest, position++, child.digest, platform.os, platform.architecture,
               platform.variant, platform.os_version, child.runnable);
      if (rows.full()) {
        co_await rows.flush();
      }
    }
  }
  co_await rows.flush();
}

asio::awaitable<void> write_images(PgTransaction& transaction, const ChangeSet& changes) {
  const auto newest =
      newest_of_each(changes.images, [](const ImageRecord& image) { return image.digest.str(); });
  RowWriter rows(transaction, "StoreImages", 4);
  for (const auto* image : newest) {
    rows.add(image->digest, image->first_seen_at, image->first_running_at, image->first_scan_at);
    if (rows.full()) {
      co_await rows.flush();
    }
  }
  co_await rows.flush();
}

asio::awaitable<void> write_locations(PgTransaction& transaction, const ChangeSet& changes) {
  const auto newest = newest_of_each(changes.locations, [](const auto& placed) {
    const auto& key = placed.second.key;
    return key_text(placed.first.str(), key.registry, key.repository);
  });
  RowWriter rows(transaction, "StoreLocations", 14);
  for (const auto* placed : newest) {
    const auto& [digest, place] = *placed;
    rows.add(digest, place.key.registry, place.key.repository, place.host, place.environment,
             place.tags, place.first_seen_at, place.entry_at, to_string(place.entry_basis),
             place.missing_since, place.removed_at, place.evidence_answered_at,
             place.evidence_failing_since, place.evidence_failure);
    if (rows.full()) {
      co_await rows.flush();
    }
  }
  co_await rows.flush();
}

asio::awaitable<void> write_removals(PgTransaction& transaction, const ChangeSet& changes) {
  RowWriter rows(transaction, "StoreLocationRemovals", 4);
  for (const auto& [digest, place] : changes.locations) {
    if (place.removed_at) {
      rows.add(digest, place.key.registry, place.key.repository, *place.removed_at);
    }
    if (rows.full()) {
      co_await rows.flush();
    }
  }
  co_await rows.flush();
}

asio::awaitable<void> write_tags(PgTransaction& transaction, const ChangeSet& changes) {
  RowWriter rows(transaction, "StoreTags", 5);
  for (const auto& change : changes.tags) {
    rows.add(change.repository.registry, change.repository.repository, change.tag, change.digest,
             change.at);
    if (rows.full()) {
      co_await rows.flush();
    }
  }
  co_await rows.flush();
}

}  // namespace

asio::awaitable<void> write_graph(PgTransaction& transaction, const ChangeSet& changes) {
  co_await write_manifests(transaction, changes);
  co_await write_edges(transaction, changes);
  co_await write_images(transaction, changes);
  co_await write_locations(transaction, changes);
  co_await write_removals(transaction, changes);
  co_await write_tags(transaction, changes);
}

}  // namespace scanclock::ledger_parts
