#include "core/workloads/docker_api.hpp"

#include "core/workloads/docker_json.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace scanclock {
namespace {

using nlohmann::json;

std::string sha(char digit) { return "sha256:" + std::string(64, digit); }
Digest digest(char digit) { return Digest::from_trusted(sha(digit)); }

/// As Engine 20.10 (API 1.41, classic store) prints it.
json classic_list() {
  return json::parse(R"([{"Id":"358fc10753ce","Names":["/t1"],"Image":"127.0.0.1:5000/team/app:a",
    "ImageID":")" + sha('c') +
                     R"(","Command":"/bin/sleep 300","Created":1795293562,"Ports":[],
    "Labels":{"com.docker.compose.project":"shop","com.docker.compose.service":"front"},
    "State":"running","Status":"Up Less than a second","HostConfig":{"NetworkMode":"host"},
    "NetworkSettings":{"Networks":{}},"Mounts":[]}])");
}

json classic_image() {
  return json{{"Id", sha('c')},
              {"RepoTags", {"127.0.0.1:5000/team/app:a"}},
              {"RepoDigests",
               {"127.0.0.1:5000/team/app@" + sha('1'), "127.0.0.1:5000/team/app@" + sha('2'),
                "127.0.0.1:5000/other/mirror@" + sha('1'), "busybox@" + sha('3')}},
              {"Architecture", "arm64"},
              {"Variant", "v8"},
              {"Os", "linux"}};
}

TEST(DockerContainers, AreReadFromTheClassicStore) {
  const auto containers = parse_docker_containers(classic_list().dump());
  ASSERT_TRUE(containers.has_value()) << containers.error().message;
  ASSERT_EQ(containers->size(), 1U);
  const DockerContainer& container = containers->front();
  EXPECT_EQ(container.id, "358fc10753ce");
  EXPECT_EQ(container.name, "t1");
  EXPECT_EQ(container.image, "127.0.0.1:5000/team/app:a");
  EXPECT_EQ(container.image_id, sha('c'));
  EXPECT_TRUE(container.manifest.empty());
  EXPECT_TRUE(container.running);
  EXPECT_FALSE(image_name_is_lost(container));
}

TEST(DockerContainers, CarryTheManifestInUseInTheContainerdStore) {
  json list = classic_list();
  list[0]["ImageID"] = sha('1');
  list[0]["ImageManifestDescriptor"] =
      json{{"mediaType", "application/vnd.oci.image.manifest.v1+json"},
           {"digest", sha('2')},
           {"size", 480},
           {"platform", {{"architecture", "arm64"}, {"os", "linux"}, {"variant", "v8"}}}};
  const auto containers = parse_docker_containers(list.dump());
  ASSERT_TRUE(containers.has_value());
  EXPECT_EQ(containers->front().manifest, digest('2'));
  DockerImage image;
  image.digests = {digest('1')};
  image.platform = Platform{"linux", "amd64", "", ""};
  const auto observation = docker_observation(containers->front(), &image, "host-a");
  EXPECT_EQ(observation.digests, (std::vector<Digest>{digest('1'), digest('2')}));
  EXPECT_EQ(to_string(observation.platform), "linux/arm64/v8")
      << "the container's own platform, not that of the image on this host";
}

TEST(DockerContainers, CountEveryStateInWhichProcessesExist) {
  for (const auto& [state, running] :
       std::vector<std::pair<const char*, bool>>{{"running", true},
                                                 {"paused", true},
                                                 {"restarting", true},
                                                 {"removing", true},
                                                 {"stopping", true},
                                                 {"", true},
                                                 {"exited", false},
                                                 {"created", false},
                                                 {"dead", false}}) {
    json list = classic_list();
    list[0]["State"] = state;
    const auto containers = parse_docker_containers(list.dump());
    ASSERT_TRUE(containers.has_value());
    EXPECT_EQ(containers->front().running, running) << state;
  }
}

TEST(DockerContainers, TolerateWhatGoWritesForNothing) {
  const auto containers =
      parse_docker_containers(R"([{"Id":"ab","Names":null,"Labels":null,"ImageID":"",)"
                              R"("ImageManifestDescriptor":null}])");
  ASSERT_TRUE(containers.has_value()) << containers.error().message;
  const auto observation = docker_observation(containers->front(), nullptr, "");
  EXPECT_TRUE(observation.digests.empty());
  EXPECT_EQ(observation.name, "ab");
}

TEST(DockerContainers, AreRefusedAsAWholeWhenOneEntryIsUnreadable) {
  json duplicate = classic_list();
  duplicate.push_back(duplicate[0]);
  json nameless = classic_list();
  nameless.push_back(json{{"Image", "a"}});
  json odd = classic_list();
  odd[0]["ImageID"] = 7;
  for (const std::string& body :
       {duplicate.dump(), nameless.dump(), odd.dump(), std::string("{}"), std::string("null"),
        std::string("[null]"), std::string("<html></html>"), std::string("[{\"Id\":\"a\"},"),
        std::string(1'000'000, '[')}) {
    EXPECT_FALSE(parse_docker_containers(body).has_value()) << body.substr(0, 80);
  }
}

TEST(DockerContainers, GoByTheirOwnNameAndNotByALinksName) {
  json list = classic_list();
  list[0]["Names"] = {"/web/db", "/db"};
  EXPECT_EQ(parse_docker_containers(list.dump())->front().name, "db");
}

