#include "core/registry/platform_record.hpp"

#include "core/registry/bounded_json.hpp"
#include "core/runtime/hashing.hpp"

#include <nlohmann/json.hpp>

#include <utility>

namespace scanclock {

std::string wrap_platform_record(std::string_view kind, const std::string& host,
                                 const std::string& repository, const Digest& digest,
                                 nlohmann::json record) {
  nlohmann::json document;
  document["scanclockRecord"] = kind;
  document["registry"] = host;
  document["repository"] = repository;
  document["digest"] = digest.str();
  document["record"] = std::move(record);
  return document.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

FoundEvidence platform_evidence(const RepositoryKey& repository, const Digest& subject,
                                std::string bytes, std::string media_type) {
  FoundEvidence found;
  found.repository = repository;
  found.origin = EvidenceOrigin::platform_api;
  found.attached_to = subject;
  found.digest = sha256(bytes);
  found.media_type = std::move(media_type);
  found.bytes = std::move(bytes);
  return found;
}

std::string parse_platform_json(std::string_view bytes, nlohmann::json& into) {
  if (nests_deeper_than(bytes, registry_json_depth_max)) {
    return "json nests deeper than " + std::to_string(registry_json_depth_max) + " levels";
  }
  into = nlohmann::json::parse(bytes, nullptr, false);
  return into.is_discarded() ? "not valid json" : std::string();
}

}  // namespace scanclock
