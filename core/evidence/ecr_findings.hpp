#pragma once

#include "core/domain/evidence.hpp"

#include <nlohmann/json_fwd.hpp>

#include <string_view>

namespace scanclock::evidence {

/// Reads an answer of DescribeImageScanFindings, or an image of DescribeImages with its
/// imageScanFindingsSummary, into `report`: all but the subject. `prefix` stands before the paths
/// of fields: empty, or `record.`.
void read_ecr_scan(ScanReport& report, const nlohmann::json& answer, std::string_view prefix);

}  // namespace scanclock::evidence
