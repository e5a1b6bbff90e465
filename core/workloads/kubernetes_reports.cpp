#include "core/workloads/kubernetes_reports.hpp"

#include "core/runtime/log.hpp"
#include "core/workloads/bounded_json.hpp"

#include <nlohmann/json.hpp>

#include <utility>

namespace scanclock {
namespace {

using nlohmann::json;

constexpr const char* operator_api_version = "aquasecurity.github.io/v1alpha1";
constexpr const char* operator_report_kind = "VulnerabilityReport";
/// They say which object it was and whose container it speaks of.
constexpr const char* operator_metadata_kept[] = {"name", "namespace", "uid", "creationTimestamp",
                                                  "labels"};

std::string operator_text(const json& object, const char* key) {
  const auto found = object.find(key);
  return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

std::uint64_t report_version(std::string_view version) {
  return std::hash<std::string_view>()(version);
}

}  // namespace

std::optional<OperatorReport> parse_operator_report(std::string_view text) {
  JsonLimits limits;
  limits.bytes_max = kubernetes_report_bytes_max;
  limits.refuse_duplicate_keys = true;
  const auto parsed = parse_bounded_json(text, limits);
  if (!parsed || !parsed->is_object()) {
    return std::nullopt;
  }
  const auto report = parsed->find("report");
  const auto metadata = parsed->find("metadata");
  if (report == parsed->end() || !report->is_object() || metadata == parsed->end() ||
      !metadata->is_object()) {
    return std::nullopt;
  }
  json kept{{"apiVersion", operator_api_version}, {"kind", operator_report_kind}};
  for (const char* key : operator_metadata_kept) {
    if (const auto found = metadata->find(key); found != metadata->end()) {
      kept["metadata"][key] = *found;
    }
  }
  OperatorReport read;
  if (const auto artifact = report->find("artifact");
      artifact != report->end() && artifact->is_object()) {
    read.artifact = operator_text(*artifact, "digest");
  }
  read.updated_at = operator_text(*report, "updateTimestamp");
  kept["report"] = *report;
  read.bytes = kept.dump();
  return read;
}

KubernetesReports::KubernetesReports(std::string source, EvidenceSink& sink, Clock& clock,
                                     BlockingPool& pool, std::function<void()> on_request,
                                     std::function<void(const std::string&)> refusal)
    : source_(std::move(source)),
      sink_(sink),
      clock_(clock),
      pool_(pool),
      on_request_(std::move(on_request)),
      refusal_(std::move(refusal)) {}

asio::awaitable<void> KubernetesReports::listed(std::vector<KubernetesReport>& objects,
                                                bool went_back) {
  for (KubernetesReport& object : objects) {
    const auto known = known_.find(KubernetesUid::of(object.uid));
    if (known != known_.end()) {
      known->second.round = round_;
      if (!went_back && known->second.version == report_version(object.resource_version)) {
        continue;
      }
    }
    std::string text(object.json);
    co_await take(object.uid, object.resource_version, std::move(text));
  }
}

void KubernetesReports::list_complete() {
  std::erase_if(known_, [this](const auto& entry) { return entry.second.round != round_; });
}

asio::awaitable<void> KubernetesReports::changed(
    std::vector<KubernetesEvent<KubernetesReport>>& events) {
  for (KubernetesEvent<KubernetesReport>& event : events) {
    // What was scanned stays scanned when the operator removes its report.
    if (event.type == KubernetesEventType::deleted) {
      known_.erase(KubernetesUid::of(event.object.uid));
      continue;
    }
    std::string text(event.object.json);
    co_await take(event.object.uid, event.object.resource_version, std::move(text));
  }
}

asio::awaitable<std::optional<OperatorReport>> KubernetesReports::read(std::string text) {
  const auto shared = std::make_shared<const std::string>(std::move(text));
  while (true) {
    try {
      auto work = [shared] { return parse_operator_report(*shared); };
      co_return co_await pool_.run(std::move(work));
    } catch (const PoolBusyError& busy) {
      log::debug("workloads", "{}: {}", source_, busy.what());
    }
    co_await clock_.sleep(kubernetes_report_retry_wait);
  }
}

asio::awaitable<void> KubernetesReports::take(std::string uid, std::string version,
                                              std::string text) {
  std::optional<OperatorReport> report = co_await read(std::move(text));
  Known& known = known_[KubernetesUid::of(uid)];
  known.version = report_version(version);
  known.round = round_;
  if (!report) {
    log::warning("workloads", "{}: a vulnerability report of the cluster cannot be read", source_);
    co_return;
  }
  const auto newest = newest_.find(report->artifact);
  if (newest != newest_.end() && newest->second >= report->updated_at) {
    co_return;
  }
  ClusterScanReport handed;
  handed.source = source_;
  handed.bytes = std::make_shared<const std::string>(std::move(report->bytes));
  ScanReportOutcome outcome = co_await sink_.report_found(handed);
  while (outcome == ScanReportOutcome::not_kept) {
    co_await clock_.sleep(kubernetes_report_retry_wait);
    outcome = co_await sink_.report_found(handed);
  }
  // One that is refused, such as one from the future, must not hide those that come after it.
  if (outcome == ScanReportOutcome::counted && !report->artifact.empty()) {
    newest_[report->artifact] = report->updated_at;
  }
}

void KubernetesReports::heard() { note_refusal({}); }

void KubernetesReports::refused(const KubernetesProblem& problem) {
  switch (problem.kind) {
    case KubernetesProblemKind::expired:
    case KubernetesProblemKind::too_large_resource_version:
      return;
    case KubernetesProblemKind::not_found:
      log::debug("workloads", "{} has no VulnerabilityReport objects", source_);
      return;
    default:
      note_refusal(problem.message);
  }
}

void KubernetesReports::unreadable(const std::string& message) { note_refusal(message); }

void KubernetesReports::note_refusal(const std::string& refusal) {
  if (refusal != refused_because_) {
    refused_because_ = refusal;
    refusal_(refusal);
  }
}

}  // namespace scanclock
