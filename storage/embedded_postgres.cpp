#include "storage/embedded_postgres.hpp"

#include "core/runtime/backoff.hpp"
#include "core/runtime/log.hpp"
#include "core/runtime/with_timeout.hpp"
#include "storage/pg_connection.hpp"
#include "storage/postmaster.hpp"

#include <boost/asio/this_coro.hpp>
#include <signal.h>

#include <optional>
#include <utility>

namespace scanclock {
namespace {

constexpr Duration readiness_pause = std::chrono::milliseconds(50);
constexpr Duration connect_limit = std::chrono::seconds(2);
constexpr Duration immediate_stop_limit = std::chrono::seconds(10);
constexpr Duration create_database_limit = std::chrono::minutes(1);

/// In a conninfo keyword string.
std::string quoted(const std::string& value) {
  std::string text = "'";
  for (const char c : value) {
    if (c == '\'' || c == '\\') {
      text.push_back('\\');
    }
    text.push_back(c);
  }
  return text + "'";
}

struct Preparation {
  std::optional<pid_t> running;
  std::optional<UserIdentity> identity;
  std::shared_ptr<const PostgresFolderLock> lock;
};

/// Everything before a server can be started; on a pool thread.
Preparation prepare(const PostgresFolder& folder, std::shared_ptr<const PostgresFolderLock> held) {
  Preparation preparation;
  folder.check_socket_length();
  preparation.identity = folder.identity();
  folder.prepare(preparation.identity);
  preparation.lock = held ? std::move(held) : folder.lock();
  preparation.running = folder.running_postmaster();
  return preparation;
}

pid_t launch(const PostgresFolder& folder, const EmbeddedPostgresOptions& options,
             const std::optional<UserIdentity>& identity) {
  const auto binaries = folder.choose_binaries();
  folder.initialize(binaries, identity, options.durable);
  folder.disarm_stale_lock();
  const auto command = postmaster_command(folder, binaries, identity, options);
  return start_child(command);
}

}  // namespace

EmbeddedPostgres::EmbeddedPostgres(asio::any_io_executor executor, Clock& clock, BlockingPool& pool,
                                   EmbeddedPostgresOptions options)
    : executor_(std::move(executor)),
      clock_(clock),
      pool_(pool),
      options_(std::move(options)),
      folder_(std::filesystem::absolute(options_.folder)) {}

EmbeddedPostgres::~EmbeddedPostgres() = default;

asio::awaitable<void> EmbeddedPostgres::start() {
  if (process_id() != 0) {
    // Launched by a start that was cancelled.
    co_await wait_until_ready();
    co_await ensure_database();
    co_return;
  }
  auto first = [folder = folder_, held = lock_] { return prepare(folder, held); };
  auto preparing = pool_.run(std::move(first));
  const auto preparation = co_await std::move(preparing);
  lock_ = preparation.lock;
  postmaster_.reset();
  if (preparation.running) {
    postmaster_ = std::make_shared<Postmaster>(executor_, clock_, *preparation.running, true);
    if (co_await accepts_connections(options_.adoption_limit)) {
      log::info("storage", "adopted the running PostgreSQL, process {}", *preparation.running);
      co_await ensure_database();
      co_return;
    }
    log::warning("storage",
                 "PostgreSQL process {} runs on the data but does not answer; it is "
                 "stopped",
                 *preparation.running);
    co_await end_with(SIGINT);
  }
  auto second = [folder = folder_, options = options_, identity = preparation.identity] {
    return launch(folder, options, identity);
  };
  auto launching = pool_.run(std::move(second));
  const pid_t process = co_await std::move(launching);
  postmaster_ = std::make_shared<Postmaster>(executor_, clock_, process, false);
  co_await wait_until_ready();
  co_await ensure_database();
  log::info("storage", "PostgreSQL runs as process {}, socket folder {}", process,
            folder_.socket().string());
}

asio::awaitable<bool> EmbeddedPostgres::accepts_connections(Duration limit) {
  const auto deadline = clock_.monotonic() + limit;
  while (!postmaster_->ended()) {
    PgConnectOptions options;
    options.conninfo = conninfo_of("postgres");
    options.connect_timeout = connect_limit;
    try {
      auto connecting = PgConnection::connect(executor_, clock_, pool_, std::move(options));
      co_await std::move(connecting);
      co_return true;
    } catch (const PgError& error) {
      log::debug("storage", "PostgreSQL is not ready: {}", error.what());
    }
    if (clock_.monotonic() >= deadline) {
      break;
    }
    co_await clock_.sleep(readiness_pause);
  }
  co_return false;
}

asio::awaitable<void> EmbeddedPostgres::wait_until_ready() {
  if (co_await accepts_connections(options_.start_limit)) {
    co_return;
  }
  const bool ended = postmaster_->ended();
  std::string message =
      ended ? "PostgreSQL ended while it started"
            : "PostgreSQL accepted no connection within " + format_duration(options_.start_limit);
  auto read_tail = [folder = folder_] { return folder.start_log_tail(); };
  auto reading = pool_.run(std::move(read_tail));
  const auto tail = co_await std::move(reading);
  message += ": " + tail;
  message += "\nHINT: see " + (folder_.data() / "log").string();
  if (!ended) {
    co_await end_with(SIGINT);
  }
  postmaster_.reset();
  throw EmbeddedPostgresError(message);
}

asio::awaitable<void> EmbeddedPostgres::ensure_database() {
  PgConnectOptions options;
  options.conninfo = conninfo_of("postgres");
  options.statement_timeout = create_database_limit;
  auto connecting = PgConnection::connect(executor_, clock_, pool_, std::move(options));
  const auto connection = co_await std::move(connecting);
  const auto found = co_await connection->execute(query("FindEmbeddedDatabase"));
  if (found.empty()) {
    co_await connection->execute(query("CreateEmbeddedDatabase"));
  }
}

asio::awaitable<void> EmbeddedPostgres::supervise() {
  Backoff::Limits pauses;
  pauses.first = std::chrono::milliseconds(200);
  pauses.max = std::chrono::seconds(30);
  Backoff backoff(pauses, static_cast<std::uint64_t>(process_id()));
  // A server that runs for so long has recovered from what made it end.
  constexpr Duration steady_after = std::chrono::minutes(1);
  for (;;) {
    const auto watched_since = clock_.monotonic();
    if (auto watched = postmaster_) {
      co_await watched->wait_end();
      log::error("storage", "PostgreSQL, process {}, has ended; it is started again",
                 watched->process());
    }
    if (clock_.monotonic() - watched_since >= steady_after) {
      backoff.reset();
    }
    co_await clock_.sleep(backoff.next());
    try {
      co_await start();
    } catch (const EmbeddedPostgresError& error) {
      log::error("storage", "{}", error.what());
    } catch (const PgError& error) {
      log::error("storage", "{}", error.what());
    } catch (const PoolBusyError& error) {
      log::error("storage", "{}", error.what());
    }
  }
}

/// A start that was cancelled may have left a server whose process nobody noted.
asio::awaitable<void> EmbeddedPostgres::find_running() {
  if (postmaster_ && !postmaster_->ended()) {
    co_return;
  }
  auto look = [folder = folder_] { return folder.running_postmaster(); };
  auto looking = pool_.run(std::move(look));
  const auto running = co_await std::move(looking);
  if (running) {
    postmaster_ = std::make_shared<Postmaster>(executor_, clock_, *running, true);
  }
}

asio::awaitable<void> EmbeddedPostgres::stop() {
  co_await asio::this_coro::reset_cancellation_state(asio::disable_cancellation());
  co_await find_running();
  co_await end_with(SIGINT);
}

asio::awaitable<void> EmbeddedPostgres::stop_immediately() {
  co_await asio::this_coro::reset_cancellation_state(asio::disable_cancellation());
  co_await find_running();
  co_await end_with(SIGQUIT);
}

asio::awaitable<void> EmbeddedPostgres::end_with(int first_signal) {
  if (!postmaster_) {
    co_return;
  }
  struct Step {
    int signal;
    Duration limit;
  };
  const Step steps[] = {{SIGINT, options_.stop_limit},
                        {SIGQUIT, immediate_stop_limit},
                        {SIGKILL, immediate_stop_limit}};
  bool begun = false;
  for (const auto& step : steps) {
    begun = begun || step.signal == first_signal;
    if (!begun) {
      continue;
    }
    postmaster_->signal(step.signal);
    if (co_await ends_within(step.limit)) {
      break;
    }
    log::warning("storage", "PostgreSQL, process {}, did not end within {} of signal {}",
                 postmaster_->process(), format_duration(step.limit), step.signal);
  }
  postmaster_.reset();
}

asio::awaitable<bool> EmbeddedPostgres::ends_within(Duration limit) {
  try {
    auto ending = postmaster_->wait_end();
    co_await with_timeout(clock_, std::move(ending), limit, "PostgreSQL shutdown");
    co_return true;
  } catch (const TimeoutError&) {
    co_return false;
  }
}

std::string EmbeddedPostgres::conninfo() const { return conninfo_of("scanclock"); }

std::string EmbeddedPostgres::conninfo_of(const std::string& database) const {
  return "host=" + quoted(folder_.socket().string()) +
         " port=5432 user=scanclock sslmode=disable dbname=" + database;
}

bool EmbeddedPostgres::adopted() const { return postmaster_ && postmaster_->adopted(); }

pid_t EmbeddedPostgres::process_id() const {
  return postmaster_ && !postmaster_->ended() ? postmaster_->process() : 0;
}

}  // namespace scanclock
