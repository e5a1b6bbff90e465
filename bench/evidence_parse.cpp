// What reading a referrers answer and a scanner's report costs: the readers that the daemon calls,
// and beside them what nlohmann and simdjson take for a tree of the same bytes, from which nothing
// is read. bench/parsing runs it and makes the table.

#include "core/evidence/reader.hpp"
#include "core/registry/manifest_parser.hpp"

#include <benchmark/benchmark.h>
#include <nlohmann/json.hpp>
#include <simdjson.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <map>
#include <random>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

namespace scanclock {
namespace {

using nlohmann::ordered_json;

/// The same in every run.
class Source {
 public:
  std::string hex(std::size_t digits) {
    std::string text;
    for (std::size_t i = 0; i < digits; ++i) {
      text += "0123456789abcdef"[random_() % 16];
    }
    return text;
  }
  std::size_t below(std::size_t bound) { return random_() % bound; }
  /// Words with the escapes that advisories have.
  std::string prose(std::size_t bytes) {
    static constexpr std::array<std::string_view, 12> words = {
        "a",        "heap",    "overflow", "in the \"parser\"",
        "of",       "crafted", "TLS",      "lets",
        "attacker", "remote",  "code",     "run.\n"};
    std::string text;
    while (text.size() < bytes) {
      text.append(words[below(words.size())]) += ' ';
    }
    return text;
  }

