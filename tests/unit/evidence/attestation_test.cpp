#include "tests/unit/evidence/samples.hpp"

#include <gtest/gtest.h>

namespace scanclock::testing {
namespace {

using nlohmann::json;

TEST(CosignVuln, GivesTheStatementsSubjectAndTheReportsDetails) {
  const ScanReport report = read_report(envelope_of(cosign_statement()));
  EXPECT_EQ(defect_of(report), "none") << report.defect_detail;
  EXPECT_EQ(report.format, "cosign-vuln");
  EXPECT_EQ(report.scanner, "trivy");
  EXPECT_EQ(report.scanner_version, "0.69.1");
  EXPECT_EQ(report.subjects, std::vector<Digest>{digest_of(image_hex)});
  EXPECT_EQ(report.inner_subjects,
            (std::vector<Digest>{digest_of(image_hex), digest_of(config_hex)}));
  EXPECT_EQ(report.subject_config, digest_of(config_hex));
  EXPECT_EQ(report.platform, (Platform{"linux", "arm64", "v8", ""}));
  EXPECT_EQ(report.names,
            (std::vector<std::string>{"registry.example/shop/cart", "shop/cart:1.4"}));
  EXPECT_EQ(report.counts, (SeverityCounts{1, 1, 1, 1, 1}));
}

TEST(CosignVuln, OfAnOldReportWrappedTodayIsOld) {
  json statement = cosign_statement();
  statement["predicate"]["scanner"]["result"]["CreatedAt"] = "2026-01-01T00:00:00Z";
  const ScanReport report = read_report(envelope_of(statement));
  EXPECT_EQ(report.finished_at, time_of("2026-01-01T00:00:00Z"));
  EXPECT_EQ(report.finished_at_field, "predicate.scanner.result.CreatedAt");
}

TEST(CosignVuln, OfAnOldReportWrappedAsTextIsOldToo) {
  json statement = cosign_statement();
  json inner = trivy_report();
  inner["CreatedAt"] = "2026-01-01T00:00:00Z";
  statement["predicate"]["scanner"]["result"] = inner.dump();
  const ScanReport report = read_report(envelope_of(statement));
  EXPECT_EQ(defect_of(report), "none") << report.defect_detail;
  EXPECT_EQ(report.finished_at, time_of("2026-01-01T00:00:00Z"));
}

TEST(CosignVuln, WithGrypeOrSarifInsideTakesTheEarliestTimeToo) {
  json statement = cosign_statement();
  statement["predicate"]["scanner"]["result"] = grype_report();
  statement["predicate"]["scanner"]["uri"] = "";
  statement["predicate"]["scanner"]["version"] = "";
  const ScanReport grype = read_report(envelope_of(statement));
  EXPECT_EQ(grype.finished_at, time_of("2026-10-01T08:30:00.5Z"));
  EXPECT_EQ(grype.finished_at_field, "predicate.scanner.result.descriptor.timestamp");
  EXPECT_EQ(grype.database_built_at, time_of("2026-09-30T06:00:00Z"));
  EXPECT_EQ(grype.scanner, "grype");
  EXPECT_EQ(grype.scanner_version, "0.101.0");

  statement["predicate"]["scanner"]["result"] = sarif_report();
  const ScanReport sarif = read_report(envelope_of(statement));
  EXPECT_EQ(sarif.finished_at, time_of("2026-10-01T08:30:00Z"));
  EXPECT_EQ(sarif.finished_at_field, "predicate.scanner.result.runs[0].invocations[0].endTimeUtc");
}

TEST(CosignVuln, ShowsWhichDigestsTheReportInsideNames) {
  json statement = cosign_statement();
  statement["subject"][0]["digest"]["sha256"] = other_hex;
  const ScanReport report = read_report(envelope_of(statement));
  EXPECT_EQ(report.subjects, std::vector<Digest>{digest_of(other_hex)});
  EXPECT_EQ(report.inner_subjects,
            (std::vector<Digest>{digest_of(image_hex), digest_of(config_hex)}));
}

TEST(CosignVuln, ShowsTheImageIdOfAnArchiveScanInside) {
  json statement = cosign_statement();
  statement["predicate"]["scanner"]["result"]["Metadata"].erase("RepoDigests");
  const ScanReport report = read_report(envelope_of(statement));
  EXPECT_EQ(report.inner_subjects, std::vector<Digest>{digest_of(config_hex)});
}

struct PredicateCase {
  const char* name;
  const char* patch;
  const char* defect;
  const char* finished_at_field;
};

class CosignPredicates : public ::testing::TestWithParam<PredicateCase> {};

TEST_P(CosignPredicates, AreJudged) {
  json statement = cosign_statement();
  statement.merge_patch(json::parse(GetParam().patch));
  const ScanReport report = read_report(envelope_of(statement));
  EXPECT_EQ(defect_of(report), GetParam().defect) << report.defect_detail;
  EXPECT_EQ(report.finished_at_field, GetParam().finished_at_field);
}

constexpr const char* inner_field = "predicate.scanner.result.CreatedAt";
constexpr const char* outer_field = "predicate.metadata.scanFinishedOn";

const PredicateCase cosign_predicates[] = {
    {"TheReportInsideIsOlder", "{}", "none", inner_field},
    {"TheStatementIsOlder", R"({"predicate": {"metadata":
     {"scanFinishedOn": "2026-10-01T08:29:59Z"}}})",
     "none", outer_field},
    {"TheStatementIsOlderInItsZone", R"({"predicate": {"metadata":
     {"scanFinishedOn": "2026-10-01T10:29:59+02:00"}}})",
     "none", outer_field},
    {"YearOneOutsideIsNotSet", R"({"predicate": {"metadata":
     {"scanFinishedOn": "0001-01-01T00:00:00Z"}}})",
     "none", inner_field},
    {"TheEpochInsideIsNotSet", R"({"predicate": {"scanner": {"result":
     {"CreatedAt": "1970-01-01T00:00:00Z"}}}})",
     "none", outer_field},
    {"AMissingTimeInsideIsNoDefect", R"({"predicate": {"scanner": {"result":
     {"CreatedAt": null}}}})",
     "none", outer_field},
    {"YearOneEverywhereIsNoTime", R"({"predicate": {
     "metadata": {"scanFinishedOn": "0001-01-01T00:00:00Z"},
     "scanner": {"result": {"CreatedAt": "0001-01-01T00:00:00Z"}}}})",
     "no_time", ""},
    {"TheStartIsNoEnd", R"({"predicate": {"metadata": {"scanFinishedOn": null},
     "scanner": {"result": {"CreatedAt": null}}}})",
     "no_time", ""},
    {"ABrokenTimeInsideIsMalformed", R"({"predicate": {"scanner": {"result":
     {"CreatedAt": "long ago"}}}})",
     "malformed", outer_field},
    {"AMissingSubjectInsideIsNoDefect", R"({"predicate": {"scanner": {"result":
     {"ArtifactType": "filesystem"}}}})",
     "none", inner_field},
    {"NoPackagesInsideCarryOver", R"({"predicate": {"scanner": {"result": {"Results": null}}}})",
     "no_packages", inner_field},
    {"AnUnknownSystemInsideCarriesOver", R"({"predicate": {"scanner": {"result": {
     "Results": null, "Metadata": {"OS": null}}}}})",
     "unsupported_os", inner_field},
    {"ALicenceScanInsideCarriesOver", R"({"predicate": {"scanner": {"result": {
     "Results": [{"Class": "license"}]}}}})",
     "not_a_vulnerability_scan", inner_field},
    {"NoResultIsNoProof", R"({"predicate": {"scanner": {"result": null}}})", "no_packages",
     outer_field},
    {"AnEmptyTextResultIsNoProof", R"({"predicate": {"scanner": {"result": ""}}})", "no_packages",
     outer_field},
    {"AResultThatIsBrokenTextIsMalformed", R"({"predicate": {"scanner": {"result": "{\"a\""}}})",
     "malformed", outer_field},
    {"NoMetadataLeavesTheReportsTime", R"({"predicate": {"metadata": null}})", "none", inner_field},
    {"NoPredicateIsMalformed", R"({"predicate": null})", "malformed", ""},
    {"TextForTheScannerIsMalformed", R"({"predicate": {"scanner": "trivy"}})", "malformed",
     outer_field},
    {"NoSubject", R"({"subject": []})", "no_subject", inner_field},
    {"ASubjectWithoutDigestIsNone", R"({"subject": [{"uri": "pkg:oci/cart"}]})", "no_subject",
     inner_field},
    {"ASubjectWithABrokenDigestIsMalformed", R"({"subject": [{"digest": {"sha256": "12"}}]})",
     "malformed", inner_field},
    {"AnUnknownStatementVersion", R"({"_type": "https://in-toto.io/Statement/v2"})",
     "unknown_format", ""},
    {"AProvenanceIsNone", R"({"predicateType": "https://slsa.dev/provenance/v1"})",
     "not_a_vulnerability_scan", ""},
    {"ABillOfMaterialsIsNone", R"({"predicateType": "https://cyclonedx.org/bom"})",
     "not_a_vulnerability_scan", ""},
    {"ACustomPredicateIsNone", R"({"predicateType": "https://cosign.sigstore.dev/attestation/v1"})",
     "not_a_vulnerability_scan", ""},
    {"AnAlmostRightPredicateTypeIsNone",
     R"({"predicateType": "cosign.sigstore.dev/attestation/vuln/v1"})", "not_a_vulnerability_scan",
     ""},
};

