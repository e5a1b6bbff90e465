#pragma once

#include "core/runtime/backoff.hpp"

#include <boost/asio/awaitable.hpp>

#include <string>

namespace scanclock::alerts {

namespace asio = boost::asio;

/// How a piece of work against the outbox ended.
enum class WorkEnd { well, database_away, lease_lost, cancelled };

/// Awaits it; `error` becomes the cause where the database is away.
asio::awaitable<WorkEnd> end_of_work(asio::awaitable<void> work, std::string& error);

/// Between attempts while the database is away.
Backoff::Limits database_wait();

[[noreturn]] void throw_cancelled();

}  // namespace scanclock::alerts
