#include "storage/pg_error.hpp"

#include <array>
#include <string_view>
#include <utility>

namespace scanclock {
namespace {

// Classes 08 connection, 40 rollback, 53 resources, 57P server shutting down or starting; 55P03
// lock not available, 57014 cancelled, 25006 read only, 25P03 idle in transaction.
constexpr std::array<std::string_view, 8> retryable_prefixes{"08",    "40",    "53",    "57P",
                                                             "55P03", "57014", "25006", "25P03"};

std::string describe(const PgError::Details& details) {
  std::string text = "database statement " + details.statement + " failed: " + details.message;
  if (!details.sqlstate.empty()) {
    text += " (SQLSTATE " + details.sqlstate + ")";
  }
  return text;
}

}  // namespace

PgError::PgError(Details details)
    : std::runtime_error(describe(details)), details_(std::move(details)) {}

bool PgError::retryable() const {
  if (details_.connection_lost) {
    return true;
  }
  for (const auto prefix : retryable_prefixes) {
    if (details_.sqlstate.starts_with(prefix)) {
      return true;
    }
  }
  return false;
}

}  // namespace scanclock
