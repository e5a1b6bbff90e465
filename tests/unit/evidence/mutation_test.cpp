#include "core/evidence/dsse.hpp"
#include "core/evidence/format_table.hpp"
#include "core/evidence/json_tree.hpp"
#include "tests/unit/evidence/client_samples.hpp"
#include "tests/unit/evidence/platform_samples.hpp"
#include "tests/unit/evidence/samples.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

namespace scanclock::testing {
namespace {

using nlohmann::json;

constexpr int mutations_per_seed = 600;
constexpr unsigned random_seed = 20261101;

json custom_statement() {
  json statement = in_toto_statement();
  statement["predicateType"] = "https://cosign.sigstore.dev/attestation/v1";
  statement["predicate"] = {{"Data", trivy_report().dump()}};
  return statement;
}

json legacy_trivy_report() { return trivy_report()["Results"]; }

std::vector<std::string> seeds() {
  json text_result = cosign_statement();
  text_result["predicate"]["scanner"]["result"] = grype_report().dump();
  const json bundle = {{"mediaType", "application/vnd.dev.sigstore.bundle.v0.3+json"},
                       {"dsseEnvelope", json::parse(envelope_of(in_toto_statement()))}};
  return {trivy_report().dump(),
          grype_report().dump(),
          sarif_report().dump(),
          cosign_statement().dump(),
          in_toto_statement().dump(),
          envelope_of(cosign_statement()),
          text_result.dump(),
          bundle.dump(),
          aqua_report().dump(),
          sysdig_report().dump(),
          wiz_report().dump(),
          sysdig_report_of_maps().dump(),
          anchore_answer().dump(),
          anchore_export().dump(),
          neuvector_report().dump(),
          inspector_list().dump(),
          ecr_answer().dump(),
          security_hub_list().dump(),
          gcp_occurrence().dump(),
          operator_report().dump(),
          harbor_addition().dump(),
          harbor_record().dump(),
          quay_record().dump(),
          ecr_record().dump(),
          cyclonedx_document().dump(),
          gitlab_report().dump(),
          clair_v4_report().dump(),
          snyk_report().dump(),
          twistlock_report().dump(),
          custom_statement().dump(),
          json::array({snyk_report()}).dump(),
          legacy_trivy_report().dump()};
}

class Mutator {
 public:
  std::size_t below(std::size_t limit) {
    return std::uniform_int_distribution<std::size_t>(0, limit - 1)(random_);
  }

  /// Changes bytes, so that most results are no JSON any more.
  std::string mutate_bytes(std::string bytes) {
    for (std::size_t times = 1 + below(4); times > 0 && !bytes.empty(); --times) {
      const std::size_t at = below(bytes.size());
      switch (below(4)) {
        case 0:
          bytes[at] = static_cast<char>(below(256));
          break;
        case 1:
          bytes.erase(at, 1 + below(64));
          break;
        case 2:
          bytes.insert(at, bytes.substr(below(bytes.size()), 1 + below(64)));
          break;
        default:
          bytes.resize(at);
          break;
      }
    }
    return bytes;
  }

  /// Puts a value of another kind somewhere into the tree, so that the readers see every type in
  /// every place.
  std::string mutate_tree(const std::string& bytes) {
    json document = json::parse(bytes);
    for (std::size_t times = 1 + below(3); times > 0; --times) {
      json* node = &document;
      while (!node->empty() && node->is_structured() && below(8) != 0) {
        auto child = node->begin();
        std::advance(child, below(node->size()));
        node = &*child;
      }
      *node = replacement();
    }
    return document.dump();
  }

 private:
  json replacement() {
    const json values[] = {json(),
                           true,
                           -1,
                           1e300,
                           "",
                           "0001-01-01T00:00:00Z",
                           "x@sha256:12",
                           std::string("\0\x7F", 2),
                           json::array(),
                           json::object(),
                           json::array({json::array({json()})}),
                           json::object({{"", json::object()}})};
    return values[below(std::size(values))];
  }

