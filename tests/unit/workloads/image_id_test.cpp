#include "core/workloads/image_id.hpp"

#include <gtest/gtest.h>

namespace scanclock {
namespace {

const std::string hex(64, 'a');
const std::string digest = "sha256:" + hex;
const std::string long_digest = "sha512:" + std::string(128, 'b');

struct ImageIdCase {
  const char* name;
  std::string text;
  ContainerRuntime runtime;
  /// Empty: none.
  std::string digest;
  bool pullable;
  std::string repository;
};

const std::vector<ImageIdCase>& image_id_cases() {
  using enum ContainerRuntime;
  static const std::vector<ImageIdCase> cases{
      {"case 15: docker-pullable", "docker-pullable://team/app@" + digest, unknown, digest, true,
       "docker.io/team/app"},
      {"case 16: docker, built on the node", "docker://" + digest, unknown, digest, false, ""},
      {"case 17: 64 hex without algorithm (CRI-O 1.28)", hex, crio, digest, false, ""},
      {"case 18: an import named after its day", "docker.io/library/import-2024-11-07@" + digest,
       containerd, digest, false, ""},
      {"case 18: the same without a host", "import-2024-11-07@" + digest, containerd, digest, false,
       ""},
      {"a repository that only looks like an import", "r.example/import-2024-11-07@" + digest,
       containerd, digest, true, "r.example/import-2024-11-07"},
      {"case 19: empty", "", containerd, "", false, ""},
      {"case 36: sha512", "r.example/app@" + long_digest, containerd, long_digest, true,
       "r.example/app"},
      {"case 36: upper-case hex", "r.example/app@sha256:" + std::string(64, 'A'), containerd,
       digest, true, "r.example/app"},
      {"case 36: upper-case hex alone", std::string(64, 'A'), crio, digest, false, ""},
      {"containerd, pulled", "r.example:5000/team/app@" + digest, containerd, digest, true,
       "r.example:5000/team/app"},
      {"containerd, imported without digests", digest, containerd, digest, false, ""},
      {"a tag beside the digest", "r.example/app:1.4@" + digest, containerd, digest, true,
       "r.example/app"},
      {"CRI-O makes repositories up", "r.example/app@" + digest, crio, digest, true, ""},
      {"Podman makes repositories up", "r.example/app@" + digest, podman, digest, true, ""},
      {"a runtime that is not known", "r.example/app@" + digest, unknown, digest, true, ""},
      {"Docker's digest without a name", "<none>@" + digest, docker, digest, true, ""},
      {"63 hex", hex.substr(1), crio, "", false, ""},
      {"65 hex", hex + "a", crio, "", false, ""},
      {"a digit that is none", "sha256:" + std::string(63, 'a') + "g", containerd, "", false, ""},
      {"another algorithm", "md5:" + hex.substr(32), containerd, "", false, ""},
      {"upper-case algorithm", "SHA256:" + hex, containerd, "", false, ""},
      {"a name alone", "r.example/app:1.4", containerd, "", false, ""},
      {"a name and hex without algorithm", "r.example/app@" + hex, containerd, "", false, ""},
      {"an at sign before nothing", "r.example/app@", containerd, "", false, ""},
      {"an at sign behind nothing", "@" + digest, containerd, "", false, ""},
      {"blanks around", " " + digest + " ", containerd, "", false, ""},
      {"a NUL behind", digest + std::string(1, '\0'), containerd, "", false, ""},
      {"another scheme", "oci://" + digest, containerd, "", false, ""},
  };
  return cases;
}

TEST(RuntimeImageId, IsReadByRuleR1) {
  for (const ImageIdCase& each : image_id_cases()) {
    const RuntimeImageId id = parse_runtime_image_id(each.text, each.runtime);
    EXPECT_EQ(id.digest.str(), each.digest) << each.name;
    EXPECT_EQ(id.pullable, each.pullable) << each.name;
    EXPECT_EQ(id.repository, each.repository) << each.name;
  }
}

TEST(ContainerRuntime, IsToldByTheScheme) {
  EXPECT_EQ(container_runtime_of("containerd://2.1.4"), ContainerRuntime::containerd);
  EXPECT_EQ(container_runtime_of("cri-o://1.30.1"), ContainerRuntime::crio);
  EXPECT_EQ(container_runtime_of("docker://24.0"), ContainerRuntime::docker);
  EXPECT_EQ(container_runtime_of("podman://4"), ContainerRuntime::podman);
  EXPECT_EQ(container_runtime_of("containerd"), ContainerRuntime::unknown);
  EXPECT_EQ(container_runtime_of(""), ContainerRuntime::unknown);
}

}  // namespace
}  // namespace scanclock