INSTANTIATE_TEST_SUITE_P(Table, CosignPredicates, ::testing::ValuesIn(cosign_predicates),
                         case_name<PredicateCase>);

TEST(CosignVuln, VouchesForAResultInAFormatThatIsNotRead) {
  json statement = cosign_statement();
  statement["predicate"]["scanner"]["result"] = json::parse(R"({"vulns": []})");
  const ScanReport report = read_report(envelope_of(statement));
  EXPECT_EQ(defect_of(report), "none") << report.defect_detail;
  EXPECT_EQ(report.finished_at_field, outer_field);
  EXPECT_TRUE(report.inner_subjects.empty());
}

TEST(CosignVuln, TakesTheDatabaseVersionWhereItIsATime) {
  json statement = cosign_statement();
  statement["predicate"]["scanner"]["db"]["version"] = "2026-09-30T12:00:00Z";
  EXPECT_EQ(read_report(envelope_of(statement)).database_built_at, time_of("2026-09-30T12:00:00Z"));
  statement["predicate"]["scanner"]["db"]["version"] = "v2";
  EXPECT_EQ(read_report(envelope_of(statement)).database_built_at, std::nullopt);
}

TEST(Predicates, GiveTheScannerFromAPackageUrl) {
  struct Case {
    const char* uri;
    const char* version;
    const char* name;
    const char* expected_version;
  };
  const Case cases[] = {
      {"pkg:github/aquasecurity/trivy@0.35.0", "", "trivy", "0.35.0"},
      {"pkg:github/aquasecurity/trivy@244fd47", "0.19.2", "trivy", "0.19.2"},
      {"pkg:oci/grype@1?arch=amd64#sub", "", "grype", "1"},
      {"pkg:trivy", "2", "trivy", "2"},
      {"https://scanner.example", "3", "https://scanner.example", "3"},
  };
  for (const Case& example : cases) {
    json statement = in_toto_statement();
    statement["predicate"]["scanner"]["uri"] = example.uri;
    statement["predicate"]["scanner"]["version"] = example.version;
    const ScanReport report = read_report(envelope_of(statement));
    EXPECT_EQ(report.scanner, example.name) << example.uri;
    EXPECT_EQ(report.scanner_version, example.expected_version) << example.uri;
  }
}

