#include "alerts/outbox_work.hpp"

#include "core/domain/ports.hpp"

#include <boost/asio/error.hpp>
#include <boost/system/system_error.hpp>

#include <exception>
#include <utility>

namespace scanclock::alerts {

asio::awaitable<WorkEnd> end_of_work(asio::awaitable<void> work, std::string& error) {
  try {
    co_await std::move(work);
  } catch (const LeaseLostError&) {
    co_return WorkEnd::lease_lost;
  } catch (const boost::system::system_error& failure) {
    if (failure.code() == asio::error::operation_aborted) {
      co_return WorkEnd::cancelled;
    }
    error = failure.what();
    co_return WorkEnd::database_away;
  } catch (const std::exception& failure) {
    error = failure.what();
    co_return WorkEnd::database_away;
  }
  co_return WorkEnd::well;
}

Backoff::Limits database_wait() {
  Backoff::Limits limits;
  limits.max = std::chrono::seconds(30);
  return limits;
}

void throw_cancelled() { throw boost::system::system_error(asio::error::operation_aborted); }

}  // namespace scanclock::alerts
