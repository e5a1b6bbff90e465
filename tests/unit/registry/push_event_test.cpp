#include "core/registry/push_event.hpp"

#include <gtest/gtest.h>

#include <string>

namespace scanclock {
namespace {

const std::string pushed = "sha256:" + std::string(64, 'a');
const TimePoint told = *parse_rfc3339("2026-11-01T11:59:00Z");

std::vector<PushEvent> events_of(PushEventKind kind, const std::string& body,
                                 const CloudEventHead& head = CloudEventHead()) {
  const auto events = parse_push_events(kind, body, head);
  EXPECT_TRUE(events) << (events ? "" : events.error());
  return events ? *events : std::vector<PushEvent>();
}

PushEvent app_event() {
  PushEvent event;
  event.host = "registry.example";
  event.repository = "team/app";
  event.digest = Digest::from_trusted(pushed);
  event.tag = "1.0";
  event.pushed_at = told;
  return event;
}

std::string distribution_event(const std::string& action, const std::string& media_type) {
  return R"({"id":"320678d8","timestamp":"2026-11-01T11:59:00Z","action":")" + action +
         R"(","target":{"mediaType":")" + media_type + R"(","size":708,"digest":")" + pushed +
         R"(","length":708,"repository":"team/app","tag":"1.0",)"
         R"("url":"https://elsewhere.example/v2/team/app/manifests/x"},)"
         R"("request":{"id":"6df24a34","addr":"10.0.0.1","host":"registry.example",)"
         R"("method":"PUT"},"actor":{},"source":{"addr":"registry:5000"}})";
}

constexpr const char* manifest_type = "application/vnd.oci.image.manifest.v1+json";

TEST(DistributionEvents, OfPushedManifestsCarryTheirTime) {
  const std::string push = distribution_event("push", manifest_type);
  EXPECT_EQ(events_of(PushEventKind::distribution, R"({"events":[)" + push + "]}"),
            std::vector<PushEvent>{app_event()});
  EXPECT_EQ(events_of(PushEventKind::distribution, push), std::vector<PushEvent>{app_event()})
      << "one event without a wrapper";
}

TEST(DistributionEvents, OfBlobsPullsAndDeletionsAreLeftOut) {
  const std::string body =
      R"({"events":[)" + distribution_event("push", "application/octet-stream") + "," +
      distribution_event("push", "application/vnd.docker.image.rootfs.diff.tar.gzip") + "," +
      distribution_event("pull", manifest_type) + "," +
      distribution_event("delete", manifest_type) + "," +
      distribution_event("push", "application/vnd.oci.image.index.v1+json") +
      R"(,7,{"action":"push"}]})";
  EXPECT_EQ(events_of(PushEventKind::distribution, body).size(), 1U);
}

TEST(DistributionEvents, TakeTheHostFromTheUrlWhereTheRequestHasNone) {
  const auto events = events_of(
      PushEventKind::distribution,
      R"({"events":[{"action":"push","target":{"mediaType":")" + std::string(manifest_type) +
          R"(","repository":"a","url":"http://127.0.0.1:5000/v2/a/manifests/x"}}]})");
  ASSERT_EQ(events.size(), 1U);
  EXPECT_EQ(events[0].host, "127.0.0.1:5000");
  EXPECT_TRUE(events[0].digest.empty());
  EXPECT_FALSE(events[0].pushed_at);
}

std::string harbor_data(const std::string& tag) {
  return R"({"resources":[{"digest":")" + pushed + R"(","tag":")" + tag +
         R"(","resource_url":"registry.example/team/app:1.0"}],)"
         R"("repository":{"date_created":1,"name":"app","namespace":"team",)"
         R"("repo_full_name":"team/app","repo_type":"private"}})";
}

TEST(HarborEvents, CarryTheSecondOfAPush) {
  EXPECT_EQ(events_of(PushEventKind::harbor,
                      R"({"type":"PUSH_ARTIFACT","occur_at":1793534340,"operator":"admin",)"
                      R"("event_data":)" +
                          harbor_data("1.0") + "}"),
            std::vector<PushEvent>{app_event()});
}

TEST(HarborEvents, MayBeCloudEvents) {
  EXPECT_EQ(events_of(PushEventKind::harbor,
                      R"({"specversion":"1.0","type":"harbor.artifact.pushed",)"
                      R"("time":"2026-11-01T11:59:00Z","source":"/projects/1","data":)" +
                          harbor_data("1.0") + "}"),
            std::vector<PushEvent>{app_event()});
}

TEST(HarborEvents, OfAFinishedScanAreAReasonToLookAndNoPush) {
  const auto events = events_of(
      PushEventKind::harbor, R"({"type":"SCANNING_COMPLETED","occur_at":1793534340,"event_data":)" +
                                 harbor_data(pushed) + "}");
  ASSERT_EQ(events.size(), 1U);
  EXPECT_FALSE(events[0].pushed_at);
  EXPECT_EQ(events[0].tag, "") << "of an untagged artifact harbor gives the digest";
}