TEST(InTotoVulns, GivesTimeSubjectDatabaseAndCounts) {
  for (const char* version : {"v0.1", "v0.2"}) {
    json statement = in_toto_statement();
    statement["predicateType"] = std::string("https://in-toto.io/attestation/vulns/") + version;
    const ScanReport report = read_report(envelope_of(statement));
    EXPECT_EQ(defect_of(report), "none") << report.defect_detail;
    EXPECT_EQ(report.format, "in-toto-vulns");
    EXPECT_EQ(report.scanner, "osv.dev");
    EXPECT_EQ(report.scanner_version, "2.2");
    EXPECT_EQ(report.finished_at, time_of("2026-10-01T08:30:00Z"));
    EXPECT_EQ(report.finished_at_field, outer_field);
    EXPECT_EQ(report.database_built_at, time_of("2026-09-30T00:00:00Z"));
    EXPECT_EQ(report.subjects, std::vector<Digest>{digest_of(image_hex)});
    EXPECT_EQ(report.counts, (SeverityCounts{1, 0, 0, 0, 2}));
  }
}

class InTotoPredicates : public ::testing::TestWithParam<PredicateCase> {};

TEST_P(InTotoPredicates, AreJudged) {
  json statement = in_toto_statement();
  statement.merge_patch(json::parse(GetParam().patch));
  const ScanReport report = read_report(envelope_of(statement));
  EXPECT_EQ(defect_of(report), GetParam().defect) << report.defect_detail;
  EXPECT_EQ(report.finished_at_field, GetParam().finished_at_field);
}

