#pragma once

#include "config/settings.hpp"
#include "core/domain/ports.hpp"
#include "core/domain/scope.hpp"

#include <boost/asio/awaitable.hpp>

namespace scanclock {

/// The rules that the inventory works by. Policies get their version numbers from the ledger,
/// which throws when the database cannot be reached.
boost::asio::awaitable<Scope> scope_from_settings(Settings settings, Ledger& ledger, TimePoint now);

}  // namespace scanclock
