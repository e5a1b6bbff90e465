#pragma once

#include "core/domain/result.hpp"
#include "core/workloads/bounded_json.hpp"

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace scanclock {

/// Of one event. Docker's events carry every label of a container.
inline constexpr std::size_t event_bytes_max = std::size_t{1} << 20;
inline constexpr std::size_t event_depth_max = 64;

/// Cuts a stream of JSON objects into its objects, whatever stands between them: nothing, line
/// ends (application/x-ndjson), or record separators (application/json-seq, RFC 7464), and
/// wherever the pieces that arrive are cut. An object is complete with its closing brace, so that
/// no event waits for the next. A pure state machine.
class EventFramer {
 public:
  /// The objects that `piece` completes. After a failure (text that is no object, too long, too
  /// deep) the stream is lost and must be opened anew.
  Result<std::vector<std::string>, JsonFailure> push(std::string_view piece);

  /// True between the first and the last byte of an object: the stream must not end here.
  bool inside_object() const { return depth_ > 0; }

 private:
  /// Nothing while all is well.
  std::string take(char character);

  std::string object_;
  std::size_t depth_ = 0;
  bool in_string_ = false;
  bool escaped_ = false;
};

}  // namespace scanclock