const PredicateCase in_toto_predicates[] = {
    {"AnEmptyListSaysNothingWasFound", R"({"predicate": {"scanner": {"result": []}}})", "none",
     outer_field},
    {"NoListSaysNothing", R"({"predicate": {"scanner": {"result": null}}})", "no_packages",
     outer_field},
    {"TheStartIsNoEnd", R"({"predicate": {"metadata": {"scanFinishedOn": null}}})", "no_time", ""},
    {"YearOneIsNoTime", R"({"predicate": {"metadata":
     {"scanFinishedOn": "0001-01-01T00:00:00Z"}}})",
     "no_time", ""},
    {"NumbersForResultsAreMalformed", R"({"predicate": {"scanner": {"result": [1]}}})", "malformed",
     outer_field},
    {"AnUnknownVersionIsNone", R"({"predicateType": "https://in-toto.io/attestation/vulns/v1"})",
     "not_a_vulnerability_scan", ""},
};

INSTANTIATE_TEST_SUITE_P(Table, InTotoPredicates, ::testing::ValuesIn(in_toto_predicates),
                         case_name<PredicateCase>);

TEST(Statement, IsReadWithoutAnEnvelopeToo) {
  const ScanReport report = read_report(cosign_statement().dump());
  EXPECT_EQ(report.format, "cosign-vuln");
  EXPECT_EQ(defect_of(report), "none") << report.defect_detail;
}

TEST(Statement, NamesEverySubjectAndBothAlgorithms) {
  json statement = in_toto_statement();
  const std::string long_hex = std::string(image_hex) + std::string(other_hex);
  statement["subject"].push_back({{"digest", {{"sha512", long_hex}, {"gitCommit", "abc"}}}});
  statement["subject"].push_back({{"digest", {{"sha256", other_hex}}}});
  const ScanReport report = read_report(envelope_of(statement));
  EXPECT_EQ(report.subjects,
            (std::vector<Digest>{digest_of(image_hex), Digest::from_trusted("sha512:" + long_hex),
                                 digest_of(other_hex)}));
}

TEST(Statement, WithAKeyTwiceIsRefused) {
  const std::string sound = in_toto_statement().dump();
  const std::string subject =
      R"("subject":[{"digest":{"sha256":")" + std::string(other_hex) + "\"}}]";
  for (const std::string& spoiled : {"{" + subject + "," + sound.substr(1),
                                     // The same key, spelled with an escape.
                                     R"({"\u0073ubject":[],)" + sound.substr(1)}) {
    const ScanReport report = read_report(envelope_around(spoiled));
    EXPECT_EQ(defect_of(report), "malformed");
    EXPECT_TRUE(report.subjects.empty());
  }
}

