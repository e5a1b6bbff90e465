#pragma once

#include "core/domain/evidence.hpp"

#include <vector>

namespace scanclock::testing {

/// What a person reads in a sample file; each column's path stands in formats().
struct Expected {
  const char* file;
  const char* format;
  const char* scanner;
  const char* version;
  const char* finished_at;
  const char* finished_at_field;
  const char* database_built_at;
  std::vector<const char*> subject_hexes;
  const char* config_hex;
  const char* platform;
  SeverityCounts counts;
  const char* defect;
};

extern const std::vector<Expected> trivy_records;
extern const std::vector<Expected> grype_records;
extern const std::vector<Expected> sarif_records;
extern const std::vector<Expected> attestation_records;

}  // namespace scanclock::testing
