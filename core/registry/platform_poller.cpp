#include "core/registry/platform_poller.hpp"

#include "core/runtime/log.hpp"

#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/system/system_error.hpp>

#include <algorithm>
#include <exception>
#include <functional>
#include <utility>

namespace scanclock {
namespace {

constexpr Duration platform_nap_max = std::chrono::seconds(30);
constexpr Duration platform_nap_min = std::chrono::milliseconds(1);
constexpr Duration platform_retry_first = std::chrono::seconds(15);
/// Turns of repositories are spread over the cycle in this many steps.
constexpr std::size_t phase_steps = 1 << 16;

bool any_retryable(const PlatformAnswer& answer) {
  return (answer.problem && answer.problem->retryable) ||
         std::any_of(answer.failed.begin(), answer.failed.end(),
                     [](const auto& entry) { return entry.second.retryable; });
}

}  // namespace

PlatformPoller::PlatformPoller(RegistryOptions options, Duration every, Clock& clock,
                               PlatformApi& api, PlatformJoin& join,
                               const RegistryKnowledge& knowledge)
    : options_(std::move(options)),
      every_(every),
      clock_(clock),
      api_(api),
      join_(join),
      knowledge_(knowledge) {
  join_.set_on_unasked([this](const std::string& repository) { hasten(repository); });
}

asio::awaitable<void> PlatformPoller::run() {
  for (;;) {
    sync();
    const auto next = std::min_element(
        repositories_.begin(), repositories_.end(),
        [](const auto& left, const auto& right) { return left.second.due < right.second.due; });
    const Duration now = clock_.monotonic();
    if (next == repositories_.end() || next->second.due > now) {
      const Duration wait = next == repositories_.end() ? platform_nap_max : next->second.due - now;
      co_await nap(wait);
      continue;
    }
    const std::string repository = next->first;
    co_await poll(repository, false);
  }
}

/// Repositories have their own turns in the cycle, so that a restart is no stampede.
void PlatformPoller::sync() {
  for (const std::string& repository : knowledge_.repositories(options_.name)) {
    if (!options_.repositories.passes(repository)) {
      continue;
    }
    const auto [entry, is_new] = repositories_.try_emplace(repository);
    if (is_new) {
      const std::size_t phase = std::hash<std::string>()(repository) % phase_steps;
      entry->second.due = clock_.monotonic() + every_ * static_cast<int>(phase) / phase_steps;
    }
  }
}

asio::awaitable<void> PlatformPoller::nap(Duration longest) {
  using namespace asio::experimental::awaitable_operators;
  auto sleeping = clock_.sleep(std::clamp(longest, platform_nap_min, platform_nap_max));
  auto waking = wake_.wait();
  co_await (std::move(sleeping) || std::move(waking));
}

asio::awaitable<void> PlatformPoller::refresh(std::string repository) {
  co_await poll(std::move(repository), true);
}

void PlatformPoller::hasten(const std::string& repository) {
  const bool is_known = repositories_.contains(repository) ||
                        !knowledge_.subjects(RepositoryKey{options_.name, repository}).empty();
  if (!is_known || !options_.repositories.passes(repository)) {
    return;
  }
  const auto [entry, is_new] = repositories_.try_emplace(repository);
  Repository& state = entry->second;
  const Duration now = clock_.monotonic();
  const Duration soon =
      std::max(now + platform_hurry, state.asked_at ? *state.asked_at + platform_rest : now);
  state.again = state.under_way;
  // A source that fails keeps its pauses.
  if (is_new || (state.failures == 0 && soon < state.due)) {
    state.due = soon;
    wake_.notify();
  }
}

asio::awaitable<void> PlatformPoller::poll(std::string repository, bool fresh) {
  const FairGate::Pass pass = co_await gates_.enter(repository);
  const RepositoryKey key(options_.name, repository);
  const std::vector<Digest> subjects = knowledge_.subjects(key);
  if (subjects.empty() && !repositories_.contains(repository)) {
    co_return;
  }
  PlatformAnswer answer;
  repositories_[repository].under_way = true;
  if (!subjects.empty()) {
    try {
      answer = co_await api_.ask(repository, subjects, fresh);
    } catch (const boost::system::system_error&) {
      throw;
    } catch (const std::exception& failure) {
      // What goes wrong with one repository must not end the watch over the others.
      answer = PlatformAnswer();
      answer.problem.emplace();
      answer.problem->reason = "bad_content";
      answer.problem->message =
          "api of " + options_.name + ", repository " + repository + ": " + failure.what();
    }
    tell(repository, subjects, answer);
  }
  finish(repository, answer);
}

void PlatformPoller::tell(const std::string& repository, const std::vector<Digest>& subjects,
                          const PlatformAnswer& answer) {
  const RepositoryKey key{options_.name, repository};
  // Those of now: the registry may have answered about new ones meanwhile.
  join_.keep_subjects(repository, knowledge_.subjects(key));
  for (const Digest& subject : subjects) {
    const auto failure = answer.failed.find(subject);
    if (answer.problem) {
      join_.platform_failed(key, subject, *answer.problem);
    } else if (failure != answer.failed.end()) {
      join_.platform_failed(key, subject, failure->second);
    } else {
      join_.platform_answered(key, subject);
    }
  }
  if (answer.problem) {
    log::debug("registry", "{}: {}", options_.name, answer.problem->message);
  }
}

void PlatformPoller::finish(const std::string& repository, const PlatformAnswer& answer) {
  Repository& state = repositories_[repository];
  const Duration now = clock_.monotonic();
  state.asked_at = now;
  state.under_way = false;
  const bool failed = answer.problem || !answer.failed.empty();
  state.failures = failed ? state.failures + 1 : 0;
  state.due = now + (failed && any_retryable(answer) ? retry_after(state.failures) : every_);
  if (std::exchange(state.again, false)) {
    hasten(repository);
  }
}

Duration PlatformPoller::retry_after(unsigned failures) const {
  constexpr unsigned doublings_max = 10;
  const unsigned doublings = std::min(failures == 0 ? 0 : failures - 1, doublings_max);
  return std::min(platform_retry_first * (1 << doublings), every_);
}

}  // namespace scanclock
