#include "core/runtime/hashing.hpp"
#include "core/runtime/log.hpp"
#include "daemon/api/alerting_bodies.hpp"
#include "daemon/api/alerting_json.hpp"
#include "daemon/api/context.hpp"
#include "daemon/api/paging.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>

namespace scanclock {
namespace {

constexpr std::string_view log_component = "api";
constexpr int listed_silences_max = 1000;
constexpr std::size_t silence_id_digits = 16;
/// Without `since`, the record is listed this far back.
constexpr Duration silences_listed_since = std::chrono::hours(24 * 30);

std::string new_silence_id() {
  std::string digits = random_uuid();
  std::erase(digits, '-');
  return "sil_" + digits.substr(0, silence_id_digits);
}

HttpResponse not_stored_yet() {
  HttpResponse response =
      problem(503, "not_stored_yet",
              "the database does not take changes at the moment; it is in force now and will be "
              "stored when the database is back, unless the daemon ends before");
  response.headers.emplace_back("Retry-After", "15");
  return response;
}

/// Puts it into force and returns when it is stored.
template <class Change>
asio::awaitable<bool> store_change(ApiContext& context, Change change) {
  context.alerting.put(std::move(change));
  context.engine.wake();
  co_return co_await context.engine.stored(store_wait_max);
}

/// One page of `silences`, which are ordered. The record ends with the newest thousand: `truncated`
/// says that there are more.
HttpResponse silence_list(const std::vector<Silence>& silences, const std::string& state, Page page,
                          bool is_truncated, TimePoint now) {
  auto silence = silences.begin();
  if (!page.after().empty()) {
    silence = std::find_if(silences.begin(), silences.end(),
                           [&](const Silence& known) { return known.id == page.after(); });
    if (silence == silences.end()) {
      return bad_parameter("next", "the value of next in the page before; that silence is gone");
    }
    ++silence;
  }
  for (; silence != silences.end(); ++silence) {
    const bool wanted = state.empty() || silence_state(*silence, now) == state;
    if (wanted && !page.add(silence->id, silence_json(*silence, now))) {
      break;
    }
  }
  nlohmann::json head;
  head["truncated"] = is_truncated;
  return std::move(page).response(head);
}

asio::awaitable<HttpResponse> list_silences(ApiContext& context, ApiRequest request) {
  const std::string state = request.parameter("state");
  if (!state.empty() && state != "active" && state != "pending" && state != "expired") {
    co_return bad_parameter("state", "active, pending or expired");
  }
  auto page = Page::of(request, "silences", listed_silences_max);
  if (!page) {
    co_return bad_limit();
  }
  const TimePoint now = context.clock.now();
  TimePoint since = now - silences_listed_since;
  if (const std::string& text = request.parameter("since"); !text.empty()) {
    const auto parsed = parse_rfc3339(text);
    if (!parsed) {
      co_return bad_parameter("since", "an RFC 3339 time with a zone");
    }
    since = *parsed;
  }
  if (state == "active" || state == "pending") {
    // From memory: who is woken tonight can be seen while the database is away.
    co_return silence_list(context.alerting.silences().silences(now), state, std::move(*page),
                           false, now);
  }
  auto recorded = co_await context.ledger.silences(since, listed_silences_max + 1);
  const bool is_truncated = recorded.size() > listed_silences_max;
  recorded.resize(std::min<std::size_t>(recorded.size(), listed_silences_max));
  co_return silence_list(recorded, state, std::move(*page), is_truncated, now);
}

asio::awaitable<HttpResponse> add_silence(ApiContext& context, ApiRequest request) {
  const TimePoint now = context.clock.now();
  auto parsed = parse_silence(request.http.body, request.principal, now);
  if (!parsed) {
    co_return problem(400, "bad_silence", parsed.error().message);
  }
  Silence silence = std::move(*parsed);
  silence.id = new_silence_id();
  log::info(log_component, "silence {} until {} made with token {}: {}", silence.id,
            format_rfc3339(silence.expires_at), request.principal, silence.reason);
  const bool stored = co_await store_change(context, silence);
  co_return stored ? json_response(201, silence_json(silence, now)) : not_stored_yet();
}

asio::awaitable<HttpResponse> end_silence(ApiContext& context, ApiRequest request) {
  const TimePoint now = context.clock.now();
  const Silence* const known = context.alerting.silences().find(request.argument);
  if (known == nullptr || silence_state(*known, now) == "expired") {
    co_return problem(404, "no_such_silence",
                      "no silence " + request.argument + " is in force or to come");
  }
  Silence silence = *known;
  silence.ended_at = now;
  silence.ended_by = request.parameter("author").substr(0, silence_text_bytes_max);
  silence.ended_by = silence.ended_by.empty() ? request.principal : silence.ended_by;
  log::info(log_component, "silence {} ended with token {}", silence.id, request.principal);
  const bool stored = co_await store_change(context, silence);
  co_return stored ? json_response(200, silence_json(silence, now)) : not_stored_yet();
}

std::optional<Alert> find_alert(const ApiContext& context, const std::string& id) {
  const std::vector<const Alert*> alerts = context.alerting.alerts_in_place();
  const auto found = std::find_if(alerts.begin(), alerts.end(),
                                  [&](const Alert* alert) { return alert->id == id; });
  return found == alerts.end() ? std::nullopt : std::optional<Alert>(**found);
}

asio::awaitable<HttpResponse> acknowledge(ApiContext& context, ApiRequest request) {
  const TimePoint now = context.clock.now();
  const auto alert = find_alert(context, request.argument);
  if (!alert) {
    co_return problem(404, "no_such_alert", "no alert has the id " + request.argument);
  }
  if (!alert->firing) {
    co_return problem(409, "alert_has_ended", "the alert ended already: " + alert->resolved_reason);
  }
  auto parsed = parse_acknowledgement(request.http.body, request.principal, now);
  if (!parsed) {
    co_return problem(400, "bad_acknowledgement", parsed.error().message);
  }
  Acknowledgement taken = std::move(*parsed);
  taken.alert_id = alert->id;
  log::info(log_component, "alert {} acknowledged until {} with token {}", taken.alert_id,
            format_rfc3339(taken.expires_at), request.principal);
  const bool stored = co_await store_change(context, taken);
  co_return stored ? json_response(201, acknowledgement_json(taken)) : not_stored_yet();
}

asio::awaitable<HttpResponse> take_back(ApiContext& context, ApiRequest request) {
  const TimePoint now = context.clock.now();
  const Acknowledgement* const known =
      context.alerting.silences().acknowledgement_of(request.argument, now);
  if (known == nullptr) {
    co_return problem(404, "not_acknowledged",
                      "no acknowledgement of alert " + request.argument + " is in force");
  }
  Acknowledgement taken = *known;
  taken.ended_at = now;
  const bool stored = co_await store_change(context, taken);
  co_return stored ? json_response(200, acknowledgement_json(taken)) : not_stored_yet();
}

asio::awaitable<HttpResponse> list_acknowledgements(ApiContext& context, ApiRequest request) {
  const auto all = co_await context.ledger.acknowledgements(request.argument);
  nlohmann::json body;
  body["acknowledgements"] = nlohmann::json::array();
  for (const Acknowledgement& taken : all) {
    body["acknowledgements"].push_back(acknowledgement_json(taken));
  }
  body["next"] = nullptr;
  co_return json_response(200, body);
}

}  // namespace

void add_silence_calls(Router& router, ApiContext& context) {
  const std::string silences = "/api/v1/silences";
  const std::string acknowledge_path = "/api/v1/alerts/{id}/acknowledge";
  add_call(router, context, "GET", silences, list_silences,
           "Silences in force, to come, and of the last 30 days; newest first.",
           {"state", "since", "limit", "next"});
  add_call(router, context, "POST", silences, add_silence,
           "Holds back messages about alerts with these labels until it expires; changes no "
           "deadline and no verdict.",
           {});
  add_call(router, context, "DELETE", silences + "/{id}", end_silence,
           "Ends a silence now; it stays in the record.", {"author"});
  add_call(router, context, "POST", acknowledge_path, acknowledge,
           "Somebody has taken this alert: it is not repeated until then or until it grows worse.",
           {});
  add_call(router, context, "DELETE", acknowledge_path, take_back,
           "Takes an acknowledgement back; it stays in the record.", {});
  add_call(router, context, "GET", "/api/v1/alerts/{id}/acknowledgements", list_acknowledgements,
           "Who has taken this alert, and when; newest first.", {});
}

}  // namespace scanclock
