#include "core/registry/push_event.hpp"
#include "tests/fuzz/fuzzing.hpp"

#include <string>
#include <string_view>

// The first line is the kind, the second the type and the third the time of a CloudEvent's head.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace scanclock;
  using fuzzing::require;
  std::string_view text = fuzzing::text_of(data, size);
  const auto kind = parse_push_event_kind(fuzzing::take_line(text));
  if (!kind) {
    return 0;
  }
  CloudEventHead head;
  head.type = std::string(fuzzing::take_line(text));
  head.time = std::string(fuzzing::take_line(text));
  const auto events = parse_push_events(*kind, text, head);
  if (!events) {
    require(!events.error().empty(), "a refusal is explained");
    return 0;
  }
  require(events->size() <= push_events_max, "a notification has a bounded length");
  for (const PushEvent& event : *events) {
    require(!event.repository.empty(), "an event names its repository");
    require(event.digest.empty() || Digest::parse(event.digest.str()) == event.digest,
            "a digest is one");
    require(event.tag.find(':') == std::string::npos || *kind == PushEventKind::distribution ||
                *kind == PushEventKind::quay,
            "no digest is taken for a tag");
    require(!event.pushed_at || is_set(*event.pushed_at), "a push has a real time or none");
    require(!event.pushed_at || *kind != PushEventKind::quay, "quay tells no time");
  }
  return 0;
}
