#pragma once

#include "core/runtime/blocking_pool.hpp"
#include "core/runtime/clock.hpp"
#include "daemon/engine.hpp"
#include "daemon/scan_intake.hpp"
#include "daemon/spool_folder.hpp"
#include "daemon/spool_watch.hpp"
#include "daemon/telemetry.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include <map>
#include <string>

namespace scanclock {

struct SpoolOptions {
  SpoolOptions() = default;
  /// As among the sources of the settings.
  std::string name;
  std::string path;
  Duration poll_every = std::chrono::seconds(10);
};

/// A folder that reports are dropped into. Each whole file is handed in as if it had been posted by
/// a token of the spool's name, and moved to `done/` or, with the reason beside it, to `refused/`;
/// never before it is in the database, so that a crash at any point loses nothing: what was handed
/// in already is the same by its content. The periodic look is the truth, events only hasten it.
/// I/O thread only.
class SpoolSource {
 public:
  struct Surroundings {
    boost::asio::any_io_executor executor;
    Engine& engine;
    Clock& clock;
    BlockingPool& pool;
    ScanIntake& intake;
    Telemetry& telemetry;
  };

  /// All must outlive the source, whose name is configured in the engine's SourceBook.
  SpoolSource(SpoolOptions options, Surroundings surroundings);

  const std::string& name() const { return options_.name; }

  /// Until cancelled.
  boost::asio::awaitable<void> run();
  /// One look at the folder; what run() does every period.
  boost::asio::awaitable<void> look();

 private:
  /// A report that was handed in and whose file could not be moved.
  struct Taken {
    Taken() = default;
    SpoolIdentity identity;
    std::string content;
    std::string refusal;
  };

  boost::asio::awaitable<SpoolProblem> take(SpoolEntry entry);
  boost::asio::awaitable<SpoolProblem> move_away(SpoolEntry entry, Taken taken);
  void note(const SpoolProblem& problem, std::size_t waiting);
  boost::asio::awaitable<void> rest();

  SpoolOptions options_;
  Surroundings surroundings_;
  SpoolSettling settling_;
  SpoolWatch watch_;
  bool told_of_watch_ = false;
  std::map<std::string, Taken> taken_;
};

}  // namespace scanclock
