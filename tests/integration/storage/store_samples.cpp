#include "tests/integration/storage/store_fixture.hpp"

namespace scanclock {
namespace {

using std::chrono::hours;
using std::chrono::microseconds;
using std::chrono::minutes;

Platform arm_platform() {
  Platform platform;
  platform.os = "linux";
  platform.architecture = "arm64";
  platform.variant = "v8";
  platform.os_version = "10.0.17763";
  return platform;
}

void add_graph(ChangeSet& changes) {
  Manifest image;
  image.digest = digest_of("image");
  image.kind = ManifestKind::image;
  image.media_type = "application/vnd.oci.image.manifest.v1+json";
  image.size_bytes = 527;
  image.config = digest_of("config");
  image.config_identifies = true;
  image.platform = arm_platform();

  Manifest index;
  index.digest = digest_of("index");
  index.kind = ManifestKind::index;
  index.media_type = "application/vnd.oci.image.index.v1+json";
  index.size_bytes = 1024;
  ManifestChild runnable;
  runnable.digest = image.digest;
  runnable.platform = arm_platform();
  ManifestChild attestation;
  attestation.digest = digest_of("attestation");
  attestation.platform.os = "unknown";
  attestation.platform.architecture = "unknown";
  attestation.runnable = false;
  index.children = {runnable, attestation};

  Manifest referrer;
  referrer.digest = digest_of("referrer");
  referrer.kind = ManifestKind::artifact;
  referrer.media_type = "application/vnd.oci.image.manifest.v1+json";
  referrer.artifact_type = "application/sarif+json";
  referrer.size_bytes = 400;
  referrer.config = digest_of("empty config");
  referrer.subject = image.digest;
  changes.manifests = {image, index, referrer};
}

void add_places(ChangeSet& changes, TimePoint now) {
  ImageRecord image;
  image.digest = digest_of("image");
  image.first_seen_at = now - hours(50);
  image.first_running_at = now - hours(40);
  image.first_scan_at = now - hours(60);
  changes.images = {image};

  Location present;
  present.key.registry = "prod";
  present.key.repository = "team/app";
  present.host = "registry.example:5000";
  present.environment = "production";
  present.tags = {"1.4", "latest", R"(odd "tag", \ {x})"};
  present.first_seen_at = now - hours(50);
  present.entry_at = now - hours(49);
  present.entry_basis = EntryBasis::push_event;
  present.evidence_answered_at = now - hours(48);
  present.evidence_failing_since = now - hours(1);
  present.evidence_failure = "timeout";
  auto gone = present;
  gone.key.repository = "team/old";
  gone.environment = "development";
  gone.tags.clear();
  gone.entry_basis = EntryBasis::platform_api;
  gone.missing_since = now - hours(3);
  gone.removed_at = now - hours(2);
  changes.locations = {{image.digest, present}, {image.digest, gone}};

  TagChange latest;
  latest.repository = present.key;
  latest.tag = "latest";
  latest.digest = digest_of("index");
  latest.at = now - hours(50) + microseconds(123456);
  changes.tags = {latest};
}

void add_evidence(ChangeSet& changes, TimePoint now) {
  EvidenceRow row;
  row.evidence = evidence_of("scan", now - hours(5));
  row.bytes = "{\"report\": \"" + std::string(100'000, 'x') + "\"}";
  EvidenceRow bare;
  bare.evidence.digest = digest_of("bare");
  bare.evidence.source = "ci";
  bare.evidence.origin = EvidenceOrigin::spool;
  bare.evidence.collected_at = now - hours(4);
  bare.bytes = "not a report";
  bare.evidence.report.defect = Rejection::unknown_format;
  bare.evidence.report.defect_detail = "neither JSON nor XML";
  changes.evidence = {row, bare};

  auto refusal = decision_on(bare.evidence, 1, false, now);
  refusal.decision.reason = Rejection::unknown_format;
  changes.decisions = {decision_on(row.evidence, 2, true, now), refusal};
}

void add_alert(ChangeSet& changes, TimePoint now) {
  Alert firing;
  firing.id = "6f1a2f3e-firing";
  firing.key.rule = "ScanclockScanOverdue";
  firing.key.subject = digest_of("image").str();
  firing.key.policy = "fedramp-30d";
  firing.severity = Severity::critical;
  firing.environment = "production";
  firing.owner = "payments";
  firing.labels = {{"alertname", "ScanclockScanOverdue"}, {"team \"x\"", "a\\b, {c}"}};
  firing.annotations = {{"summary", "zu spät – überfällig"}};
  firing.stage = 3;
  firing.sequence = 2;
  firing.started_at = now - hours(2);
  firing.last_notified_at = now;
  auto ended = firing;
  ended.id = "6f1a2f3e-ended";
  ended.severity = Severity::warning;
  ended.firing = false;
  ended.resolved_reason = "scanned";
  ended.ended_at = now - hours(1);
  changes.alerts = {firing, ended};

  AlertEvent first;
  first.alert_id = firing.id;
  first.sequence = 1;
  first.kind = AlertEventKind::firing;
  first.at = now - hours(2);
  first.reason = "the deadline passed";
  auto second = first;
  second.sequence = 2;
  second.kind = AlertEventKind::repeated;
  second.at = now;
  changes.alert_events = {first, second};
  changes.messages = {message_of("message-1", firing.id, now - hours(2)),
                      message_of("message-2", firing.id, now)};
}

void add_telling(ChangeSet& changes, TimePoint now) {
  changes.alerts[0].told = {{"oncall", 2}, {"team \"x\"", 1}};
  AlertGroup group;
  group.receiver = "oncall";
  group.key = R"({environment="production",owner="payments"})";
  group.id = "grp_0123456789abcdef";
  group.labels = {{"environment", "production"}, {"owner", "payments"}};
  group.sequence = 3;
  group.flushed_at = now - hours(1);
  changes.alert_groups = {group};
  changes.silences = {silence_of("sil_1", now - hours(1))};
  changes.acknowledgements = {acknowledgement_of(changes.alerts[0].id, now - hours(1))};
}

}  // namespace

Finding finding_of(const std::string& id, FindingSeverity severity,
                   std::vector<std::string> aliases) {
  Finding finding;
  finding.id = id;
  finding.severity = severity;
  finding.aliases = std::move(aliases);
  return finding;
}

Evidence evidence_of(const std::string& name, TimePoint collected_at) {
  Evidence evidence;
  evidence.digest = digest_of(name);
  evidence.source = "prod";
  evidence.origin = EvidenceOrigin::attestation_tag;
  evidence.trust = Trust::signed_;
  evidence.attached_to = digest_of("image");
  evidence.repository = "team/app";
  evidence.collected_at = collected_at;
  evidence.size_bytes = 100'014;
  evidence.signature = SignatureState::verified;
  evidence.signature_detail = "key \"release\"";
  auto& report = evidence.report;
  report.format = "trivy-json";
  report.scanner = "trivy";
  report.scanner_version = "0.57.1";
  report.finished_at = collected_at - minutes(10) + microseconds(7);
  report.finished_at_field = "/CreatedAt";
  report.database_built_at = collected_at - hours(6);
  report.subjects = {digest_of("image"), digest_of("index")};
  report.subject_config = digest_of("config");
  report.inner_subjects = {digest_of("inner index"), digest_of("inner image")};
  report.platform = arm_platform();
  report.names = {"registry.example/team/app:1.4", R"(a "quoted", \ {name})"};
  report.counts = {1, 2, 3, 4, 4'000'000'000U};
  report.findings = {
      finding_of("CVE-2026-0001", FindingSeverity::critical, {"GHSA-aaaa-bbbb-cccc"}),
      finding_of("CVE-2026-0002", FindingSeverity::unknown, {})};
  report.defect_detail = "none, but a word";
  return evidence;
}

DecisionRow decision_on(const Evidence& evidence, int version, bool accepted, TimePoint at) {
  DecisionRow row;
  row.evidence.digest = evidence.digest;
  row.evidence.attached_to = evidence.attached_to;
  row.evidence.trust = evidence.trust;
  row.policy = "fedramp-30d";
  row.policy_version = version;
  row.decision.accepted = accepted;
  if (!accepted) {
    row.decision.reason = Rejection::database_too_old;
  }
  row.decision.detail = accepted ? "within 30d" : "database 45d old";
  row.decided_at = at;
  return row;
}

ContainerObservation observation_of(const std::string& id, TimePoint first_seen_at) {
  ContainerObservation seen;
  seen.id = id;
  seen.namespace_name = "web";
  seen.workload = "deployment/front";
  seen.name = "front";
  seen.node = "n1";
  seen.labels = {{"team", "pay"}, {"note", "a \"b\" \\ {c}"}};
  seen.image = "registry.example/team/app:1.4";
  seen.image_id = "docker-pullable://registry.example/team/app@" + digest_of("index").str();
  seen.digests = {digest_of("index"), digest_of("config")};
  seen.pullable = {digest_of("index")};
  seen.repositories = {"registry.example/team/app", "mirror.example/app"};
  seen.platform = arm_platform();
  seen.started_at = first_seen_at - minutes(1);
  return seen;
}

StoredContainer container_of(const ContainerObservation& seen, TimePoint first_seen_at,
                             const std::set<Digest>& history) {
  StoredContainer container("host-a", seen, history);
  container.first_seen_at = first_seen_at;
  container.last_seen_at = first_seen_at + minutes(3);
  return container;
}

StoredContainer container_of(const std::string& id, TimePoint first_seen_at) {
  return container_of(observation_of(id, first_seen_at), first_seen_at,
                      {digest_of("index"), digest_of("config")});
}

VerdictChange verdict_on(const StoredContainer& container, Verdict verdict, TimePoint at) {
  VerdictChange change;
  change.container = container.key();
  change.first_seen_at = container.first_seen_at;
  change.at = at;
  Conclusion conclusion;
  conclusion.verdict = verdict;
  conclusion.image = digest_of("image");
  conclusion.reason = "policy fedramp-30d: " + std::string(to_string(verdict));
  conclusion.environment = "production";
  conclusion.owner = "payments";
  change.concluded = Interned<Conclusion>(std::move(conclusion));
  return change;
}

OutboxMessage message_of(const std::string& id, const std::string& alert_id, TimePoint created_at) {
  OutboxMessage message;
  message.id = id;
  message.alert_id = alert_id;
  message.sequence = 1;
  message.receiver = "oncall";
  message.type = "scanclock.alert.firing";
  message.body = R"({"text": "\"quoted\", überfällig"})";
  message.created_at = created_at;
  message.next_attempt_at = created_at;
  return message;
}

Silence silence_of(const std::string& id, TimePoint created_at) {
  Silence silence;
  silence.id = id;
  silence.matchers = {{"severity", MatchOperator::equal, "warning"},
                      {"owner", MatchOperator::not_regex, "pay.*|\"q\\\\"}};
  silence.author = "ana";
  silence.reason = "the base image is being rebuilt, für heute";
  silence.created_at = created_at;
  silence.starts_at = created_at + minutes(1);
  silence.expires_at = created_at + hours(24);
  return silence;
}

Acknowledgement acknowledgement_of(const std::string& alert_id, TimePoint at) {
  Acknowledgement taken;
  taken.alert_id = alert_id;
  taken.author = "ben";
  taken.reason = "I rebuild it";
  taken.at = at;
  taken.expires_at = at + hours(4);
  return taken;
}

ChangeSet full_change_set(TimePoint now) {
  ChangeSet changes;
  add_graph(changes);
  add_places(changes, now);
  add_evidence(changes, now);
  auto container = container_of("c1", now - hours(40));
  changes.verdicts = {verdict_on(container, Verdict::compliant, now - hours(40)),
                      verdict_on(container, Verdict::expiring, now - hours(2))};
  container.recorded = {now - hours(2), mark_of(*changes.verdicts[1].concluded)};
  changes.containers = {container};
  changes.printed_images = {{container.key(),
                             container.first_seen_at,
                             now - hours(39),
                             "team/app",
                             "sha256:old",
                             {digest_of("old")},
                             true}};
  changes.observations = {{digest_of("image"), now - hours(40), "not_asked_yet", ""},
                          {digest_of("image"), now - hours(1), "unknown", "timeout"}};
  changes.images[0].recorded = {now - hours(1), mark_of(changes.observations[1])};
  CoverageInterval registry;
  registry.source = "prod";
  registry.from = now - hours(50);
  registry.to = now;
  auto host = registry;
  host.source = "host-a";
  host.kind = SourceKind::workload;
  auto nightly = registry;
  nightly.source = "nightly";
  nightly.kind = SourceKind::spool;
  changes.coverage = {registry, host, nightly};
  add_alert(changes, now);
  add_telling(changes, now);
  return changes;
}

}  // namespace scanclock
