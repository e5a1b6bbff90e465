#pragma once

#include "alerts/alerting.hpp"
#include "core/domain/inventory.hpp"
#include "core/domain/ports.hpp"
#include "core/domain/source_book.hpp"
#include "core/runtime/clock.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/experimental/channel.hpp>

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace scanclock {

/// The engine looks at everything at least this often, so that a step of the wall clock is noticed
/// and the watchdog hears of progress.
inline constexpr Duration engine_rest_max = std::chrono::seconds(10);
/// Of what is about single containers at most so many rows of a kind go into one transaction, about
/// a second's work. The first look at a large cluster is stored in several; all else, alerts and
/// evidence above all, is always in the next one.
inline constexpr std::size_t commit_bulk_rows_max = 5000;
/// Containers that a large look at a source touches before the I/O thread sees to others, and the
/// work of one step of conclusions (Inventory::reevaluate): some milliseconds each.
inline constexpr std::size_t look_containers_max = 2000;
inline constexpr std::size_t conclude_work_max = 1024;
/// After a failed commit.
inline constexpr Duration commit_retry_wait = std::chrono::seconds(1);

/// Turns facts into conclusions and both into the database, one transaction a step: facts are
/// noted in the inventory, the loop reevaluates what they touch, lets the alert rules look at it,
/// and commits everything together. Each of these is done in pieces, between which the I/O thread
/// is free; but a look is taken in wholly before anything is concluded, and everything is concluded
/// before an alert rule looks at it. What takes longer than some seconds is committed in parts. A
/// failed commit is repeated with what came since, so nothing that was noted is lost while the
/// database is away. Containers beyond commit_bulk_rows_max are stored in later transactions, in
/// the order of learning, with evaluations in between; a daemon that dies meanwhile sees them again
/// when its sources answer. I/O thread only.
class Engine {
 public:
  Engine(asio::any_io_executor executor, Clock& clock, Ledger& ledger, alerts::Alerting& alerting,
         Scope scope);

  /// Once, before run().
  void restore(const Snapshot& snapshot);

  Inventory& inventory() { return inventory_; }
  const Inventory& inventory() const { return inventory_; }
  SourceBook& sources() { return sources_; }
  const SourceBook& sources() const { return sources_; }

  /// Other policies, registries or owners from now on: everything is concluded again.
  void set_scope(Scope scope);
  /// Everything was concluded once since the start, or the last set_scope(). Before that, verdicts
  /// are missing or of the scope before.
  bool has_concluded() const { return has_concluded_; }

  /// Something was noted: evaluate and store it soon.
  void wake();

  /// Takes a large look at a source in pieces, and calls `done` behind the last one. Until then
  /// nothing else about the source may be noted.
  void take(WorkloadLook look, std::function<void(WorkloadLook)> done);

  /// Until cancelled. Throws LeaseLostError when another daemon took over.
  asio::awaitable<void> run();

  /// One step, for the end: evaluates and stores what is left.
  asio::awaitable<void> flush();

  /// Returns when all that was noted before the call is stored, containers that wait for their
  /// transaction left out; false when that took longer than `limit` (it is stored later all the
  /// same).
  asio::awaitable<bool> stored(Duration limit);
  /// The same with all containers.
  asio::awaitable<bool> stored_wholly(Duration limit);

  /// Called after each step, successful or not.
  void on_progress(std::function<void()> callback) { on_progress_ = std::move(callback); }
  /// Called after each step with what it touched.
  void on_touched(std::function<void(const Touched&)> callback) {
    on_touched_ = std::move(callback);
  }

  std::optional<TimePoint> last_evaluation_at() const { return last_evaluation_at_; }
  /// Why the newest commit failed; empty when it did not.
  const std::string& storage_failure() const { return storage_failure_; }

 private:
  using Signal = asio::experimental::channel<void(boost::system::error_code)>;

  struct Waiter {
    std::uint64_t noted = 0;
    bool wholly = false;
    std::shared_ptr<Signal> signal;
  };

  struct TakenLook {
    WorkloadLook look;
    std::function<void(WorkloadLook)> done;
  };

  /// Goes on with the first look. False when there is none.
  bool take_some(TimePoint now);
  /// One step of conclusions. False when nothing is left.
  bool conclude_some(TimePoint now);
  asio::awaitable<void> collect();
  asio::awaitable<void> commit();
  asio::awaitable<std::string> try_commit();
  asio::awaitable<bool> wait_stored(Duration limit, bool wholly);
  bool is_stored(std::uint64_t noted, bool wholly) const;
  asio::awaitable<void> rest();
  void release_waiters();

  asio::any_io_executor executor_;
  Clock& clock_;
  Ledger& ledger_;
  alerts::Alerting& alerting_;
  Inventory inventory_;
  SourceBook sources_;
  /// Not stored yet, in the order of learning; the front of it is being stored, or was refused.
  ChangeSet pending_;
  ChangeSet in_flight_;
  std::deque<TakenLook> looks_;
  Signal wakeup_;
  std::uint64_t noted_ = 0;
  std::uint64_t collected_ = 0;
  std::uint64_t stored_ = 0;
  /// The same for what is noted with all containers.
  std::uint64_t stored_wholly_ = 0;
  std::vector<Waiter> waiters_;
  bool has_concluded_ = false;
  std::optional<TimePoint> last_evaluation_at_;
  std::string storage_failure_;
  std::function<void()> on_progress_;
  std::function<void(const Touched&)> on_touched_;
};

}  // namespace scanclock
