#include "cli/server.hpp"

#include "cli/json_fields.hpp"
#include "core/net/url.hpp"

#include <nlohmann/json.hpp>

#include <charconv>
#include <set>
#include <string_view>
#include <utility>

namespace scanclock {
namespace {

using nlohmann::json;

constexpr std::size_t answer_bytes_max = std::size_t{256} << 20;
constexpr Duration post_timeout = std::chrono::minutes(5);
constexpr int page_items = 1000;
constexpr std::size_t pages_max = 10'000;

CommandError unreachable(const std::string& url, const std::string& cause) {
  return CommandError(ExitCode::unreachable,
                      "cannot reach " + url + ": " + cause +
                          "\nHINT: is scanclockd running? name another server with --server or "
                          "SCANCLOCK_SERVER");
}

std::optional<Duration> seconds_of(const std::optional<std::string_view>& header) {
  int seconds = 0;
  if (!header) {
    return std::nullopt;
  }
  const auto [end, error] =
      std::from_chars(header->data(), header->data() + header->size(), seconds);
  const bool is_number =
      error == std::errc() && end == header->data() + header->size() && seconds >= 0;
  return is_number ? std::optional<Duration>(std::chrono::seconds(seconds)) : std::nullopt;
}

}  // namespace

Server::Server(std::string url, std::string token, Exchange exchange)
    : url_(std::move(url)), token_(std::move(token)), exchange_(std::move(exchange)) {}

ServerAnswer Server::get(const std::string& target) {
  HttpRequest request;
  request.url = url_ + target;
  return send(std::move(request));
}

HttpRequest Server::post_request(const std::string& target, std::string body,
                                 const std::string& content_type) const {
  HttpRequest request;
  request.method = "POST";
  request.url = url_ + target;
  request.body = std::move(body);
  // Large reports, and answers that wait for a registry, take their time.
  request.timeout = post_timeout;
  request.headers.emplace_back("Content-Type", content_type);
  return request;
}

ServerAnswer Server::post(const std::string& target, std::string body,
                          const std::string& content_type) {
  return send(post_request(target, std::move(body), content_type));
}

ServerAnswer Server::remove(const std::string& target) {
  HttpRequest request;
  request.method = "DELETE";
  request.url = url_ + target;
  return send(std::move(request));
}

ServerAnswer Server::post_patiently(const std::string& target, std::string body,
                                    const std::string& content_type) {
  ServerAnswer answer = exchange(post_request(target, std::move(body), content_type));
  if (answer.status == 502 || answer.status == 504) {
    throw unreachable(url_, problem_of(answer));
  }
  refuse_credentials(answer);
  return answer;
}

ServerAnswer Server::exchange(HttpRequest request) {
  request.headers.emplace_back("Accept", "application/json, application/problem+json");
  if (!token_.empty()) {
    request.headers.emplace_back("Authorization", "Bearer " + token_);
  }
  request.body_bytes_max = answer_bytes_max;
  Result<HttpResponse, HttpFailure> response = exchange_(std::move(request));
  if (!response.has_value()) {
    throw unreachable(url_, response.error().message);
  }
  ServerAnswer answer;
  answer.status = response->status;
  answer.retry_after = seconds_of(find_header(response->headers, "Retry-After"));
  answer.body = std::move(response->body);
  return answer;
}

void Server::refuse_credentials(const ServerAnswer& answer) const {
  if (answer.status == 401 || answer.status == 403) {
    throw CommandError(ExitCode::bad_configuration,
                       url_ + " refused: " + problem_of(answer) + "\nHINT: " +
                           (token_.empty() ? "name a token with --token-file or "
                                             "SCANCLOCK_TOKEN_FILE"
                                           : "the token is not known, or its role does not allow "
                                             "this"));
  }
}

ServerAnswer Server::send(HttpRequest request) {
  ServerAnswer answer = exchange(std::move(request));
  // A 502 with failures is the daemon's own: it is there, and its sources did not answer.
  const bool is_own = answer.status == 502 &&
                      !field_of(json::parse(answer.body, nullptr, false), "failures").is_null();
  if (!is_own && (answer.status == 502 || answer.status == 503 || answer.status == 504)) {
    throw unreachable(url_, problem_of(answer));
  }
  refuse_credentials(answer);
  return answer;
}

json Server::get_json(const std::string& target) {
  const ServerAnswer answer = get(target);
  if (answer.status != 200) {
    const ExitCode code = answer.status == 400 ? ExitCode::usage : ExitCode::internal;
    throw CommandError(code, "GET " + target + ": " + problem_of(answer));
  }
  return parse_answer(answer, "GET " + target);
}

json Server::get_list(const std::string& path, const std::string& list, const Filters& filters) {
  json united;
  std::set<std::string> seen;
  std::string next;
  for (std::size_t page = 0; page < pages_max; ++page) {
    Filters parameters = filters;
    parameters.emplace_back("limit", std::to_string(page_items));
    parameters.emplace_back("next", next);
    const std::string target = path + "?" + query_of(parameters);
    json answer = get_json(target);
    if (!field_of(answer, list.c_str()).is_array()) {
      throw CommandError(ExitCode::internal, "GET " + target + ": the answer has no " + list);
    }
    if (united.is_null()) {
      united = answer;
    } else {
      for (json& item : answer[list]) {
        united[list].push_back(std::move(item));
      }
    }
    next = text_of(answer, "next");
    if (next.empty()) {
      united["next"] = nullptr;
      return united;
    }
    if (!seen.insert(next).second) {
      break;
    }
  }
  // A shortened list would pass for the whole truth.
  throw CommandError(ExitCode::internal, "GET " + path + ": the pages do not end");
}

std::string query_of(const Filters& filters) {
  std::string query;
  for (const auto& [key, value] : filters) {
    if (!value.empty()) {
      query += (query.empty() ? "" : "&") + key + "=" + percent_encode(value);
    }
  }
  return query;
}

json parse_answer(const ServerAnswer& answer, const std::string& what) {
  json parsed = json::parse(answer.body, nullptr, false);
  if (parsed.is_discarded()) {
    throw CommandError(ExitCode::internal, what + ": the answer is no JSON\n" +
                                               "HINT: does --server name a scanclockd?");
  }
  return parsed;
}

std::string problem_of(const ServerAnswer& answer) {
  const json parsed = json::parse(answer.body, nullptr, false);
  for (const char* const key : {"detail", "title"}) {
    const std::string text = text_of(parsed, key);
    if (!text.empty()) {
      return text;
    }
  }
  return "status " + std::to_string(answer.status);
}

}  // namespace scanclock
