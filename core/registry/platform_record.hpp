#pragma once

#include "core/domain/registry_ports.hpp"

#include <nlohmann/json_fwd.hpp>

#include <string>
#include <string_view>

namespace scanclock {

inline constexpr const char* platform_record_type = "application/vnd.scanclock.record.v1+json";

/// Wraps what a product's API says about one manifest, so that it is kept and read like any other
/// evidence: `{"scanclockRecord": kind, "registry": host, "repository": …, "digest": …,
/// "record": …}`. Keys are sorted, so that an unchanged record has the same digest every time.
std::string wrap_platform_record(std::string_view kind, const std::string& host,
                                 const std::string& repository, const Digest& digest,
                                 nlohmann::json record);

/// Hashed and ready to be handed over.
FoundEvidence platform_evidence(const RepositoryKey& repository, const Digest& subject,
                                std::string bytes, std::string media_type = platform_record_type);

/// Reads any JSON value of bounded depth. Returns what is wrong with the text.
std::string parse_platform_json(std::string_view bytes, nlohmann::json& into);

}  // namespace scanclock
