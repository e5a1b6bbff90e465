#include "core/workloads/kubernetes_reader.hpp"

#include <gtest/gtest.h>

namespace scanclock {
namespace {

std::string pod_json(const std::string& name, const std::string& spec_and_status) {
  return R"({"metadata":{"name":")" + name + R"(","namespace":"team","uid":"u-)" + name +
         R"(","resourceVersion":"7"},)" + spec_and_status + "}";
}

const std::string plain_spec = R"("spec":{"containers":[{"name":"app","image":"r.example/app"}]})";

std::string list_json(const std::string& items) {
  return R"({"kind":"PodList","apiVersion":"v1","metadata":{"resourceVersion":"197"},"items":[)" +
         items + "]}";
}

struct ReadPods {
  std::vector<KubernetesPod> pods;
  KubernetesListHead head;
  /// Empty when the page was read.
  std::string failure;
};

ReadPods read_pods(std::string page, KubernetesReadOptions options = {}) {
  KubernetesReader<KubernetesPod> reader(std::move(options));
  ReadPods read;
  auto head = reader.read_list(PaddedJson(page),
                               [&](KubernetesPod& pod) { read.pods.push_back(std::move(pod)); });
  if (head) {
    read.head = std::move(*head);
  } else {
    read.failure = head.error().message;
  }
  return read;
}

TEST(KubernetesPodList, GivesItsHeadAndItsPods) {
  const auto read = read_pods(
      R"({"kind":"PodList","apiVersion":"v1","metadata":{"resourceVersion":"197",
          "continue":"eyJ2\/","remainingItemCount":1},"items":[)" +
      pod_json("a", plain_spec) + "," + pod_json("b", plain_spec) + "]}");
  EXPECT_EQ(read.failure, "");
  EXPECT_EQ(read.head.resource_version, "197");
  EXPECT_EQ(read.head.continue_token, "eyJ2/");
  EXPECT_EQ(read.head.remaining_item_count, 1);
  ASSERT_EQ(read.pods.size(), 2U);
  EXPECT_EQ(read.pods[0].name, "a");
  EXPECT_EQ(read.pods[1].uid, "u-b");
}

TEST(KubernetesPodList, MayBeEmpty) {
  EXPECT_EQ(read_pods(list_json("")).failure, "");
  EXPECT_EQ(
      read_pods(R"({"kind":"PodList","metadata":{"resourceVersion":"1"},"items":null})").failure,
      "")
      << "Go writes an empty list so";
}

TEST(KubernetesPodList, IsReadInAnyOrderAndWithAnySpaces) {
  const auto read = read_pods("\n { \"items\" : [ " + pod_json("a", plain_spec) +
                              " ] ,\r\n\t\"metadata\" : { \"resourceVersion\" : \"5\" } , "
                              "\"kind\" : \"PodList\" } \n");
  EXPECT_EQ(read.failure, "");
  EXPECT_EQ(read.pods.size(), 1U);
  EXPECT_EQ(read.head.resource_version, "5");
}

struct RefusedPage {
  std::string page;
  const char* failure;
};

// A page that is not read must never pass for one without containers.
TEST(KubernetesPodList, IsRefusedWhenItIsNone) {
  const std::vector<RefusedPage> cases{
      {"", "the text is not valid json in utf-8: Empty: no JSON found"},
      {R"({"kind":"PodList","metadata":{"resourceVersion":"1"}})", "the text has no items"},
      {R"({"kind":"PodList","metadata":{"resourceVersion":"1"},"items":{}})", "items is no array"},
      {R"({"kind":"PodList","metadata":{},"items":[]})",
       "the text has no metadata.resourceVersion"},
      {R"({"kind":"PodList","metadata":null,"items":[]})",
       "the text has no metadata.resourceVersion"},
      {R"({"kind":"PodList","metadata":{"resourceVersion":1},"items":[]})",
       "metadata.resourceVersion is no string"},
      {R"({"kind":"NodeList","metadata":{"resourceVersion":"1"},"items":[]})",
       "the text is a NodeList, not a PodList"},
      {R"({"kind":"Status","status":"Failure","code":500})", "the text is a Status, not a PodList"},
      {R"({"metadata":{"resourceVersion":"1"},"items":[]})",
       "the text is a document without kind, not a PodList"},
      {list_json("") + list_json(""), "the text has more text behind its end"},
      {R"({"kind":"PodList","items":[],"metadata":{"resourceVersion":"1"},"items":[]})",
       "items stands twice"},
  };
  for (const RefusedPage& each : cases) {
    EXPECT_EQ(read_pods(each.page).failure, each.failure) << each.page;
  }
  for (const char* page :
       {"[]", "null", "1", "\"PodList\"", "<html>", "{", "}", "{\"items\"", "{}x", "\xff"}) {
    EXPECT_NE(read_pods(page).failure, "") << page;
  }
}

