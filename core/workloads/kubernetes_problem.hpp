#pragma once

#include "core/domain/time.hpp"
#include "core/workloads/source_problem.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace scanclock {

/// A `Status` object of the Kubernetes API (meta/v1), as an error's body and as the object of an
/// ERROR event inside a watch that itself was answered with 200.
struct KubernetesStatus {
  KubernetesStatus() = default;
  int code = 0;
  /// `Expired`, `Gone`, `Forbidden`, `Timeout`, ...
  std::string reason;
  /// Bounded, control characters replaced.
  std::string message;
  /// The reason of one of `details.causes` is ResourceVersionTooLarge.
  bool resource_version_too_large = false;
  /// `details.retryAfterSeconds`.
  std::optional<Duration> retry_after;
};

/// Nothing for what is no Status object. Any bytes; at most `kubernetes_status_bytes_max` are read.
std::optional<KubernetesStatus> parse_kubernetes_status(std::string_view json);

inline constexpr std::size_t kubernetes_status_bytes_max = std::size_t{256} << 10;

/// What to do about a refused request; the text forms are metric labels.
enum class KubernetesProblemKind {
  /// 410, or a Status with reason Expired or Gone: list again from the start.
  expired,
  /// 504 ResourceVersionTooLarge: the server does not know this version yet, or never will.
  too_large_resource_version,
  too_many_requests,
  /// 401, also after the credentials were read again, or credentials that cannot be used.
  unauthorized,
  /// 403: not visible, which is never the same as "none there".
  forbidden,
  not_found,
  /// 400 and 422: a bad continue token, or a parameter that this server does not know.
  invalid,
  server_error,
  unexpected_status,
  /// No usable HTTP answer; `transport_reason` says why.
  transport,
};

std::string_view to_string(KubernetesProblemKind kind);

struct KubernetesProblem {
  KubernetesProblem() = default;
  KubernetesProblemKind kind = KubernetesProblemKind::transport;
  /// Of the answer; 0 without one.
  int status = 0;
  /// How long the server wants to be left alone, from Retry-After or the Status object.
  std::optional<Duration> retry_after;
  /// The text of an HttpFailureReason; only with kind `transport`.
  std::string transport_reason;
  /// For people: what was asked, of whom, and the server's own message. Never a secret.
  std::string message;
};

/// The kind of a Status object: for error bodies, and for ERROR events inside a watch.
KubernetesProblemKind kind_of(const KubernetesStatus& status);

/// For WorkloadSink::workload_source_failed().
SourceProblem to_source_problem(const KubernetesProblem& problem);

}  // namespace scanclock
