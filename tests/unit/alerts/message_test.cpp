#include "alerts/message.hpp"

#include "tests/unit/alerts/rules_fixture.hpp"

#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

namespace scanclock::alerts {
namespace {

using nlohmann::json;

const char* const expected_overdue = R"json({
  "type": "scanclock.alert.firing",
  "timestamp": "2026-11-01T12:00:00Z",
  "data": {
    "id": "alert-1", "sequence": 1, "rule": "ScanclockScanOverdue", "severity": "critical",
    "state": "firing", "resolved_reason": null, "changed": ["state"], "policy": "fedramp-30d",
    "environment": "production", "owner": "payments",
    "image": {
      "digest": "sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
      "asset_id": "registry.example/team/app:1.a",
      "config_digest": "sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa0",
      "index_digests": [], "platform": "linux/amd64", "environment": "production",
      "owner": "payments",
      "locations": [{"registry": "prod", "host": "registry.example", "repository": "team/app",
        "environment": "production", "tags": ["1.a"], "first_seen_at": "2026-11-01T12:00:00Z",
        "entry_at": "2026-11-01T12:00:00Z", "entry_basis": "initial", "removed_at": null}],
      "names": ["registry.example/team/app:1.a"],
      "state": "overdue", "deadline_at": "2026-10-31T12:00:00Z",
      "policies": [{"name": "fedramp-30d", "version": 1, "bound": true, "state": "overdue",
        "deadline_at": "2026-10-31T12:00:00Z"}],
      "running": true, "first_seen_at": "2026-11-01T12:00:00Z",
      "first_running_at": "2026-11-01T12:00:00Z", "first_scan_at": "2026-10-01T12:00:00Z",
      "scanned_before_first_run": true,
      "last_scan": {"finished_at": "2026-10-01T12:00:00Z", "scanner": "trivy",
        "scanner_version": "0.50.0", "database_built_at": null,
        "collected_at": "2026-11-01T12:00:00Z", "source": "ci", "trust": "pushed",
        "subject_digest":
          "sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
        "evidence_digest":
          "sha256:0000000000000000000000000000000000000000000000000000000000000001",
        "critical": 0, "high": 2, "medium": 0, "low": 0, "unknown": 0},
      "observation": {"status": "ok", "reason": null, "since": null,
        "last_success_at": "2026-11-01T12:00:00Z"}
    },
    "verdict": "overdue",
    "observation": {"status": "ok", "reason": null, "since": null,
      "last_success_at": "2026-11-01T12:00:00Z"},
    "overdue_seconds": 86400, "deadline_at": "2026-10-31T12:00:00Z",
    "last_scan": {"finished_at": "2026-10-01T12:00:00Z", "scanner": "trivy",
      "scanner_version": "0.50.0", "database_built_at": null,
      "collected_at": "2026-11-01T12:00:00Z", "source": "ci", "trust": "pushed",
      "subject_digest": "sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
      "evidence_digest": "sha256:0000000000000000000000000000000000000000000000000000000000000001",
      "critical": 0, "high": 2, "medium": 0, "low": 0, "unknown": 0},
    "rejected_latest": null, "clusters": ["host-a"],
    "containers": [{"source": "host-a", "environment": "production", "namespace": "web",
      "workload": "deployment/front", "name": "front", "container_id": "c-a", "node": "n1",
      "owner": "payments", "image": "registry.example/team/app:1.a",
      "image_digest": "sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
      "resolved_digest": "sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
      "platform": "linux/amd64", "verdict": "overdue", "reason": "policy fedramp-30d: overdue",
      "image_id": null, "assumed": false, "tag_moved": false,
      "observation": {"status": "ok", "reason": null, "since": null,
        "last_success_at": "2026-11-01T12:00:00Z"},
      "deadline_at": "2026-10-31T12:00:00Z", "started_at": "2026-11-01T12:00:00Z",
      "first_seen_at": "2026-11-01T12:00:00Z", "last_seen_at": "2026-11-01T12:00:00Z"}],
    "containers_total": 1,
    "labels": {"alertname": "ScanclockScanOverdue",
      "digest": "sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
      "policy": "fedramp-30d", "environment": "production", "owner": "payments",
      "severity": "critical"},
    "annotations": {"runbook_url": "https://scanclock.example/runbook#scanclockscanoverdue",
      "image": "registry.example/team/app:1.a", "clusters": "host-a", "contact": "#pay-oncall",
      "deadline_at": "2026-10-31T12:00:00Z", "policy_version": "1", "stage": "3"},
    "started_at": "2026-11-01T12:00:00Z", "ended_at": null,
    "url": "https://scanclock.example/alerts/alert-1"
  }
})json";

class OverdueMessage : public testing::Test {
 protected:
  OverdueMessage() {
    episode.world.add_image('a');
    episode.world.scan('a', episode.world.now - days(31));
    episode.world.run("a");
  }

  json first_message() { return json::parse(episode.evaluate().messages.at(0).body); }

  Episode episode;
};

TEST_F(OverdueMessage, IsExactlyWhatTheContractSays) {
  json expected = json::parse(expected_overdue);
  json& annotations = expected["data"]["annotations"];
  annotations["summary"] =
      "registry.example/team/app:1.a is overdue for a vulnerability scan since "
      "2026-10-31T12:00:00Z";
  annotations["description"] =
      "Image " + AlertWorld::digest('a').str() +
      " runs in host-a; policy fedramp-30d accepts a scan for 30d; the last one finished at "
      "2026-10-01T12:00:00Z.";
  annotations["remediation"] =
      "scan the image now, or stop running it; check the scanner's schedule for this repository";
  const json actual = first_message();
  EXPECT_EQ(actual, expected) << json::diff(expected, actual).dump(2);
}

