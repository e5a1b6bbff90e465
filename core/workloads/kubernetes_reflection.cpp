#include "core/workloads/kubernetes_reflection.hpp"

#include <algorithm>
#include <utility>

namespace scanclock {
namespace {

Backoff::Limits reflection_backoff() {
  Backoff::Limits limits;
  limits.first = kubernetes_backoff_first;
  limits.max = kubernetes_backoff_max;
  limits.factor = 2.0;
  // As much as Backoff takes: many daemons and kinds of objects come back after one outage.
  limits.jitter = 0.5;
  return limits;
}

bool is_number(const std::string& text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char character) {
    return character >= '0' && character <= '9';
  });
}

}  // namespace

bool is_earlier_version(const std::string& earlier, const std::string& later) {
  if (!is_number(earlier) || !is_number(later)) {
    return false;
  }
  return earlier.size() != later.size() ? earlier.size() < later.size() : earlier < later;
}

KubernetesReflection::KubernetesReflection(KubernetesRules rules)
    : rules_(rules), backoff_(reflection_backoff(), rules.seed), streaming_(rules.streaming_list) {}

Duration KubernetesReflection::watch_time() {
  const std::string key = std::to_string(rules_.seed) + "/" + std::to_string(++watches_);
  return kubernetes_watch_time_min +
         phase_of(key, kubernetes_watch_time_max - kubernetes_watch_time_min);
}

KubernetesAsk KubernetesReflection::next() {
  KubernetesAsk ask;
  ask.wait = std::exchange(wait_, Duration::zero());
  is_streaming_now_ = false;
  if (phase_ == Phase::watch) {
    ask.kind = KubernetesAsk::Kind::watch;
    ask.resource_version = resource_version_;
    ask.watch_time = watch_time();
    return ask;
  }
  ask.begins_list = continue_token_.empty();
  if (streaming_) {
    is_streaming_now_ = true;
    ask.kind = KubernetesAsk::Kind::streamed_list;
    ask.watch_time = watch_time();
    return ask;
  }
  // No resource version is stated: the answer is consistent, and one of version 0 would come in one
  // piece whatever the limit. With a token none may be.
  ask.limit = restarts_ > kubernetes_list_restarts_max ? 0 : rules_.page_objects;
  ask.continue_token = continue_token_;
  return ask;
}

void KubernetesReflection::list_again() {
  phase_ = Phase::list;
  continue_token_.clear();
  list_version_.clear();
}

void KubernetesReflection::wait_longer(const std::optional<Duration>& at_least) {
  wait_ = std::max(backoff_.next(), at_least.value_or(Duration::zero()));
}

bool KubernetesReflection::list_done(const std::string& resource_version) {
  resource_version_ = resource_version;
  continue_token_.clear();
  list_version_.clear();
  restarts_ = 0;
  unknown_version_tries_ = 0;
  phase_ = Phase::watch;
  return true;
}

bool KubernetesReflection::page_read(const std::string& resource_version,
                                     const std::string& continue_token) {
  if (list_version_.empty()) {
    list_version_ = resource_version;
    went_back_ = is_earlier_version(list_version_, resource_version_);
  }
  if (continue_token.empty()) {
    // The version of the first page is the safe one, should the server have moved on.
    return list_done(list_version_);
  }
  continue_token_ = continue_token;
  return false;
}

void KubernetesReflection::page_malformed() {
  list_again();
  wait_longer();
}

void KubernetesReflection::refused(const KubernetesProblem& problem) {
  if (is_streaming_now_ && phase_ == Phase::list) {
    // Whatever the reason: servers say no in too many ways.
    streaming_ = false;
    const bool unsupported = problem.kind == KubernetesProblemKind::invalid;
    list_again();
    if (!unsupported) {
      wait_longer(problem.retry_after);
    }
    return;
  }
  if (phase_ == Phase::list) {
    refuse_list(problem);
  } else {
    refuse_watch(problem);
  }
}

void KubernetesReflection::refuse_list(const KubernetesProblem& problem) {
  const bool is_first_page = continue_token_.empty();
  switch (problem.kind) {
    case KubernetesProblemKind::expired:
    case KubernetesProblemKind::invalid:
      // Of a later page: the token is too old, or no good. The list begins anew, and what was
      // listed of the old one is seen again.
      restarts_ = is_first_page ? 0 : restarts_ + 1;
      list_again();
      break;
    case KubernetesProblemKind::not_found:
      list_again();
      wait_longer(rules_.missing_wait);
      return;
    default:
      break;
  }
  // All else is worth asking once more for the same page, so that a long list is not begun anew for
  // one failure.
  wait_longer(problem.retry_after);
}

void KubernetesReflection::refuse_watch(const KubernetesProblem& problem) {
  if (problem.kind == KubernetesProblemKind::expired ||
      problem.kind == KubernetesProblemKind::invalid ||
      problem.kind == KubernetesProblemKind::not_found) {
    list_again();
  } else if (problem.kind == KubernetesProblemKind::too_large_resource_version &&
             ++unknown_version_tries_ >= kubernetes_unknown_version_tries) {
    unknown_version_tries_ = 0;
    list_again();
  }
  wait_longer(problem.retry_after);
}

void KubernetesReflection::watch_opened(Duration now) {
  opened_at_ = now;
  watch_brought_something_ = false;
}

bool KubernetesReflection::event_read(const std::string& resource_version,
                                      bool ends_initial_events) {
  watch_brought_something_ = true;
  if (is_streaming_now_ && phase_ == Phase::list) {
    // Events that stand for the list come in no order: none of them says where to go on.
    if (!ends_initial_events) {
      return false;
    }
    went_back_ = is_earlier_version(resource_version, resource_version_);
    return list_done(resource_version);
  }
  unknown_version_tries_ = 0;
  resource_version_ = resource_version;
  return false;
}

void KubernetesReflection::error_read(const KubernetesStatus& status) {
  KubernetesProblem problem;
  problem.kind = kind_of(status);
  problem.status = status.code;
  problem.retry_after = status.retry_after;
  problem.message = status.message;
  refused(problem);
}

void KubernetesReflection::watch_ended(KubernetesWatchEnd end, Duration now) {
  time_passed(now);
  if (phase_ == Phase::list) {
    // A streamed list that did not come to its end.
    streaming_ = false;
    list_again();
    wait_longer();
    return;
  }
  if (end == KubernetesWatchEnd::malformed) {
    // The same document would come again: a list shows what it was about, or fails visibly.
    list_again();
    wait_longer();
    return;
  }
  const bool is_very_short = now - opened_at_ < kubernetes_short_watch && !watch_brought_something_;
  if (end == KubernetesWatchEnd::broken || is_very_short) {
    wait_longer();
  }
}

void KubernetesReflection::look_again() {
  list_again();
  // However often that happens, the server is not asked for one list after the other.
  wait_longer();
}

void KubernetesReflection::time_passed(Duration now) {
  if (now - opened_at_ >= kubernetes_healthy_after) {
    backoff_.reset();
  }
}

}  // namespace scanclock
