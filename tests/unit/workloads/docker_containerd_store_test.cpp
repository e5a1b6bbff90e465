#include "core/workloads/docker_api.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace scanclock {
namespace {

using nlohmann::json;

std::string store_sha(char digit) { return "sha256:" + std::string(64, digit); }
Digest store_digest(char digit) { return Digest::from_trusted(store_sha(digit)); }

constexpr const char* index_type = "application/vnd.oci.image.index.v1+json";
constexpr const char* manifest_type = "application/vnd.oci.image.manifest.v1+json";

json descriptor(const char* type, char digit) {
  return json{{"mediaType", type}, {"digest", store_sha(digit)}, {"size", 480}};
}

json manifest(const char* kind, char digit, const char* architecture,
              const std::vector<std::string>& containers) {
  const json platform{{"os", "linux"}, {"architecture", architecture}};
  json entry{{"ID", store_sha(digit)},
             {"Descriptor", descriptor(manifest_type, digit)},
             {"Available", true},
             {"Kind", kind}};
  if (std::string_view(kind) == "image") {
    entry["ImageData"] = json{{"Platform", platform}, {"Containers", containers}};
  } else {
    entry["AttestationData"] = json{{"For", store_sha('a')}};
  }
  return entry;
}

/// `GET /images/{id}/json?manifests=true` of an engine with the containerd image store (API 1.48):
/// the index 1 holds the platforms a (amd64) and b (arm64) and the attestation e.
json store_image() {
  return json{{"Id", store_sha('1')},
              {"RepoTags", {"registry.example/team/app:1"}},
              {"RepoDigests", {"registry.example/team/app@" + store_sha('1')}},
              {"Os", "linux"},
              {"Architecture", "amd64"},
              {"Descriptor", descriptor(index_type, '1')},
              {"Manifests",
               {manifest("image", 'a', "amd64", {"c1", "c2"}),
                manifest("image", 'b', "arm64", {"c3"}), manifest("attestation", 'e', "", {})}}};
}

DockerContainer store_container(const std::string& id) {
  DockerContainer container;
  container.id = id;
  container.image = "registry.example/team/app:1";
  container.image_id = store_sha('1');
  return container;
}

DockerImage parsed_store_image(const json& object) {
  const auto image = parse_docker_image(object.dump());
  EXPECT_TRUE(image.has_value()) << image.error().message;
  return image ? *image : DockerImage();
}

TEST(ContainerdStore, NamesAnImageByItsIndexWhichARegistryCanBeAskedFor) {
  json nameless = store_image();
  nameless["RepoDigests"] = nullptr;
  const DockerImage image = parsed_store_image(nameless);
  EXPECT_EQ(image.digests, std::set<Digest>{store_digest('1')});
  EXPECT_EQ(image.repository_digests, std::set<Digest>{store_digest('1')});
}

TEST(ContainerdStore, KeepsImagesOfTheClassicStoreAsTheyWere) {
  json classic{{"Id", store_sha('c')},
               {"RepoDigests", {"registry.example/team/app@" + store_sha('1')}},
               {"Descriptor", nullptr},
               {"Manifests", nullptr}};
  const DockerImage image = parsed_store_image(classic);
  EXPECT_EQ(image.digests, (std::set<Digest>{store_digest('1'), store_digest('c')}));
  EXPECT_EQ(image.repository_digests, std::set<Digest>{store_digest('1')})
      << "the config digest is nothing that a registry gives as a manifest";
}

TEST(ContainerdStore, SaysByContainerWhichPlatformRunsWhereTheListDoesNot) {
  const DockerImage image = parsed_store_image(store_image());
  const auto amd64 = docker_observation(store_container("c2"), &image, "");
  EXPECT_EQ(amd64.digests, (std::vector<Digest>{store_digest('1'), store_digest('a')}));
  EXPECT_EQ(to_string(amd64.platform), "linux/amd64");
  const auto arm64 = docker_observation(store_container("c3"), &image, "");
  EXPECT_EQ(arm64.digests, (std::vector<Digest>{store_digest('1'), store_digest('b')}));
  EXPECT_EQ(to_string(arm64.platform), "linux/arm64")
      << "emulated: the container's own platform, not the one of the host";
  EXPECT_EQ(arm64.pullable, (std::vector<Digest>{store_digest('b'), store_digest('1')}));
  EXPECT_EQ(arm64.image_id, store_sha('1'));
}

TEST(ContainerdStore, BelievesTheContainersOwnDescriptorFirst) {
  const DockerImage image = parsed_store_image(store_image());
  DockerContainer container = store_container("c3");
  container.manifest = store_digest('a');
  container.manifest_platform = Platform{"linux", "amd64", "", ""};
  const auto observation = docker_observation(container, &image, "");
  EXPECT_EQ(observation.digests, (std::vector<Digest>{store_digest('1'), store_digest('a')}));
  EXPECT_EQ(to_string(observation.platform), "linux/amd64");
}

TEST(ContainerdStore, AddsNoPlatformThatTheContainerDoesNotRun) {
  const DockerImage image = parsed_store_image(store_image());
  const auto unknown = docker_observation(store_container("zz"), &image, "");
  EXPECT_EQ(unknown.digests, std::vector<Digest>{store_digest('1')});
  EXPECT_EQ(to_string(unknown.platform), "linux/amd64") << "what the image says for this host";
}

TEST(ContainerdStore, IsRefusedWhereItsFieldsHaveOtherTypes) {
  for (const char* body :
       {R"({"Descriptor":7})", R"({"Descriptor":{"digest":7}})", R"({"Manifests":{}})",
        R"({"Manifests":[7]})",
        R"({"Manifests":[{"Kind":"image","Descriptor":{},"ImageData":{"Containers":"c1"}}]})"}) {
    EXPECT_FALSE(parse_docker_image(body).has_value()) << body;
  }
}

TEST(ContainerdStore, ToleratesWhatIsNotThere) {
  const DockerImage image = parsed_store_image(json::parse(
      R"({"Id":"","Descriptor":{"digest":"sha256:short"},"Manifests":[{},{"Kind":"unknown"},)"
      R"({"Kind":"image","Descriptor":{},"ImageData":{"Containers":["c1"]}}]})"));
  EXPECT_TRUE(image.digests.empty());
  EXPECT_TRUE(image.manifests_in_use.empty());
}

TEST(ContainerdStore, RemembersTheManifestsOfContainersAsItDoesDigests) {
  DockerImage known = parsed_store_image(store_image());
  const DockerImage before = known;
  known.unite(parsed_store_image(json{{"Id", store_sha('1')}}));
  EXPECT_EQ(known, before);
}

}  // namespace
}  // namespace scanclock