  std::mt19937 random_{random_seed};
};

bool is_storable(const std::string& text) {
  return json::accept(json(text).dump()) && std::none_of(text.begin(), text.end(), [](char byte) {
           return static_cast<unsigned char>(byte) < 0x20;
         });
}

void expect_consistent(const ScanReport& report) {
  EXPECT_EQ(report.defect.has_value(), !report.defect_detail.empty());
  EXPECT_EQ(report.finished_at.has_value(), !report.finished_at_field.empty());
  if (!report.defect) {
    EXPECT_TRUE(report.finished_at && is_set(*report.finished_at));
    EXPECT_FALSE(report.subjects.empty() && report.subject_config.empty());
  }
  EXPECT_TRUE(is_storable(report.scanner));
  EXPECT_TRUE(is_storable(report.scanner_version));
  EXPECT_TRUE(is_storable(report.defect_detail)) << report.defect_detail;
  for (const std::string& name : report.names) {
    EXPECT_TRUE(is_storable(name));
  }
}

/// As the parser keeps it.
void decode_payload(json& envelope) {
  if (const auto payload = envelope.find("payload");
      payload != envelope.end() && payload->is_string()) {
    auto decoded = evidence::decode_base64_text(payload->get<std::string>());
    *payload = decoded ? json(*decoded) : json::binary({});
  }
}

/// As if the parser kept everything.
ScanReport read_whole(json document) {
  for (const evidence::Format* format : evidence::format_table()) {
    if (format->looks_like == nullptr || !format->looks_like(document)) {
      continue;
    }
    if (format->open == nullptr) {
      return format->read(document);
    }
    const bool is_bundle = document.contains("dsseEnvelope");
    decode_payload(is_bundle ? document["dsseEnvelope"] : document);
    ScanReport report;
    report.format = format->info.name;
    auto envelope = format->open(report, document);
    return envelope ? evidence::read_payload(*envelope) : report;
  }
  return {};
}

void expect_same(const ScanReport& report, const ScanReport& whole) {
  if (whole.format.empty()) {
    return;
  }
  EXPECT_EQ(report.format, whole.format);
  EXPECT_EQ(defect_of(report), defect_of(whole)) << report.defect_detail << whole.defect_detail;
  EXPECT_EQ(report.finished_at, whole.finished_at);
  EXPECT_EQ(report.finished_at_field, whole.finished_at_field);
  EXPECT_EQ(report.database_built_at, whole.database_built_at);
  EXPECT_EQ(report.scanner, whole.scanner);
  EXPECT_EQ(report.scanner_version, whole.scanner_version);
  EXPECT_EQ(report.subjects, whole.subjects);
  EXPECT_EQ(report.subject_config, whole.subject_config);
  EXPECT_EQ(report.inner_subjects, whole.inner_subjects);
  EXPECT_EQ(report.platform, whole.platform);
  EXPECT_EQ(report.names, whole.names);
  EXPECT_EQ(report.counts, whole.counts);
  EXPECT_EQ(report.findings, whole.findings);
}

TEST(Keeping, LosesNothingThatAReaderLooksAt) {
  for (const std::string& seed : seeds()) {
    SCOPED_TRACE(seed);
    expect_same(read_report(seed), read_whole(json::parse(seed)));
  }
}

TEST(Keeping, LosesNothingWhateverStandsWhere) {
  Mutator mutator;
  for (const std::string& seed : seeds()) {
    for (int round = 0; round < mutations_per_seed; ++round) {
      const std::string bytes = mutator.mutate_tree(seed);
      expect_same(read_report(bytes), read_whole(json::parse(bytes)));
      ASSERT_FALSE(HasFailure()) << bytes;
    }
  }
}

TEST(MutatedReports, NeverThrowAndStayConsistent) {
  Mutator mutator;
  for (const std::string& seed : seeds()) {
    for (int round = 0; round < mutations_per_seed; ++round) {
      const std::string bytes =
          round % 2 == 0 ? mutator.mutate_bytes(seed) : mutator.mutate_tree(seed);
      ASSERT_NO_THROW(expect_consistent(read_report(bytes))) << bytes;
      const std::string wrapped = envelope_around(bytes);
      ASSERT_NO_THROW(expect_consistent(read_report(wrapped))) << bytes;
      ASSERT_FALSE(HasFailure()) << bytes;
    }
  }
}

}  // namespace
}  // namespace scanclock::testing
