#include "core/registry/ecr_password.hpp"

#include "core/runtime/log.hpp"

#include <algorithm>
#include <stdexcept>
#include <utility>

namespace scanclock {

std::string EcrPassword::read() const {
  const std::lock_guard<std::mutex> lock(mutex_);
  if (password_.empty()) {
    throw std::runtime_error("amazon's api has not given a password for the registry yet");
  }
  return password_;
}

void EcrPassword::set(std::string password) {
  const std::lock_guard<std::mutex> lock(mutex_);
  password_ = std::move(password);
}

asio::awaitable<void> keep_ecr_password(EcrApi& api, Clock& clock,
                                        std::shared_ptr<EcrPassword> password, WakeUp& first) {
  constexpr Duration retry_first = std::chrono::seconds(5);
  constexpr Duration retry_max = std::chrono::minutes(5);
  constexpr Duration life_max = std::chrono::hours(12);
  Duration retry = retry_first;
  for (;;) {
    auto login = co_await api.get_login();
    Duration pause = retry;
    if (login) {
      password->set(std::move(login->password));
      const Duration life = std::clamp(login->expires_at - clock.now(), 2 * retry_first, life_max);
      pause = life / 2;
      retry = retry_first;
    } else {
      log::warning("registry", "no password from amazon's api: {}", login.error().message);
      retry = std::min(2 * retry, retry_max);
    }
    first.notify();
    co_await clock.sleep(pause);
  }
}

}  // namespace scanclock
