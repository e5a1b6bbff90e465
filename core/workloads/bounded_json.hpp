#pragma once

#include "core/domain/result.hpp"

#include <nlohmann/json_fwd.hpp>

#include <cstddef>
#include <string>
#include <string_view>

namespace scanclock {

/// What a JSON text from outside may cost.
struct JsonLimits {
  std::size_t bytes_max = std::size_t{32} << 20;
  std::size_t depth_max = 64;
  /// Says no to an object that names a key twice: readers would disagree about which one counts.
  bool refuse_duplicate_keys = false;
};

struct JsonFailure {
  JsonFailure() = default;
  explicit JsonFailure(std::string text) : message(std::move(text)) {}
  std::string message;
};

/// Parses one JSON document within the limits (RFC 8259, UTF-8 required). Blocking: texts beyond
/// some 100 KiB belong on the BlockingPool.
Result<nlohmann::json, JsonFailure> parse_bounded_json(std::string_view text, JsonLimits limits);

}  // namespace scanclock
