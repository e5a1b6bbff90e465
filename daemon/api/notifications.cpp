#include "core/runtime/log.hpp"
#include "daemon/api/alerting_bodies.hpp"
#include "daemon/api/alerting_json.hpp"
#include "daemon/api/context.hpp"
#include "daemon/api/paging.hpp"
#include "daemon/inventory_walks.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <charconv>
#include <limits>

namespace scanclock {
namespace {

constexpr std::size_t notifications_page_max = 1000;

/// The position behind which a page begins; nothing for what is none.
std::optional<std::int64_t> position_of(const std::string& next) {
  std::int64_t position = std::numeric_limits<std::int64_t>::max();
  if (next.empty()) {
    return position;
  }
  const auto [end, error] = std::from_chars(next.data(), next.data() + next.size(), position);
  const bool is_whole = error == std::errc() && end == next.data() + next.size() && position > 0;
  return is_whole ? std::optional<std::int64_t>(position) : std::nullopt;
}

std::optional<HttpResponse> read_filters(const ApiRequest& request, NotificationFilters& filters) {
  filters.receiver = request.parameter("receiver");
  filters.alert_id = request.parameter("alert");
  if (const std::string& state = request.parameter("state"); !state.empty()) {
    filters.state = parse_notification_state(state);
    if (!filters.state) {
      return bad_parameter("state", "waiting, delivered or set_aside");
    }
  }
  if (const std::string& since = request.parameter("since"); !since.empty()) {
    filters.since = parse_rfc3339(since);
    if (!filters.since) {
      return bad_parameter("since", "an RFC 3339 time with a zone");
    }
  }
  return std::nullopt;
}

asio::awaitable<HttpResponse> list_notifications(ApiContext& context, ApiRequest request) {
  NotificationFilters filters;
  if (auto refused = read_filters(request, filters)) {
    co_return std::move(*refused);
  }
  auto page = Page::of(request, "notifications", notifications_page_max);
  const auto before = position_of(request.parameter("next"));
  if (!page || !before) {
    co_return bad_parameter("limit", "a number from 1 to 1000, and next as an answer gave it");
  }
  const auto records =
      co_await context.outbox.notifications(filters, *before, static_cast<int>(page->limit()) + 1);
  std::size_t listed = 0;
  for (const NotificationRecord& record : records) {
    if (!page->add(std::to_string(record.position), notification_json(record))) {
      break;
    }
    if (++listed % json_items_at_once == 0) {
      co_await let_others_run();
    }
  }
  co_return std::move(*page).response();
}

HttpResponse no_such_notification(const std::string& id) {
  return problem(404, "no_such_notification",
                 "no message has the id " + id + ", or it is past its retention");
}

asio::awaitable<HttpResponse> show_notification(ApiContext& context, ApiRequest request) {
  const auto found = co_await context.outbox.notification(request.argument);
  if (!found) {
    co_return no_such_notification(request.argument);
  }
  nlohmann::json body = notification_json(found->record);
  body["body"] = found->body;
  co_return json_response(200, body);
}

bool is_delivered_to(const ApiContext& context, const std::string& receiver) {
  const auto receivers = context.alerting.receivers();
  return std::any_of(receivers.begin(), receivers.end(),
                     [&](const auto& state) { return state.name == receiver; });
}

/// What waits for a receiver that nobody delivers to would wait for ever.
HttpResponse no_such_receiver(const std::string& receiver) {
  return problem(409, "no_such_receiver",
                 "nothing is delivered from the outbox to receiver " + receiver +
                     "\nHINT: see `receivers` and `mode` in the settings; Alertmanager receivers "
                     "are told of everything every minute");
}

asio::awaitable<HttpResponse> retry_notification(ApiContext& context, ApiRequest request) {
  const auto found = co_await context.outbox.notification(request.argument);
  if (!found) {
    co_return no_such_notification(request.argument);
  }
  if (!is_delivered_to(context, found->record.receiver)) {
    co_return no_such_receiver(found->record.receiver);
  }
  const bool is_due = co_await context.outbox.retry(request.argument, context.clock.now());
  if (!is_due) {
    co_return problem(409, "delivered_already",
                      "message " + request.argument +
                          " was delivered\nHINT: replay sends messages "
                          "again that a receiver has lost");
  }
  log::info("api", "message {} to receiver {} is sent again, asked for with token {}",
            request.argument, found->record.receiver, request.principal);
  context.alerting.committed();
  const auto present = co_await context.outbox.notification(request.argument);
  co_return json_response(200, notification_json(present ? present->record : found->record));
}

asio::awaitable<HttpResponse> replay_notifications(ApiContext& context, ApiRequest request) {
  const auto wanted = parse_replay(request.http.body);
  if (!wanted) {
    co_return problem(400, "bad_replay", wanted.error().message);
  }
  if (!is_delivered_to(context, wanted->receiver)) {
    co_return no_such_receiver(wanted->receiver);
  }
  const TimePoint now = context.clock.now();
  const auto count = co_await context.outbox.replay(wanted->receiver, wanted->since, now);
  log::info("api", "{} messages to receiver {} are sent again, asked for with token {}", count,
            wanted->receiver, request.principal);
  context.alerting.committed();
  nlohmann::json body;
  body["receiver"] = wanted->receiver;
  body["since"] = format_rfc3339(wanted->since);
  body["messages"] = count;
  co_return json_response(200, body);
}

}  // namespace

void add_notification_calls(Router& router, ApiContext& context) {
  const std::string path = "/api/v1/notifications";
  add_call(router, context, "GET", path, list_notifications,
           "The ledger: what was told, to whom, when, how often, with which answer; newest "
           "first, with the newest ten attempts and the first fifty alerts of each.",
           {"receiver", "state", "alert", "since", "limit", "next"});
  add_call(router, context, "POST", path + "/replay", replay_notifications,
           "Sends a receiver's messages since a time again, in order, under their ids.", {});
  add_call(router, context, "GET", path + "/{id}", show_notification,
           "One message with its body and every attempt.", {});
  add_call(router, context, "POST", path + "/{id}/retry", retry_notification,
           "Sends a message now that waits or was set aside.", {});
}

}  // namespace scanclock
