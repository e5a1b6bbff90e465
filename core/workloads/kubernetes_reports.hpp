#pragma once

#include "core/runtime/blocking_pool.hpp"
#include "core/runtime/clock.hpp"
#include "core/workloads/evidence_sink.hpp"
#include "core/workloads/known_pods.hpp"
#include "core/workloads/kubernetes_reflector.hpp"

#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace scanclock {

/// Reports are hundreds of KiB where pods are a few.
inline constexpr std::size_t kubernetes_page_reports = 20;
inline constexpr std::size_t kubernetes_report_bytes_max = std::size_t{16} << 20;
/// A cluster without the Trivy Operator is asked again after this.
inline constexpr Duration kubernetes_reports_missing_wait = std::chrono::minutes(10);
/// A report that could not be kept is handed in again after this.
inline constexpr Duration kubernetes_report_retry_wait = std::chrono::seconds(5);

/// A VulnerabilityReport as it is handed on.
struct OperatorReport {
  OperatorReport() = default;
  /// The object with kind and apiVersion, which lists leave out, and without what changes though
  /// the report does not: one report must be one piece of evidence.
  std::string bytes;
  /// `report.artifact.digest` and `report.updateTimestamp`, as they stand there; may be empty.
  std::string artifact;
  std::string updated_at;
};

/// Nothing for what is no object with a report. Blocking for large ones. Any thread.
std::optional<OperatorReport> parse_operator_report(std::string_view json);

/// Hands a cluster's VulnerabilityReport objects to an EvidenceSink. The operator writes one for
/// each container of each workload: of those with the same artifact only what is newer than the one
/// that counted last goes on. An object in a version that was handed in is not read again.
class KubernetesReports final : public KubernetesListener<KubernetesReport> {
 public:
  /// `refusal` is called with why the reports cannot be seen, empty once they can. All must outlive
  /// it.
  KubernetesReports(std::string source, EvidenceSink& sink, Clock& clock, BlockingPool& pool,
                    std::function<void()> on_request,
                    std::function<void(const std::string&)> refusal);

  void asked() override { on_request_(); }
  void list_begins() override { ++round_; }
  boost::asio::awaitable<void> listed(std::vector<KubernetesReport>& objects,
                                      bool went_back) override;
  void list_complete() override;
  boost::asio::awaitable<void> changed(
      std::vector<KubernetesEvent<KubernetesReport>>& events) override;
  void heard() override;
  void refused(const KubernetesProblem& problem) override;
  void unreadable(const std::string& message) override;

 private:
  struct Known {
    std::uint64_t version = 0;
    std::uint32_t round = 0;
  };

  boost::asio::awaitable<std::optional<OperatorReport>> read(std::string text);
  boost::asio::awaitable<void> take(std::string uid, std::string version, std::string json);
  void note_refusal(const std::string& refusal);

  std::string source_;
  EvidenceSink& sink_;
  Clock& clock_;
  BlockingPool& pool_;
  std::function<void()> on_request_;
  std::function<void(const std::string&)> refusal_;
  std::string refused_because_;
  std::uint32_t round_ = 0;
  std::unordered_map<KubernetesUid, Known, KubernetesUidHash> known_;
  /// When the newest report that counts was written, by artifact. Times of one writer in one format
  /// compare as text.
  std::map<std::string, std::string> newest_;
};

}  // namespace scanclock
