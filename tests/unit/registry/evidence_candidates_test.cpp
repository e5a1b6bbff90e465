#include "core/registry/evidence_candidates.hpp"

#include "core/registry/media_types.hpp"
#include "core/registry/tag_view.hpp"

#include <gtest/gtest.h>

namespace scanclock {
namespace {

const std::string encoded(64, 'a');

TEST(EvidenceTag, IsToldFromOrdinaryTags) {
  EXPECT_EQ(evidence_tag_kind("sha256-" + encoded), EvidenceTagKind::fallback);
  EXPECT_EQ(evidence_tag_kind("sha512-" + encoded), EvidenceTagKind::fallback);
  EXPECT_EQ(evidence_tag_kind("sha256-" + encoded + ".att"), EvidenceTagKind::attestation);
  EXPECT_EQ(evidence_tag_kind("sha256-" + encoded + ".sig"), EvidenceTagKind::other);
  EXPECT_EQ(evidence_tag_kind("sha256-" + encoded + ".sbom"), EvidenceTagKind::other);
  for (const std::string& tag :
       {std::string("1.4"), "sha256-" + encoded + "0", std::string("sha256-abc"),
        "sha256-" + std::string(64, 'G'), "sha256-" + encoded + ".tar"}) {
    EXPECT_EQ(evidence_tag_kind(tag), std::nullopt) << tag;
  }
}

TEST(TagView, SortsOutEvidenceTagsFiltersAndRepeats) {
  PatternFilter filter;
  filter.exclude = {"tmp-*"};
  const TagView view = sort_tags({"1.4", "tmp-1", "1.4", "sha256-" + encoded,
                                  "sha256-" + encoded + ".sig", "sha256-" + encoded + ".att"},
                                 filter);
  EXPECT_EQ(view.tags, std::vector<std::string>{"1.4"});
  EXPECT_EQ(view.evidence_tags.size(), 2U);
  EXPECT_EQ(subject_of_tag("sha256-" + encoded + ".att").str(), "sha256:" + encoded);
  EXPECT_TRUE(subject_of_tag("sha512-" + encoded).empty());
}

TEST(RepositoryPatterns, WithoutWildcardsNeedNoCatalog) {
  PatternFilter filter;
  EXPECT_FALSE(names_every_repository(filter));
  filter.include = {"team/app"};
  EXPECT_TRUE(names_every_repository(filter));
  filter.include.push_back("team/*");
  EXPECT_FALSE(names_every_repository(filter));
}

struct LayerCase {
  const char* artifact;
  const char* layer;
  bool expected;
};

TEST(Layer, IsFetchedWhenItMayBeAReport) {
  const LayerCase cases[] = {
      {"", "application/vnd.dsse.envelope.v1+json", true},
      {"", "application/vnd.in-toto+json", true},
      {"application/vnd.dev.sigstore.bundle.v0.3+json",
       "application/vnd.dev.sigstore.bundle.v0.3+json", true},
      {"application/sarif+json", "application/sarif+json", true},
      {"application/sarif+json", "application/vnd.oci.image.layer.v1.tar", true},
      {"application/vnd.cyclonedx+json", "application/vnd.cyclonedx+json", true},
      {"application/vnd.example.report", "application/json", true},
      {"application/vnd.example.report", "text/plain", false},
      {"", "application/vnd.oci.image.layer.v1.tar+gzip", false},
      {"", "application/spdx+json", false},
      {"", "application/vnd.oci.empty.v1+json", false},
      {"", "application/vnd.dev.cosign.simplesigning.v1+json", false},
  };
  for (const LayerCase& test : cases) {
    EXPECT_EQ(layer_may_be_evidence(test.artifact, test.layer), test.expected)
        << test.artifact << " " << test.layer;
  }
}

TEST(Artifact, ThatIsASignatureOrSbomIsNotFetched) {
  EXPECT_TRUE(artifact_may_be_evidence(""));
  EXPECT_TRUE(artifact_may_be_evidence("application/vnd.example.unknown"));
  EXPECT_TRUE(artifact_may_be_evidence("application/vnd.dev.sigstore.bundle.v0.3+json"));
  EXPECT_FALSE(artifact_may_be_evidence("application/vnd.cncf.notary.signature"));
  EXPECT_FALSE(artifact_may_be_evidence("application/spdx+json"));
  EXPECT_FALSE(artifact_may_be_evidence("application/vnd.dev.cosign.artifact.sig.v1+json"));
}

}  // namespace
}  // namespace scanclock