TEST(KubernetesPodList, IsRefusedWhereverItIsCut) {
  const std::string page = list_json(pod_json("a", plain_spec) + "," + pod_json("b", plain_spec));
  ASSERT_EQ(read_pods(page).failure, "");
  for (std::size_t size = 0; size < page.size(); ++size) {
    EXPECT_NE(read_pods(page.substr(0, size)).failure, "") << size;
  }
}

TEST(KubernetesPodList, NamesThePodThatCannotBeRead) {
  const std::string good = pod_json("good", plain_spec) + ",";
  const std::vector<RefusedPage> cases{
      {pod_json("bad", R"("spec":{"containers":[{"name":"app","image":7}]})"),
       "items[1].spec.containers[0].image of object team/bad is no string"},
      {pod_json("bad", R"("spec":{"containers":{}})"),
       "items[1].spec.containers of object team/bad is no array"},
      {pod_json("bad", R"("spec":{"containers":[null]})"),
       "items[1].spec.containers[0] of object team/bad is no object"},
      {pod_json("bad", R"("spec":[])"), "items[1].spec of object team/bad is no object"},
      {pod_json("bad", R"("spec":{"containers":[]})"),
       "items[1] of object team/bad has no spec.containers"},
      {pod_json("bad", R"("spec":{"containers":null})"),
       "items[1] of object team/bad has no spec.containers"},
      {pod_json("bad", R"("status":{})"), "items[1] of object team/bad has no spec.containers"},
      {pod_json("bad", plain_spec + R"(,"status":{"containerStatuses":[{"restartCount":"3"}]})"),
       "items[1].status.containerStatuses[0].restartCount of object team/bad is no number"},
      {pod_json("bad", plain_spec + R"(,"status":{"containerStatuses":[{"state":"running"}]})"),
       "items[1].status.containerStatuses[0].state of object team/bad is no object"},
      {pod_json("bad", plain_spec + R"(,"status":{"phase":nul})"),
       "items[1].status.phase of object team/bad is not valid json in utf-8: The JSON element does "
       "not have the requested type."},
      {pod_json("bad\\u001b[2J", R"("spec":7)"),
       "items[1].spec of object team/bad?[2J is no object"},
      {R"({"metadata":{"name":"bad","namespace":"team"},)" + plain_spec + "}",
       "items[1] of object team/bad has no metadata.uid"},
      {R"({"metadata":{"namespace":"team","uid":"u"},)" + plain_spec + "}",
       "items[1] has no metadata.name"},
      {R"({"metadata":{"name":"bad","uid":"u"},)" + plain_spec + "}",
       "items[1] of object bad has no metadata.namespace"},
      {R"({"kind":"Node",)" + pod_json("bad", plain_spec).substr(1),
       "items[1] of object team/bad is a Node, not a Pod"},
      {"7", "items[1] is no object"},
      {"null", "items[1] is no object"},
  };
  for (const RefusedPage& each : cases) {
    const auto read = read_pods(list_json(good + each.page));
    EXPECT_EQ(read.failure, each.failure) << each.page;
    EXPECT_EQ(read.pods.size(), 1U) << "the good one was handed over, and does not count";
  }
}

// Case 36: readers disagree about which of two equal keys counts, so that one of them could hide a
// container from this one.
TEST(KubernetesPodList, Case36RefusesFieldsThatStandTwice) {
  const std::vector<RefusedPage> cases{
      {pod_json("bad", plain_spec + "," + plain_spec),
       "items[0].spec of object team/bad stands twice"},
      {pod_json("bad", plain_spec + R"(,"status":null,"status":{})"),
       "items[0].status of object team/bad stands twice"},
      {pod_json("bad", plain_spec + R"(,"\u0073pec":{"containers":[]})"),
       "items[0].spec of object team/bad stands twice"},
      {pod_json("bad", R"("spec":{"containers":[{"name":"app","image":"a","image":"b"}]})"),
       "items[0].spec.containers[0].image of object team/bad stands twice"},
      {R"({"metadata":{"name":"bad","namespace":"team","uid":"u","labels":{"a":"1","a":"2"}},)" +
           plain_spec + "}",
       "items[0].metadata.labels.a of object team/bad stands twice"},
  };
  for (const RefusedPage& each : cases) {
    EXPECT_EQ(read_pods(list_json(each.page)).failure, each.failure) << each.page;
  }
}

