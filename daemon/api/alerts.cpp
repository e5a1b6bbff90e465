#include "core/domain/views.hpp"
#include "daemon/api/alerting_json.hpp"
#include "daemon/api/context.hpp"
#include "daemon/api/paging.hpp"
#include "daemon/inventory_walks.hpp"
#include "daemon/pages/top_rows.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <charconv>
#include <map>
#include <span>
#include <tuple>

namespace scanclock {
namespace {

/// Alerts are copied for a page, in one step.
constexpr std::size_t alerts_page_max = 500;

/// Who holds back what is to be told of it; null when nobody does.
nlohmann::json silenced_by(const ApiContext& context, const Alert& alert, TimePoint now) {
  const Silence* const silence =
      alert.firing ? context.alerting.silences().silence_of(alert, now) : nullptr;
  return silence == nullptr ? nlohmann::json() : silence_json(*silence, now);
}

nlohmann::json acknowledged(const ApiContext& context, const Alert& alert, TimePoint now) {
  const Acknowledgement* const taken =
      context.alerting.silences().acknowledgement_of(alert.id, now);
  return taken == nullptr ? nlohmann::json() : acknowledgement_json(*taken);
}

/// Firing ones first, the oldest first, so that one that begins meanwhile comes behind; then those
/// that ended, the newest first, so that one that ends meanwhile is listed there. None is missed.
struct AlertPlace {
  bool has_ended = false;
  Duration::rep order = 0;
  std::string_view id;
  const Alert* alert = nullptr;

  bool operator<(const AlertPlace& other) const {
    return std::tie(has_ended, order, id) < std::tie(other.has_ended, other.order, other.id);
  }
};

AlertPlace place_of(const Alert& alert) {
  const TimePoint ended = alert.ended_at.value_or(alert.started_at);
  const Duration::rep time = (alert.firing ? alert.started_at : ended).time_since_epoch().count();
  return {!alert.firing, alert.firing ? time : -time, alert.id, &alert};
}

std::string text_of_place(const AlertPlace& place) {
  return (place.has_ended ? "e" : "f") + std::to_string(place.order) + "." + std::string(place.id);
}

/// Refers to `text`.
std::optional<AlertPlace> read_place(std::string_view text) {
  AlertPlace place;
  const auto dot = text.find('.');
  if (dot == std::string_view::npos || (text.front() != 'e' && text.front() != 'f')) {
    return std::nullopt;
  }
  const auto parsed = std::from_chars(text.data() + 1, text.data() + dot, place.order);
  if (parsed.ec != std::errc() || parsed.ptr != text.data() + dot) {
    return std::nullopt;
  }
  place.has_ended = text.front() == 'e';
  place.id = text.substr(dot + 1);
  return place;
}

nlohmann::json listed_alert_json(const ApiContext& context, const Alert& alert,
                                 const std::vector<DeliveryRecord>& notified, TimePoint now) {
  nlohmann::json item = alert_json(alert, notified);
  item["silenced_by"] = silenced_by(context, alert, now);
  item["acknowledged"] = acknowledged(context, alert, now);
  return item;
}

/// Adds some of a page's alerts.
asio::awaitable<void> add_alerts(ApiContext& context, std::span<const Alert> alerts, Page& page) {
  std::vector<std::string> ids;
  for (const Alert& alert : alerts) {
    ids.push_back(alert.id);
  }
  std::map<std::string, std::vector<DeliveryRecord>> notified;
  for (DeliveryRecord& record : co_await context.outbox.deliveries(ids)) {
    notified[record.alert_id].push_back(std::move(record));
  }
  const TimePoint now = context.clock.now();
  for (const Alert& alert : alerts) {
    if (page.begin(text_of_place(place_of(alert)))) {
      page.add(listed_alert_json(context, alert, notified[alert.id], now));
    }
  }
  co_await let_others_run();
}

asio::awaitable<HttpResponse> list_alerts(ApiContext& context, ApiRequest request) {
  const std::string& state = request.parameter("state");
  if (!state.empty() && state != "firing" && state != "resolved") {
    co_return bad_parameter("state", "firing or resolved");
  }
  auto page = Page::of(request, "alerts", alerts_page_max);
  if (!page) {
    co_return bad_limit();
  }
  std::optional<AlertPlace> after;
  if (!page->after().empty()) {
    after = read_place(page->after());
    if (!after) {
      co_return bad_parameter("next", "the value of next in the page before");
    }
  }
  // One more than a page holds tells whether there is a next one.
  TopRows<AlertPlace> rows(page->limit() + 1, after);
  for (const Alert* alert : context.alerting.alerts_in_place()) {
    if (state.empty() || alert->firing == (state == "firing")) {
      rows.add(place_of(*alert));
    }
  }
  // They may change while the database is asked.
  std::vector<Alert> alerts;
  for (const AlertPlace& place : rows.take()) {
    alerts.push_back(*place.alert);
  }
  for (std::size_t begin = 0; begin < alerts.size(); begin += json_items_at_once) {
    const std::size_t count = std::min(json_items_at_once, alerts.size() - begin);
    const auto some = std::span<const Alert>(alerts).subspan(begin, count);
    co_await add_alerts(context, some, *page);
  }
  co_return std::move(*page).response();
}

}  // namespace

void add_alert_calls(Router& router, ApiContext& context) {
  Route route;
  route.method = "GET";
  route.path = "/api/v1/alerts";
  route.summary =
      "Firing alerts, the oldest first, then those that ended within the last day, the newest "
      "first.";
  route.parameters = {"state", "limit", "next"};
  route.role = Role::read;
  route.handle = [&context](ApiRequest request) {
    return list_alerts(context, std::move(request));
  };
  router.add(std::move(route));
}

}  // namespace scanclock
