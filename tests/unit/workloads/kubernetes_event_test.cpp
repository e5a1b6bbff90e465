#include "core/workloads/kubernetes_reader.hpp"

#include <gtest/gtest.h>

namespace scanclock {
namespace {

const std::string event_pod =
    R"({"kind":"Pod","apiVersion":"v1","metadata":{"name":"a","namespace":"team","uid":"u",
        "resourceVersion":"199"},"spec":{"containers":[{"name":"app"}]},"status":{}})";

Result<KubernetesEvent<KubernetesPod>, JsonFailure> read_pod_event(std::string document) {
  KubernetesReader<KubernetesPod> reader;
  return reader.read_event(PaddedJson(document));
}

TEST(KubernetesEvent, TellsItsTypeItsVersionAndItsObject) {
  struct TypeCase {
    const char* text;
    KubernetesEventType type;
  };
  for (const TypeCase& each : std::vector<TypeCase>{{"ADDED", KubernetesEventType::added},
                                                    {"MODIFIED", KubernetesEventType::modified},
                                                    {"DELETED", KubernetesEventType::deleted}}) {
    const auto event = read_pod_event(R"({"type":")" + std::string(each.text) + R"(","object":)" +
                                      event_pod + "}\n");
    ASSERT_TRUE(event.has_value()) << event.error().message;
    EXPECT_EQ(event->type, each.type);
    EXPECT_EQ(event->resource_version, "199");
    EXPECT_EQ(event->object.name, "a");
  }
}

TEST(KubernetesEvent, IsReadAlsoWhenItsTypeStandsLast) {
  const auto event = read_pod_event(R"({"object":)" + event_pod + R"(,"type":"DELETED"})");
  ASSERT_TRUE(event.has_value()) << event.error().message;
  EXPECT_EQ(event->type, KubernetesEventType::deleted);
  EXPECT_EQ(event->object.uid, "u");
}

// As a real API server sends it: null where a pod has its containers.
TEST(KubernetesEvent, Case36ReadsABookmarkWithNullContainers) {
  const auto event = read_pod_event(
      R"({"type":"BOOKMARK","object":{"kind":"Pod","apiVersion":"v1",
          "metadata":{"resourceVersion":"200","creationTimestamp":null},
          "spec":{"containers":null},"status":{}}})");
  ASSERT_TRUE(event.has_value()) << event.error().message;
  EXPECT_EQ(event->type, KubernetesEventType::bookmark);
  EXPECT_EQ(event->resource_version, "200");
  EXPECT_FALSE(event->ends_initial_events);
}

TEST(KubernetesEvent, KnowsTheBookmarkThatEndsAStreamingList) {
  const auto event = read_pod_event(
      R"({"type":"BOOKMARK","object":{"kind":"Pod","metadata":{"resourceVersion":"200",
          "annotations":{"k8s.io/initial-events-end":"true"}}}})");
  ASSERT_TRUE(event.has_value()) << event.error().message;
  EXPECT_TRUE(event->ends_initial_events);
}

TEST(KubernetesEvent, GivesTheStatusOfAnError) {
  const auto event = read_pod_event(
      R"json({"type":"ERROR","object":{"kind":"Status","apiVersion":"v1","metadata":{},
              "status":"Failure","message":"too old resource version: 196 (218)",
              "reason":"Expired","code":410}})json");
  ASSERT_TRUE(event.has_value()) << event.error().message;
  EXPECT_EQ(event->type, KubernetesEventType::error);
  EXPECT_EQ(event->status.code, 410);
  EXPECT_EQ(event->status.reason, "Expired");
  EXPECT_EQ(event->status.message, "too old resource version: 196 (218)");
}

TEST(KubernetesEvent, IsRefusedWhenItCannotBeRead) {
  struct RefusedEvent {
    std::string document;
    const char* failure;
  };
  const std::vector<RefusedEvent> cases{
      {"{}", "the text is no event: it has no type or no object"},
      {R"({"type":"ADDED"})", "the text is no event: it has no type or no object"},
      {R"({"type":"ADDED","object":null})", "the text is no event: it has no type or no object"},
      {R"({"object":)" + event_pod + "}", "the text is no event: it has no type or no object"},
      {R"({"type":"PAUSED","object":{}})", "type is no type of event: PAUSED"},
      {R"({"type":7,"object":{}})", "type is no string"},
      {R"({"type":"ADDED","object":[]})", "object is no object"},
      {R"({"type":"ADDED","object":{"kind":"Pod","metadata":{"name":"a","namespace":"team"}}})",
       "object of object team/a has no metadata.uid"},
      {R"({"type":"ADDED","object":{"kind":"Pod","metadata":{"name":"a","namespace":"team","uid":"u"},
          "spec":{"containers":[{"image":[]}]}}})",
       "object.spec.containers[0].image of object team/a is no string"},
      {R"({"type":"ADDED","object":{"kind":"Node","metadata":{"name":"a","namespace":"team","uid":"u"},
          "spec":{"containers":[{}]}}})",
       "object of object team/a is a Node, not a Pod"},
      {R"({"type":"ADDED","object":{"kind":"Pod","metadata":{"name":"a","namespace":"team","uid":"u"},
          "spec":{"containers":[{}]}}})",
       "object of object team/a has no metadata.resourceVersion"},
      {R"({"type":"BOOKMARK","object":{"kind":"Pod","metadata":{}}})",
       "object has no metadata.resourceVersion"},
      {R"({"type":"BOOKMARK","object":{"kind":"Status","metadata":{"resourceVersion":"1"}}})",
       "object is a Status, not a Pod"},
      {R"({"type":"ERROR","object":{}})", "object is no Status"},
      {R"({"type":"DELETED","object":)" + event_pod + R"(,"object":)" + event_pod + "}",
       "object of object team/a stands twice"},
      {R"({"type":"DELETED","type":"ADDED","object":)" + event_pod + "}", "type stands twice"},
      {R"({"type":"DELETED","object":)" + event_pod + "}{}",
       "object team/a has more text behind its end"},
  };
  for (const RefusedEvent& each : cases) {
    const auto event = read_pod_event(each.document);
    ASSERT_FALSE(event.has_value()) << each.document;
    EXPECT_TRUE(event.error().message.starts_with(each.failure)) << event.error().message;
  }
}

TEST(KubernetesEvent, IsRefusedWhereverItIsCut) {
  const std::string document = R"({"type":"MODIFIED","object":)" + event_pod + "}";
  ASSERT_TRUE(read_pod_event(document).has_value());
  for (std::size_t size = 0; size < document.size(); ++size) {
    EXPECT_FALSE(read_pod_event(document.substr(0, size)).has_value()) << size;
  }
}

}  // namespace
}  // namespace scanclock