TEST(KubernetesPodList, ReadsEscapedKeysAndTexts) {
  const auto read = read_pods(list_json(pod_json(
      "a",
      R"("\u0073pec":{"containers":[{"name":"\u0061pp","image":"r.example\/\u0061\u0000"}]})")));
  ASSERT_EQ(read.failure, "");
  EXPECT_EQ(read.pods[0].containers[0].name, "app");
  EXPECT_EQ(read.pods[0].containers[0].image, "r.example/a?") << "PostgreSQL takes no NUL";
}

TEST(KubernetesPodList, Case36RefusesInvalidUtf8AlsoWhereNothingIsRead) {
  for (const char* bytes : {"\xff", "\xc3", "\xed\xa0\x80", "\xf8\x88\x80\x80\x80"}) {
    const auto read = read_pods(
        list_json(R"({"metadata":{"annotations":{"note":")" + std::string(bytes) + R"("}}})"));
    EXPECT_NE(read.failure.find("utf-8"), std::string::npos) << read.failure;
  }
  EXPECT_NE(read_pods(list_json(pod_json("a", R"("spec":{"nodeName":"\ud800"})"))).failure, "")
      << "half of a surrogate pair";
}

TEST(KubernetesPodList, Case36PassesOverWhatIsLargeOrDeep) {
  const std::string note(1 << 20, 'x');
  const std::string deep = std::string(100'000, '[') + std::string(100'000, ']');
  const auto read = read_pods(
      list_json(R"({"metadata":{"name":"a","namespace":"team","uid":"u","annotations":{"note":")" +
                note + R"("},"managedFields":)" + deep + "}," + plain_spec + "}"));
  ASSERT_EQ(read.failure, "");
  EXPECT_EQ(read.pods[0].containers.size(), 1U);
}

TEST(KubernetesPodList, BoundsTheTextsThatAPodsAuthorChooses) {
  std::string image = "r.example/";
  for (int times = 0; times < 5000; ++times) {
    image += "é";
  }
  const auto read = read_pods(list_json(
      pod_json("a", R"("spec":{"runtimeClassName":")" + image +
                        R"(","containers":[{"name":"app","image":")" + image + R"("}]})")));
  ASSERT_EQ(read.failure, "");
  EXPECT_EQ(read.pods[0].runtime_class, image.substr(0, kubernetes_text_bytes_max));
  EXPECT_EQ(read.pods[0].containers[0].image, image) << "a digest may stand at its end";
}

TEST(KubernetesPodList, KeepsTheLabelsThatAreWanted) {
  const std::string page = list_json(
      R"({"metadata":{"name":"a","namespace":"team","uid":"u","labels":{"team":"pay","tier":"x",
          "pod-template-hash":"5d8f","none":null}},)" +
      plain_spec + "}");
  const auto all = read_pods(page);
  ASSERT_EQ(all.failure, "");
  using Labels = std::map<std::string, std::string>;
  EXPECT_EQ(all.pods[0].labels,
            (Labels{{"team", "pay"}, {"tier", "x"}, {"pod-template-hash", "5d8f"}, {"none", ""}}));

  KubernetesReadOptions options;
  options.labels.emplace().insert("team");
  const auto some = read_pods(page, options);
  ASSERT_EQ(some.failure, "");
  EXPECT_EQ(some.pods[0].labels, (Labels{{"team", "pay"}}));
  EXPECT_EQ(some.pods[0].template_hash, "5d8f") << "the owner is found by it";
}

TEST(KubernetesReader, ReadsOneTextAfterTheOther) {
  KubernetesReader<KubernetesPod> reader;
  std::string large =
      list_json(R"({"metadata":{"annotations":{"note":")" + std::string(20 << 20, 'x') + R"("}}})");
  std::string good = list_json(pod_json("a", plain_spec));
  for (int times = 0; times < 3; ++times) {
    int pods = 0;
    const auto count = [&](KubernetesPod&) { ++pods; };
    EXPECT_FALSE(reader.read_list(PaddedJson(large), count).has_value());
    EXPECT_TRUE(reader.read_list(PaddedJson(good), count).has_value());
    EXPECT_EQ(pods, 1);
  }
}

TEST(KubernetesReader, LetsThroughWhatTheVisitorThrows) {
  KubernetesReader<KubernetesPod> reader;
  std::string page = list_json(pod_json("a", plain_spec));
  EXPECT_THROW(
      (void)reader.read_list(PaddedJson(page), [](KubernetesPod&) { throw std::bad_alloc(); }),
      std::bad_alloc);
  EXPECT_TRUE(reader.read_list(PaddedJson(page), [](KubernetesPod&) {}).has_value());
}

}  // namespace
}  // namespace scanclock