TEST(DockerContainers, LoseNoRecordToANulByteInALabel) {
  const auto containers =
      parse_docker_containers("[{\"Id\":\"ab\",\"Labels\":{\"k\\u0000\":\"v\\u0000\"}}]");
  ASSERT_TRUE(containers.has_value());
  EXPECT_EQ(containers->front().labels, (std::map<std::string, std::string>{{"k?", "v?"}}));
}

TEST(DockerContainers, LeaveOutLabelsBeyondTheLimits) {
  json list = classic_list();
  list[0]["Labels"] =
      json{{"big", std::string(docker_json::docker_label_bytes_max, 'x')}, {"small", "x"}};
  EXPECT_EQ(parse_docker_containers(list.dump())->front().labels,
            (std::map<std::string, std::string>{{"small", "x"}}));
}

TEST(DockerContainers, HaveLostTheirNameWhenTheListShowsAnId) {
  DockerContainer container;
  for (const auto& [image, lost] :
       std::vector<std::pair<std::string, bool>>{{sha('c'), true},
                                                 {std::string(64, 'c'), true},
                                                 {"", true},
                                                 {"app", false},
                                                 {"app@" + sha('c'), false}}) {
    container.image = image;
    EXPECT_EQ(image_name_is_lost(container), lost) << image;
  }
}

TEST(DockerContainer, IsReadFromAnInspection) {
  json inspection{{"Id", "358f"},
                  {"Name", "/t1"},
                  {"Image", sha('c')},
                  {"Config", {{"Image", "app:1"}, {"Labels", {{"team", "pay"}}}}},
                  {"State",
                   {{"Status", "running"},
                    {"Running", true},
                    {"Paused", false},
                    {"StartedAt", "2026-11-21T20:39:23.20549407Z"}}}};
  const auto container = parse_docker_container(inspection.dump());
  ASSERT_TRUE(container.has_value()) << container.error().message;
  EXPECT_EQ(container->name, "t1");
  EXPECT_EQ(container->image, "app:1");
  EXPECT_EQ(container->image_id, sha('c'));
  EXPECT_EQ(container->labels.at("team"), "pay");
  EXPECT_TRUE(container->running);
  EXPECT_EQ(container->started_at, parse_rfc3339("2026-11-21T20:39:23.205494Z"));

  inspection["State"] = json{{"Running", false}, {"StartedAt", "0001-01-01T00:00:00Z"}};
  const auto created = parse_docker_container(inspection.dump());
  ASSERT_TRUE(created.has_value());
  EXPECT_FALSE(created->running);
  EXPECT_FALSE(created->started_at);
}

TEST(DockerImage, GivesEveryDigestAndEachRepositoryOnce) {
  const auto image = parse_docker_image(classic_image().dump());
  ASSERT_TRUE(image.has_value()) << image.error().message;
  EXPECT_EQ(image->digests, (std::set<Digest>{digest('c'), digest('1'), digest('2'), digest('3')}));
  EXPECT_EQ(image->repositories,
            (std::set<std::string>{"127.0.0.1:5000/team/app", "127.0.0.1:5000/other/mirror",
                                   "docker.io/library/busybox"}));
  EXPECT_EQ(to_string(image->platform), "linux/arm64/v8");
}

TEST(DockerImage, KeepsTheDigestOfAReferenceWithoutAName) {
  const auto image = parse_docker_image(json{{"RepoDigests", {"<none>@" + sha('1')}}}.dump());
  ASSERT_TRUE(image.has_value());
  EXPECT_EQ(image->digests, std::set<Digest>{digest('1')});
}

TEST(DockerImage, KeepsWhatWasSeenBeforeItsNamesWereRemoved) {
  DockerImage known = *parse_docker_image(classic_image().dump());
  const DockerImage before = known;
  known.unite(*parse_docker_image(json{{"Id", sha('c')}, {"RepoDigests", nullptr}}.dump()));
  EXPECT_EQ(known, before);
}

TEST(DockerObservation, JoinsContainerAndImage) {
  DockerContainer container = parse_docker_containers(classic_list().dump())->front();
  container.image = "127.0.0.1:5000/team/app@" + sha('9');
  const DockerImage image = *parse_docker_image(classic_image().dump());
  const auto observation = docker_observation(container, &image, "host-a");
  EXPECT_EQ(observation.id, "358fc10753ce");
  EXPECT_EQ(observation.namespace_name, "shop");
  EXPECT_EQ(observation.workload, "front");
  EXPECT_EQ(observation.name, "t1");
  EXPECT_EQ(observation.node, "host-a");
  EXPECT_EQ(observation.digests,
            (std::vector<Digest>{digest('c'), digest('9'), digest('1'), digest('2'), digest('3')}));
  EXPECT_EQ(observation.repositories.size(), 3U);
}

TEST(DockerObservation, NamesTheWorkloadByServiceAndElseByContainer) {
  DockerContainer container;
  container.id = "358fc10753cef3bd";
  container.name = "front-1";
  EXPECT_EQ(docker_observation(container, nullptr, "").workload, "front-1");
  EXPECT_EQ(docker_observation(container, nullptr, "").namespace_name, "");
  container.labels = {{"com.docker.swarm.service.name", "shop_front"},
                      {"com.docker.stack.namespace", "shop"}};
  EXPECT_EQ(docker_observation(container, nullptr, "").workload, "shop_front");
  EXPECT_EQ(docker_observation(container, nullptr, "").namespace_name, "shop");
}

}  // namespace
}  // namespace scanclock
