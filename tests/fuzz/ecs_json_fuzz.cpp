#include "core/workloads/ecs_answers.hpp"
#include "tests/fuzz/fuzzing.hpp"

#include <algorithm>
#include <cctype>
#include <string>
#include <string_view>

namespace {

using namespace scanclock;
using fuzzing::require;

void try_tasks(std::string_view text) {
  const auto described = parse_ecs_tasks(text);
  if (!described) {
    return;
  }
  EcsInstance instance;
  instance.machine_id = "i-0abc";
  instance.platform.os = "linux";
  instance.platform.architecture = "amd64";
  for (const EcsTask& task : described->tasks) {
    for (const ContainerObservation& seen : ecs_observations(task, &instance)) {
      require(!seen.id.empty(), "a container has an id");
      require(seen.assumed == seen.digests.empty(), "without a digest it is an assumption");
      require(seen.digests == seen.pullable, "what ECS names can be pulled");
      require(seen.platform.os.empty() == seen.platform.architecture.empty(),
              "half a platform is none");
      require(!seen.started_at || is_set(*seen.started_at), "epoch 0 is no start");
    }
  }
}

void try_error(std::string_view text) {
  const AwsError error = parse_aws_error(text);
  require(std::all_of(error.name.begin(), error.name.end(),
                      [](unsigned char letter) { return std::isalnum(letter) != 0; }),
          "a name is a word");
  require(error.text.empty() || error.text.starts_with("Signature "), "only times are shown");
  require(error.text.size() <= 200, "and not without end");
}

}  // namespace

// The first line says what the rest is.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view text = fuzzing::text_of(data, size);
  const std::string_view kind = fuzzing::take_line(text);
  if (kind == "arns") {
    parse_ecs_arns(text, "taskArns");
  } else if (kind == "instances") {
    parse_ecs_instances(text);
  } else if (kind == "error") {
    try_error(text);
  } else {
    try_tasks(text);
  }
  return 0;
}
