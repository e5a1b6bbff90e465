#pragma once

#include "core/registry/ecr_api.hpp"
#include "core/registry/fair_gate.hpp"

#include <memory>
#include <mutex>
#include <string>

namespace scanclock {

/// The registry's own password, made from the keys of the API. It is read where credentials are,
/// on any thread.
class EcrPassword {
 public:
  /// Throws std::runtime_error while there is none.
  std::string read() const;
  void set(std::string password);

 private:
  mutable std::mutex mutex_;
  std::string password_;
};

/// Keeps a password fresh until cancelled: renews it at half of its life, and tries again soon when
/// that fails. `first` is notified after the first attempt, whatever came of it.
asio::awaitable<void> keep_ecr_password(EcrApi& api, Clock& clock,
                                        std::shared_ptr<EcrPassword> password, WakeUp& first);

}  // namespace scanclock
