#include "core/domain/forecast_json.hpp"
#include "daemon/api/context.hpp"
#include "daemon/api/paging.hpp"

#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <nlohmann/json.hpp>

#include <charconv>
#include <utility>

namespace scanclock {
namespace {

/// Between two pauses; keeps the I/O thread for a few milliseconds.
constexpr int images_at_once = 5000;

std::optional<int> number_of(const std::string& text, int least, int most) {
  int value = 0;
  const auto end = text.data() + text.size();
  const auto [stopped, error] = std::from_chars(text.data(), end, value);
  const bool valid = error == std::errc() && stopped == end && value >= least && value <= most;
  return valid ? std::optional<int>(value) : std::nullopt;
}

/// Fills in what the parameters ask for, or returns the answer that refuses them.
std::optional<HttpResponse> read_question(const ApiRequest& request, ForecastQuestion& question) {
  question.registry = request.parameter("registry");
  question.owner = request.parameter("owner");
  question.namespace_name = request.parameter("namespace");
  question.environment = request.parameter("environment");
  if (const std::string& text = request.parameter("days"); !text.empty()) {
    const auto days = number_of(text, 1, forecast_days_max);
    if (!days) {
      return bad_parameter("days", "a number from 1 to " + std::to_string(forecast_days_max));
    }
    question.days = *days;
  }
  if (const std::string& text = request.parameter("limit"); !text.empty()) {
    const auto images = number_of(text, 0, static_cast<int>(forecast_images_max));
    if (!images) {
      return bad_parameter("limit", "a number from 0 to " + std::to_string(forecast_images_max));
    }
    question.images_max = static_cast<std::size_t>(*images);
  }
  return std::nullopt;
}

asio::awaitable<HttpResponse> answer_forecast(ApiContext& context, ApiRequest request) {
  ForecastQuestion question;
  if (auto refusal = read_question(request, question)) {
    co_return std::move(*refusal);
  }
  const Inventory& inventory = context.engine.inventory();
  const auto& images = inventory.images();
  ForecastCount count(std::move(question), context.clock.now());
  const auto executor = co_await asio::this_coro::executor;
  int counted = 0;
  for (auto position = images.begin(); position != images.end(); ++position) {
    count.add(inventory, position->second);
    if (++counted % images_at_once == 0) {
      // Images that come in during the pause fall into their places in the map; none leaves it.
      co_await asio::post(executor, asio::use_awaitable);
    }
  }
  co_return json_response(200, forecast_json(count.take()));
}

}  // namespace

void add_forecast_call(Router& router, ApiContext& context) {
  Route route;
  route.method = "GET";
  route.path = "/api/v1/forecast";
  route.summary =
      "How many running images pass their deadline on each coming day (UTC, today first) if "
      "nothing is scanned; in all, and by registry, owner, environment and namespace.";
  route.parameters = {"registry", "owner", "namespace", "environment", "days", "limit"};
  route.role = Role::read;
  route.handle = [&context](ApiRequest request) {
    return answer_forecast(context, std::move(request));
  };
  router.add(std::move(route));
}

}  // namespace scanclock