TEST(HarborEvents, OfOtherKindsAreLeftOut) {
  for (const char* type : {"PULL_ARTIFACT", "DELETE_ARTIFACT", "SCANNING_FAILED", "QUOTA_EXCEED"}) {
    EXPECT_TRUE(events_of(PushEventKind::harbor, R"({"type":")" + std::string(type) +
                                                     R"(","event_data":)" + harbor_data("1") + "}")
                    .empty());
  }
}

TEST(ZotEvents, AreCloudEventsInEitherMode) {
  PushEvent expected = app_event();
  expected.host.clear();
  const std::string data = R"({"name":"team/app","reference":"1.0","digest":")" + pushed +
                           R"(","mediaType":"application/vnd.oci.image.manifest.v1+json"})";
  EXPECT_EQ(events_of(PushEventKind::zot,
                      R"({"specversion":"1.0","type":"zotregistry.image.updated",)"
                      R"("source":"zotregistry.dev","time":"2026-11-01T11:59:00Z","data":)" +
                          data + "}"),
            std::vector<PushEvent>{expected});
  CloudEventHead head;
  head.type = "zotregistry.image.updated";
  head.time = "2026-11-01T11:59:00Z";
  EXPECT_EQ(events_of(PushEventKind::zot, data, head), std::vector<PushEvent>{expected});
  head.type = "zotregistry.image.deleted";
  EXPECT_TRUE(events_of(PushEventKind::zot, data, head).empty());
}

TEST(QuayEvents, HaveNeitherDigestNorTime) {
  const auto events = events_of(
      PushEventKind::quay,
      R"({"name":"app","repository":"team/app","namespace":"team",)"
      R"("docker_url":"registry.example/team/app","homepage":"https://registry.example/x",)"
      R"("updated_tags":["latest","1.0"]})");
  ASSERT_EQ(events.size(), 2U);
  EXPECT_EQ(events[0].tag, "latest");
  EXPECT_EQ(events[1].tag, "1.0");
  EXPECT_EQ(events[1].host, "registry.example");
  EXPECT_TRUE(events[1].digest.empty());
  EXPECT_FALSE(events[1].pushed_at);
}

TEST(PushEvents, WithAnImpossibleTimeKeepTheRest) {
  for (const char* time : {"\"0001-01-01T00:00:00Z\"", "\"\"", "\"yesterday\"", "7", "null"}) {
    const auto events = events_of(PushEventKind::distribution,
                                  R"({"action":"push","timestamp":)" + std::string(time) +
                                      R"(,"target":{"mediaType":")" + manifest_type +
                                      R"(","repository":"a","digest":")" + pushed + R"("}})");
    ASSERT_EQ(events.size(), 1U) << time;
    EXPECT_FALSE(events[0].pushed_at) << time;
  }
  for (const char* seconds : {"-1", "0", "1e400", "99999999999999", "\"1\""}) {
    const std::string body = R"({"type":"PUSH_ARTIFACT","occur_at":)" + std::string(seconds) +
                             R"(,"event_data":)" + harbor_data("1") + "}";
    const auto events = parse_push_events(PushEventKind::harbor, body, CloudEventHead());
    EXPECT_TRUE(!events || !events->at(0).pushed_at) << seconds;
  }
}

TEST(PushEvents, ThatAreMalformedOrTooManyAreRefused) {
  for (const auto kind : {PushEventKind::distribution, PushEventKind::harbor, PushEventKind::zot,
                          PushEventKind::quay}) {
    EXPECT_FALSE(parse_push_events(kind, "", CloudEventHead()));
    EXPECT_FALSE(parse_push_events(kind, "[]", CloudEventHead()));
    EXPECT_FALSE(parse_push_events(kind, std::string(100000, '['), CloudEventHead()));
    EXPECT_TRUE(parse_push_events(kind, "{}", CloudEventHead())->empty());
    EXPECT_TRUE(parse_push_events(
        kind, R"({"events":7,"event_data":[],"repository":{},"data":null,"action":[]})",
        CloudEventHead()));
  }
  std::string many = R"({"events":[)" + distribution_event("push", manifest_type);
  for (std::size_t count = 0; count < push_events_max; ++count) {
    many += "," + distribution_event("push", manifest_type);
  }
  EXPECT_FALSE(parse_push_events(PushEventKind::distribution, many + "]}", CloudEventHead()));
}

TEST(PushEventKinds, AreFour) {
  EXPECT_EQ(parse_push_event_kind("zot"), PushEventKind::zot);
  EXPECT_FALSE(parse_push_event_kind("Zot"));
  EXPECT_FALSE(parse_push_event_kind(""));
}

}  // namespace
}  // namespace scanclock
