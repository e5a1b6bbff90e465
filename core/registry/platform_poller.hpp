#pragma once

#include "core/domain/registry_ports.hpp"
#include "core/registry/fair_gate.hpp"
#include "core/registry/options.hpp"
#include "core/registry/platform_api.hpp"
#include "core/registry/platform_join.hpp"
#include "core/runtime/clock.hpp"

#include <map>
#include <optional>
#include <string>

namespace scanclock {

/// Subjects of a repository that the API was not asked about yet wait at most this long, and a
/// repository is not asked for their sake more often than this.
inline constexpr Duration platform_hurry = std::chrono::seconds(2);
inline constexpr Duration platform_rest = std::chrono::seconds(30);

/// Asks a registry's product API about each known repository, once a cycle and one after the
/// other, and tells the join. I/O thread only.
class PlatformPoller {
 public:
  /// Of `options`, name and repositories are used.
  PlatformPoller(RegistryOptions options, Duration every, Clock& clock, PlatformApi& api,
                 PlatformJoin& join, const RegistryKnowledge& knowledge);
  PlatformPoller(const PlatformPoller&) = delete;
  PlatformPoller& operator=(const PlatformPoller&) = delete;

  /// Polls until cancelled; ends with boost::system::system_error(operation_aborted). Once only.
  asio::awaitable<void> run();

  /// Asks about the repository now; the outcome is what the sink is told.
  asio::awaitable<void> refresh(std::string repository);

  /// Brings the repository's turn forward.
  void hasten(const std::string& repository);

 private:
  struct Repository {
    Duration due{0};
    std::optional<Duration> asked_at;
    unsigned failures = 0;
    bool under_way = false;
    /// Hastened while it was being asked.
    bool again = false;
  };

  void sync();
  asio::awaitable<void> nap(Duration longest);
  asio::awaitable<void> poll(std::string repository, bool fresh);
  void tell(const std::string& repository, const std::vector<Digest>& subjects,
            const PlatformAnswer& answer);
  void finish(const std::string& repository, const PlatformAnswer& answer);
  Duration retry_after(unsigned failures) const;

  RegistryOptions options_;
  Duration every_;
  Clock& clock_;
  PlatformApi& api_;
  PlatformJoin& join_;
  const RegistryKnowledge& knowledge_;
  std::map<std::string, Repository> repositories_;
  KeyedGates gates_;
  WakeUp wake_;
};

}  // namespace scanclock
