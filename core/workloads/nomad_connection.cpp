#include "core/workloads/nomad_connection.hpp"

#include "core/net/url.hpp"

#include <algorithm>
#include <charconv>
#include <stdexcept>

namespace scanclock {
namespace {

constexpr std::size_t nomad_error_bytes_max = 200;
constexpr Duration nomad_retry_after_max = std::chrono::minutes(10);
constexpr const char* may_run_filter =
    R"(ClientStatus == "running" or ClientStatus == "pending" or ClientStatus == "unknown")";
constexpr std::string_view rights_hint =
    "\nHINT: the token's policy needs the capability read-job in each namespace that is to be seen";

template <class Number>
std::optional<Number> nomad_header_number(const HttpResponse& response, std::string_view name) {
  const auto header = response.header(name);
  Number number{};
  if (!header || header->empty()) {
    return std::nullopt;
  }
  const char* const end = header->data() + header->size();
  const auto read = std::from_chars(header->data(), end, number);
  return read.ec == std::errc() && read.ptr == end ? std::optional(number) : std::nullopt;
}

/// Nomad's errors are a line of plain text.
std::string nomad_error_text(std::string_view body) {
  std::string line(body.substr(0, std::min(body.find('\n'), nomad_error_bytes_max)));
  std::replace_if(
      line.begin(), line.end(), [](unsigned char c) { return c < 0x20 || c >= 0x7f; }, '?');
  return line;
}

/// Parses in place what is small, and what the pool has no room for: late is better than never.
template <class Parse>
asio::awaitable<std::invoke_result_t<Parse, std::string_view>> parse_nomad_answer(
    BlockingPool& pool, std::string body, Parse parse) {
  const auto text = std::make_shared<const std::string>(std::move(body));
  if (text->size() > nomad_inline_parse_bytes_max) {
    auto work = [text, parse] { return parse(std::string_view(*text)); };
    try {
      auto running = pool.run(std::move(work));
      co_return co_await std::move(running);
    } catch (const PoolBusyError&) {
      // Falls through.
    }
  }
  co_return parse(std::string_view(*text));
}

using NomadToken = Result<std::string, std::string>;

NomadToken read_nomad_token(const std::function<std::string()>& token) {
  try {
    return NomadToken(boost::system::in_place_value, token());
  } catch (const std::exception& failure) {
    return NomadToken(boost::system::in_place_error, failure.what());
  }
}

}  // namespace

NomadConnection::NomadConnection(NomadAccess access, HttpClient& http, BlockingPool& pool,
                                 std::function<void()> on_request)
    : region_(std::move(access.region)),
      token_(std::move(access.token)),
      http_(http),
      pool_(pool),
      on_request_(std::move(on_request)) {
  const auto url = parse_url(access.url);
  if (!url || url->target != "/") {
    throw std::invalid_argument("nomad url '" + access.url +
                                "' is none\nHINT: write https://host:4646");
  }
  base_ = url->origin();
}

NomadFailure NomadConnection::failed(const std::string& path, std::string reason,
                                     const std::string& cause) const {
  return NomadFailure(
      SourceProblem(std::move(reason), "GET " + path + " of " + base_ + ": " + cause));
}

NomadFailure NomadConnection::refused(const std::string& path, const HttpResponse& response) const {
  const std::string said = nomad_error_text(response.body);
  std::string cause =
      "status " + std::to_string(response.status) + (said.empty() ? "" : ": " + said);
  if (response.status == 403) {
    cause += rights_hint;
  }
  NomadFailure failure = failed(path, reason_of_status(response.status), cause);
  if (const auto seconds = nomad_header_number<std::uint32_t>(response, "Retry-After")) {
    failure.retry_after = std::min<Duration>(std::chrono::seconds(*seconds), nomad_retry_after_max);
  }
  return failure;
}

asio::awaitable<Result<HttpRequest, NomadFailure>> NomadConnection::request(std::string path,
                                                                            Query query) {
  HttpRequest asked;
  asked.url = base_ + path;
  if (!region_.empty()) {
    query.emplace_back("region", region_);
  }
  char separator = '?';
  for (const auto& [key, value] : query) {
    asked.url += separator + key + "=" + percent_encode(value);
    separator = '&';
  }
  asked.timeout = nomad_request_timeout;
  if (token_) {
    auto work = [token = token_] { return read_nomad_token(token); };
    auto reading = pool_.run(std::move(work));
    auto token = co_await std::move(reading);
    if (!token) {
      co_return failed(path, "unauthorized", "the token cannot be read: " + token.error());
    }
    asked.headers.emplace_back("X-Nomad-Token", std::move(*token));
  }
  co_return std::move(asked);
}

asio::awaitable<Result<HttpResponse, NomadFailure>> NomadConnection::get(
    std::string path, Query query, std::size_t body_bytes_max) {
  auto asked = co_await request(path, std::move(query));
  if (!asked) {
    co_return asked.error();
  }
  asked->body_bytes_max = body_bytes_max;
  on_request_();
  auto response = co_await http_.send(std::move(*asked));
  if (!response) {
    co_return NomadFailure(SourceProblem(std::string(to_string(response.error().reason)),
                                         base_ + ": " + response.error().message));
  }
  co_return std::move(*response);
}

asio::awaitable<Result<NomadView, NomadFailure>> NomadConnection::allocations(
    std::string namespace_name) {
  const std::string path = "/v1/allocations";
  NomadView view;
  std::string next_token;
  for (std::size_t pages = 0; pages < nomad_pages_max; ++pages) {
    Query query;
    query.emplace_back("namespace", namespace_name);
    query.emplace_back("task_states", "true");
    query.emplace_back("resources", "false");
    query.emplace_back("per_page", std::to_string(nomad_page_size));
    query.emplace_back("filter", may_run_filter);
    if (!next_token.empty()) {
      query.emplace_back("next_token", next_token);
    }
    auto answer = co_await get(path, std::move(query), nomad_page_bytes_max);
    if (!answer) {
      co_return answer.error();
    }
    if (answer->status != 200) {
      co_return refused(path, *answer);
    }
    if (pages == 0) {
      view.index = nomad_header_number<std::uint64_t>(*answer, "X-Nomad-Index").value_or(0);
    }
    const auto next = answer->header("X-Nomad-NextToken");
    std::string token(next.value_or(""));
    auto parsing = parse_nomad_answer(pool_, std::move(answer->body), &parse_nomad_allocations);
    auto page = co_await std::move(parsing);
    if (!page) {
      co_return failed(path, "malformed", page.error().message);
    }
    std::move(page->begin(), page->end(), std::back_inserter(view.allocations));
    if (token.empty()) {
      co_return std::move(view);
    }
    if (token == next_token) {
      co_return failed(path, "malformed", "a page names itself as the next one");
    }
    next_token = std::move(token);
  }
  co_return failed(path, "malformed", "the list does not end");
}

asio::awaitable<Result<std::optional<NomadAllocationDetail>, NomadFailure>>
NomadConnection::allocation(std::string id) {
  const std::string path = "/v1/allocation/" + percent_encode(id);
  Query query;
  auto answer = co_await get(path, std::move(query), nomad_allocation_bytes_max);
  if (!answer) {
    co_return answer.error();
  }
  if (answer->status == 404) {
    co_return std::optional<NomadAllocationDetail>();
  }
  if (answer->status != 200) {
    co_return refused(path, *answer);
  }
  auto parsing = parse_nomad_answer(pool_, std::move(answer->body), &parse_nomad_allocation);
  auto detail = co_await std::move(parsing);
  if (!detail) {
    co_return failed(path, "malformed", detail.error().message);
  }
  if (detail->allocation.id != id) {
    co_return failed(path, "malformed", "is about allocation " + detail->allocation.id);
  }
  co_return std::optional<NomadAllocationDetail>(std::move(*detail));
}

asio::awaitable<Result<std::optional<Platform>, NomadFailure>> NomadConnection::platform(
    std::string node_id) {
  const std::string path = "/v1/node/" + percent_encode(node_id);
  Query query;
  auto answer = co_await get(path, std::move(query), nomad_allocation_bytes_max);
  if (!answer) {
    co_return answer.error();
  }
  if (answer->status == 403 || answer->status == 404) {
    co_return std::optional<Platform>();
  }
  if (answer->status != 200) {
    co_return refused(path, *answer);
  }
  auto platform = parse_nomad_platform(answer->body);
  if (!platform) {
    co_return failed(path, "malformed", platform.error().message);
  }
  co_return std::optional<Platform>(std::move(*platform));
}

asio::awaitable<std::optional<NomadFailure>> NomadConnection::probe(std::string namespace_name) {
  const std::string path = "/v1/allocations";
  Query query;
  query.emplace_back("namespace", namespace_name);
  query.emplace_back("per_page", "1");
  const auto answer = co_await get(path, std::move(query), nomad_page_bytes_max);
  if (!answer) {
    co_return answer.error();
  }
  if (answer->status == 200 || answer->status == 404) {
    co_return std::nullopt;
  }
  NomadFailure failure = refused(path, *answer);
  failure.problem.message =
      "namespace " + namespace_name + " shows nothing any more: " + failure.problem.message;
  co_return failure;
}

asio::awaitable<Result<std::unique_ptr<HttpStream>, NomadFailure>> NomadConnection::events(
    std::string namespace_name, std::uint64_t index) {
  const std::string path = "/v1/event/stream";
  Query query;
  query.emplace_back("topic", "Allocation");
  query.emplace_back("namespace", namespace_name);
  query.emplace_back("index", std::to_string(index));
  auto asked = co_await request(path, std::move(query));
  if (!asked) {
    co_return asked.error();
  }
  on_request_();
  auto stream = co_await http_.open(std::move(*asked));
  if (!stream) {
    co_return NomadFailure(SourceProblem(std::string(to_string(stream.error().reason)),
                                         base_ + ": " + stream.error().message));
  }
  if ((*stream)->head().status != 200) {
    co_return refused(path, (*stream)->head());
  }
  co_return std::move(*stream);
}

}  // namespace scanclock
