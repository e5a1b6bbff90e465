#pragma once

#include "core/runtime/clock.hpp"
#include "storage/embedded_postgres.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>

#include <sys/types.h>

namespace scanclock {

/// A running server, our child or an adopted one. I/O thread only.
class EmbeddedPostgres::Postmaster {
 public:
  Postmaster(asio::any_io_executor executor, Clock& clock, pid_t process, bool adopted);

  pid_t process() const { return process_; }
  bool adopted() const { return adopted_; }

  /// Reaps our child when it has ended.
  bool ended();

  /// Returns when it has ended.
  asio::awaitable<void> wait_end();

  /// Does nothing when it has ended.
  void signal(int number);

 private:
  Clock& clock_;
  pid_t process_;
  bool adopted_;
  bool ended_ = false;
  /// A pidfd, readable once the process has ended; closed where the kernel has none (before 5.3).
  asio::posix::stream_descriptor end_;
};

/// The command that runs a server on the folder, in the foreground.
ChildCommand postmaster_command(const PostgresFolder& folder, const PostgresBinaries& binaries,
                                const std::optional<UserIdentity>& identity,
                                const EmbeddedPostgresOptions& options);

}  // namespace scanclock
