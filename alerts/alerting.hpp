#pragma once

#include "alerts/alertmanager.hpp"
#include "alerts/clock_watch.hpp"
#include "alerts/delivery.hpp"
#include "alerts/evaluator.hpp"
#include "alerts/heartbeat.hpp"
#include "alerts/receiver.hpp"
#include "alerts/receiver_trial.hpp"
#include "core/domain/changes.hpp"
#include "core/domain/inventory.hpp"
#include "core/domain/ports.hpp"
#include "core/domain/source_book.hpp"
#include "core/net/http_client.hpp"
#include "core/runtime/clock.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace scanclock::alerts {

struct AlertingOptions {
  EvaluatorOptions evaluator;
  /// Unique ids of new episodes; random UUIDs when empty.
  AlertBook::NewId new_id;
  /// False stops heartbeats: the daemon runs, but does not evaluate. Empty: always true.
  Heartbeat::IsAlive is_alive;
  CountOutcome count;
  /// For mail receivers; without it, settings that have one are refused.
  std::shared_ptr<MailClient> mail;
};

/// The alerts room's front: decides what to alert about, and delivers what was committed. The
/// caller stores every ChangeSet of evaluate() in the transaction of its cause and then calls
/// committed(). I/O thread only.
class Alerting {
 public:
  /// The references must outlive it. Throws std::invalid_argument for a signing secret or a mail
  /// address that is none and std::regex_error for a matcher that is none.
  Alerting(asio::any_io_executor executor, Clock& clock, HttpClient& http, Outbox& outbox,
           AlertingOptions options);
  ~Alerting();

  /// Once, before the first evaluate(): what the snapshot holds of alerts.
  void restore(const Snapshot& snapshot);

  /// Takes effect with the next evaluate(), which stores it: wake the engine then.
  void put(Silence silence);
  void put(Acknowledgement acknowledgement);
  const SilenceBook& silences() const { return evaluator_.silences(); }

  /// After a reload: all of it or, when it throws as the constructor does, nothing. run() goes on
  /// with the new receivers; those that were stopped by a 410 are asked again.
  void configure(EvaluatorOptions options);

  /// See Evaluator::evaluate(). Also call it, with nothing touched, at next_change_at() and after
  /// every change of the SourceBook.
  ChangeSet evaluate(const Inventory& inventory, const SourceBook& sources, const Touched& touched,
                     const std::vector<DecisionRow>& decided, TimePoint now);
  std::optional<TimePoint> next_change_at() const { return evaluator_.next_change_at(); }
  /// See Evaluator.
  void touch(const Inventory& inventory, const Touched& touched,
             const std::vector<DecisionRow>& decided) {
    evaluator_.touch(inventory, touched, decided);
  }
  bool is_behind() const { return evaluator_.is_behind(); }

  /// The last ChangeSet of evaluate() is stored: wakes deliveries.
  void committed();

  /// Delivers until cancelled. Throws LeaseLostError when another daemon holds the lease.
  /// `inventory` is read for heartbeats only and must outlive the call.
  asio::awaitable<void> run(const Inventory& inventory);

  /// For the API: open alerts, then those that ended within a day, newest first.
  std::vector<Alert> alerts() const;
  /// The same in their places, for ten thousand are not to be copied to show a hundred; until the
  /// next evaluate() or pause.
  std::vector<const Alert*> alerts_in_place() const;
  /// Open alerts by rule and severity, without a copy of each.
  std::map<std::pair<std::string, Severity>, std::size_t> open_counts() const {
    return evaluator_.book().open_counts();
  }

  /// Of receivers that are told through the outbox.
  struct ReceiverState {
    std::string name;
    /// Answered 410.
    bool stopped = false;
    std::size_t in_flight = 0;
    /// Of the newest attempt, without secrets; empty after a success.
    std::string last_error;
    /// Since when nothing was delivered although it was tried.
    std::optional<TimePoint> failing_since;
    std::optional<TimePoint> last_delivered_at;
  };
  std::vector<ReceiverState> receivers() const;
  /// Of all receivers, Alertmanagers included, in the order of their names; empty in mode observe.
  std::vector<ReceiverHealth> receiver_health() const;
  /// Every receiver of the settings in force, in their order.
  const std::vector<Receiver>& configured_receivers() const { return options_.evaluator.receivers; }

  /// Sends one test message to a receiver, past the outbox; nothing when none has this name.
  asio::awaitable<std::optional<ReceiverTrial>> try_receiver(std::string name);

 private:
  struct Workers;

  std::unique_ptr<Workers> make_workers(const EvaluatorOptions& options);
  SenderTools tools() const;
  asio::awaitable<void> run_workers(const Inventory& inventory);
  asio::awaitable<void> deliver(std::shared_ptr<OutboxDelivery> delivery);
  AlertmanagerView alertmanager_view(const std::string& receiver) const;

  asio::any_io_executor executor_;
  Clock& clock_;
  HttpClient& http_;
  Outbox& outbox_;
  AlertingOptions options_;
  Evaluator evaluator_;
  ClockWatch clock_watch_;
  TimePoint started_at_;
  const Inventory* inventory_ = nullptr;
  std::unique_ptr<Workers> workers_;
  Wakeup reconfigured_;
  bool lease_lost_ = false;
};

}  // namespace scanclock::alerts
