#include "core/net/http_body_source.hpp"
#include "core/net/http_parser.hpp"
#include "core/net/http_session.hpp"

namespace scanclock {
namespace {

bool frames_the_message(std::string_view name) {
  return equal_without_case(name, "Content-Length") || equal_without_case(name, "Connection") ||
         equal_without_case(name, "Transfer-Encoding");
}

void append_header(std::string& head, std::string_view name, std::string_view value) {
  head.append(name).append(": ").append(value).append("\r\n");
}

std::uint64_t body_bytes_of(const HttpResponse& response) {
  std::uint64_t bytes = response.body.size() + (response.source ? response.source->bytes() : 0);
  for (const auto& piece : response.pieces) {
    bytes += piece->size();
  }
  return bytes;
}

}  // namespace

std::optional<std::string> build_response_head(const HttpResponse& response, bool is_head,
                                               bool keep_alive) {
  if (response.status < 200 || response.status > 599) {
    return std::nullopt;
  }
  std::string head;
  head.reserve(256);
  head.append("HTTP/1.1 ").append(std::to_string(response.status)).append(" ");
  head.append(http_reason_phrase(response.status)).append("\r\n");
  for (const HttpHeader& header : response.headers) {
    if (!is_http_token(header.name) || !is_http_field_value(header.value)) {
      return std::nullopt;
    }
    if (!frames_the_message(header.name)) {
      append_header(head, header.name, header.value);
    }
  }
  // The answer to HEAD tells the length that GET would give.
  const auto declared = is_head ? response.header("Content-Length") : std::nullopt;
  if (response.status != 204 && response.status != 304) {
    append_header(head, "Content-Length",
                  declared ? std::string(*declared) : std::to_string(body_bytes_of(response)));
  }
  append_header(head, "Connection", keep_alive ? "keep-alive" : "close");
  head.append("\r\n");
  return head;
}

HttpResponse make_problem_response(int status) {
  HttpResponse response;
  response.status = status;
  response.headers.emplace_back("Content-Type", "application/problem+json");
  response.body = R"({"type":"about:blank","title":")" + std::string(http_reason_phrase(status)) +
                  R"(","status":)" + std::to_string(status) + "}";
  return response;
}

}  // namespace scanclock
