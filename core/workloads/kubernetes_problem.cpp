#include "core/workloads/kubernetes_problem.hpp"

#include "core/workloads/bounded_json.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <utility>

namespace scanclock {
namespace {

constexpr std::size_t status_text_bytes_max = 512;
constexpr std::size_t status_depth_max = 32;
constexpr std::int64_t retry_after_seconds_max = 86'400;

/// What a server says is shown to people: one line of a bounded length.
std::string shown_text(const nlohmann::json& object, const char* name) {
  const auto field = object.find(name);
  if (field == object.end() || !field->is_string()) {
    return {};
  }
  std::string text = field->get<std::string>();
  if (text.size() > status_text_bytes_max) {
    text.resize(status_text_bytes_max);
    // Cut before a character that is cut, for its first bytes alone are no UTF-8.
    while (!text.empty() && (static_cast<unsigned char>(text.back()) & 0xc0U) == 0x80U) {
      text.pop_back();
    }
    if (!text.empty() && static_cast<unsigned char>(text.back()) >= 0xc0U) {
      text.pop_back();
    }
    text += "…";
  }
  std::replace_if(
      text.begin(), text.end(), [](unsigned char c) { return c < 0x20 || c == 0x7f; }, ' ');
  return text;
}

void read_status_details(const nlohmann::json& details, KubernetesStatus& status) {
  const auto seconds = details.find("retryAfterSeconds");
  if (seconds != details.end() && seconds->is_number_integer()) {
    const auto value = seconds->get<std::int64_t>();
    if (value > 0) {
      status.retry_after = std::chrono::seconds(std::min(value, retry_after_seconds_max));
    }
  }
  const auto causes = details.find("causes");
  if (causes == details.end() || !causes->is_array()) {
    return;
  }
  status.resource_version_too_large =
      std::any_of(causes->begin(), causes->end(), [](const nlohmann::json& cause) {
        return cause.is_object() && cause.contains("reason") &&
               cause["reason"] == "ResourceVersionTooLarge";
      });
}

bool is_one_of(const std::string& reason, std::initializer_list<std::string_view> reasons) {
  return std::find(reasons.begin(), reasons.end(), reason) != reasons.end();
}

}  // namespace

std::optional<KubernetesStatus> parse_kubernetes_status(std::string_view json) {
  JsonLimits limits;
  limits.bytes_max = kubernetes_status_bytes_max;
  limits.depth_max = status_depth_max;
  const auto parsed = parse_bounded_json(json, limits);
  if (!parsed || !parsed->is_object() || shown_text(*parsed, "kind") != "Status") {
    return std::nullopt;
  }
  KubernetesStatus status;
  const auto code = parsed->find("code");
  if (code != parsed->end() && code->is_number_integer()) {
    const auto value = code->get<std::int64_t>();
    status.code = value >= 100 && value <= 599 ? static_cast<int>(value) : 0;
  }
  status.reason = shown_text(*parsed, "reason");
  status.message = shown_text(*parsed, "message");
  const auto details = parsed->find("details");
  if (details != parsed->end() && details->is_object()) {
    read_status_details(*details, status);
  }
  return status;
}

std::string_view to_string(KubernetesProblemKind kind) {
  switch (kind) {
    case KubernetesProblemKind::expired:
      return "expired";
    case KubernetesProblemKind::too_large_resource_version:
      return "too_large_resource_version";
    case KubernetesProblemKind::too_many_requests:
      return "too_many_requests";
    case KubernetesProblemKind::unauthorized:
      return "unauthorized";
    case KubernetesProblemKind::forbidden:
      return "forbidden";
    case KubernetesProblemKind::not_found:
      return "not_found";
    case KubernetesProblemKind::invalid:
      return "invalid";
    case KubernetesProblemKind::server_error:
      return "server_error";
    case KubernetesProblemKind::unexpected_status:
      return "unexpected_status";
    case KubernetesProblemKind::transport:
      return "transport";
  }
  return "unexpected_status";
}

KubernetesProblemKind kind_of(const KubernetesStatus& status) {
  using Kind = KubernetesProblemKind;
  const int code = status.code;
  const std::string& reason = status.reason;
  if (code == 410 || is_one_of(reason, {"Expired", "Gone"})) {
    return Kind::expired;
  }
  if (status.resource_version_too_large) {
    return Kind::too_large_resource_version;
  }
  if (code == 429 || reason == "TooManyRequests") {
    return Kind::too_many_requests;
  }
  if (code == 401 || reason == "Unauthorized") {
    return Kind::unauthorized;
  }
  if (code == 403 || reason == "Forbidden") {
    return Kind::forbidden;
  }
  if (code == 404 || reason == "NotFound") {
    return Kind::not_found;
  }
  if (code == 400 || code == 422 || is_one_of(reason, {"BadRequest", "Invalid"})) {
    return Kind::invalid;
  }
  const bool is_server_error = code >= 500 || is_one_of(reason, {"InternalError", "ServerTimeout",
                                                                 "Timeout", "ServiceUnavailable"});
  return is_server_error ? Kind::server_error : Kind::unexpected_status;
}

SourceProblem to_source_problem(const KubernetesProblem& problem) {
  std::string reason = problem.kind == KubernetesProblemKind::transport
                           ? problem.transport_reason
                           : std::string(to_string(problem.kind));
  switch (problem.kind) {
    case KubernetesProblemKind::expired:
    case KubernetesProblemKind::invalid:
      reason = "unexpected_status";
      break;
    case KubernetesProblemKind::too_large_resource_version:
      reason = "server_error";
      break;
    default:
      break;
  }
  return SourceProblem(std::move(reason), problem.message);
}

}  // namespace scanclock
