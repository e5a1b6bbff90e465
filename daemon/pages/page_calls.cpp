#include "core/runtime/log.hpp"
#include "core/runtime/with_timeout.hpp"
#include "daemon/api/context.hpp"
#include "daemon/embedded_documents.hpp"
#include "daemon/inventory_walks.hpp"
#include "daemon/pages/alert_list.hpp"
#include "daemon/pages/alert_page.hpp"
#include "daemon/pages/container_list.hpp"
#include "daemon/pages/fleet_page.hpp"
#include "daemon/pages/image_list.hpp"
#include "daemon/pages/image_page.hpp"
#include "daemon/pages/notification_list.hpp"
#include "daemon/pages/page_answer.hpp"
#include "daemon/pages/page_assets.hpp"
#include "daemon/pages/page_parts.hpp"
#include "daemon/pages/runbook_page.hpp"
#include "daemon/pages/source_list.hpp"

#include <utility>

namespace scanclock {
namespace {

/// A page does not wait longer than this for the record: whoever was paged is shown what the daemon
/// knows by itself.
constexpr Duration record_wait_max = std::chrono::seconds(3);
constexpr int alerts_of_image_max = 200;

PageFrame frame_of(const ApiContext& context, PageSection section, std::string title) {
  PageFrame frame(section, std::move(title), context.clock.now());
  frame.storage_failure = context.engine.storage_failure();
  return frame;
}

/// False when the record does not answer in time; then `result` is left alone.
template <class T>
asio::awaitable<bool> read_record(Clock& clock, asio::awaitable<T> reading, T& result) {
  bool aborted = false;
  try {
    result = co_await with_timeout<T>(clock, std::move(reading), record_wait_max, "the record");
    co_return true;
  } catch (const boost::system::system_error& error) {
    aborted = error.code() == asio::error::operation_aborted;
  } catch (const std::exception& error) {
    log::debug("pages", "the record cannot be read: {}", error.what());
  }
  if (aborted) {
    throw boost::system::system_error(asio::error::operation_aborted);
  }
  co_return false;
}

asio::awaitable<HttpResponse> fleet_call(ApiContext& context, ApiRequest) {
  const Inventory& inventory = context.engine.inventory();
  const SourceBook& sources = context.engine.sources();
  PageFrame frame = frame_of(context, PageSection::fleet, "Fleet");
  FleetView view(frame.now);
  const auto add_image = [&](const ImageRecord& image) {
    view.add(inventory, image);
    WalkStep step;
    step.cost = forecast_visits;
    return step;
  };
  co_await walk_images(inventory, std::nullopt, add_image);
  const auto add_container = [&](const ContainerRecord& item) { view.add(sources, item); };
  co_await walk_containers(inventory, std::nullopt, add_container);
  std::vector<const Alert*> firing = context.alerting.alerts_in_place();
  std::erase_if(firing, [](const Alert* alert) { return !alert->firing; });
  const FleetInput input{inventory, sources, firing};
  co_return page_answer(render_fleet_page(std::move(frame), input, view));
}

asio::awaitable<HttpResponse> images_call(ApiContext& context, ApiRequest request) {
  const Inventory& inventory = context.engine.inventory();
  PageFrame frame = frame_of(context, PageSection::images, "Images");
  ImageListQuestion question;
  if (const auto refusal = read_image_list(request.query, inventory, question)) {
    co_return refused_page(std::move(frame), *refusal);
  }
  ImageList list(std::move(question));
  const auto add_image = [&](const ImageRecord& image) { list.add(image); };
  co_await walk_images(inventory, std::nullopt, add_image);
  co_return page_answer(list.render(std::move(frame), inventory));
}

asio::awaitable<HttpResponse> containers_call(ApiContext& context, ApiRequest request) {
  const Inventory& inventory = context.engine.inventory();
  PageFrame frame = frame_of(context, PageSection::containers, "Containers");
  ContainerListQuestion question;
  if (const auto refusal = read_container_list(request.query, question)) {
    co_return refused_page(std::move(frame), *refusal);
  }
  ContainerList list(std::move(question));
  const auto add_container = [&](const ContainerRecord& container) { list.add(container); };
  co_await walk_containers(inventory, std::nullopt, add_container);
  co_return page_answer(list.render(std::move(frame), inventory, context.engine.sources()));
}

asio::awaitable<HttpResponse> image_call(ApiContext& context, ApiRequest request) {
  const Inventory& inventory = context.engine.inventory();
  PageFrame frame = frame_of(context, PageSection::images, "Image");
  const auto digest = Digest::parse(request.argument);
  const ImageRecord* image = digest ? inventory.image(*digest) : nullptr;
  if (image == nullptr) {
    co_return page_answer(render_unknown_image_page(frame, inventory, request.argument), 404);
  }
  std::vector<Alert> alerts;
  const std::string subject = image->digest.str();
  const bool is_read = co_await read_record(
      context.clock, context.ledger.alerts_about(subject, alerts_of_image_max), alerts);
  if (!is_read) {
    for (const Alert* alert : context.alerting.alerts_in_place()) {
      if (alert->key.subject == subject) {
        alerts.push_back(*alert);
      }
    }
  }
  const ImagePageInput input{inventory, context.engine.sources(), alerts, !is_read};
  co_return page_answer(render_image_page(std::move(frame), input, *image));
}

asio::awaitable<HttpResponse> alerts_call(ApiContext& context, ApiRequest request) {
  PageFrame frame = frame_of(context, PageSection::alerts, "Alerts");
  AlertListQuestion question;
  if (const auto refusal = read_alert_list(request.query, question)) {
    co_return refused_page(std::move(frame), *refusal);
  }
  const std::vector<const Alert*> alerts = context.alerting.alerts_in_place();
  co_return page_answer(
      render_alert_list(std::move(frame), question, alerts, context.alerting.silences()));
}

std::optional<Alert> alert_in_memory(const ApiContext& context, const std::string& id) {
  for (const Alert* alert : context.alerting.alerts_in_place()) {
    if (alert->id == id) {
      return *alert;
    }
  }
  return std::nullopt;
}

/// True when all of it could be read.
asio::awaitable<bool> read_history(ApiContext& context, const std::string& id,
                                   AlertPageInput& input) {
  Clock& clock = context.clock;
  if (!co_await read_record(clock, context.ledger.alert_events(id, alert_history_max),
                            input.events) ||
      !co_await read_record(clock, context.ledger.acknowledgements(id), input.acknowledgements)) {
    co_return false;
  }
  NotificationFilters filters;
  filters.alert_id = id;
  auto reading = context.outbox.notifications(filters, INT64_MAX, alert_history_max);
  co_return co_await read_record(clock, std::move(reading), input.notifications);
}

asio::awaitable<HttpResponse> alert_call(ApiContext& context, ApiRequest request) {
  PageFrame frame = frame_of(context, PageSection::alerts, "Alert");
  const std::string id = request.argument;
  std::optional<Alert> alert = alert_in_memory(context, id);
  bool is_read = true;
  if (!alert) {
    is_read = co_await read_record(context.clock, context.ledger.alert(id), alert);
  }
  if (!alert) {
    co_return page_answer(render_unknown_alert_page(std::move(frame), !is_read),
                          is_read ? 404 : 503);
  }
  AlertPageInput input{context.engine.inventory(),
                       context.engine.sources(),
                       context.alerting.silences(),
                       {},
                       {},
                       {},
                       false};
  const bool has_history = co_await read_history(context, id, input);
  input.history_is_cut = !has_history;
  co_return page_answer(render_alert_page(std::move(frame), input, *alert));
}

asio::awaitable<HttpResponse> sources_call(ApiContext& context, ApiRequest) {
  PageFrame frame = frame_of(context, PageSection::sources, "Sources");
  SourceMembers members;
  const auto add_image = [&](const ImageRecord& image) { members.add(image); };
  co_await walk_images(context.engine.inventory(), std::nullopt, add_image);
  SourceListInput input{members, context.engine.sources(), {}, false};
  for (const SourceStatus& source : context.engine.sources().all()) {
    std::vector<CoverageInterval>& intervals = input.coverage[source.name];
    auto reading = context.ledger.coverage(source.name, frame.now - page_coverage_shown);
    const bool is_read = co_await read_record(context.clock, std::move(reading), intervals);
    if (!is_read) {
      input.history_is_cut = true;
      break;
    }
  }
  co_return page_answer(render_source_list(std::move(frame), input));
}

asio::awaitable<HttpResponse> notifications_call(ApiContext& context, ApiRequest request) {
  PageFrame frame = frame_of(context, PageSection::notifications, "Notifications");
  NotificationListQuestion question;
  if (const auto refusal = read_notification_list(request.query, question)) {
    co_return refused_page(std::move(frame), *refusal);
  }
  NotificationListInput input;
  for (const alerts::Alerting::ReceiverState& state : context.alerting.receivers()) {
    input.receivers.push_back({state.name, state.stopped, state.last_error});
  }
  auto reading = context.outbox.notifications(question.filters, question.before,
                                              static_cast<int>(page_rows) + 1);
  bool is_read = co_await read_record(context.clock, std::move(reading), input.records);
  if (is_read) {
    is_read = co_await read_record(context.clock, context.outbox.statistics(), input.queues);
  }
  input.history_is_cut = !is_read;
  co_return page_answer(render_notification_list(std::move(frame), question, input));
}

asio::awaitable<HttpResponse> runbook_call(ApiContext& context, ApiRequest) {
  PageFrame frame = frame_of(context, PageSection::runbook, "Runbook");
  co_return page_answer(render_runbook(std::move(frame), embedded_documents()));
}

using PageCall = asio::awaitable<HttpResponse> (*)(ApiContext&, ApiRequest);

struct PageRoute {
  const char* path;
  const char* summary;
  PageCall call;
  std::vector<std::string> parameters;
};

void add_asset(Router& router, const char* path, const char* file, const char* content_type) {
  Route route;
  route.method = "GET";
  route.path = path;
  route.summary = "A part of the pages for people.";
  route.role = Role::read;
  route.handle = [content = page_asset(file),
                  content_type](ApiRequest request) -> asio::awaitable<HttpResponse> {
    co_return asset_answer(request.http, content_type, content);
  };
  router.add(std::move(route));
}

}  // namespace

void add_status_page(Router& router, ApiContext& context) {
  const PageRoute pages[] = {
      {"/", "Page: whether what runs is in its window, what fires and what comes.", fleet_call, {}},
      {"/images",
       "Page: unique images, the worst first.",
       images_call,
       {"q", "state", "running", "registry", "repository", "owner", "due_on", "after"}},
      {"/images/{digest}", "Page: one unique image with its timeline.", image_call, {}},
      {"/containers",
       "Page: running containers, the worst verdict first.",
       containers_call,
       {"q", "verdict", "source", "namespace", "owner", "after"}},
      {"/alerts",
       "Page: what fires, what is silenced, and what ended in the last day.",
       alerts_call,
       {"q", "severity", "rule", "owner", "after"}},
      {"/alerts/{id}", "Page: one alert with its history; messages link to it.", alert_call, {}},
      {"/sources", "Page: registries and orchestrators with their last errors.", sources_call, {}},
      {"/notifications",
       "Page: what was told, to whom, when, and with which answer.",
       notifications_call,
       {"receiver", "state", "alert", "before"}},
      {"/runbook", "Page: what each alert means and what to do.", runbook_call, {}},
  };
  for (const PageRoute& page : pages) {
    Route route;
    route.method = "GET";
    route.path = page.path;
    route.summary = page.summary;
    route.parameters = page.parameters;
    route.role = Role::read;
    route.handle = [&context, call = page.call](ApiRequest request) {
      return call(context, std::move(request));
    };
    router.add(std::move(route));
  }
  add_asset(router, "/style.css", "style.css", "text/css; charset=utf-8");
  add_asset(router, "/icon.svg", "icon.svg", "image/svg+xml");
}

}  // namespace scanclock
