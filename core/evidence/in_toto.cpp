#include "core/evidence/in_toto.hpp"

#include "core/evidence/format_table.hpp"
#include "core/evidence/json_reading.hpp"

#include <nlohmann/json.hpp>

#include <string>

namespace scanclock::evidence {
namespace {

using nlohmann::json;

constexpr std::string_view statement_v0_1 = "https://in-toto.io/Statement/v0.1";
constexpr std::string_view statement_v1 = "https://in-toto.io/Statement/v1";

void read_subject_digest(ScanReport& report, const json& digests, const std::string& algorithm) {
  const std::string hex = find_text(report, digests, "subject[].digest." + algorithm);
  if (hex.empty()) {
    return;
  }
  if (const auto digest = Digest::parse(algorithm + ":" + hex)) {
    add_subject(report, *digest);
  } else {
    note_defect(report, Rejection::malformed,
                "subject[].digest." + algorithm + " is no digest: " + shown_text(hex));
  }
}

void read_subjects(ScanReport& report, const json& statement) {
  const json* subjects = find_array(report, statement, "subject");
  if (subjects == nullptr) {
    return;
  }
  for (const json& subject : *subjects) {
    add_name(report, text_or_empty(subject, "name"));
    if (const json* digests = find_object(report, subject, "subject[].digest")) {
      read_subject_digest(report, *digests, "sha256");
      read_subject_digest(report, *digests, "sha512");
    }
  }
}

struct PackageUrl {
  std::string name;
  std::string version;
};

// package-url/purl-spec: scheme:type/namespace/name@version?qualifiers#subpath.
PackageUrl parse_package_url(std::string_view url) {
  url = url.substr(0, url.find('#'));
  url = url.substr(0, url.find('?'));
  const std::size_t at = url.rfind('@');
  const std::string_view path = url.substr(0, at);
  PackageUrl result;
  result.name = path.substr(path.find_last_of("/:") + 1);
  if (at != std::string_view::npos) {
    result.version = url.substr(at + 1);
  }
  return result;
}

}  // namespace

void read_predicate_scanner(ScanReport& report, const json& scanner) {
  const std::string uri = find_text(report, scanner, "predicate.scanner.uri");
  std::string version = find_text(report, scanner, "predicate.scanner.version");
  if (uri.starts_with("pkg:")) {
    const PackageUrl package = parse_package_url(uri);
    report.scanner = shown_text(package.name);
    version = version.empty() ? package.version : version;
  } else {
    report.scanner = shown_text(uri);
  }
  report.scanner_version = shown_text(version);
}

void read_predicate_finish(ScanReport& report, const json& predicate) {
  if (const json* metadata = find_object(report, predicate, "predicate.metadata")) {
    constexpr std::string_view path = "predicate.metadata.scanFinishedOn";
    note_finish(report, find_time(report, *metadata, path), path);
  }
}

namespace {

bool looks_like_statement(const json& document) {
  return find_any(document, "predicateType") != nullptr ||
         text_or_empty(document, "_type").starts_with("https://in-toto.io/Statement/");
}

ScanReport read_statement(const json& document) {
  ScanReport report;
  report.format = "in-toto";
  const std::string type = text_or_empty(document, "_type");
  if (type != statement_v0_1 && type != statement_v1) {
    note_defect(report, Rejection::unknown_format, "_type is " + shown_text(type));
    return report;
  }
  read_subjects(report, document);
  if (report.subjects.empty()) {
    note_defect(report, Rejection::no_subject, "no subject of the statement has a digest");
  }
  const std::string predicate_type = find_text(report, document, "predicateType");
  const json* predicate = find_any(document, "predicate");
  const Format* format = find_predicate_format(predicate_type);
  if (format == nullptr) {
    if (predicate == nullptr || find_report_format(*predicate) == nullptr) {
      note_defect(report, Rejection::not_a_vulnerability_scan,
                  "predicateType is " + shown_text(predicate_type));
      return report;
    }
    format = &in_toto_report_format;
  }
  report.format = format->info.name;
  if (predicate == nullptr || !predicate->is_structured()) {
    note_defect(report, Rejection::malformed, "predicate is missing or no object");
    return report;
  }
  format->read_predicate(report, *predicate);
  return report;
}

constexpr std::string_view in_toto_keeps[] = {
    "{_type,predicateType,predicate}",
    "subject[].{name,digest.sha256,digest.sha512}",
};

}  // namespace

constinit const Format in_toto_format{
    .info =
        {
            .name = "in-toto",
            .detection = "_type https://in-toto.io/Statement/v0.1 or v1",
            .finished_at = "as the predicate",
            .subjects = "subject[].digest.sha256 and sha512",
            .scanner = "as the predicate",
            .database_built_at = "as the predicate",
            .counts = "as the predicate",
            .defects =
                "a predicate type that is not one of the above, exactly: not_a_vulnerability_scan",
        },
    .looks_like = looks_like_statement,
    .read = read_statement,
    .keeps = in_toto_keeps,
    .is_wrapper = true,
};

}  // namespace scanclock::evidence
