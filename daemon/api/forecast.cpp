#include "core/domain/forecast_json.hpp"
#include "daemon/api/context.hpp"
#include "daemon/api/paging.hpp"
#include "daemon/inventory_walks.hpp"

#include <nlohmann/json.hpp>

#include <charconv>
#include <utility>

namespace scanclock {
namespace {

/// Images that an answer names of its days; some megabytes of text.
constexpr std::size_t named_images_max = 20'000;
/// Named images, or groups of four days, between two pauses.
constexpr std::size_t forecast_items_at_once = 200;

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
  if (question.images_max * static_cast<std::size_t>(question.days) > named_images_max) {
    return bad_parameter("limit", "at most " + std::to_string(named_images_max) +
                                      " images over all days; with " +
                                      std::to_string(question.days) + " days that is " +
                                      std::to_string(named_images_max / question.days) + " a day");
  }
  return std::nullopt;
}

/// Images stay where they are, and the forecast is the caller's: pauses change neither.
asio::awaitable<std::string> forecast_text(const Forecast& forecast) {
  std::string text = json_text(forecast_head_json(forecast));
  text.back() = ',';
  text += "\"overdue\":" + json_text(forecast_images_json(forecast.overdue));
  text += ",\"never_scanned\":" + json_text(forecast_images_json(forecast.never_scanned));
  text += ",\"days\":";
  std::size_t written = forecast.overdue.nearest.size() + forecast.never_scanned.nearest.size();
  std::chrono::sys_days day = forecast.first_day;
  for (const ForecastImages& images : forecast.days) {
    nlohmann::json item = forecast_images_json(images);
    item["date"] = format_date(day);
    text += (day == forecast.first_day ? "[" : ",") + json_text(item);
    day += std::chrono::days(1);
    written += 1 + images.nearest.size();
    if (written >= forecast_items_at_once) {
      written = 0;
      co_await let_others_run();
    }
  }
  text += "],\"by\":";
  char before = '{';
  for (const auto& [name, list] : forecast_groupings(forecast)) {
    text += before + json_text(name) + ":[";
    before = ',';
    for (const ForecastGroup& group : list->groups) {
      text += (&group == &list->groups.front() ? "" : ",") + json_text(forecast_group_json(group));
      written += 1 + group.days.size() / 4;
      if (written >= forecast_items_at_once) {
        written = 0;
        co_await let_others_run();
      }
    }
    text += "]";
  }
  co_return text + "}}\n";
}

asio::awaitable<HttpResponse> answer_forecast(ApiContext& context, ApiRequest request) {
  ForecastQuestion question;
  if (auto refusal = read_question(request, question)) {
    co_return std::move(*refusal);
  }
  const Inventory& inventory = context.engine.inventory();
  ForecastCount count(std::move(question), context.clock.now());
  const auto add_image = [&](const ImageRecord& image) {
    count.add(inventory, image);
    WalkStep step;
    step.cost = forecast_visits;
    return step;
  };
  co_await walk_images(inventory, std::nullopt, add_image);
  const Forecast forecast = count.take();
  co_return text_response(200, "application/json", co_await forecast_text(forecast));
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
