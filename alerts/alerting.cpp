#include "alerts/alerting.hpp"

#include "alerts/message.hpp"
#include "core/runtime/hashing.hpp"
#include "core/runtime/log.hpp"
#include "core/runtime/task_group.hpp"

#include <boost/asio/this_coro.hpp>

#include <algorithm>
#include <utility>

namespace scanclock::alerts {
namespace {

/// Nothing but a reload or a lost lease ends a round of workers.
constexpr Duration round_max = std::chrono::hours(24 * 365);

AlertBook::NewId id_source(const AlertBook::NewId& wanted) {
  return wanted ? wanted : AlertBook::NewId(random_uuid);
}

/// Of what has ended: the book remembers more than people want to see.
bool is_shown(const Alert& ended, TimePoint now) {
  return ended.resolved_reason != reason_relabelled && *ended.ended_at >= now - ended_alerts_kept;
}

}  // namespace

/// Made from the receivers in one piece, so that a reload that cannot be used changes nothing.
/// Shared: a coroutine of the round before may still end while the new workers exist.
struct Alerting::Workers {
  std::vector<std::shared_ptr<OutboxDelivery>> deliveries;
  std::vector<std::shared_ptr<AlertmanagerPusher>> pushers;
  std::vector<std::shared_ptr<Heartbeat>> heartbeats;
};

Alerting::Alerting(asio::any_io_executor executor, Clock& clock, HttpClient& http, Outbox& outbox,
                   AlertingOptions options)
    : executor_(executor),
      clock_(clock),
      http_(http),
      outbox_(outbox),
      options_(std::move(options)),
      evaluator_(options_.evaluator, id_source(options_.new_id)),
      started_at_(clock.now()),
      reconfigured_(executor, clock) {
  workers_ = make_workers(options_.evaluator);
}

Alerting::~Alerting() = default;

SenderTools Alerting::tools() const { return {clock_, http_, options_.mail}; }

std::unique_ptr<Alerting::Workers> Alerting::make_workers(const EvaluatorOptions& options) {
  auto workers = std::make_unique<Workers>();
  if (!options.notify) {
    return workers;
  }
  for (const Receiver& receiver : options.receivers) {
    if (receiver.uses_outbox()) {
      workers->deliveries.push_back(
          std::make_shared<OutboxDelivery>(executor_, clock_, outbox_, receiver.name,
                                           make_sender(receiver, tools()), options_.count));
    }
    if (receiver.webhook && receiver.heartbeat_every) {
      const auto make_body = [this, receiver](const std::string& id) {
        const EvaluatorOptions& present = options_.evaluator;
        const MessageInput input{*inventory_, present.external_url, clock_.now()};
        return render_notification(
            receiver, input, heartbeat_notification(present.rules, receiver.name, id, started_at_));
      };
      workers->heartbeats.push_back(std::make_shared<Heartbeat>(clock_, http_, receiver, make_body,
                                                                options_.is_alive, options_.count));
    }
    if (receiver.alertmanager) {
      const std::string name = receiver.name;
      for (const std::string& url : receiver.alertmanager->urls) {
        workers->pushers.push_back(std::make_shared<AlertmanagerPusher>(
            executor_, clock_, http_, receiver, url, options.external_url,
            [this, name] { return alertmanager_view(name); }, options_.count));
      }
    }
  }
  return workers;
}

void Alerting::restore(const Snapshot& snapshot) { evaluator_.restore(snapshot); }

void Alerting::put(Silence silence) { evaluator_.put(std::move(silence)); }

void Alerting::put(Acknowledgement acknowledgement) { evaluator_.put(std::move(acknowledgement)); }

void Alerting::configure(EvaluatorOptions options) {
  auto workers = make_workers(options);
  evaluator_.configure(options);
  options_.evaluator = std::move(options);
  workers_ = std::move(workers);
  reconfigured_.notify();
}

ChangeSet Alerting::evaluate(const Inventory& inventory, const SourceBook& sources,
                             const Touched& touched, const std::vector<DecisionRow>& decided,
                             TimePoint now) {
  evaluator_.note(receiver_health(), now);
  if (const auto by = clock_watch_.note(clock_.now(), clock_.monotonic())) {
    log::warning("alerts", "the wall clock was set {} by {}",
                 *by > Duration::zero() ? "forward" : "back", describe_duration(*by));
    evaluator_.note_clock_step(*by, now);
  }
  const bool knew_all = evaluator_.has_looked_at_all();
  ChangeSet changes = evaluator_.evaluate(inventory, sources, touched, decided, now);
  if (!knew_all && evaluator_.has_looked_at_all()) {
    for (const auto& pusher : workers_->pushers) {
      pusher->notify();
    }
  }
  return changes;
}

std::vector<ReceiverHealth> Alerting::receiver_health() const {
  std::map<std::string, ReceiverHealth> by_name;
  for (const auto& delivery : workers_->deliveries) {
    ReceiverHealth& health = by_name[delivery->name()];
    health.stopped = delivery->stopped();
    health.failing_since = delivery->failing_since();
    health.last_delivered_at = delivery->last_delivered_at();
    health.last_error = delivery->last_error();
  }
  for (const auto& pusher : workers_->pushers) {
    // Its Alertmanagers tell each other: a receiver fails when all of them do.
    const auto [known, is_first] = by_name.try_emplace(pusher->name());
    ReceiverHealth& health = known->second;
    const auto since = pusher->failing_since();
    health.failing_since =
        is_first ? since
                 : (health.failing_since && since ? std::max(health.failing_since, since)
                                                  : std::nullopt);
    health.last_delivered_at = std::max(health.last_delivered_at, pusher->last_delivered_at());
    health.last_error = pusher->last_error();
  }
  std::vector<ReceiverHealth> receivers;
  for (auto& [name, health] : by_name) {
    health.name = name;
    receivers.push_back(std::move(health));
  }
  return receivers;
}

void Alerting::committed() {
  for (const auto& delivery : workers_->deliveries) {
    delivery->notify();
  }
  for (const auto& pusher : workers_->pushers) {
    pusher->notify();
  }
}

asio::awaitable<void> Alerting::run(const Inventory& inventory) {
  for (;;) {
    co_await run_workers(inventory);
    if (lease_lost_) {
      throw LeaseLostError("alert delivery: the lease is another daemon's");
    }
  }
}

asio::awaitable<void> Alerting::run_workers(const Inventory& inventory) {
  inventory_ = &inventory;
  // Keeps the workers of this round while a reload puts others in their place.
  const auto deliveries = workers_->deliveries;
  const auto pushers = workers_->pushers;
  const auto heartbeats = workers_->heartbeats;
  TaskGroup tasks(executor_, [](std::string_view name, std::exception_ptr failure) {
    try {
      std::rethrow_exception(failure);
    } catch (const std::exception& error) {
      log::error("alerts", "{} ended: {}", name, error.what());
    }
  });
  for (const auto& delivery : deliveries) {
    tasks.spawn("delivery to " + delivery->name(), deliver(delivery));
  }
  for (const auto& pusher : pushers) {
    tasks.spawn("alertmanager push", pusher->run());
  }
  for (const auto& heartbeat : heartbeats) {
    tasks.spawn("heartbeat", heartbeat->run());
  }
  std::exception_ptr failure;
  try {
    co_await reconfigured_.wait(round_max);
  } catch (...) {
    failure = std::current_exception();
  }
  if (failure) {
    co_await asio::this_coro::reset_cancellation_state(asio::disable_cancellation());
  }
  co_await tasks.stop();
  if (failure) {
    std::rethrow_exception(failure);
  }
}

asio::awaitable<void> Alerting::deliver(std::shared_ptr<OutboxDelivery> delivery) {
  try {
    co_await delivery->run();
  } catch (const LeaseLostError&) {
    lease_lost_ = true;
    reconfigured_.notify();
  }
}

AlertmanagerView Alerting::alertmanager_view(const std::string& receiver) const {
  AlertmanagerView view;
  view.is_complete = evaluator_.has_looked_at_all();
  const auto add = [&](const std::vector<Alert>& from, std::vector<Alert>& to) {
    for (const Alert& alert : from) {
      if (evaluator_.is_shown_to(alert, receiver)) {
        to.push_back(alert);
      }
    }
  };
  add(evaluator_.book().open(), view.firing);
  add(evaluator_.book().ended(), view.ended);
  for (const Receiver& candidate : options_.evaluator.receivers) {
    if (candidate.name == receiver && candidate.heartbeat_every) {
      const Condition condition = watchdog(options_.evaluator.rules);
      Alert alert;
      alert.key = condition.key;
      alert.severity = condition.severity;
      alert.labels = condition.labels;
      alert.annotations = condition.annotations;
      alert.started_at = started_at_;
      view.firing.push_back(std::move(alert));
    }
  }
  return view;
}

std::vector<Alert> Alerting::alerts() const {
  std::vector<Alert> alerts = evaluator_.book().open();
  const std::vector<Alert>& ended = evaluator_.book().ended();
  const TimePoint now = clock_.now();
  for (auto alert = ended.rbegin(); alert != ended.rend(); ++alert) {
    if (is_shown(*alert, now)) {
      alerts.push_back(*alert);
    }
  }
  return alerts;
}

std::vector<const Alert*> Alerting::alerts_in_place() const {
  std::vector<const Alert*> alerts = evaluator_.book().open_in_place();
  const std::vector<Alert>& ended = evaluator_.book().ended();
  const TimePoint now = clock_.now();
  for (auto alert = ended.rbegin(); alert != ended.rend(); ++alert) {
    if (is_shown(*alert, now)) {
      alerts.push_back(&*alert);
    }
  }
  return alerts;
}

std::vector<Alerting::ReceiverState> Alerting::receivers() const {
  std::vector<ReceiverState> states;
  for (const auto& delivery : workers_->deliveries) {
    ReceiverState state;
    state.name = delivery->name();
    state.stopped = delivery->stopped();
    state.in_flight = delivery->in_flight();
    state.last_error = delivery->last_error();
    state.failing_since = delivery->failing_since();
    state.last_delivered_at = delivery->last_delivered_at();
    states.push_back(std::move(state));
  }
  return states;
}

asio::awaitable<std::optional<ReceiverTrial>> Alerting::try_receiver(std::string name) {
  for (const Receiver& candidate : options_.evaluator.receivers) {
    if (candidate.name != name || inventory_ == nullptr) {
      continue;
    }
    // A reload may put other settings in their place meanwhile.
    const Receiver receiver = candidate;
    const std::string external_url = options_.evaluator.external_url;
    MessageInput input{*inventory_, external_url, clock_.now()};
    input.show_time = [zone = options_.evaluator.time_zone](TimePoint time) {
      return zone.format(time);
    };
    const SenderTools with = tools();
    co_return co_await alerts::try_receiver(receiver, with, input);
  }
  co_return std::nullopt;
}

}  // namespace scanclock::alerts
