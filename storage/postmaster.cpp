#include "storage/postmaster.hpp"

#include <boost/asio/use_awaitable.hpp>
#include <poll.h>
#include <signal.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <utility>

namespace scanclock {
namespace {

constexpr Duration poll_pause = std::chrono::milliseconds(200);

}  // namespace

EmbeddedPostgres::Postmaster::Postmaster(asio::any_io_executor executor, Clock& clock,
                                         pid_t process, bool adopted)
    : clock_(clock), process_(process), adopted_(adopted), end_(std::move(executor)) {
  const auto descriptor = ::syscall(SYS_pidfd_open, process, 0U);
  if (descriptor >= 0) {
    end_.assign(static_cast<int>(descriptor));
  } else if (errno == ESRCH) {
    ended_ = true;
  }
}

bool EmbeddedPostgres::Postmaster::ended() {
  if (ended_) {
    return true;
  }
  if (!adopted_) {
    // ECHILD: somebody else reaped it.
    const pid_t reaped = ::waitpid(process_, nullptr, WNOHANG);
    ended_ = reaped == process_ || (reaped < 0 && errno == ECHILD);
  } else if (end_.is_open()) {
    pollfd ready{end_.native_handle(), POLLIN, 0};
    ended_ = ::poll(&ready, 1, 0) > 0;
  } else {
    ended_ = ::kill(process_, 0) != 0 && errno == ESRCH;
  }
  return ended_;
}

asio::awaitable<void> EmbeddedPostgres::Postmaster::wait_end() {
  while (!ended()) {
    if (end_.is_open()) {
      co_await end_.async_wait(asio::posix::stream_descriptor::wait_read, asio::use_awaitable);
    } else {
      co_await clock_.sleep(poll_pause);
    }
  }
}

void EmbeddedPostgres::Postmaster::signal(int number) {
  if (!ended()) {
    ::kill(process_, number);
  }
}

ChildCommand postmaster_command(const PostgresFolder& folder, const PostgresBinaries& binaries,
                                const std::optional<UserIdentity>& identity,
                                const EmbeddedPostgresOptions& options) {
  ChildCommand command;
  command.program = binaries.folder / "postgres";
  command.identity = identity;
  command.own_session = true;
  command.ends_with_parent = options.ends_with_parent;
  command.output_file = folder.start_log();
  command.arguments = {"-D", std::filesystem::absolute(folder.data()).string()};
  const auto set = [&command](const std::string& setting) {
    command.arguments.emplace_back("-c");
    command.arguments.push_back(setting);
  };
  set("listen_addresses=");
  set("port=5432");
  set("unix_socket_directories=\"" + std::filesystem::absolute(folder.socket()).string() + "\"");
  set("unix_socket_permissions=0700");
  set("shared_buffers=64MB");
  set("max_connections=30");
  set("jit=off");
  set("cluster_name=scanclock");
  set("timezone=UTC");
  set("log_timezone=UTC");
  // One file a weekday, each emptied when its day comes again.
  set("logging_collector=on");
  set("log_directory=log");
  set("log_filename=postgresql-%a.log");
  set("log_rotation_age=1d");
  set("log_rotation_size=0");
  set("log_truncate_on_rotation=on");
  if (!options.durable) {
    for (const char* setting : {"fsync=off", "synchronous_commit=off", "full_page_writes=off"}) {
      set(setting);
    }
  }
  return command;
}

}  // namespace scanclock
