#pragma once

#include "core/net/http_types.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace scanclock {

inline constexpr std::size_t http_header_bytes_max = std::size_t{64} << 10;

/// What stands in a message's first line; the fields of the other direction stay empty.
struct HttpStartLine {
  HttpStartLine() = default;
  std::string method;
  std::string target;
  int status = 0;
};

/// Reads one HTTP/1.x message from bytes that somebody else receives (RFC 9112).
class HttpParser {
 public:
  enum class Kind { request, response, response_to_head };
  enum class Problem { none, malformed, header_too_large, body_too_large };

  /// Without `body_bytes_max` the body may be endless.
  HttpParser(Kind kind, std::optional<std::size_t> body_bytes_max);
  ~HttpParser();
  HttpParser(const HttpParser&) = delete;
  HttpParser& operator=(const HttpParser&) = delete;

  /// Takes bytes of the message and returns how many; what is left over must be given again with
  /// more behind it, or belongs to the next message.
  std::size_t put(std::string_view bytes);
  /// The peer closed: the end of some bodies and the truncation of all else.
  void put_end();

  Problem problem() const;
  std::string problem_text() const;

  bool header_done() const;
  bool done() const;
  /// True when the connection may be used again after this message.
  bool keep_alive() const;
  bool expects_continue() const;
  std::optional<std::uint64_t> content_length() const;
  bool is_http_1_0() const;

  const HttpStartLine& start_line() const;
  std::vector<HttpHeader>& headers();
  /// The decoded pieces of the body since the last call.
  std::string take_body();

 private:
  struct State;
  template <bool is_request>
  struct Machine;
  std::unique_ptr<State> state_;
};

/// The phrase that goes with a status, `Not Found`; a general one for unknown numbers.
std::string_view http_reason_phrase(int status);

/// True for a method or header name (RFC 9110 section 5.6.2).
bool is_http_token(std::string_view text);
/// False for control characters, which would let a value forge headers.
bool is_http_field_value(std::string_view text);

}  // namespace scanclock
