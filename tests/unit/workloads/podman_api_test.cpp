#include "core/workloads/podman_api.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace scanclock {
namespace {

using nlohmann::json;

std::string podman_sha(char digit) { return "sha256:" + std::string(64, digit); }
Digest podman_digest(char digit) { return Digest::from_trusted(podman_sha(digit)); }

/// As Podman 4.3 prints a container in its own list.
json podman_list() {
  return json::parse(R"([{"AutoRemove":false,"Command":["/bin/sleep","3600"],
    "Created":"2026-11-22T03:06:38.021250783Z","CreatedAt":"","Exited":false,
    "ExitedAt":-62135596800,"ExitCode":0,"Id":"8e4dc4ed902e","Image":"localhost/sleeper:1",
    "ImageID":")" + std::string(64, 'c') +
                     R"(","IsInfra":false,"Labels":{"a":"b"},"Mounts":[],"Names":["one"],
    "Namespaces":{},"Networks":[],"Pid":28292,"Pod":"","PodName":"","Ports":null,"Size":null,
    "StartedAt":1795316798,"State":"running","Status":""}])");
}

TEST(PodmanContainers, AreReadFromItsOwnList) {
  const auto containers = parse_podman_containers(podman_list().dump());
  ASSERT_TRUE(containers.has_value()) << containers.error().message;
  ASSERT_EQ(containers->size(), 1U);
  const DockerContainer& container = containers->front();
  EXPECT_EQ(container.id, "8e4dc4ed902e");
  EXPECT_EQ(container.name, "one");
  EXPECT_EQ(container.image, "localhost/sleeper:1");
  EXPECT_EQ(container.image_id, std::string(64, 'c'));
  EXPECT_EQ(container.labels, (std::map<std::string, std::string>{{"a", "b"}}));
  EXPECT_EQ(container.started_at, parse_rfc3339("2026-11-22T03:06:38Z"));
  EXPECT_TRUE(container.running);
  const auto observation = docker_observation(container, nullptr, "host-a");
  EXPECT_EQ(observation.digests, std::vector<Digest>{podman_digest('c')})
      << "an ID without its algorithm";
  EXPECT_EQ(observation.namespace_name, "");
  EXPECT_EQ(observation.workload, "one");
}

TEST(PodmanContainers, BelongToTheirPodAndToTheirUnit) {
  json list = podman_list();
  list[0]["PodName"] = "shop";
  list[0]["Labels"] = json{{"PODMAN_SYSTEMD_UNIT", "front.service"}};
  const auto observation =
      docker_observation(parse_podman_containers(list.dump())->front(), nullptr, "");
  EXPECT_EQ(observation.namespace_name, "shop");
  EXPECT_EQ(observation.workload, "front.service");
}

TEST(PodmanContainers, AreMarkedWhenTheyAreAPodsInfraContainer) {
  json list = podman_list();
  list[0]["IsInfra"] = true;
  list[0]["Image"] = "localhost/podman-pause:4.3.1-0";
  DockerContainer infra = parse_podman_containers(list.dump())->front();
  EXPECT_EQ(infra.labels.at(podman_infra_label), "true");
  EXPECT_EQ(infra.image, "localhost/podman-pause:4.3.1-0");

  list[0]["Image"] = "";
  list[0]["ImageID"] = "";
  infra = parse_podman_containers(list.dump())->front();
  EXPECT_EQ(infra.image, podman_pause_without_image);

  list[0]["IsInfra"] = false;
  EXPECT_EQ(parse_podman_containers(list.dump())->front().image, "")
      << "a container from a folder (--rootfs) is nobody's pause container";
}

TEST(PodmanContainers, CountEveryStateInWhichProcessesExist) {
  for (const auto& [state, running] :
       std::vector<std::pair<const char*, bool>>{{"running", true},
                                                 {"paused", true},
                                                 {"stopping", true},
                                                 {"removing", true},
                                                 {"unknown", true},
                                                 {"configured", false},
                                                 {"created", false},
                                                 {"initialized", false},
                                                 {"exited", false},
                                                 {"stopped", false}}) {
    json list = podman_list();
    list[0]["State"] = state;
    EXPECT_EQ(parse_podman_containers(list.dump())->front().running, running) << state;
  }
}

