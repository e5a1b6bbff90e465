#include "core/workloads/event_framer.hpp"

#include <utility>

namespace scanclock {
namespace {

constexpr char record_separator = '\x1e';

bool stands_between_objects(char character) {
  return character == '\n' || character == '\r' || character == ' ' || character == '\t' ||
         character == record_separator;
}

}  // namespace

Result<std::vector<std::string>, JsonFailure> EventFramer::push(std::string_view piece) {
  std::vector<std::string> objects;
  for (const char character : piece) {
    // A separator never stands inside a JSON text, so the record before it was cut short by its
    // writer and is dropped (RFC 7464 section 2.3).
    if (character == record_separator && depth_ > 0) {
      object_.clear();
      depth_ = 0;
      in_string_ = false;
      escaped_ = false;
      continue;
    }
    if (depth_ == 0 && stands_between_objects(character)) {
      continue;
    }
    if (std::string failure = take(character); !failure.empty()) {
      return JsonFailure(std::move(failure));
    }
    if (depth_ == 0) {
      objects.push_back(std::exchange(object_, std::string()));
    }
  }
  return objects;
}

std::string EventFramer::take(char character) {
  if (depth_ == 0 && character != '{') {
    return "the event stream holds something that is no JSON object";
  }
  if (object_.size() == event_bytes_max) {
    return "an event is larger than " + std::to_string(event_bytes_max) + " bytes";
  }
  object_ += character;
  if (in_string_) {
    in_string_ = escaped_ || character != '"';
    escaped_ = !escaped_ && character == '\\';
  } else if (character == '"') {
    in_string_ = true;
  } else if (character == '{' || character == '[') {
    if (++depth_ > event_depth_max) {
      return "an event is nested deeper than " + std::to_string(event_depth_max) + " levels";
    }
  } else if (character == '}' || character == ']') {
    --depth_;
  }
  return {};
}

}  // namespace scanclock