 private:
  std::mt19937 random_{20261101};
};

/// As a registry answers `GET /v2/…/referrers/…` for images with attestations of cosign.
std::string referrers_index(std::size_t descriptors) {
  Source source;
  ordered_json index = {{"schemaVersion", 2},
                        {"mediaType", "application/vnd.oci.image.index.v1+json"},
                        {"manifests", ordered_json::array()}};
  for (std::size_t i = 0; i < descriptors; ++i) {
    index["manifests"].push_back(
        {{"mediaType", "application/vnd.oci.image.manifest.v1+json"},
         {"digest", "sha256:" + source.hex(64)},
         {"size", 700 + source.below(300)},
         {"annotations",
          {{"dev.sigstore.bundle.content", "dsse-envelope"},
           {"dev.sigstore.bundle.predicateType", "https://cosign.sigstore.dev/attestation/vuln/v1"},
           {"org.opencontainers.image.created", "2026-10-01T08:30:00Z"}}},
         {"artifactType", "application/vnd.dev.sigstore.bundle.v0.3+json"}});
  }
  return index.dump();
}

ordered_json trivy_vulnerability(Source& source, std::size_t number) {
  const std::string id = "CVE-2026-" + std::to_string(10'000 + number);
  ordered_json vulnerability = {
      {"VulnerabilityID", id},
      {"PkgID", "libcurl4@7.88.1-10+deb12u5"},
      {"PkgName", "libcurl4"},
      {"PkgIdentifier",
       {{"PURL", "pkg:deb/debian/libcurl4@7.88.1-10%2Bdeb12u5?arch=amd64&distro=debian-12.5"},
        {"UID", source.hex(16)}}},
      {"InstalledVersion", "7.88.1-10+deb12u5"},
      {"FixedVersion", "7.88.1-10+deb12u8"},
      {"Status", "fixed"},
      {"Layer", {{"Digest", "sha256:" + source.hex(64)}, {"DiffID", "sha256:" + source.hex(64)}}},
      {"SeveritySource", "nvd"},
      {"PrimaryURL", "https://avd.aquasec.com/nvd/cve-2026-" + std::to_string(10'000 + number)},
      {"DataSource",
       {{"ID", "debian"},
        {"Name", "Debian Security Tracker"},
        {"URL", "https://salsa.debian.org/security-tracker-team/security-tracker"}}},
      {"Title", source.prose(40)},
      {"Description", source.prose(200 + source.below(700))},
      {"Severity", std::array{"LOW", "MEDIUM", "HIGH", "CRITICAL"}[source.below(4)]},
      {"CweIDs", {"CWE-787"}},
      {"VendorSeverity", {{"debian", 1}, {"nvd", 3}, {"redhat", 2}}},
      {"CVSS",
       {{"nvd", {{"V3Vector", "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"}, {"V3Score", 9.8}}}}},
      {"References", ordered_json::array()},
      {"PublishedDate", "2026-03-27T08:15:41.283Z"},
      {"LastModifiedDate", "2026-07-30T02:17:29.2Z"}};
  for (std::size_t i = 3 + source.below(10); i > 0; --i) {
    vulnerability["References"].push_back("https://lists.example/archives/" + source.hex(20));
  }
  return vulnerability;
}

/// As `trivy image --format json` writes it, indented.
std::string trivy_report(std::size_t bytes) {
  Source source;
  ordered_json report = {
      {"SchemaVersion", 2},
      {"CreatedAt", "2026-10-01T08:30:00Z"},
      {"ArtifactName", "registry.example/shop/cart:1.4"},
      {"ArtifactType", "container_image"},
      {"Metadata",
       {{"OS", {{"Family", "debian"}, {"Name", "12.5"}}},
        {"ImageID", "sha256:" + source.hex(64)},
        {"RepoDigests", {"registry.example/shop/cart@sha256:" + source.hex(64)}}}},
      {"Results",
       {{{"Target", "cart (debian 12.5)"},
         {"Class", "os-pkgs"},
         {"Type", "debian"},
         {"Vulnerabilities", ordered_json::array()}}}}};
  ordered_json& findings = report["Results"][0]["Vulnerabilities"];
  std::size_t written = 0;
  for (std::size_t number = 0; written < bytes; ++number) {
    findings.push_back(trivy_vulnerability(source, number));
    // What stands around it is indented by four levels.
    const std::string alone = findings.back().dump(2);
    written += alone.size() +
               8 * static_cast<std::size_t>(std::count(alone.begin(), alone.end(), '\n') + 1);
  }
  return report.dump(2);
}

/// A reader that gave the document up would be fast.
void check(bool good) {
  if (!good) {
    throw std::logic_error("a benchmark's document was not read");
  }
}

void read_referrers(const std::string& text) {
  const auto read = parse_referrers(text);
  check(read.has_value() && !read->empty());
}

void read_scan(const std::string& text) {
  const ScanReport report = read_report(text);
  check(!report.defect && !report.findings.empty());
}

void time_reader(benchmark::State& state, void (*read)(const std::string&),
                 const std::string& text) {
  for ([[maybe_unused]] auto once : state) {
    read(text);
  }
  state.SetBytesProcessed(static_cast<std::int64_t>(state.iterations() * text.size()));
  state.counters["bytes"] = static_cast<double>(text.size());
}

void build_nlohmann_tree(const std::string& text) {
  check(nlohmann::json::parse(text).is_object());
}

void time_simdjson(benchmark::State& state, const std::string& text) {
  // Its documentation says to keep parser and padded text, so both are made before.
  const simdjson::padded_string padded(text);
  simdjson::dom::parser parser;
  for ([[maybe_unused]] auto once : state) {
    check(parser.parse(padded).is_object());
  }
  state.SetBytesProcessed(static_cast<std::int64_t>(state.iterations() * text.size()));
  state.counters["bytes"] = static_cast<double>(text.size());
}

void add(const std::string& name, void (*read)(const std::string&), std::string made) {
  static std::map<std::string, std::string> texts;
  const std::string& text = texts[name] = std::move(made);
  benchmark::RegisterBenchmark((name + "/scanclock").c_str(), time_reader, read, text);
  benchmark::RegisterBenchmark((name + "/nlohmann").c_str(), time_reader, build_nlohmann_tree,
                               text);
  benchmark::RegisterBenchmark((name + "/simdjson").c_str(), time_simdjson, text);
}

}  // namespace
}  // namespace scanclock

int main(int argc, char** argv) {
  for (const std::size_t descriptors : {1, 100, 1000}) {
    scanclock::add("referrers index of " + std::to_string(descriptors), scanclock::read_referrers,
                   scanclock::referrers_index(descriptors));
  }
  const std::pair<const char*, std::size_t> reports[] = {
      {"Trivy report, 100 kB", 100'000},
      {"Trivy report, 3 MB", 3'000'000},
      {"Trivy report, 30 MB", 30'000'000},
  };
  for (const auto& [name, bytes] : reports) {
    scanclock::add(name, scanclock::read_scan, scanclock::trivy_report(bytes));
  }
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) {
    return 64;
  }
  benchmark::RunSpecifiedBenchmarks();
  return 0;
}
