#pragma once

#include <stdexcept>
#include <string>

namespace scanclock {

/// PostgreSQL refused a statement, or it cannot be reached. what() names the statement, the cause
/// and the SQLSTATE, and never a parameter's value or a password.
class PgError : public std::runtime_error {
 public:
  struct Details {
    Details() = default;

    /// The name of the query, or "connect".
    std::string statement;
    std::string message;
    /// Five characters (PostgreSQL, appendix A); empty when the failure is the client's own.
    std::string sqlstate;
    /// The violated constraint, if it was one.
    std::string constraint;
    bool connection_lost = false;
  };

  explicit PgError(Details details);

  const std::string& statement() const { return details_.statement; }
  const std::string& sqlstate() const { return details_.sqlstate; }
  const std::string& constraint() const { return details_.constraint; }

  /// The connection is gone. What a COMMIT under way did is then unknown.
  bool connection_lost() const { return details_.connection_lost; }

  /// The same statement may succeed later, unchanged: lost connections, timeouts, deadlocks,
  /// serialisation failures, a server that starts, stops, is full, or became a standby.
  bool retryable() const;

 private:
  Details details_;
};

}  // namespace scanclock
