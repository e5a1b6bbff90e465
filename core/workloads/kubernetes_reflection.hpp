#pragma once

#include "core/domain/time.hpp"
#include "core/runtime/backoff.hpp"
#include "core/workloads/kubernetes_problem.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

namespace scanclock {

/// client-go's default (tools/pager).
inline constexpr std::size_t kubernetes_page_objects = 500;
/// As client-go's reflector: from 800 ms doubling to 30 s, forgotten after 2 min of health.
inline constexpr Duration kubernetes_backoff_first = std::chrono::milliseconds(800);
inline constexpr Duration kubernetes_backoff_max = std::chrono::seconds(30);
inline constexpr Duration kubernetes_healthy_after = std::chrono::minutes(2);
/// A watch lasts a random time between these.
inline constexpr Duration kubernetes_watch_time_min = std::chrono::seconds(300);
inline constexpr Duration kubernetes_watch_time_max = std::chrono::seconds(600);
/// A watch that is silent for so much longer than it was to last is dead.
inline constexpr Duration kubernetes_watch_silence_extra = std::chrono::seconds(30);
/// A watch that ends sooner and brought nothing counts as a failure.
inline constexpr Duration kubernetes_short_watch = std::chrono::seconds(1);
/// Lists whose token grows too old are begun anew so often, and then asked for without pages.
inline constexpr int kubernetes_list_restarts_max = 2;
/// A server that says it does not know a resource version yet is asked so often for it, before a
/// new list: its data may have been restored from a backup.
inline constexpr int kubernetes_unknown_version_tries = 3;

/// What to ask next.
struct KubernetesAsk {
  KubernetesAsk() = default;
  enum class Kind {
    list,
    watch,
    /// A watch whose first events stand for the list (KEP-3157).
    streamed_list,
  };
  Kind kind = Kind::list;
  /// To be waited before.
  Duration wait{0};
  /// The first page of a list: what was seen in an unfinished one no longer counts.
  bool begins_list = false;
  std::string continue_token;
  /// 0: without pages.
  std::size_t limit = 0;
  std::string resource_version;
  /// How long a watch is to last.
  Duration watch_time{0};
};

/// How a watch ended.
enum class KubernetesWatchEnd {
  /// With its last chunk.
  clean,
  /// Cut off, or silent for too long.
  broken,
  /// A document could not be read, or is too large.
  malformed,
};

struct KubernetesRules {
  KubernetesRules() = default;
  bool streaming_list = false;
  std::size_t page_objects = kubernetes_page_objects;
  /// How long a resource that the server does not know is left alone.
  Duration missing_wait = kubernetes_backoff_max;
  std::uint64_t seed = 0;
};

/// Decides what a list-and-watch of one kind of object asks next, and how long it waits before
/// (reference: orchestrators 1.1 to 1.3; client-go tools/cache/reflector.go). A pure state machine;
/// times are monotonic.
class KubernetesReflection {
 public:
  explicit KubernetesReflection(KubernetesRules rules);

  KubernetesAsk next();

  /// A page was read; true when the list is complete.
  bool page_read(const std::string& resource_version, const std::string& continue_token);
  /// A page could not be read: the server's next answer to the same question may be the same.
  void page_malformed();
  /// The list, or the opening of a watch, was refused.
  void refused(const KubernetesProblem& problem);

  void watch_opened(Duration now);
  /// An object or bookmark came; true when it ends a streamed list.
  bool event_read(const std::string& resource_version, bool ends_initial_events);
  /// An ERROR event came, after which the watch ends.
  void error_read(const KubernetesStatus& status);
  /// Not after error_read().
  void watch_ended(KubernetesWatchEnd end, Duration now);
  /// A watch is left for a list, because something else than the collection has changed.
  void look_again();
  /// To be called while a watch is open, so that health is noticed.
  void time_passed(Duration now);

  /// The list whose page was read last is older than what was known before: the server's data were
  /// restored from a backup, and equal resource versions need not mean equal objects.
  bool went_back() const { return went_back_; }
  const std::string& resource_version() const { return resource_version_; }

 private:
  enum class Phase { list, watch };

  void list_again();
  void wait_longer(const std::optional<Duration>& at_least = std::nullopt);
  void refuse_list(const KubernetesProblem& problem);
  void refuse_watch(const KubernetesProblem& problem);
  Duration watch_time();
  bool list_done(const std::string& resource_version);

  KubernetesRules rules_;
  Backoff backoff_;
  std::uint64_t watches_ = 0;
  Phase phase_ = Phase::list;
  bool streaming_;
  bool is_streaming_now_ = false;
  Duration wait_{0};
  std::string continue_token_;
  /// Of the list under way, which must not change between its pages.
  std::string list_version_;
  int restarts_ = 0;
  int unknown_version_tries_ = 0;
  std::string resource_version_;
  bool went_back_ = false;
  Duration opened_at_{0};
  bool watch_brought_something_ = false;
};

/// Whether `earlier` is a smaller resource version than `later`. The API calls them opaque; those
/// of all its servers are decimal numbers, and for others the answer is no.
bool is_earlier_version(const std::string& earlier, const std::string& later);

}  // namespace scanclock
