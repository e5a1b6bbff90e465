#include "core/registry/poller.hpp"

#include "core/registry/request_observer.hpp"
#include "core/runtime/log.hpp"

#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/this_coro.hpp>

#include <algorithm>
#include <exception>
#include <utility>

namespace scanclock {
namespace {

/// The loop looks at its queue at least this often.
constexpr Duration nap_max = std::chrono::minutes(1);
constexpr Duration nap_min = std::chrono::milliseconds(1);
/// Subjects that run or near their deadline are asked this much more often.
constexpr int urgent_factor = 4;

}  // namespace

/// Ends an item's turn however its coroutine ends.
struct RegistryPoller::Turn {
  Turn(RegistryPoller& owner, PollItem polled) : poller(owner), item(std::move(polled)) {}
  Turn(const Turn&) = delete;
  Turn& operator=(const Turn&) = delete;
  ~Turn() { poller.finish(item, retry); }

  RegistryPoller& poller;
  PollItem item;
  bool retry = true;
};

RegistryPoller::RegistryPoller(RegistryOptions options, Clock& clock, HttpClient& http,
                               RegistrySink& sink, const RegistryKnowledge& knowledge,
                               BlockingPool* pool)
    : options_(std::move(options)),
      clock_(clock),
      sink_(sink),
      knowledge_(knowledge),
      client_(options_, clock, http, observer_of(sink, options_.name), pool),
      evidence_(client_, sink, knowledge),
      images_(client_, sink, knowledge, evidence_),
      uses_catalog_(!names_every_repository(options_.repositories)) {}

Instant RegistryPoller::instant() const { return Instant{clock_.now(), clock_.monotonic()}; }

RepositoryKey RegistryPoller::key_of(const std::string& repository) const {
  return RepositoryKey{options_.name, repository};
}

asio::awaitable<void> RegistryPoller::run() {
  auto executor = co_await asio::this_coro::executor;
  const std::string name = options_.name;
  TaskGroup::OnFailure on_failure = [name](std::string_view task, std::exception_ptr failure) {
    try {
      std::rethrow_exception(failure);
    } catch (const std::exception& error) {
      log::error("registry", "{}: {} ended: {}", name, task, error.what());
    }
  };
  TaskGroup group(std::move(executor), std::move(on_failure));
  std::exception_ptr failure;
  try {
    seed();
    co_await dispatch(group);
  } catch (...) {
    failure = std::current_exception();
  }
  co_await asio::this_coro::reset_cancellation_state(asio::disable_cancellation());
  co_await group.stop();
  std::rethrow_exception(failure);
}

void RegistryPoller::seed() {
  cycle_started_at_ = clock_.now();
  if (!options_.attestation_repository.empty()) {
    watch_repository(options_.attestation_repository, Schedule::First::at_once);
  }
  for (const std::string& repository : knowledge_.repositories(options_.name)) {
    if (options_.repositories.passes(repository)) {
      adopt(repository);
    }
  }
  if (uses_catalog_) {
    unlisted_.insert(std::string());
    schedule_.add(PollItem(), options_.tags_every, Schedule::First::at_once, instant());
    return;
  }
  for (const std::string& repository : options_.repositories.include) {
    if (options_.repositories.passes(repository)) {
      watch_repository(repository, Schedule::First::at_once);
    }
  }
}

/// What was known before keeps its turn in the period, so that a restart is no stampede.
void RegistryPoller::adopt(const std::string& repository) {
  watch_repository(repository, Schedule::First::in_turn);
  Repository& state = repositories_[repository];
  const RepositoryKey key = key_of(repository);
  for (const auto& [tag, digest] : knowledge_.tags(key)) {
    if (options_.tags.passes(tag)) {
      state.targets[tag] = images_.is_complete(digest) ? digest : Digest();
      schedule_.add(PollItem(PollKind::tag_check, repository, tag), options_.tags_every,
                    Schedule::First::in_turn, instant());
    }
  }
  for (const Digest& subject : knowledge_.subjects(key)) {
    state.subjects.insert(subject);
    const PollItem item(PollKind::evidence, repository, subject.str());
    schedule_.add(item, period_of(item), Schedule::First::in_turn, instant());
  }
}

void RegistryPoller::watch_repository(const std::string& repository, Schedule::First first) {
  if (repositories_.try_emplace(repository).second) {
    unlisted_.insert(repository);
    schedule_.add(PollItem(PollKind::tag_list, repository, std::string()), options_.tags_every,
                  first, instant());
  }
}

asio::awaitable<void> RegistryPoller::dispatch(TaskGroup& group) {
  const std::size_t workers = std::max<std::size_t>(options_.max_concurrency, 1);
  for (;;) {
    const Duration blocked = client_.transport().blocked_for();
    if (blocked > Duration::zero()) {
      co_await nap(blocked);
      continue;
    }
    if (under_way_ >= workers) {
      co_await wake_.wait();
      continue;
    }
    const Instant now = instant();
    std::optional<PollItem> item = schedule_.pop(now);
    if (!item) {
      const std::optional<Duration> due = schedule_.next_due();
      co_await nap(due ? *due - now.monotonic : nap_max);
      continue;
    }
    ++under_way_;
    auto task = work(std::move(*item));
    group.spawn("poll " + options_.name, std::move(task));
  }
}

asio::awaitable<void> RegistryPoller::nap(Duration longest) {
  using namespace asio::experimental::awaitable_operators;
  auto sleeping = clock_.sleep(std::clamp(longest, nap_min, nap_max));
  auto waking = wake_.wait();
  co_await (std::move(sleeping) || std::move(waking));
}

asio::awaitable<void> RegistryPoller::work(PollItem item) {
  Turn turn(*this, std::move(item));
  const bool looks_again = look_again_.erase(turn.item) > 0;
  const bool retry = co_await perform(turn.item);
  turn.retry = retry || looks_again;
}

asio::awaitable<bool> RegistryPoller::perform(PollItem item) {
  switch (item.kind) {
    case PollKind::catalog:
      co_return co_await poll_catalog();
    case PollKind::tag_list:
      co_return co_await poll_tags(item.repository);
    case PollKind::tag_check:
      co_return co_await check_tag(item.repository, item.name);
    case PollKind::evidence:
      co_return co_await ask_evidence(item.repository, Digest::from_trusted(item.name));
    case PollKind::presence:
      co_return co_await check_presence(item.repository, Digest::from_trusted(item.name));
    case PollKind::appeared:
      break;
  }
  const auto problem = co_await refresh_all(item.repository, Digest::from_trusted(item.name));
  co_return problem && problem->retryable;
}

void RegistryPoller::finish(const PollItem& item, bool retry) {
  --under_way_;
  if (item.kind == PollKind::appeared && !retry) {
    schedule_.remove(item);
  } else {
    schedule_.finished(item, period_of(item), is_urgent(item), retry, instant());
  }
  wake_.notify();
}

bool RegistryPoller::is_urgent(const PollItem& item) const {
  return item.kind == PollKind::appeared ||
         (item.kind == PollKind::evidence && knowledge_.is_urgent(Digest::from_trusted(item.name)));
}

Duration RegistryPoller::period_of(const PollItem& item) const {
  switch (item.kind) {
    case PollKind::evidence:
      return is_urgent(item) ? options_.evidence_every / urgent_factor : options_.evidence_every;
    case PollKind::appeared:
      return options_.evidence_every;
    default:
      return options_.tags_every;
  }
}

/// When the registry as a whole does not answer, that is a failure of its listing, too; when it
/// answers again, the lists are read at once, for only they end the blindness.
void RegistryPoller::note_health(bool healthy, const RegistryProblem* problem) {
  const bool is_blocked = client_.transport().blocked_for() > Duration::zero();
  if (!healthy && problem != nullptr && is_blocked && !outage_) {
    outage_ = true;
    for (const auto& [repository, state] : repositories_) {
      unlisted_.insert(repository);
    }
    sink_.registry_failed(options_.name, *problem);
  } else if (healthy && outage_) {
    outage_ = false;
    schedule_.ask_now(PollItem(), instant());
    for (const auto& [repository, state] : repositories_) {
      schedule_.ask_now(PollItem(PollKind::tag_list, repository, std::string()), instant());
    }
  }
}

void RegistryPoller::subject_appeared(const std::string& repository, const Digest& digest) {
  const PollItem item(PollKind::appeared, repository, digest.str());
  if (!schedule_.add(item, period_of(item), Schedule::First::at_once, instant())) {
    schedule_.ask_now(item, instant());
  }
  wake_.notify();
}

void RegistryPoller::hasten(const std::string& repository, const std::string& tag) {
  if (!options_.repositories.passes(repository)) {
    return;
  }
  if (!repositories_.contains(repository)) {
    schedule_.ask_now(PollItem(), instant());
  } else {
    for (const PollItem& item : {PollItem(PollKind::tag_list, repository, std::string()),
                                 PollItem(PollKind::tag_check, repository, tag)}) {
      if (schedule_.ask_now(item, instant())) {
        look_again_.insert(item);
      }
    }
  }
  wake_.notify();
}

bool RegistryPoller::confirm_drop() {
  bool doubted = false;
  if (catalog_guard_.doubted_since()) {
    doubted = true;
    catalog_guard_.confirm();
    schedule_.ask_now(PollItem(), instant());
  }
  for (auto& [repository, state] : repositories_) {
    if (state.guard.doubted_since()) {
      doubted = true;
      state.guard.confirm();
      schedule_.ask_now(PollItem(PollKind::tag_list, repository, std::string()), instant());
    }
  }
  wake_.notify();
  return doubted;
}

std::optional<TimePoint> RegistryPoller::next_poll_at() const {
  const std::optional<Duration> due = schedule_.next_due();
  if (!due) {
    return std::nullopt;
  }
  return clock_.now() + std::max(*due - clock_.monotonic(), Duration::zero());
}

}  // namespace scanclock
