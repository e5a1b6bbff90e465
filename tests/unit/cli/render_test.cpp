#include "cli/render.hpp"

#include "cli/table.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <string>

namespace scanclock {
namespace {

using nlohmann::json;

const TimePoint now = *parse_rfc3339("2026-11-10T12:00:00Z");
constexpr const char* digest_a =
    "sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
constexpr const char* digest_b =
    "sha256:bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb";
constexpr const char* digest_c =
    "sha256:cccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccc";

json image(const std::string& digest, const std::string& state, bool running, const json& deadline,
           const json& scan) {
  json result = json::parse(R"({
    "platform": "linux/amd64", "owner": "payments", "names": [],
    "locations": [{"registry": "prod", "host": "registry.example", "repository": "team/app",
                   "tags": ["1.4", "latest"], "removed_at": null}],
    "observation": {"status": "ok", "reason": null}})");
  result["digest"] = digest;
  result["state"] = state;
  result["running"] = running;
  result["deadline_at"] = deadline;
  result["last_scan"] = scan;
  return result;
}

json three_images() {
  const json old_scan = {
      {"finished_at", "2026-10-09T12:00:00Z"}, {"scanner", "trivy"}, {"trust", "pushed"}};
  const json new_scan = {
      {"finished_at", "2026-11-10T11:15:00Z"}, {"scanner", "grype"}, {"trust", "unsigned"}};
  json never = image(digest_b, "never_scanned", true, "2026-11-10T07:00:00Z", nullptr);
  never["locations"] = json::array();
  never["names"] = {"other.example/x:1"};
  never["owner"] = nullptr;
  never["observation"] = {{"status", "unknown"}, {"reason", "timeout"}};
  return json::array({image(digest_a, "fresh", false, "2026-12-10T11:15:00Z", new_scan), never,
                      image(digest_c, "overdue", true, "2026-11-08T12:00:00Z", old_scan)});
}

json containers() {
  return json::parse(R"([
    {"source": "host-a", "namespace": "shop", "workload": "web", "name": "front", "owner": "pay",
     "image": "registry.example/team/app:1.4", "image_digest": "", "verdict": "compliant",
     "resolved_digest":
       "sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
     "reason": "", "deadline_at": "2026-11-20T12:00:00Z"},
    {"source": "host-a", "namespace": "", "workload": "", "name": "odd", "owner": "",
     "image": "strange:1", "image_digest": null, "verdict": "unresolved",
     "resolved_digest": null, "reason": "no digest is known", "deadline_at": null}])");
}

json alerts() {
  return json::parse(R"([
    {"id": "1", "rule": "ScanclockWatchdog", "severity": "none", "state": "firing", "policy": "",
     "labels": {}, "annotations": {"summary": "alive"}, "started_at": "2026-11-01T12:00:00Z",
     "ended_at": null, "resolved_reason": null},
    {"id": "2", "rule": "ScanclockScanOverdue", "severity": "critical", "state": "resolved",
     "policy": "fedramp-30d", "annotations": {"summary": "team/app was overdue"},
     "labels": {"digest":
       "sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"},
     "started_at": "2026-11-09T12:00:00Z", "ended_at": "2026-11-10T11:00:00Z",
     "resolved_reason": "not_running"},
    {"id": "3", "rule": "ScanclockSourceBlind", "severity": "warning", "state": "firing",
     "policy": "", "labels": {"source": "prod"}, "annotations": {"summary": "prod is blind"},
     "started_at": "2026-11-10T11:59:15Z", "ended_at": null, "resolved_reason": null},
    {"id": "4", "rule": "ScanclockScanOverdue", "severity": "critical", "state": "firing",
     "policy": "fedramp-30d", "annotations": {"summary": "team/app is overdue"},
     "labels": {"digest":
       "sha256:cccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccc"},
     "silenced_by": {"id": "sil_1", "author": "ana"}, "acknowledged": null,
     "started_at": "2026-11-08T12:00:00Z", "ended_at": null, "resolved_reason": null}])");
}

json sources() {
  return json::parse(R"([
    {"name": "prod", "kind": "registry", "status": "ok", "reason": "", "seen": 12,
     "last_success_at": "2026-11-10T11:59:48Z", "next_poll_at": "2026-11-10T12:14:48Z"},
    {"name": "edge", "kind": "workload", "status": "blind", "reason": "no_file", "seen": 0,
     "last_success_at": null, "next_poll_at": null}])");
}

TEST(RenderImages, ShowsTheWorstFirstInAlignedColumns) {
  EXPECT_EQ(
      render_images(three_images(), now),
      "STATE          DEADLINE        LAST SCAN  SCANNER  TRUST     RUNS  OBSERVED          "
      "PLATFORM     OWNER     DIGEST               IMAGE\n"
      "never scanned  since 5h        never      -        -         yes   unknown: timeout  "
      "linux/amd64  -         sha256:bbbbbbbbbbbb  other.example/x:1\n"
      "overdue        overdue by 2d   32d ago    trivy    pushed    yes   ok                "
      "linux/amd64  payments  sha256:cccccccccccc  registry.example/team/app:1.4 (+1 more)\n"
      "fresh          due in 29d 23h  45m ago    grype    unsigned  no    ok                "
      "linux/amd64  payments  sha256:aaaaaaaaaaaa  registry.example/team/app:1.4 (+1 more)\n");
}

TEST(RenderContainers, ShowsTheWorstFirst) {
  EXPECT_EQ(render_containers(containers(), now),
            "VERDICT     DEADLINE    SOURCE  NAMESPACE  WORKLOAD  CONTAINER  OWNER  DIGEST         "
            "      IMAGE                          REASON\n"
            "unresolved  -           host-a  -          -         odd        -      -              "
            "      strange:1                      no digest is known\n"
            "compliant   due in 10d  host-a  shop       web       front      pay    "
            "sha256:aaaaaaaaaaaa  registry.example/team/app:1.4  -\n");
}

