#include "core/workloads/ecs_answers.hpp"

#include "core/domain/ecs_endpoint.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace scanclock {
namespace {

using nlohmann::json;

const std::string ecs_pulled = "sha256:" + std::string(64, '1');
const std::string ecs_pinned = "sha256:" + std::string(64, '2');

EcsTask ecs_task_with(const EcsContainer& container) {
  EcsTask task;
  task.arn = "arn:aws:ecs:us-east-1:123456789012:task/web/0a1b";
  task.cluster_arn = "arn:aws:ecs:us-east-1:123456789012:cluster/web";
  task.definition_arn = "arn:aws:ecs:us-east-1:123456789012:task-definition/hello:8";
  task.group = "service:front";
  task.launch_type = "FARGATE";
  task.last_status = "RUNNING";
  task.containers.push_back(container);
  return task;
}

EcsContainer ecs_container() {
  EcsContainer one;
  one.arn = "c-arn";
  one.name = "app";
  one.image = "registry.example/team/app:1";
  one.image_digest = Digest::from_trusted(ecs_pulled);
  one.image_digest_text = ecs_pulled;
  one.last_status = "RUNNING";
  return one;
}

ContainerObservation ecs_observed(const EcsTask& task, const EcsInstance* instance = nullptr) {
  const auto all = ecs_observations(task, instance);
  EXPECT_EQ(all.size(), 1U);
  return all.empty() ? ContainerObservation() : all.front();
}

TEST(EcsEndpoint, FollowsPartitionAndFips) {
  EXPECT_EQ(ecs_endpoint("us-east-1", false), "https://ecs.us-east-1.amazonaws.com");
  EXPECT_EQ(ecs_endpoint("us-gov-west-1", false), "https://ecs.us-gov-west-1.amazonaws.com");
  EXPECT_EQ(ecs_endpoint("us-gov-west-1", true), "https://ecs-fips.us-gov-west-1.amazonaws.com");
  EXPECT_EQ(ecs_endpoint("us-east-2", true), "https://ecs-fips.us-east-2.amazonaws.com");
  EXPECT_EQ(ecs_endpoint("cn-north-1", false), "https://ecs.cn-north-1.amazonaws.com.cn");
  EXPECT_EQ(ecs_endpoint("us-iso-east-1", false), "https://ecs.us-iso-east-1.c2s.ic.gov");
  EXPECT_EQ(ecs_endpoint("us-isob-east-1", false), "https://ecs.us-isob-east-1.sc2s.sgov.gov");
}

TEST(EcsObservation, CountsWhatRuns) {
  struct Case {
    const char* task;
    const char* container;
    bool counts;
  };
  for (const Case& one :
       {Case{"RUNNING", "RUNNING", true}, Case{"RUNNING", "STOPPED", false},
        Case{"RUNNING", "PENDING", false}, Case{"RUNNING", "", true},
        Case{"DEACTIVATING", "RUNNING", true}, Case{"DEACTIVATING", "", true},
        Case{"STOPPING", "RUNNING", true}, Case{"STOPPING", "", true},
        Case{"STOPPING", "STOPPED", false}, Case{"STOPPED", "RUNNING", false},
        Case{"DEPROVISIONING", "RUNNING", false}, Case{"ACTIVATING", "RUNNING", true},
        Case{"PENDING", "", false}, Case{"PROVISIONING", "", false}, Case{"DELETED", "", false}}) {
    EcsContainer part = ecs_container();
    part.last_status = one.container;
    EcsTask task = ecs_task_with(part);
    task.last_status = one.task;
    EXPECT_EQ(!ecs_observations(task, nullptr).empty(), one.counts)
        << one.task << " " << one.container;
  }
}

TEST(EcsObservation, TakesTheDigestThatWasPulledElseThatOfThePinElseNone) {
  ContainerObservation seen = ecs_observed(ecs_task_with(ecs_container()));
  EXPECT_EQ(seen.digests, std::vector<Digest>{Digest::from_trusted(ecs_pulled)});
  EXPECT_EQ(seen.pullable, seen.digests);
  EXPECT_EQ(seen.repositories, std::vector<std::string>{"registry.example/team/app"});
  EXPECT_EQ(seen.image_id, ecs_pulled);
  EXPECT_FALSE(seen.assumed);

  EcsContainer without = ecs_container();
  without.image_digest = Digest();
  without.image_digest_text.clear();
  seen = ecs_observed(ecs_task_with(without));
  EXPECT_TRUE(seen.digests.empty());
  EXPECT_TRUE(seen.assumed);

  without.image = "registry.example/team/app@" + ecs_pinned;
  seen = ecs_observed(ecs_task_with(without));
  EXPECT_EQ(seen.digests, std::vector<Digest>{Digest::from_trusted(ecs_pinned)});
  EXPECT_FALSE(seen.assumed);

  EcsContainer both = ecs_container();
  both.image = "registry.example/team/app@" + ecs_pinned;
  EXPECT_EQ(ecs_observed(ecs_task_with(both)).digests.size(), 2U)
      << "an index and its manifest, or a conflict: the join knows";

  EcsContainer odd = ecs_container();
  odd.image_digest = Digest();
  odd.image_digest_text = "sha256:short";
  seen = ecs_observed(ecs_task_with(odd));
  EXPECT_EQ(seen.image_id, "sha256:short") << "kept as it was printed";
  EXPECT_TRUE(seen.assumed);
}

TEST(EcsObservation, NamesServiceFamilyAndMachine) {
  EcsTask task = ecs_task_with(ecs_container());
  EXPECT_EQ(ecs_observed(task).workload, "service/front");
  EXPECT_EQ(ecs_observed(task).namespace_name, "web");
  EXPECT_EQ(ecs_observed(task).node, "fargate");
  task.group = "family:import";
  EXPECT_EQ(ecs_observed(task).workload, "family/import");
  task.group.clear();
  EXPECT_EQ(ecs_observed(task).workload, "family/hello");
  task.instance_arn = "arn:aws:ecs:us-east-1:123456789012:container-instance/web/9f";
  task.launch_type = "EC2";
  EXPECT_EQ(ecs_observed(task).node, "9f");
  EcsInstance instance;
  instance.machine_id = "i-0abc";
  EXPECT_EQ(ecs_observed(task, &instance).node, "i-0abc");
  task.containers[0].arn.clear();
  EXPECT_EQ(ecs_observed(task).id, task.arn + "/app");
  task.containers[0].runtime_id = "r1";
  EXPECT_EQ(ecs_observed(task).id, "r1");
}

TEST(EcsObservation, HasAPlatformOnlyWhereBothHalvesAreKnown) {
  struct Case {
    const char* family;
    const char* cpu;
    const char* expected;
  };
  for (const Case& one :
       {Case{"Linux", "x86_64", "linux/amd64"}, Case{"LINUX", "arm64", "linux/arm64"},
        Case{"Windows Server 2019 Core", "x86_64", "windows/amd64"}, Case{"", "arm64", ""},
        Case{"Linux", "", ""}, Case{"Plan9", "x86_64", ""}}) {
    EcsTask task = ecs_task_with(ecs_container());
    task.platform_family = one.family;
    task.cpu_architecture = one.cpu;
    EXPECT_EQ(to_string(ecs_observed(task).platform), one.expected) << one.family << " " << one.cpu;
  }
}

TEST(EcsAnswers, ThatAreNoneAreRefused) {
  for (const char* text : {"", "null", "[]", "{", R"({"taskArns":null})", R"({"taskArns":[1]})",
                           R"({"clusterArns":[]})", R"({"taskArns":{},"nextToken":"x"})"}) {
    EXPECT_FALSE(parse_ecs_arns(text, "taskArns").has_value()) << text;
  }
  for (const char* text :
       {"null", R"({"tasks":[7]})", R"({"tasks":[{"taskArn":"t"}]})",
        R"({"tasks":[{"taskArn":"t","lastStatus":"RUNNING","containers":[null]}]})",
        R"({"tasks":[],"failures":[1]})"}) {
    EXPECT_FALSE(parse_ecs_tasks(text).has_value()) << text;
  }
  const auto nothing = parse_ecs_tasks(R"({"tasks":null,"failures":null})");
  ASSERT_TRUE(nothing.has_value());
  EXPECT_TRUE(nothing->tasks.empty());
}

TEST(AwsError, ShowsTextsAboutTimeAlone) {
  const AwsError late =
      parse_aws_error(R"({"__type":"com.amazon.coral.service#InvalidSignatureException","message":)"
                      R"("Signature expired: 1 is now earlier than 2\n"})");
  EXPECT_EQ(late.name, "InvalidSignatureException");
  EXPECT_EQ(late.text, "Signature expired: 1 is now earlier than 2?");
  const AwsError wrong = parse_aws_error(
      R"({"__type":"InvalidSignatureException","Message":"x-amz-security-token:secret"})");
  EXPECT_EQ(wrong.name, "InvalidSignatureException");
  EXPECT_EQ(wrong.text, "");
  for (const char* text : {"<html>", "", "[]", R"({"__type":7})", R"({"__type":"a b<script>"})"}) {
    EXPECT_EQ(parse_aws_error(text).name, "") << text;
  }
}

}  // namespace
}  // namespace scanclock
