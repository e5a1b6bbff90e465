#pragma once

#include "storage/pg_transaction.hpp"

#include <boost/asio/awaitable.hpp>

#include <string_view>

namespace scanclock {

/// Reads a query of storage/queries/snapshot.sql piece by piece and calls `visit` with every
/// PgRow. `transaction` and `visit` must outlive the call. Throws PgError.
template <class Visit>
asio::awaitable<void> visit_rows(PgTransaction& transaction, std::string_view open,
                                 PgParameters parameters, Visit& visit) {
  co_await transaction.execute(query(open), std::move(parameters));
  for (;;) {
    const auto rows = co_await transaction.execute(query("FetchSnapshotRows"));
    if (rows.empty()) {
      break;
    }
    for (const auto row : rows) {
      visit(row);
    }
  }
  co_await transaction.execute(query("CloseSnapshotRows"));
}

}  // namespace scanclock
