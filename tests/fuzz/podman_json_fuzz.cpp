#include "core/workloads/podman_api.hpp"
#include "tests/fuzz/fuzzing.hpp"

#include <algorithm>
#include <string>
#include <string_view>

namespace {

using namespace scanclock;
using fuzzing::require;

void require_sound(const DockerContainer& container, const DockerImage* image) {
  const ContainerObservation observation = docker_observation(container, image, "host");
  require(!observation.id.empty() && !observation.name.empty(), "a container can be named");
  require(observation.repositories.empty(), "Podman's repositories are not trusted");
  require(!observation.started_at || is_set(*observation.started_at), "year 1 is no start");
  require(observation.image.find('\0') == std::string::npos, "no NUL reaches the database");
  for (const Digest& digest : observation.pullable) {
    require(std::find(observation.digests.begin(), observation.digests.end(), digest) !=
                observation.digests.end(),
            "what may be pulled is a digest of the image");
  }
}

}  // namespace

// The first line is the container list, the rest an image that all of them are of.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view text = fuzzing::text_of(data, size);
  const auto containers = parse_podman_containers(fuzzing::take_line(text));
  const auto image = parse_podman_image(text);
  if (image) {
    DockerImage united = *image;
    united.unite(*image);
    require(united == *image, "uniting an image with itself changes nothing");
  }
  if (containers) {
    for (const DockerContainer& container : *containers) {
      require_sound(container, image ? &*image : nullptr);
    }
  }
  return 0;
}