TEST(PodmanContainers, StartedAtNoTimeThatMeansNone) {
  for (const auto& [text, set] :
       std::vector<std::pair<const char*, bool>>{{"-62135596800", false},
                                                 {"0", false},
                                                 {"null", false},
                                                 {"1.5", false},
                                                 {"18446744073709551615", false},
                                                 {"9223372036854775807", false},
                                                 {"-9223372036854775808", false},
                                                 {"1795316798", true}}) {
    json list = podman_list();
    list[0]["StartedAt"] = json::parse(text);
    EXPECT_EQ(parse_podman_containers(list.dump())->front().started_at.has_value(), set) << text;
  }
}

TEST(PodmanContainers, TolerateWhatGoWritesForNothing) {
  const auto containers =
      parse_podman_containers(R"([{"Id":"ab","Names":null,"Labels":null,"ImageID":""}])");
  ASSERT_TRUE(containers.has_value()) << containers.error().message;
  EXPECT_EQ(containers->front().name, "");
}

TEST(PodmanContainers, AreRefusedAsAWholeWhenOneEntryIsUnreadable) {
  json duplicate = podman_list();
  duplicate.push_back(duplicate[0]);
  json odd = podman_list();
  odd[0]["Names"] = "one";
  for (const std::string& body :
       {duplicate.dump(), odd.dump(), std::string("[{}]"), std::string("[null]"), std::string("{}"),
        std::string("null"), std::string("[{\"Id\":\"a\"},")}) {
    EXPECT_FALSE(parse_podman_containers(body).has_value()) << body.substr(0, 80);
  }
}

/// As Podman prints an image that was pulled as team/app and tagged other/mirror (edge case 32): it
/// never was at other/mirror with these digests.
json podman_image_json() {
  return json{{"Id", std::string(64, 'c')},
              {"Digest", podman_sha('1')},
              {"RepoTags", {"registry.example/team/app:1", "registry.example/other/mirror:1"}},
              {"RepoDigests",
               {"registry.example/team/app@" + podman_sha('1'),
                "registry.example/team/app@" + podman_sha('2'),
                "registry.example/other/mirror@" + podman_sha('1'),
                "registry.example/other/mirror@" + podman_sha('2')}},
              {"Os", "linux"},
              {"Architecture", "arm64"}};
}

TEST(PodmanImage, GivesDigestsAndTrustsNoRepositoryBesideThem) {
  const auto image = parse_podman_image(podman_image_json().dump());
  ASSERT_TRUE(image.has_value()) << image.error().message;
  EXPECT_EQ(image->digests,
            (std::set<Digest>{podman_digest('1'), podman_digest('2'), podman_digest('c')}));
  EXPECT_EQ(image->repository_digests, (std::set<Digest>{podman_digest('1'), podman_digest('2')}));
  EXPECT_TRUE(image->repositories.empty());
  EXPECT_EQ(to_string(image->platform), "linux/arm64");
}

TEST(PodmanImage, KeepsItsDigestWhenItsNamesWereRemoved) {
  json image = podman_image_json();
  image["RepoDigests"] = json::array();
  EXPECT_EQ(parse_podman_image(image.dump())->repository_digests,
            std::set<Digest>{podman_digest('1')});
}

TEST(PodmanImage, IsRefusedWhereItsFieldsHaveOtherTypes) {
  for (const char* body : {"[]", "{\"Id\":7}", "{\"RepoDigests\":{}}", "{\"Digest\":[]}", "{"}) {
    EXPECT_FALSE(parse_podman_image(body).has_value()) << body;
  }
  EXPECT_TRUE(parse_podman_image("{}").has_value());
}

}  // namespace
}  // namespace scanclock
