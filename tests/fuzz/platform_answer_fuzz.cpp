#include "core/evidence/reader.hpp"
#include "core/registry/ecr_answers.hpp"
#include "core/registry/harbor_artifacts.hpp"
#include "core/registry/quay_answer.hpp"
#include "core/runtime/hashing.hpp"
#include "tests/fuzz/fuzzing.hpp"

#include <string>
#include <string_view>

namespace {

using namespace scanclock;
using fuzzing::require;

const std::string host = "registry.example";
const RepositoryKey repository{"prod", "shop/cart"};
const Digest asked = Digest::from_trusted("sha256:" + std::string(64, '1'));

/// The walls between rooms: what one writes the other must be able to read, and under no other
/// image's name.
void require_readable(const FoundEvidence& record, const Digest& subject) {
  require(record.digest == sha256(record.bytes), "a record is named by its hash");
  require(record.origin == EvidenceOrigin::platform_api && record.attached_to == subject,
          "a record is the platform's own and attached to what was asked for");
  const ScanReport report = read_report(record.bytes);
  require(report.defect != Rejection::unknown_format, "the reader knows the record's format");
  require(report.defect || report.subjects == std::vector<Digest>{subject},
          "a record without a defect speaks about what was asked for");
}

void try_harbor(std::string_view bytes) {
  is_harbor_report(bytes);
  auto artifacts = parse_harbor_artifacts(bytes, host, repository);
  if (!artifacts) {
    auto artifact = parse_harbor_artifact(bytes, host, repository);
    if (!artifact) {
      return;
    }
    artifacts = std::vector<HarborArtifact>{std::move(*artifact)};
  }
  for (const HarborArtifact& artifact : *artifacts) {
    require(!artifact.digest.empty(), "an artifact has a digest");
    require(!artifact.is_index || !artifact.record, "no record is made of an index");
    require(!artifact.pushed_at || is_set(*artifact.pushed_at), "year 1 is no push");
    if (artifact.record) {
      require_readable(*artifact.record, artifact.digest);
    }
  }
}

void try_quay(std::string_view bytes) {
  const auto answer = read_quay_answer(bytes, host, repository, asked);
  if (answer && *answer) {
    require_readable(**answer, asked);
    require(!read_report((*answer)->bytes).finished_at, "quay says no time");
  }
}

/// Each line is a page.
void try_ecr_findings(std::string_view bytes) {
  EcrFindings findings;
  std::string next_token;
  while (!bytes.empty()) {
    if (!findings.take(fuzzing::take_line(bytes), next_token).empty()) {
      return;
    }
  }
  if (const auto record = findings.record(host, repository, asked)) {
    require_readable(*record, asked);
  }
}

void try_ecr(std::string_view bytes) {
  aws_error_name(bytes);
  if (const auto login = parse_ecr_login(bytes)) {
    require(!login->password.empty(), "a login has a password");
  }
  if (const auto page = parse_ecr_images(bytes)) {
    for (const EcrImage& image : page->images) {
      require(!image.digest.empty(), "an image has a digest");
    }
  }
}

}  // namespace

// The first line names the API, the rest is its answer.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view text = fuzzing::text_of(data, size);
  const std::string_view api = fuzzing::take_line(text);
  if (api == "harbor") {
    try_harbor(text);
  } else if (api == "quay") {
    try_quay(text);
  } else if (api == "ecr-findings") {
    try_ecr_findings(text);
  } else {
    try_ecr(text);
  }
  return 0;
}