TEST(RenderAlerts, ShowsWhatFiresFirstAndTheWatchdogAfterIt) {
  EXPECT_EQ(render_alerts(alerts(), now),
            "STATE     SEVERITY  RULE                  SUBJECT              POLICY       STARTED  "
            "ENDED                 QUIET            ID  SUMMARY\n"
            "firing    critical  ScanclockScanOverdue  sha256:cccccccccccc  fedramp-30d  2d ago   "
            "-                     silenced by ana  4   team/app is overdue\n"
            "firing    warning   ScanclockSourceBlind  prod                 -            45s ago  "
            "-                     -                3   prod is blind\n"
            "firing    none      ScanclockWatchdog     -                    -            9d ago   "
            "-                     -                1   alive\n"
            "resolved  critical  ScanclockScanOverdue  sha256:aaaaaaaaaaaa  fedramp-30d  1d ago   "
            "1h ago (not running)  -                2   team/app was overdue\n");
}

TEST(RenderSources, ShowsTheBlindFirst) {
  EXPECT_EQ(render_sources(sources(), now),
            "STATUS  SOURCE  KIND      LAST SUCCESS  NEXT POLL   SEEN  REASON\n"
            "blind   edge    workload  never         -           0     no_file\n"
            "ok      prod    registry  12s ago       in 14m 48s  12    -\n");
}

TEST(RenderLists, SayWhenThereIsNothing) {
  EXPECT_EQ(render_images(json::array(), now), "no images\n");
  EXPECT_EQ(render_containers(json::array(), now), "no containers\n");
  EXPECT_EQ(render_alerts(json::array(), now), "no alerts\n");
  EXPECT_EQ(render_sources(json::array(), now), "no sources\n");
}

TEST(RenderLists, PutAStateOfANewerServerFirst) {
  json images = three_images();
  images[2]["state"] = "quarantined";
  EXPECT_LT(render_images(images, now).find("quarantined"),
            render_images(images, now).find("never scanned"));
}

TEST(RenderSummary, CountsInOneLine) {
  EXPECT_EQ(render_summary(three_images(), containers(), alerts(), sources()),
            "running images: 1 never scanned, 1 overdue; other images: 1 fresh; containers: 1 "
            "unresolved, 1 compliant; "
            "alerts: 2 firing (1 critical, 1 warning); sources: 1 blind, 1 ok\n");
  const json none = json::array();
  EXPECT_EQ(render_summary(none, none, none, none),
            "running images: none; other images: none; containers: none; alerts: none firing; "
            "sources: none\n");
}

TEST(Deadlines, AreToldInHumanTime) {
  EXPECT_EQ(describe_deadline("2026-11-13T16:00:00Z", now), "due in 3d 4h");
  EXPECT_EQ(describe_deadline("2026-11-08T12:00:00Z", now), "overdue by 2d");
  EXPECT_EQ(describe_deadline(nullptr, now), "");
  EXPECT_EQ(describe_moment("2026-11-10T11:59:18Z", now), "42s ago");
  EXPECT_EQ(describe_moment("2026-11-10T12:05:00Z", now), "in 5m");
  EXPECT_EQ(describe_moment(nullptr, now), "never");
}

TEST(RenderCheck, GivesEveryReasonForANo) {
  const json answer = json::parse(R"({"allowed": false, "verdict": "overdue",
    "reasons": ["the last scan is 32 days old", "policy fedramp-30d"], "digest": "sha256:ab",
    "resolved_from": "tag", "platforms": [
    {"platform": "linux/amd64", "verdict": "overdue"}, {"platform": "linux/arm64",
    "verdict": "never_scanned"}],
    "deadline_at": "2026-11-08T12:00:00Z", "policies": [{"name": "fedramp-30d",
    "state": "overdue"}], "observation": {"status": "unknown", "reason": "timeout"}})");
  EXPECT_EQ(render_check(answer, "registry.example/team/app:1.4", now),
            "not allowed: registry.example/team/app:1.4\n"
            "  verdict: overdue\n"
            "  deadline: overdue by 2d\n"
            "  reason: the last scan is 32 days old\n"
            "  reason: policy fedramp-30d\n"
            "  digest: sha256:ab\n"
            "  resolved from: tag\n"
            "  platforms: linux/amd64 (overdue), linux/arm64 (never scanned)\n"
            "  policies: fedramp-30d (overdue)\n"
            "  observation: unknown: timeout\n");
}

TEST(RenderSubmission, NamesWhatWasAcceptedAndWhyNot) {
  const json accepted = {{"accepted", true},
                         {"scans", json::array({{{"subject_digest", digest_a},
                                                 {"scanner", "trivy"},
                                                 {"finished_at", "2026-11-10T11:00:00Z"}}})}};
  EXPECT_EQ(render_submission(accepted, "r.json", 201, now),
            "accepted: r.json: sha256:aaaaaaaaaaaa scanned by trivy, finished 1h ago\n");
  const json rejected = {{"accepted", false}, {"reason", "future_dated"}, {"detail", "year 2100"}};
  EXPECT_EQ(render_submission(rejected, "r.json", 422, now),
            "rejected: r.json: future dated (year 2100)\n");
}

TEST(Table, KeepsUnicodeAlignedAndControlCharactersAway) {
  Table table({"A", "B"});
  table.add({"é", "x"});
  table.add({"ab\x1b[2J", ""});
  EXPECT_EQ(table.text(), "A       B\né       x\nab?[2J  -\n");
}

}  // namespace
}  // namespace scanclock
