#include "storage/ledger_parts.hpp"
#include "storage/row_reading.hpp"
#include "storage/snapshot_cursor.hpp"

#include <unordered_map>

namespace scanclock::ledger_parts {
namespace {

Manifest read_manifest(const PgRow& row) {
  Manifest manifest;
  manifest.digest = read_digest(row, "digest");
  manifest.kind =
      read_enum(row, "kind", {ManifestKind::index, ManifestKind::image, ManifestKind::artifact});
  manifest.media_type = row.text("media_type");
  manifest.artifact_type = row.text("artifact_type");
  manifest.size_bytes = static_cast<std::uint64_t>(row.int64("size_bytes"));
  manifest.config = read_digest(row, "config");
  manifest.config_identifies = row.boolean("config_identifies");
  manifest.platform = read_platform(row);
  manifest.subject = read_digest(row, "subject");
  return manifest;
}

Location read_location(const PgRow& row) {
  Location location;
  location.key.registry = row.text("registry");
  location.key.repository = row.text("repository");
  location.host = row.text("host");
  location.environment = row.text("environment");
  for (auto& tag : row.text_array("tags")) {
    location.tags.insert(std::move(tag));
  }
  location.first_seen_at = row.time("first_seen_at");
  location.entry_at = row.time("entry_at");
  location.entry_basis = read_enum(row, "entry_basis",
                                   {EntryBasis::initial, EntryBasis::first_seen,
                                    EntryBasis::push_event, EntryBasis::platform_api});
  location.missing_since = row.optional_time("missing_since");
  location.removed_at = row.optional_time("removed_at");
  location.evidence_answered_at = row.optional_time("evidence_answered_at");
  location.evidence_failing_since = row.optional_time("evidence_failing_since");
  location.evidence_failure = row.text("evidence_failure");
  return location;
}

TagChange read_tag(const PgRow& row) {
  TagChange change;
  change.repository.registry = row.text("registry");
  change.repository.repository = row.text("repository");
  change.tag = row.text("tag");
  change.digest = read_digest(row, "digest");
  change.at = row.time("valid_from");
  return change;
}

asio::awaitable<void> load_manifests(PgTransaction& transaction, Snapshot& snapshot) {
  std::unordered_map<Digest, std::size_t> places;
  auto add_manifest = [&](const PgRow& row) {
    auto manifest = read_manifest(row);
    places.emplace(manifest.digest, snapshot.manifests.size());
    snapshot.manifests.push_back(std::move(manifest));
  };
  co_await visit_rows(transaction, "OpenManifests", PgParameters(), add_manifest);
  auto add_edge = [&](const PgRow& row) {
    ManifestChild child;
    child.digest = read_digest(row, "child");
    child.platform = read_platform(row);
    child.runnable = row.boolean("runnable");
    const auto place = places.at(read_digest(row, "parent"));
    snapshot.manifests[place].children.push_back(std::move(child));
  };
  co_await visit_rows(transaction, "OpenManifestEdges", PgParameters(), add_edge);
}

}  // namespace

asio::awaitable<void> load_graph(PgTransaction& transaction, Snapshot& snapshot) {
  co_await load_manifests(transaction, snapshot);
  auto add_image = [&](const PgRow& row) {
    ImageRecord image;
    image.digest = read_digest(row, "digest");
    image.first_seen_at = row.time("first_seen_at");
    image.first_running_at = row.optional_time("first_running_at");
    image.first_scan_at = row.optional_time("first_scan_at");
    if (const auto observed = read_observation(row)) {
      image.recorded = {observed->at, mark_of(*observed)};
    }
    snapshot.images.push_back(std::move(image));
  };
  co_await visit_rows(transaction, "OpenImages", PgParameters(), add_image);
  auto add_location = [&](const PgRow& row) {
    snapshot.locations.emplace_back(read_digest(row, "digest"), read_location(row));
  };
  co_await visit_rows(transaction, "OpenLocations", PgParameters(), add_location);
  auto add_tag = [&](const PgRow& row) { snapshot.tags.push_back(read_tag(row)); };
  co_await visit_rows(transaction, "OpenTags", PgParameters(), add_tag);
}

}  // namespace scanclock::ledger_parts
