#include "tests/integration/storage/store_fixture.hpp"

#include <spdlog/fmt/fmt.h>
#include <spdlog/fmt/ranges.h>

#include <algorithm>

namespace scanclock {
namespace {

std::string text_of(const std::optional<TimePoint>& time) {
  return time ? format_rfc3339(*time) : "none";
}

template <class List>
std::string texts_of(const List& list) {
  std::string text;
  for (const auto& item : list) {
    if constexpr (std::is_same_v<std::decay_t<decltype(item)>, Digest>) {
      text += item.str() + "|";
    } else {
      text += item + "|";
    }
  }
  return text;
}

std::string texts_of(const std::map<std::string, std::string>& map) {
  std::string text;
  for (const auto& [key, value] : map) {
    text += key + "=" + value + "|";
  }
  return text;
}

std::string text_of(const Platform& platform) {
  return platform.os + "/" + platform.architecture + "/" + platform.variant + "/" +
         platform.os_version;
}

std::string describe(const Manifest& manifest) {
  auto text =
      fmt::format("manifest {} {} {} {} {} config {} {} {} subject {}", manifest.digest.str(),
                  to_string(manifest.kind), manifest.media_type, manifest.artifact_type,
                  manifest.size_bytes, manifest.config.str(), manifest.config_identifies,
                  text_of(manifest.platform), manifest.subject.str());
  for (const auto& child : manifest.children) {
    text +=
        fmt::format(" child {} {} {}", child.digest.str(), text_of(child.platform), child.runnable);
  }
  return text;
}

std::string describe(const std::pair<Digest, Location>& placed) {
  const auto& [digest, place] = placed;
  return fmt::format(
      "location {} {} {} {} {} tags {} seen {} entry {} {} missing {} removed {} "
      "answered {} failing {} {}",
      digest.str(), place.key.registry, place.key.repository, place.host, place.environment,
      texts_of(place.tags), text_of(place.first_seen_at), text_of(place.entry_at),
      to_string(place.entry_basis), text_of(place.missing_since), text_of(place.removed_at),
      text_of(place.evidence_answered_at), text_of(place.evidence_failing_since),
      place.evidence_failure);
}

std::string describe(const Evidence& evidence) {
  const auto& report = evidence.report;
  const auto& counts = report.counts;
  auto text =
      fmt::format("evidence {} {} {} {} {} {} {} {} {} {}", evidence.digest.str(), evidence.source,
                  to_string(evidence.origin), to_string(evidence.trust), evidence.attached_to.str(),
                  evidence.repository, text_of(evidence.collected_at), evidence.size_bytes,
                  to_string(evidence.signature), evidence.signature_detail);
  text +=
      fmt::format(" {} {} {} {} {} {} subjects {} {} {} {} names {}", report.format, report.scanner,
                  report.scanner_version, text_of(report.finished_at), report.finished_at_field,
                  text_of(report.database_built_at), texts_of(report.subjects),
                  report.subject_config.str(), texts_of(report.inner_subjects),
                  report.platform ? text_of(*report.platform) : "none", texts_of(report.names));
  return text + fmt::format(" {} {} {} {} {} defect {} {}", counts.critical, counts.high,
                            counts.medium, counts.low, counts.unknown,
                            report.defect ? to_string(*report.defect) : "none",
                            report.defect_detail);
}

std::string describe(const DecisionRow& row) {
  return fmt::format("decision {} {} {} {} {} {} {} {} {}", row.evidence.digest.str(),
                     row.evidence.attached_to.str(), to_string(row.evidence.trust), row.policy,
                     row.policy_version, row.decision.accepted,
                     row.decision.reason ? to_string(*row.decision.reason) : "none",
                     row.decision.detail, text_of(row.decided_at));
}

std::string text_of(const Recorded& recorded) {
  return text_of(recorded.at) + " " + std::to_string(recorded.mark);
}

std::string describe(const StoredContainer& record) {
  const auto seen = record.observation();
  auto text = fmt::format(
      "container {} {} {} {} {} {} {} labels {} image {} {} {} digests {} pullable {} "
      "repositories {} {} started {} history {} from {} to {} ended {}",
      record.source(), record.id.str(), seen.id, seen.namespace_name, seen.workload, seen.name,
      seen.node, texts_of(seen.labels), seen.image, seen.image_id, seen.assumed,
      texts_of(seen.digests), texts_of(seen.pullable), texts_of(seen.repositories),
      text_of(seen.platform), text_of(seen.started_at), texts_of(record.digest_history()),
      text_of(record.first_seen_at), text_of(record.last_seen_at), text_of(record.ended_at));
  return text + " recorded " + text_of(record.recorded);
}

std::string describe(const Alert& alert) {
  std::string told;
  for (const auto& [receiver, sequence] : alert.told) {
    told += receiver + "=" + std::to_string(sequence) + "|";
  }
  return fmt::format(
      "alert {} {} {} {} {} {} {} {} {} labels {} annotations {} {} {} {} {} {} told {}", alert.id,
      alert.key.rule, alert.key.subject, alert.key.policy, to_string(alert.severity), alert.firing,
      alert.resolved_reason, alert.environment, alert.owner, texts_of(alert.labels),
      texts_of(alert.annotations), alert.stage, alert.sequence, text_of(alert.started_at),
      text_of(alert.ended_at), text_of(alert.last_notified_at), told);
}

std::string describe(const AlertGroup& group) {
  return fmt::format("group {} {} {} {} {} {}", group.receiver, group.key, group.id,
                     texts_of(group.labels), group.sequence, text_of(group.flushed_at));
}

std::string describe(const Silence& silence) {
  std::string text = "silence " + silence.id;
  for (const LabelMatcher& matcher : silence.matchers) {
    text += " " + to_string(matcher);
  }
  return text + fmt::format(" by {} {} at {} from {} to {} ended {} {}", silence.author,
                            silence.reason, text_of(silence.created_at), text_of(silence.starts_at),
                            text_of(silence.expires_at), text_of(silence.ended_at),
                            silence.ended_by);
}

std::string describe(const Acknowledgement& taken) {
  return fmt::format("acknowledgement {} by {} {} at {} to {} ended {}", taken.alert_id,
                     taken.author, taken.reason, text_of(taken.at), text_of(taken.expires_at),
                     text_of(taken.ended_at));
}

std::string describe(const ImageRecord& image) {
  return fmt::format("image {} {} {} {} recorded {}", image.digest.str(),
                     text_of(image.first_seen_at), text_of(image.first_running_at),
                     text_of(image.first_scan_at), text_of(image.recorded));
}

std::string describe(const TagChange& change) {
  return fmt::format("tag {} {} {} {} {}", change.repository.registry, change.repository.repository,
                     change.tag, change.digest.str(), text_of(change.at));
}

std::string describe(const CoverageInterval& interval) {
  return fmt::format("coverage {} {} {} {}", interval.source, to_string(interval.kind),
                     text_of(interval.from), text_of(interval.to));
}

template <class Records>
void add_all(std::vector<std::string>& lines, const Records& records) {
  for (const auto& record : records) {
    lines.push_back(describe(record));
  }
}

}  // namespace

std::vector<std::string> describe(const Snapshot& snapshot) {
  std::vector<std::string> lines;
  add_all(lines, snapshot.manifests);
  add_all(lines, snapshot.images);
  add_all(lines, snapshot.locations);
  add_all(lines, snapshot.tags);
  add_all(lines, snapshot.evidence);
  add_all(lines, snapshot.decisions);
  add_all(lines, snapshot.containers);
  add_all(lines, snapshot.coverage);
  add_all(lines, snapshot.alerts);
  add_all(lines, snapshot.alert_groups);
  add_all(lines, snapshot.silences);
  add_all(lines, snapshot.acknowledgements);
  std::sort(lines.begin(), lines.end());
  return lines;
}

Snapshot expected_after(const ChangeSet& changes) {
  Snapshot snapshot;
  snapshot.manifests = changes.manifests;
  snapshot.images = changes.images;
  snapshot.locations = changes.locations;
  snapshot.tags = changes.tags;
  for (const auto& row : changes.evidence) {
    snapshot.evidence.push_back(row.evidence);
  }
  snapshot.decisions = changes.decisions;
  snapshot.containers = {changes.containers.begin(), changes.containers.end()};
  snapshot.coverage = changes.coverage;
  snapshot.alerts = changes.alerts;
  snapshot.alert_groups = changes.alert_groups;
  snapshot.silences = changes.silences;
  snapshot.acknowledgements = changes.acknowledgements;
  return snapshot;
}

void StoreTest::SetUp() {
  PostgresTest::SetUp();
  if (IsSkipped() || HasFatalFailure()) {
    return;
  }
  base = std::chrono::floor<std::chrono::hours>(clock.now()) + std::chrono::minutes(2);
  pool = make_pool();
  stores = make_stores("daemon-a");
  ASSERT_TRUE(run(stores->lease.acquire()));
}

void StoreTest::TearDown() {
  if (pool) {
    run(pool->close());
  }
  PostgresTest::TearDown();
}

std::unique_ptr<Stores> StoreTest::make_stores(const std::string& holder) {
  return std::make_unique<Stores>(*pool, blocking, holder);
}

std::int64_t StoreTest::count(const std::string& from) {
  return sql(*pool, "SELECT count(*) AS rows FROM scanclock." + from).one().int64("rows");
}

std::vector<std::string> StoreTest::row_counts() {
  std::vector<std::string> counts;
  for (const auto* table : {"manifests",
                            "manifest_edges",
                            "images",
                            "locations",
                            "location_removals",
                            "tags",
                            "evidence_keys",
                            "evidence",
                            "evidence_chains",
                            "evidence_bytes",
                            "evidence_decisions",
                            "evidence_findings",
                            "vulnerabilities",
                            "vulnerability_aliases",
                            "containers",
                            "container_digests",
                            "container_printed_images",
                            "container_verdicts",
                            "image_observations",
                            "coverage_intervals",
                            "alerts",
                            "alert_events",
                            "alert_groups",
                            "silences",
                            "acknowledgements",
                            "outbox",
                            "deliveries"}) {
    counts.push_back(std::string(table) + " " + std::to_string(count(table)));
  }
  return counts;
}

void StoreTest::let_lease_lapse() {
  execute("UPDATE scanclock.lease SET expires_at = clock_timestamp() - interval '1 second'");
}

}  // namespace scanclock
