#include "core/workloads/kubernetes_reader.hpp"
#include "core/workloads/pod_containers.hpp"
#include "core/workloads/watch_framer.hpp"
#include "tests/fuzz/fuzzing.hpp"

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

namespace {

using namespace scanclock;
using fuzzing::require;

constexpr std::size_t document_bytes_max = 4096;

/// What a stream came to, as texts.
using Outcome = std::vector<std::string>;

std::string outcome_of(const KubernetesEvent<KubernetesPod>& event) {
  std::string text = std::to_string(static_cast<int>(event.type)) + " " + event.resource_version;
  text += event.ends_initial_events ? " end" : "";
  if (event.type == KubernetesEventType::error) {
    return text + " " + std::to_string(event.status.code) + " " + event.status.reason;
  }
  require(!event.resource_version.empty(), "an event says how far the watch has come");
  for (const ContainerObservation& seen : pod_containers(event.object, PodSurroundings())) {
    text += "\n" + seen.id + " " + seen.workload + " " + seen.image + " " + seen.image_id;
  }
  return text;
}

/// False when the stream is lost.
bool take(const Result<std::optional<PaddedJson>, JsonFailure>& next,
          KubernetesReader<KubernetesPod>& reader, Outcome& outcome) {
  if (!next) {
    outcome.push_back(next.error().message);
    return false;
  }
  if (*next) {
    const std::string_view text = (*next)->text();
    require(!text.empty() && text.find('\n') == std::string_view::npos, "a document is a line");
    require(text.size() <= document_bytes_max, "a document has a bounded length");
    const auto event = reader.read_event(**next);
    outcome.push_back(event ? outcome_of(*event) : event.error().message);
    return event.has_value();
  }
  return true;
}

/// Pieces of the lengths that `sizes` tells, over and over; all at once without any.
Outcome follow(std::string_view stream, const std::vector<std::size_t>& sizes) {
  WatchFramer framer(document_bytes_max);
  KubernetesReader<KubernetesPod> reader;
  Outcome outcome;
  for (std::size_t number = 0; !stream.empty(); ++number) {
    const std::size_t size =
        sizes.empty() ? stream.size() : std::min(stream.size(), sizes[number % sizes.size()]);
    framer.push(stream.substr(0, size));
    stream.remove_prefix(size);
    while (true) {
      const auto next = framer.next();
      if (!take(next, reader, outcome)) {
        return outcome;
      }
      if (!*next) {
        break;
      }
    }
  }
  take(framer.finish(), reader, outcome);
  return outcome;
}

}  // namespace

// The first line's characters are the lengths of the pieces, `a` for one byte.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view stream = fuzzing::text_of(data, size);
  std::vector<std::size_t> sizes;
  for (const char character : fuzzing::take_line(stream)) {
    sizes.push_back(static_cast<std::size_t>(std::max(1, character - 'a' + 1)));
  }
  require(follow(stream, {}) == follow(stream, sizes), "where a stream is cut changes nothing");
  return 0;
}
