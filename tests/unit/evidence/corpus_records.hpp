#pragma once

#include "core/domain/evidence.hpp"

#include <vector>

namespace scanclock::testing {

/// Where in the sample file a person finds each value, in the notation of values_at.
struct ExpectedPaths {
  const char* version = "";
  const char* finished_at = "";
  const char* database_built_at = "";
  const char* subjects = "";
  const char* config = "";
  /// Each value is one counted finding.
  const char* counts = "";
};

/// What a person reads in a sample file, and where. A value that is there has a path, and the file
/// holds that value there.
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
  ExpectedPaths paths = {};
};

extern const std::vector<Expected> trivy_records;
extern const std::vector<Expected> grype_records;
extern const std::vector<Expected> sarif_records;
extern const std::vector<Expected> attestation_records;
extern const std::vector<Expected> cyclonedx_records;
extern const std::vector<Expected> gitlab_records;
extern const std::vector<Expected> clair_records;
extern const std::vector<Expected> snyk_records;
extern const std::vector<Expected> twistlock_records;
extern const std::vector<Expected> product_records;
/// XCCDF results, of which nothing is read.
extern const std::vector<const char*> configuration_files;

}  // namespace scanclock::testing
