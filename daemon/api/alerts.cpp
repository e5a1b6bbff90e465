#include "core/domain/views.hpp"
#include "daemon/api/alerting_json.hpp"
#include "daemon/api/context.hpp"
#include "daemon/api/paging.hpp"

#include <nlohmann/json.hpp>

#include <map>

namespace scanclock {
namespace {

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

asio::awaitable<HttpResponse> list_alerts(ApiContext& context, std::string state) {
  if (!state.empty() && state != "firing" && state != "resolved") {
    co_return bad_parameter("state", "firing or resolved");
  }
  std::vector<Alert> alerts;
  std::vector<std::string> ids;
  for (const Alert& alert : context.alerting.alerts()) {
    if (state.empty() || alert.firing == (state == "firing")) {
      ids.push_back(alert.id);
      alerts.push_back(alert);
    }
  }
  std::map<std::string, std::vector<DeliveryRecord>> notified;
  for (DeliveryRecord& record : co_await context.outbox.deliveries(ids)) {
    notified[record.alert_id].push_back(std::move(record));
  }
  const TimePoint now = context.clock.now();
  nlohmann::json body;
  body["alerts"] = nlohmann::json::array();
  for (const Alert& alert : alerts) {
    nlohmann::json item = alert_json(alert, notified[alert.id]);
    item["silenced_by"] = silenced_by(context, alert, now);
    item["acknowledged"] = acknowledged(context, alert, now);
    body["alerts"].push_back(std::move(item));
  }
  body["next"] = nullptr;
  co_return json_response(200, body);
}

}  // namespace

void add_alert_calls(Router& router, ApiContext& context) {
  Route route;
  route.method = "GET";
  route.path = "/api/v1/alerts";
  route.summary = "Firing alerts, and those that ended within the last day.";
  route.parameters = {"state"};
  route.role = Role::read;
  route.handle = [&context](ApiRequest request) {
    return list_alerts(context, request.parameter("state"));
  };
  router.add(std::move(route));
}

}  // namespace scanclock
