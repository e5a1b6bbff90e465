#include "daemon/alerting_options.hpp"

#include "daemon/receiver_from_settings.hpp"

#include <algorithm>
#include <utility>

namespace scanclock {
namespace {

alerts::Route route_of(const RouteSettings& settings) {
  alerts::Route route;
  route.match = settings.match;
  route.receivers = settings.receivers;
  route.continues = settings.continue_;
  route.group_by = settings.group_by;
  route.group_wait = settings.group_wait;
  route.group_interval = settings.group_interval;
  for (const WeeklyTimesSettings& times : settings.warnings_wait) {
    route.warnings_wait.push_back({times.days, times.from, times.to});
  }
  route.repeat_every = settings.repeat_every;
  return route;
}

}  // namespace

alerts::EvaluatorOptions evaluator_options(const Settings& settings,
                                           const std::string& external_url) {
  alerts::EvaluatorOptions options;
  options.external_url = external_url;
  options.rules.runbook_base = external_url + "/runbook";
  options.notify = settings.mode == Mode::alert;
  options.owed_ends_kept = settings.database.retention.history;
  // Known when the settings were read; without tzdata since then, UTC shows the same moments.
  options.time_zone = TimeZone::find(settings.display.time_zone).value_or(TimeZone());
  for (const RouteSettings& route : settings.routes) {
    options.routes.push_back(route_of(route));
  }
  for (const ReceiverSettings& receiver : settings.receivers) {
    options.receivers.push_back(receiver_from_settings(receiver));
  }
  if (!settings.registries.empty()) {
    Duration cycle = Duration::zero();
    for (const RegistrySettings& registry : settings.registries) {
      cycle = std::max(cycle, registry.poll.evidence_every);
    }
    // NeverScanned waits for at most two cycles of asking (contract.md, "Alert rules").
    options.rules.never_scanned_hold = 2 * cycle;
    options.rules.first_answer_hold = 2 * cycle;
    options.rules.unwatched_max = cycle;
  }
  return options;
}

}  // namespace scanclock
