#include "core/net/prepared_request.hpp"

#include "core/net/http_parser.hpp"

#include <algorithm>
#include <array>

namespace scanclock {
namespace {

bool frames_the_message(std::string_view name) {
  constexpr std::array<std::string_view, 7> names = {
      "Host", "Content-Length", "Connection", "Transfer-Encoding", "Upgrade", "Expect", "Trailer"};
  return std::any_of(names.begin(), names.end(),
                     [name](std::string_view own) { return equal_without_case(own, name); });
}

// For texts that could not be parsed: whatever may be a secret is left out.
std::string describe_bad_url(std::string_view text) {
  std::string_view shown = text.substr(0, text.find_first_of("?#"));
  const std::size_t credentials_end = shown.rfind('@');
  if (credentials_end != std::string_view::npos) {
    shown.remove_prefix(credentials_end + 1);
  }
  std::string printable(shown.substr(0, 200));
  std::replace_if(
      printable.begin(), printable.end(),
      [](char character) { return static_cast<unsigned char>(character) < 0x20; }, '?');
  return "'" + printable + "'";
}

bool has_body(const HttpRequest& request) {
  return !request.body.empty() || request.method == "POST" || request.method == "PUT" ||
         request.method == "PATCH";
}

// Empty when every header may be sent.
std::string find_bad_header(const std::vector<HttpHeader>& headers) {
  for (const HttpHeader& header : headers) {
    if (!is_http_token(header.name)) {
      return "a header has a malformed name";
    }
    if (!is_http_field_value(header.value)) {
      return "the value of header " + header.name + " contains control characters";
    }
    if (frames_the_message(header.name)) {
      return "header " + header.name + " is set by the client itself";
    }
  }
  return std::string();
}

void append_header(std::string& head, std::string_view name, std::string_view value) {
  head.append(name).append(": ").append(value).append("\r\n");
}

std::string build_head(const HttpRequest& request, const Url& url, const std::string& user_agent,
                       ConnectionUse use) {
  std::string head;
  head.reserve(256 + url.target.size());
  head.append(request.method).append(" ").append(url.target).append(" HTTP/1.1\r\n");
  append_header(head, "Host", url.authority());
  if (!find_header(request.headers, "User-Agent")) {
    append_header(head, "User-Agent", user_agent);
  }
  // An endless body is handed on as it comes, so it is not asked for in compressed form.
  if (use == ConnectionUse::shared && !find_header(request.headers, "Accept-Encoding")) {
    append_header(head, "Accept-Encoding", "gzip");
  }
  if (use == ConnectionUse::own) {
    append_header(head, "Connection", "close");
  }
  if (has_body(request)) {
    append_header(head, "Content-Length", std::to_string(request.body.size()));
  }
  for (const HttpHeader& header : request.headers) {
    append_header(head, header.name, header.value);
  }
  head.append("\r\n");
  return head;
}

bool is_retryable(HttpFailureReason reason) {
  return reason != HttpFailureReason::bad_url && reason != HttpFailureReason::body_too_large;
}

}  // namespace

HttpFailure make_http_failure(HttpFailureReason reason, const std::string& description,
                              const std::string& cause) {
  HttpFailure failure;
  failure.reason = reason;
  failure.retryable = is_retryable(reason);
  failure.message = description + ": " + cause;
  return failure;
}

Result<PreparedRequest, HttpFailure> prepare_request(HttpRequest request,
                                                     const std::string& user_agent,
                                                     ConnectionUse use) {
  const auto url = parse_url(request.url);
  if (!is_http_token(request.method)) {
    return make_http_failure(HttpFailureReason::bad_url, describe_bad_url(request.url),
                             "the method is malformed");
  }
  if (!url) {
    return make_http_failure(HttpFailureReason::bad_url,
                             request.method + " " + describe_bad_url(request.url),
                             "not an absolute http or https url without credentials");
  }
  PreparedRequest prepared;
  const std::string_view target(url->target);
  prepared.description =
      request.method + " " + url->origin() + std::string(target.substr(0, target.find('?')));
  const std::string bad_header = find_bad_header(request.headers);
  if (!bad_header.empty()) {
    return make_http_failure(HttpFailureReason::bad_url, prepared.description, bad_header);
  }
  prepared.head = build_head(request, *url, user_agent, use);
  prepared.origin_key = request.unix_socket.empty() ? url->origin() : "unix:" + request.unix_socket;
  if (request.led_by_host != url->host) {
    prepared.led_by_host = std::move(request.led_by_host);
  }
  if (!prepared.led_by_host.empty()) {
    // A connection that was opened without looking at its address must not serve this request.
    prepared.origin_key += " led by " + prepared.led_by_host;
  }
  prepared.is_head = request.method == "HEAD";
  prepared.idempotent = prepared.is_head || request.method == "GET" || request.method == "PUT" ||
                        request.method == "DELETE" || request.method == "OPTIONS";
  prepared.body_bytes_max = request.body_bytes_max;
  prepared.url = *url;
  prepared.unix_socket = std::move(request.unix_socket);
  prepared.body = std::move(request.body);
  return prepared;
}

}  // namespace scanclock
