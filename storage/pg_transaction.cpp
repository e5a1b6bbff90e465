#include "storage/pg_transaction.hpp"

#include <stdexcept>
#include <utility>

namespace scanclock {
namespace {

std::string milliseconds(Duration duration) {
  return std::to_string(std::chrono::duration_cast<std::chrono::milliseconds>(duration).count());
}

}  // namespace

asio::awaitable<PgTransaction> PgTransaction::begin(PgPool& pool) {
  return begin_with(pool, query("BeginTransaction"));
}

asio::awaitable<PgTransaction> PgTransaction::begin_snapshot(PgPool& pool) {
  return begin_with(pool, query("BeginSnapshot"));
}

asio::awaitable<PgTransaction> PgTransaction::begin_with(PgPool& pool, const Query& statement) {
  auto lent = co_await pool.acquire();
  PgTransaction transaction(std::move(lent));
  co_await transaction.execute(statement);
  if (!transaction.connection().has_session_limits()) {
    const auto& options = transaction.connection().options();
    co_await transaction.limit(options.statement_timeout, options.lock_timeout);
  }
  co_return transaction;
}

asio::awaitable<PgResult> PgTransaction::execute(const Query& statement, PgParameters parameters) {
  return connection().execute(statement, std::move(parameters));
}

asio::awaitable<PgResult> PgTransaction::execute(const Query& statement, PgParameters parameters,
                                                 Duration limit) {
  return connection().execute(statement, std::move(parameters), limit);
}

asio::awaitable<PgResult> PgTransaction::execute_script(std::string name, std::string script,
                                                        Duration limit) {
  return connection().execute_script(std::move(name), std::move(script), limit);
}

asio::awaitable<void> PgTransaction::limit(Duration statement, Duration lock) {
  PgParameters parameters;
  parameters.add(milliseconds(statement));
  parameters.add(milliseconds(lock));
  parameters.add(milliseconds(connection().options().idle_in_transaction_timeout));
  co_await execute(query("LimitTransaction"), std::move(parameters));
}

asio::awaitable<void> PgTransaction::commit() {
  auto lent = std::move(connection_);
  if (!lent) {
    throw std::logic_error("commit of a transaction that has ended");
  }
  bool finished = false;
  struct Distrust {
    PgConnection& connection;
    bool& finished;
    ~Distrust() {
      if (!finished) {
        connection.distrust();
      }
    }
  };
  const Distrust unless_answered{*lent, finished};
  auto answer = co_await lent->execute(query("CommitTransaction"));
  finished = true;
  // COMMIT of a failed transaction succeeds, as a rollback.
  if (answer.command() != "COMMIT") {
    PgError::Details details;
    details.statement = "CommitTransaction";
    details.message = "the transaction had failed before and was rolled back";
    details.sqlstate = "25P02";
    throw PgError(std::move(details));
  }
}

asio::awaitable<void> PgTransaction::rollback() {
  auto lent = std::move(connection_);
  if (lent && lent->state() == PgConnection::State::busy) {
    co_await lent->execute(query("RollbackTransaction"));
  }
}

PgConnection& PgTransaction::connection() const {
  if (!connection_) {
    throw std::logic_error("statement in a transaction that has ended");
  }
  return *connection_;
}

}  // namespace scanclock
