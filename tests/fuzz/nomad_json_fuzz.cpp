#include "core/domain/image_reference.hpp"
#include "core/workloads/event_framer.hpp"
#include "core/workloads/nomad_answers.hpp"
#include "tests/fuzz/fuzzing.hpp"

#include <set>
#include <string>
#include <string_view>

namespace {

using namespace scanclock;
using fuzzing::require;

void require_sound(const NomadAllocation& allocation) {
  require(!allocation.id.empty() && !allocation.namespace_name.empty() &&
              !allocation.job_id.empty() && !allocation.task_group.empty(),
          "an allocation that was read says what it is");
  std::set<std::string> ids;
  for (const NomadTaskState& state : allocation.deployed) {
    NomadTask task;
    task.driver = "docker";
    task.image = state.name;
    const ContainerObservation seen = nomad_observation(allocation, state, task, Platform());
    require(ids.insert(seen.id).second, "each task is a container of its own");
    require(seen.assumed == seen.digests.empty(), "only a pin is no assumption");
    require(seen.digests == seen.pullable, "a pin can be pulled");
    require(!state.started_at || is_set(*state.started_at), "year 1 is no start");
  }
}

void try_image(std::string_view bytes) {
  NomadTask task;
  task.load = fuzzing::take_line(bytes);
  task.image = bytes;
  const NomadImage image = read_nomad_image(task);
  const auto reference = parse_image_reference(image.text);
  require(task.load.empty() || image.digest.empty(), "an archive is not pulled by a digest");
  require(task.image.find("${") == std::string::npos || !reference,
          "what is interpolated names nothing");
  require(!reference || reference->digest.empty() || reference->digest == image.digest,
          "a pin of the reference is the image's digest");
}

void try_events(std::string_view bytes) {
  EventFramer framer;
  const auto objects = framer.push(bytes);
  if (!objects) {
    return;
  }
  for (const std::string& object : *objects) {
    if (const auto events = parse_nomad_events(object)) {
      for (const NomadAllocation& allocation : events->allocations) {
        require(events->has_events, "an allocation comes in an event");
        require_sound(allocation);
      }
    }
  }
}

}  // namespace

// The first line says what the rest is.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view text = fuzzing::text_of(data, size);
  const std::string_view kind = fuzzing::take_line(text);
  if (kind == "allocation") {
    if (const auto detail = parse_nomad_allocation(text)) {
      require_sound(detail->allocation);
    }
  } else if (kind == "node") {
    const auto platform = parse_nomad_platform(text);
    require(
        !platform || platform->os.empty() || platform->os == "linux" || platform->os == "windows",
        "containers run on two systems");
  } else if (kind == "events") {
    try_events(text);
  } else if (kind == "image") {
    try_image(text);
  } else if (const auto all = parse_nomad_allocations(text)) {
    for (const NomadAllocation& allocation : *all) {
      require_sound(allocation);
    }
  }
  return 0;
}