TEST(Envelope, AcceptsBothBase64Alphabets) {
  json statement = in_toto_statement();
  statement["note"] = std::string(9, 0x3F) + std::string(9, 0x3E);
  json envelope = json::parse(envelope_of(statement));
  std::string payload = envelope["payload"];
  ASSERT_NE(payload.find_first_of("+/"), std::string::npos);
  for (char& character : payload) {
    character = character == '+' ? '-' : character == '/' ? '_' : character;
  }
  envelope["payload"] = payload;
  EXPECT_EQ(defect_of(read_report(envelope.dump())), "none");
}

struct EnvelopeCase {
  const char* name;
  const char* patch;
  const char* defect;
};

class Envelopes : public ::testing::TestWithParam<EnvelopeCase> {};

TEST_P(Envelopes, AreJudged) {
  const ScanReport report =
      read_patched(json::parse(envelope_of(in_toto_statement())), GetParam().patch);
  EXPECT_EQ(defect_of(report), GetParam().defect) << report.defect_detail;
}

const EnvelopeCase envelopes[] = {
    {"ATypeThatNamesThePredicate", R"({"payloadType": "application/vnd.in-toto.vulns+json"})",
     "none"},
    {"AnotherPayloadType", R"({"payloadType": "application/vnd.dev.cosign.simplesigning.v1+json"})",
     "not_a_vulnerability_scan"},
    {"ATypeThatNamesNothing", R"({"payloadType": "application/vnd.in-toto.+json"})",
     "not_a_vulnerability_scan"},
    {"NoBase64", R"({"payload": "%%%"})", "malformed"},
    {"NoText", R"({"payload": 7})", "malformed"},
    {"NoJsonInside", R"({"payload": "AAAA"})", "malformed"},
    {"EmptyInside", R"({"payload": ""})", "malformed"},
    {"AnArrayInside", R"({"payload": "W10="})", "unknown_format"},
};

INSTANTIATE_TEST_SUITE_P(Table, Envelopes, ::testing::ValuesIn(envelopes), case_name<EnvelopeCase>);

TEST(SigstoreBundle, IsOpenedInEachOfItsVersions) {
  const json envelope = json::parse(envelope_of(cosign_statement()));
  for (const char* type : {"application/vnd.dev.sigstore.bundle+json;version=0.1",
                           "application/vnd.dev.sigstore.bundle+json;version=0.2",
                           "application/vnd.dev.sigstore.bundle+json;version=0.3",
                           "application/vnd.dev.sigstore.bundle.v0.3+json"}) {
    const json bundle = {{"mediaType", type}, {"dsseEnvelope", envelope}};
    const ScanReport report = read_report(bundle.dump());
    EXPECT_EQ(report.format, "cosign-vuln") << type;
    EXPECT_EQ(defect_of(report), "none") << type;
  }
}

TEST(SigstoreBundle, OfAnotherKindIsNamed) {
  const std::string type = "application/vnd.dev.sigstore.bundle.v0.3+json";
  EXPECT_EQ(
      defect_of(read_report(json{{"mediaType", type}, {"messageSignature", {{"a", 1}}}}.dump())),
      "not_a_vulnerability_scan");
  EXPECT_EQ(defect_of(read_report(json{{"mediaType", type}}.dump())), "malformed");
  EXPECT_EQ(
      defect_of(read_report(json{{"mediaType", type}, {"dsseEnvelope", json::object()}}.dump())),
      "malformed");
  EXPECT_EQ(defect_of(read_report(
                json{{"mediaType", "application/vnd.dev.sigstore.bundle.v0.9+json"}}.dump())),
            "unknown_format");
}

}  // namespace
}  // namespace scanclock::testing
