#pragma once

#include "core/domain/registry_ports.hpp"
#include "core/domain/result.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace scanclock {

/// The record of an answer; nothing where Quay has not scanned the image (queued, failed,
/// unsupported). The failure says what is wrong with the text.
Result<std::optional<FoundEvidence>, std::string> read_quay_answer(std::string_view bytes,
                                                                   const std::string& host,
                                                                   const RepositoryKey& repository,
                                                                   const Digest& subject);

}  // namespace scanclock
