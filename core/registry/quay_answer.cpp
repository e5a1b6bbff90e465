#include "core/registry/quay_answer.hpp"

#include "core/registry/bounded_json.hpp"
#include "core/registry/platform_record.hpp"

#include <nlohmann/json.hpp>

#include <utility>

namespace scanclock {

Result<std::optional<FoundEvidence>, std::string> read_quay_answer(std::string_view bytes,
                                                                   const std::string& host,
                                                                   const RepositoryKey& repository,
                                                                   const Digest& subject) {
  nlohmann::json answer;
  std::string defect = parse_registry_object(bytes, answer);
  if (!defect.empty()) {
    return defect;
  }
  const std::string status = text_field(answer, "status");
  if (status.empty()) {
    return std::string("no status");
  }
  if (status != "scanned") {
    return std::optional<FoundEvidence>();
  }
  std::string document =
      wrap_platform_record("quay-secscan", host, repository.repository, subject, std::move(answer));
  return std::optional(platform_evidence(repository, subject, std::move(document)));
}

}  // namespace scanclock
