#include "core/workloads/workload_document.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace scanclock {
namespace {

using nlohmann::json;

const TimePoint now = *parse_rfc3339("2026-11-01T12:00:00Z");
const std::string digest_a = "sha256:" + std::string(64, 'a');
const std::string digest_b = "sha256:" + std::string(64, 'b');

/// The example of contract.md.
json contract_document() {
  return json{{"source", "edge"},
              {"observed_at", "2026-11-01T12:00:00Z"},
              {"complete", true},
              {"containers",
               {{{"id", "c1"},
                 {"namespace", "web"},
                 {"workload", "deployment/front"},
                 {"name", "front"},
                 {"node", "n1"},
                 {"labels", {{"team", "pay"}}},
                 {"image", "registry.example/team/app:1.4"},
                 {"image_digest", digest_a},
                 {"platform", "linux/amd64"},
                 {"started_at", "2026-10-30T08:00:00+02:00"}}}}};
}

std::string refusal(const json& document) {
  const auto parsed = parse_workload_document(document.dump(), now);
  return parsed ? "accepted" : parsed.error().message;
}

TEST(WorkloadDocument, ReadsEveryFieldOfTheContract) {
  const auto report = parse_workload_document(contract_document().dump(), now);
  ASSERT_TRUE(report.has_value()) << report.error().message;
  EXPECT_EQ(report->source, "edge");
  EXPECT_EQ(report->observed_at, now);
  EXPECT_TRUE(report->complete);
  ASSERT_EQ(report->containers.size(), 1U);
  const ContainerObservation& container = report->containers.front();
  EXPECT_EQ(container.id, "c1");
  EXPECT_EQ(container.namespace_name, "web");
  EXPECT_EQ(container.workload, "deployment/front");
  EXPECT_EQ(container.name, "front");
  EXPECT_EQ(container.node, "n1");
  EXPECT_EQ(container.labels.at("team"), "pay");
  EXPECT_EQ(container.image, "registry.example/team/app:1.4");
  EXPECT_EQ(container.digests, std::vector<Digest>{Digest::from_trusted(digest_a)});
  EXPECT_EQ(to_string(container.platform), "linux/amd64");
  EXPECT_EQ(container.started_at, parse_rfc3339("2026-10-30T06:00:00Z"));
}

TEST(WorkloadDocument, TakesThePinnedDigestOfTheReferenceToo) {
  json document = contract_document();
  document["containers"][0]["image"] = "registry.example/team/app:1.4@" + digest_b;
  const auto report = parse_workload_document(document.dump(), now);
  ASSERT_TRUE(report.has_value());
  EXPECT_EQ(report->containers[0].digests,
            (std::vector<Digest>{Digest::from_trusted(digest_a), Digest::from_trusted(digest_b)}));
}

TEST(WorkloadDocument, MaySayWhichDigestsARegistryCanBeAskedFor) {
  json document = contract_document();
  json& container = document["containers"][0];
  container["image"] = "registry.example/team/app:1.4@" + digest_b;
  const std::vector<std::pair<json, std::vector<Digest>>> cases{
      {nullptr, {}},
      {json::array(), {}},
      {json{digest_b}, {Digest::from_trusted(digest_b)}},
      {json{digest_b, digest_a, digest_b},
       {Digest::from_trusted(digest_b), Digest::from_trusted(digest_a)}},
  };
  for (const auto& [written, expected] : cases) {
    container["pullable"] = written;
    const auto report = parse_workload_document(document.dump(), now);
    ASSERT_TRUE(report.has_value()) << report.error().message;
    EXPECT_EQ(report->containers[0].pullable, expected) << written;
    EXPECT_EQ(report->containers[0].digests.size(), 2U) << "what is joined stays the same";
  }
}

TEST(WorkloadDocument, NeedsOnlyAnIdAndOneOfImageAndDigest) {
  for (const json& container :
       {json{{"id", "c1"}, {"image", "busybox"}}, json{{"id", "c1"}, {"image_digest", digest_a}},
        json{{"id", "c1"}, {"image", "busybox"}, {"labels", nullptr}, {"started_at", nullptr}}}) {
    json document = contract_document();
    document["containers"] = json::array({container});
    EXPECT_EQ(refusal(document), "accepted") << container.dump();
  }
}

TEST(WorkloadDocument, AllowsKeysItDoesNotKnow) {
  json document = contract_document();
  document["version"] = 7;
  document["containers"][0]["gpu"] = json{{"count", 2}};
  EXPECT_EQ(refusal(document), "accepted");
}

TEST(WorkloadDocument, SaysWhatIsWrongAndWhere) {
  struct Case {
    const char* pointer;
    json value;
    std::string message;
  };
  const std::vector<Case> cases{
      {"/source", 7, "/source: must be a string, not number"},
      {"/source", "", "/source: must not be empty"},
      {"/source", nullptr, "/source: is required"},
      {"/observed_at", nullptr, "/observed_at: is required"},
      {"/observed_at", "yesterday",
       "/observed_at: 'yesterday' is not an RFC 3339 time such as 2026-11-01T12:00:00Z"},
      {"/observed_at", "2026-11-01T12:00:00",
       "/observed_at: '2026-11-01T12:00:00' is not an RFC 3339 time such as "
       "2026-11-01T12:00:00Z"},
      {"/observed_at", "0001-01-01T00:00:00Z", "/observed_at: is not set"},
      {"/complete", nullptr, "/complete: is required"},
      {"/complete", "true", "/complete: must be a boolean, not string"},
      {"/complete", 1, "/complete: must be a boolean, not number"},
      {"/containers", nullptr, "/containers: is required"},
      {"/containers", json::object(), "/containers: must be an array, not object"},
      {"/containers/0", "c1", "/containers/0: must be an object, not string"},
      {"/containers/0/id", nullptr, "/containers/0/id: is required"},
      {"/containers/0/id", "", "/containers/0/id: must not be empty"},
      {"/containers/0/id", json::array(), "/containers/0/id: must be a string, not array"},
      {"/containers/0/id", std::string("a\0b", 3),
       "/containers/0/id: must not hold a NUL character"},
      {"/containers/0/namespace", 1, "/containers/0/namespace: must be a string, not number"},
      {"/containers/0/labels", "a=b", "/containers/0/labels: must be an object, not string"},
      {"/containers/0/labels", json{{"app/na~me", 1}},
       "/containers/0/labels/app~1na~0me: must be a string, not number"},
      {"/containers/0/image_digest", "sha256:12",
       "/containers/0/image_digest: 'sha256:12' is not a digest such as sha256:<64 hex digits>"},
      {"/containers/0/image_digests", json{digest_a, 3},
       "/containers/0/image_digests/1: must be a string, not number"},
      {"/containers/0/pullable", digest_a, "/containers/0/pullable: must be an array, not string"},
      {"/containers/0/pullable", json{"latest"},
       "/containers/0/pullable/0: 'latest' is not a digest such as sha256:<64 hex digits>"},
      {"/containers/0/pullable", json{digest_a, digest_b},
       "/containers/0/pullable/1: is none of the container's digests"},
      {"/containers/0/platform", "amd64",
       "/containers/0/platform: 'amd64' is not os/architecture[/variant]"},
      {"/containers/0/started_at", "soon",
       "/containers/0/started_at: 'soon' is not an RFC 3339 time such as 2026-11-01T12:00:00Z"},
      {"/containers/0/node", std::string(workload_document_text_bytes_max + 1, 'n'),
       "/containers/0/node: is longer than 16384 bytes"},
  };
  for (const Case& each : cases) {
    json document = contract_document();
    document[json::json_pointer(each.pointer)] = each.value;
    EXPECT_EQ(refusal(document), each.message);
  }
}

TEST(WorkloadDocument, RefusesAContainerWithoutImageAndDigest) {
  json document = contract_document();
  document["containers"][0].erase("image");
  document["containers"][0].erase("image_digest");
  EXPECT_EQ(refusal(document), "/containers/0: needs image or image_digest");
}

TEST(WorkloadDocument, RefusesAContainerIdThatIsThereTwice) {
  json document = contract_document();
  document["containers"].push_back(document["containers"][0]);
  EXPECT_EQ(refusal(document), "/containers/1/id: 'c1' is there twice");
}

TEST(WorkloadDocument, RefusesAKeyThatIsThereTwice) {
  const auto parsed = parse_workload_document(
      R"({"source":"edge","observed_at":"2026-11-01T12:00:00Z","complete":true,)"
      R"("containers":[{"id":"c1","image":"a"}],"containers":[]})",
      now);
  ASSERT_FALSE(parsed.has_value());
  EXPECT_EQ(parsed.error().message, "names the key 'containers' twice in one object");
}

TEST(WorkloadDocument, RefusesAnObservationFromTheFuture) {
  json document = contract_document();
  document["observed_at"] = "2026-11-01T12:05:00Z";
  EXPECT_EQ(refusal(document), "accepted");
  document["observed_at"] = "2026-11-01T12:05:01Z";
  EXPECT_EQ(refusal(document),
            "/observed_at: 2026-11-01T12:05:01Z is more than 5m in the future; it is "
            "2026-11-01T12:00:00Z here: the clock of the source is ahead, or this one behind");
  const auto parsed = parse_workload_document(document.dump(), now);
  ASSERT_FALSE(parsed.has_value());
  EXPECT_EQ(reason_of(parsed.error().kind), "future_dated");
}

TEST(WorkloadDocument, RefusesWhatIsNoObject) {
  for (const char* text : {"[]", "null", "7"}) {
    const auto parsed = parse_workload_document(text, now);
    ASSERT_FALSE(parsed.has_value()) << text;
    EXPECT_EQ(parsed.error().message.rfind("/: must be an object, not ", 0), 0U);
  }
  EXPECT_FALSE(parse_workload_document("<html>", now).has_value());
  EXPECT_FALSE(parse_workload_document("", now).has_value());
  EXPECT_FALSE(parse_workload_document(std::string(1'000'000, '['), now).has_value());
}

TEST(WorkloadDocument, RefusesMoreContainersAndBytesThanTheLimits) {
  std::string text = R"({"source":"edge","observed_at":"2026-11-01T12:00:00Z","complete":true,)"
                     R"("containers":[0)";
  for (std::size_t i = 0; i < workload_document_containers_max; ++i) {
    text += ",0";
  }
  text += "]}";
  EXPECT_EQ(parse_workload_document(text, now).error().message,
            "/containers: has more than 200000 entries");
  text.append(workload_document_bytes_max, ' ');
  EXPECT_EQ(parse_workload_document(text, now).error().message, "larger than 33554432 bytes");
}

TEST(WorkloadDocument, MustSpeakForTheSourceThatIsExpectedOrForNoneByName) {
  json document = contract_document();
  const auto other = parse_workload_document(document.dump(), now, "core");
  ASSERT_FALSE(other.has_value());
  EXPECT_EQ(other.error().kind, WorkloadDocumentFailure::Kind::wrong_source);
  EXPECT_EQ(other.error().message, "/source: is 'edge', but the source is named 'core'");
  EXPECT_TRUE(parse_workload_document(document.dump(), now, "edge").has_value());
  document.erase("source");
  const auto nameless = parse_workload_document(document.dump(), now, "core");
  ASSERT_TRUE(nameless.has_value());
  EXPECT_EQ(nameless->source, "core");
  EXPECT_EQ(refusal(document), "/source: is required");
}

TEST(WorkloadDocument, ReadsBackWhatItWrites) {
  WorkloadReport report;
  report.source = "edge";
  report.observed_at = now;
  ContainerObservation full;
  full.id = "c1";
  full.namespace_name = "web";
  full.workload = "front";
  full.name = "front-1";
  full.node = "n1";
  full.labels = {{"app.example/name", "front"}};
  full.image = "registry.example/team/app:1.4@" + digest_b;
  full.digests = {Digest::from_trusted(digest_a), Digest::from_trusted(digest_b)};
  full.pullable = {Digest::from_trusted(digest_b)};
  full.repositories = {"registry.example/team/app"};
  full.platform = Platform{"linux", "arm64", "v8", "1.2"};
  full.started_at = now;
  ContainerObservation bare;
  bare.id = "c2";
  bare.image = "busybox";
  report.containers = {full, bare};
  for (const bool complete : {true, false}) {
    report.complete = complete;
    const auto read = parse_workload_document(workload_document(report).dump(), now);
    ASSERT_TRUE(read.has_value()) << read.error().message;
    EXPECT_EQ(read->source, report.source);
    EXPECT_EQ(read->observed_at, report.observed_at);
    EXPECT_EQ(read->complete, complete);
    EXPECT_EQ(read->containers, report.containers);
  }
}

}  // namespace
}  // namespace scanclock