TEST_F(OverdueMessage, ListsTwentyContainersAndCountsAll) {
  std::vector<ContainerObservation> containers;
  for (int i = 0; i < 25; ++i) {
    containers.push_back(episode.world.container('a', "c-" + std::to_string(i)));
  }
  episode.world.observe("host-a", containers);
  const json data = first_message()["data"];
  EXPECT_EQ(data["containers"].size(), 20u);
  EXPECT_EQ(data["containers_total"], 25);
}

TEST_F(OverdueMessage, NamesTheNewestRejectedEvidence) {
  episode.world.now += minutes(1);
  episode.world.scan('a', episode.world.now + hours(3));
  const ChangeSet changes = episode.evaluate();
  const json data = json::parse(changes.messages.at(0).body)["data"];
  EXPECT_EQ(data["rule"], "ScanclockScanOverdue");
  EXPECT_EQ(data["rejected_latest"]["reason"], "future_dated");
  EXPECT_EQ(data["rejected_latest"]["at"], "2026-11-01T12:01:00Z");
}

TEST_F(OverdueMessage, StatesTheEndAndItsReason) {
  first_message();
  episode.world.now += minutes(1);
  episode.world.scan('a', episode.world.now);
  const json message = json::parse(episode.evaluate().messages.at(0).body);
  EXPECT_EQ(message["type"], "scanclock.alert.resolved");
  EXPECT_EQ(message["data"]["state"], "resolved");
  EXPECT_EQ(message["data"]["resolved_reason"], "scanned");
  EXPECT_EQ(message["data"]["ended_at"], "2026-11-01T12:01:00Z");
  EXPECT_EQ(message["data"]["overdue_seconds"], 0);
  EXPECT_EQ(message["data"]["sequence"], 2);
}

TEST_F(OverdueMessage, SurvivesTextThatIsNotUtf8) {
  ContainerObservation odd = episode.world.container('a', "c-a");
  odd.workload = "\xff\xfe";
  episode.world.observe("host-a", {odd});
  EXPECT_EQ(first_message()["data"]["containers_total"], 1);
}

TEST(AlertmanagerWebhook, IsVersionFour) {
  EvaluatorOptions options = Episode::default_options();
  options.receivers[0].webhook->format = WebhookFormat::alertmanager;
  Episode episode(AlertWorld::default_scope(), options);
  episode.world.add_image('a');
  episode.world.run("a");
  json body = json::parse(episode.evaluate().messages.at(0).body);
  EXPECT_EQ(body["version"], "4");
  EXPECT_EQ(body["status"], "firing");
  EXPECT_EQ(body["receiver"], "oncall");
  EXPECT_EQ(body["externalURL"], "https://scanclock.example");
  EXPECT_EQ(body["truncatedAlerts"], 0);
  ASSERT_EQ(body["alerts"].size(), 1u);
  EXPECT_EQ(body["alerts"][0]["status"], "firing");
  EXPECT_EQ(body["alerts"][0]["labels"]["alertname"], "ScanclockNeverScanned");
  EXPECT_EQ(body["alerts"][0]["startsAt"], "2026-11-01T12:00:00Z");
  EXPECT_EQ(body["alerts"][0]["endsAt"], "0001-01-01T00:00:00Z");
  EXPECT_EQ(body["alerts"][0]["fingerprint"].get<std::string>().size(), 16u);
  EXPECT_EQ(body["commonLabels"], body["alerts"][0]["labels"]);
  for (const char* name : {"groupKey", "groupLabels", "commonAnnotations"}) {
    EXPECT_TRUE(body.contains(name)) << name;
  }
  episode.world.now += minutes(1);
  episode.world.scan('a', episode.world.now);
  body = json::parse(episode.evaluate().messages.at(0).body);
  EXPECT_EQ(body["status"], "resolved");
  EXPECT_EQ(body["alerts"][0]["endsAt"], "2026-11-01T12:01:00Z");
}

TEST(SourceMessage, HasNoImageButEveryField) {
  Episode episode;
  episode.world.sources.failed("prod", "timeout", "", episode.world.now);
  const json data = json::parse(episode.pass(minutes(31)).messages.at(0).body)["data"];
  const json expected = json::parse(expected_overdue)["data"];
  for (const auto& [name, value] : expected.items()) {
    EXPECT_TRUE(data.contains(name)) << name;
  }
  EXPECT_TRUE(data["image"].is_null());
  EXPECT_EQ(data["labels"]["source"], "prod");
}

TEST(Fingerprint, DependsOnTheLabelsAlone) {
  EXPECT_EQ(fingerprint_of({{"a", "1"}, {"b", "2"}}), fingerprint_of({{"b", "2"}, {"a", "1"}}));
  EXPECT_NE(fingerprint_of({{"a", "1"}}), fingerprint_of({{"a", "2"}}));
  EXPECT_NE(fingerprint_of({{"a", "1b"}}), fingerprint_of({{"a1", "b"}}));
}

}  // namespace
}  // namespace scanclock::alerts
