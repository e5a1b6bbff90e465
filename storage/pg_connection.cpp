#include "storage/pg_connection.hpp"

#include "core/runtime/with_timeout.hpp"
#include "storage/pg_protocol.hpp"

#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <libpq-fe.h>
#include <poll.h>

#include <array>
#include <utility>
#include <vector>

namespace scanclock {

PgConnection::PgConnection(asio::any_io_executor executor, Clock& clock, BlockingPool& pool,
                           PgConnectOptions options)
    : clock_(clock), pool_(pool), options_(std::move(options)), socket_(std::move(executor)) {}

PgConnection::~PgConnection() {
  // The descriptor belongs to libpq, which closes it.
  if (socket_.is_open()) {
    socket_.release();
  }
}

asio::awaitable<std::unique_ptr<PgConnection>> PgConnection::connect(asio::any_io_executor executor,
                                                                     Clock& clock,
                                                                     BlockingPool& pool,
                                                                     PgConnectOptions options) {
  std::unique_ptr<PgConnection> connection(
      new PgConnection(std::move(executor), clock, pool, std::move(options)));
  if (!co_await connection->attempt(true)) {
    co_await connection->attempt(false);
  }
  connection->connected_at_ = clock.monotonic();
  co_return connection;
}

/// Returns false when the server, then a pgbouncer, does not take settings at connect.
asio::awaitable<bool> PgConnection::attempt(bool session_limits) {
  PgError::Details timeout;
  try {
    auto establishing = establish(session_limits);
    co_await with_timeout(clock_, std::move(establishing), options_.connect_timeout, "connect");
    co_return true;
  } catch (const TimeoutError&) {
    timeout.message = "no connection within " + format_duration(options_.connect_timeout);
  } catch (const PgError& error) {
    if (!session_limits || !pg_protocol::is_refused_startup_parameter(error.what())) {
      throw;
    }
    co_return false;
  }
  timeout.statement = "connect";
  timeout.connection_lost = true;
  throw PgError(std::move(timeout));
}

asio::awaitable<void> PgConnection::establish(bool session_limits) {
  session_limits_ = session_limits;
  if (socket_.is_open()) {
    socket_.release();
  }
  auto settings = pg_protocol::connect_settings(options_, session_limits);
  // Resolves names and reads certificate and password files.
  auto start = [settings = std::move(settings)] { return pg_protocol::start_connect(settings); };
  auto starting = pool_.run(std::move(start));
  connection_ = co_await std::move(starting);
  if (PQstatus(connection_.get()) == CONNECTION_BAD) {
    fail("connect");
  }
  PQsetNoticeReceiver(connection_.get(), pg_protocol::log_notice, nullptr);
  // The only way to learn the SQLSTATE of a refused connection.
  PQsetErrorVerbosity(connection_.get(), PQERRORS_VERBOSE);
  co_await poll_until_connected();
  if (PQsetnonblocking(connection_.get(), 1) != 0) {
    fail("connect");
  }
  co_await use_utc();
}

asio::awaitable<void> PgConnection::poll_until_connected() {
  auto wanted = PGRES_POLLING_WRITING;
  while (wanted != PGRES_POLLING_OK) {
    watch_socket();
    const auto direction = wanted == PGRES_POLLING_READING
                               ? asio::posix::stream_descriptor::wait_read
                               : asio::posix::stream_descriptor::wait_write;
    co_await socket_.async_wait(direction, asio::use_awaitable);
    // With several hosts libpq closes its socket and may get the same number for the next one;
    // epoll has dropped the first by then and would never report the second.
    socket_.release();
    auto poll = [connection = connection_] { return PQconnectPoll(connection.get()); };
    auto polling = pool_.run(std::move(poll));
    wanted = co_await std::move(polling);
    if (wanted == PGRES_POLLING_FAILED) {
      fail("connect");
    }
  }
  watch_socket();
}

asio::awaitable<void> PgConnection::use_utc() {
  const char* zone = PQparameterStatus(connection_.get(), "TimeZone");
  const char* style = PQparameterStatus(connection_.get(), "DateStyle");
  if (zone != nullptr && std::string_view(zone) == "UTC" && style != nullptr &&
      std::string_view(style).starts_with("ISO")) {
    co_return;
  }
  co_await execute(query("UseUtcSession"));
}

asio::awaitable<PgResult> PgConnection::execute(const Query& statement, PgParameters parameters) {
  return execute(statement, std::move(parameters), options_.statement_timeout);
}

asio::awaitable<PgResult> PgConnection::execute(const Query& statement, PgParameters parameters,
                                                Duration limit) {
  require_idle_protocol(statement.name);
  std::vector<const char*> values;
  std::vector<int> lengths;
  std::vector<int> formats;
  for (std::size_t index = 0; index < parameters.size(); ++index) {
    const auto& value = parameters.at(index);
    values.push_back(value ? value->c_str() : nullptr);
    lengths.push_back(value ? static_cast<int>(value->size()) : 0);
    formats.push_back(parameters.binary(index) ? 1 : 0);
  }
  const int sent = PQsendQueryParams(connection_.get(), statement.text.c_str(),
                                     static_cast<int>(parameters.size()), nullptr, values.data(),
                                     lengths.data(), formats.data(), 0);
  release_closed_socket();
  if (sent == 0) {
    fail(statement.name);
  }
  // libpq has its own copy now.
  parameters = PgParameters();
  auto answer = limited(statement.name, limit);
  co_return co_await std::move(answer);
}

asio::awaitable<PgResult> PgConnection::execute_script(std::string name, std::string script,
                                                       Duration limit) {
  require_idle_protocol(name);
  const int sent = PQsendQuery(connection_.get(), script.c_str());
  release_closed_socket();
  if (sent == 0) {
    fail(std::move(name));
  }
  auto answer = limited(std::move(name), limit);
  co_return co_await std::move(answer);
}

asio::awaitable<PgResult> PgConnection::limited(std::string name, Duration limit) {
  std::optional<PgError::Details> failure;
  try {
    auto answer = exchange(name);
    co_return co_await with_timeout(clock_, std::move(answer), limit, name);
  } catch (const TimeoutError&) {
    failure.emplace();
    failure->statement = std::move(name);
    failure->message = "no answer within " + format_duration(limit);
    failure->sqlstate = "57014";
  }
  throw PgError(std::move(*failure));
}

asio::awaitable<PgResult> PgConnection::exchange(std::string name) {
  co_await flush(name);
  pg_protocol::ResultPointer last(nullptr, PQclear);
  std::optional<PgError::Details> failure;
  for (;;) {
    co_await await_result();
    pg_protocol::ResultPointer result(PQgetResult(connection_.get()), PQclear);
    release_closed_socket();
    if (!result) {
      break;
    }
    // The first one is the cause; that the connection is lost may follow it.
    if (!failure) {
      failure = pg_protocol::failure_of(*result);
    }
    if (pg_protocol::is_copy(*result)) {
      distrust();
      break;
    }
    last = std::move(result);
  }
  if (failure) {
    failure->statement = std::move(name);
    failure->connection_lost = PQstatus(connection_.get()) == CONNECTION_BAD;
    throw PgError(std::move(*failure));
  }
  if (!last || PQstatus(connection_.get()) == CONNECTION_BAD) {
    fail(std::move(name));
  }
  co_return PgResult(last.release());
}

asio::awaitable<void> PgConnection::flush(std::string name) {
  using namespace asio::experimental::awaitable_operators;
  for (;;) {
    const int unsent = PQflush(connection_.get());
    release_closed_socket();
    if (unsent == 0) {
      co_return;
    }
    if (unsent < 0 || !socket_.is_open()) {
      fail(std::move(name));
    }
    // A server that answers before it has read everything would otherwise never be read from.
    const auto ready = co_await (
        socket_.async_wait(asio::posix::stream_descriptor::wait_read, asio::use_awaitable) ||
        socket_.async_wait(asio::posix::stream_descriptor::wait_write, asio::use_awaitable));
    if (ready.index() == 0) {
      const int consumed = PQconsumeInput(connection_.get());
      release_closed_socket();
      if (consumed == 0) {
        co_return;
      }
    }
  }
}

/// Returns when PQgetResult can no longer block, also because the connection is gone.
asio::awaitable<void> PgConnection::await_result() {
  while (PQisBusy(connection_.get()) != 0 && socket_.is_open()) {
    co_await socket_.async_wait(asio::posix::stream_descriptor::wait_read, asio::use_awaitable);
    const int consumed = PQconsumeInput(connection_.get());
    release_closed_socket();
    if (consumed == 0) {
      co_return;
    }
  }
}

PgConnection::State PgConnection::state() const {
  if (!connection_ || distrusted_ || PQstatus(connection_.get()) != CONNECTION_OK) {
    return State::broken;
  }
  switch (PQtransactionStatus(connection_.get())) {
    case PQTRANS_IDLE:
      return State::idle;
    case PQTRANS_ACTIVE:
    case PQTRANS_INTRANS:
    case PQTRANS_INERROR:
      return State::busy;
    case PQTRANS_UNKNOWN:
      break;
  }
  return State::broken;
}

bool PgConnection::still_alive() {
  if (state() != State::idle) {
    return false;
  }
  // The server's last words may still be unread; its end of the socket says more.
  pollfd watched{PQsocket(connection_.get()), POLLRDHUP, 0};
  return ::poll(&watched, 1, 0) == 0;
}

asio::awaitable<bool> PgConnection::recover(Duration limit) {
  if (state() == State::busy) {
    bool failed = false;
    try {
      auto cleaning = clean_up();
      co_await with_timeout(clock_, std::move(cleaning), limit, "clean up");
    } catch (const std::exception&) {
      failed = true;
    }
    if (failed) {
      distrust();
    }
  }
  co_return state() == State::idle;
}

asio::awaitable<void> PgConnection::clean_up() {
  if (PQtransactionStatus(connection_.get()) == PQTRANS_ACTIVE) {
    // The connection's copy: another thread must not touch the connection itself.
    auto cancel = [handle = pg_protocol::cancel_handle(*connection_)] {
      std::array<char, 256> error{};
      PQcancel(handle.get(), error.data(), static_cast<int>(error.size()));
    };
    auto cancelling = pool_.run(std::move(cancel));
    co_await std::move(cancelling);
    co_await drain();
  }
  if (state() == State::busy) {
    co_await execute(query("RollbackTransaction"));
  }
}

asio::awaitable<void> PgConnection::drain() {
  co_await flush("drain");
  for (;;) {
    co_await await_result();
    pg_protocol::ResultPointer result(PQgetResult(connection_.get()), PQclear);
    release_closed_socket();
    if (!result) {
      co_return;
    }
    if (pg_protocol::is_copy(*result)) {
      distrust();
      co_return;
    }
  }
}

void PgConnection::watch_socket() {
  const int descriptor = PQsocket(connection_.get());
  if (descriptor < 0) {
    fail("connect");
  }
  socket_.assign(descriptor);
}

/// libpq closes its socket when it finds the connection dead. The number must leave the reactor
/// before anything else can be given the same one, so this follows every call that may do so.
void PgConnection::release_closed_socket() {
  if (socket_.is_open() && PQsocket(connection_.get()) < 0) {
    socket_.release();
  }
}

void PgConnection::fail(std::string statement) const {
  PgError::Details details;
  details.statement = std::move(statement);
  const std::string_view report = PQerrorMessage(connection_.get());
  details.sqlstate = pg_protocol::sqlstate_in(report);
  details.message = pg_protocol::one_line(report);
  // With an SQLSTATE it was the server that refused, and that one tells whether to try again.
  details.connection_lost =
      PQstatus(connection_.get()) == CONNECTION_BAD && details.sqlstate.empty();
  throw PgError(std::move(details));
}

void PgConnection::require_idle_protocol(const std::string& name) const {
  if (PQtransactionStatus(connection_.get()) == PQTRANS_ACTIVE) {
    throw std::logic_error("statement " + name + " was started while another one is under way");
  }
}

int PgConnection::server_version() const { return PQserverVersion(connection_.get()); }
int PgConnection::backend_pid() const { return PQbackendPID(connection_.get()); }

}  // namespace scanclock
