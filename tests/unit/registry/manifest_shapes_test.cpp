// The shapes of the data list of the distribution-spec's conformance suite, as registries really
// hold them: each is survived and classified.
#include "core/registry/evidence_candidates.hpp"
#include "core/registry/manifest_parser.hpp"
#include "core/registry/media_types.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace scanclock {
namespace {

std::string shape_digest(char digit) { return "sha256:" + std::string(64, digit); }

std::string entry(std::string_view type, char digit, const std::string& rest = "") {
  return R"({"mediaType":")" + std::string(type) + R"(","digest":")" + shape_digest(digit) +
         R"(","size":123)" + rest + "}";
}

const std::string empty_config = entry(oci_empty_type, '4', R"(,"data":"e30=")");
const std::string linux_config = entry(oci_config_type, 'c');
const std::string tar = "application/vnd.oci.image.layer.v1.tar+gzip";
const std::string foreign = "application/vnd.oci.image.layer.nondistributable.v1.tar+gzip";
const std::string subject = R"(,"subject":)" + entry(oci_manifest_type, 'a');

std::string manifest_with(const std::string& config, const std::string& layers,
                          const std::string& rest = "") {
  return R"({"schemaVersion":2,"mediaType":")" + std::string(oci_manifest_type) + R"(","config":)" +
         config + R"(,"layers":[)" + layers + "]" + rest + "}";
}

std::string index_with(const std::string& entries, const std::string& rest = "") {
  return R"({"schemaVersion":2,"mediaType":")" + std::string(oci_index_type) +
         R"(","manifests":[)" + entries + "]" + rest + "}";
}

struct Shape {
  const char* name;
  std::string bytes;
  ManifestKind kind;
  /// Runnable entries of an index.
  std::size_t runnable;
  const char* artifact_type;
  bool has_subject;
  /// Layers that would be fetched as evidence.
  std::size_t evidence_layers;
};

class ManifestShape : public testing::TestWithParam<Shape> {};

TEST_P(ManifestShape, IsSurvivedAndClassified) {
  const Shape& shape = GetParam();
  const Digest self = Digest::from_trusted(shape_digest('f'));
  const auto manifest = parse_manifest(self, "", shape.bytes);
  ASSERT_TRUE(manifest) << manifest.error();
  EXPECT_EQ(manifest->kind, shape.kind);
  EXPECT_EQ(manifest->artifact_type, shape.artifact_type);
  EXPECT_EQ(!manifest->subject.empty(), shape.has_subject);
  std::size_t runnable = 0;
  for (const ManifestChild& child : manifest->children) {
    runnable += child.runnable ? 1 : 0;
  }
  EXPECT_EQ(runnable, shape.runnable);
  std::size_t evidence = 0;
  const auto layers = parse_layers(shape.bytes);
  ASSERT_TRUE(layers) << layers.error();
  if (manifest->kind == ManifestKind::artifact &&
      artifact_may_be_evidence(manifest->artifact_type)) {
    for (const ContentDescriptor& layer : *layers) {
      evidence += layer_may_be_evidence(manifest->artifact_type, layer.media_type) ? 1 : 0;
    }
  }
  EXPECT_EQ(evidence, shape.evidence_layers);
}

const std::string amd64 = R"(,"platform":{"os":"linux","architecture":"amd64"})";
const std::string arm64 = R"(,"platform":{"os":"linux","architecture":"arm64"})";
constexpr auto image_kind = ManifestKind::image;
constexpr auto index_kind = ManifestKind::index;
constexpr auto artifact_kind = ManifestKind::artifact;
const std::string sha512 = "sha512:" + std::string(128, 'b');

INSTANTIATE_TEST_SUITE_P(
    Conformance, ManifestShape,
    testing::Values(
        Shape{"Image", manifest_with(linux_config, entry(tar, '1')), image_kind, 0, "", false, 0},
        Shape{"ImageUncompressed",
              manifest_with(linux_config, entry("application/vnd.oci.image.layer.v1.tar", '1')),
              image_kind, 0, "", false, 0},
        Shape{"Index",
              index_with(entry(oci_manifest_type, '1', amd64) + "," +
                         entry(oci_manifest_type, '2', arm64)),
              index_kind, 2, "", false, 0},
        Shape{"NestedIndex",
              index_with(entry(oci_index_type, '1') + "," + entry(oci_manifest_type, '2', arm64)),
              index_kind, 2, "", false, 0},
        Shape{"SparseIndex",
              index_with(entry(oci_manifest_type, '0', amd64) + "," +
                         entry(oci_manifest_type, '9', arm64)),
              index_kind, 2, "", false, 0},
        Shape{"EmptyIndex", index_with(""), index_kind, 0, "", false, 0},
        Shape{"IndexWithSubject", index_with(entry(oci_manifest_type, '1', amd64), subject),
              index_kind, 1, "", true, 0},
        Shape{"ArtifactIndex",
              index_with(entry(oci_manifest_type, '1',
                               R"(,"artifactType":"application/vnd.example")"),
                         R"(,"artifactType":"application/vnd.example")"),
              index_kind, 0, "application/vnd.example", false, 0},
        Shape{"ArtifactManifest",
              manifest_with(empty_config, entry("application/sarif+json", '1'),
                            R"(,"artifactType":"application/sarif+json")" + subject),
              artifact_kind, 0, "application/sarif+json", true, 1},
        Shape{"ArtifactWithoutArtifactType",
              manifest_with(entry("application/vnd.example.config+json", '4'),
                            entry("application/vnd.example.report+json", '1'), subject),
              artifact_kind, 0, "application/vnd.example.config+json", true, 1},
        Shape{"ArtifactWithoutAnyType",
              manifest_with(empty_config, entry("application/json", '1'), subject), artifact_kind,
              0, "application/vnd.oci.empty.v1+json", true, 1},
        Shape{"ArtifactWithTheSubjectMissing",
              manifest_with(empty_config, entry("application/sarif+json", '1'),
                            R"(,"artifactType":"application/sarif+json","subject":null)"),
              artifact_kind, 0, "application/sarif+json", false, 1},
        Shape{"ArtifactWithoutLayers",
              manifest_with(empty_config, "",
                            R"(,"artifactType":"application/sarif+json")" + subject),
              artifact_kind, 0, "application/sarif+json", true, 0},
        Shape{"ArtifactOfTheEmptyBlob",
              manifest_with(empty_config, empty_config,
                            R"(,"artifactType":"application/vnd.example+type")" + subject),
              artifact_kind, 0, "application/vnd.example+type", true, 0},
        Shape{"ImageWithoutLayers", manifest_with(linux_config, ""), image_kind, 0, "", false, 0},
        Shape{"ImageWithData",
              manifest_with(entry(oci_config_type, 'c', R"(,"data":"e30=")"),
                            entry(tar, '1', R"(,"data":"AAAA")")),
              image_kind, 0, "", false, 0},
        Shape{"NonDistributableLayers",
              manifest_with(linux_config,
                            entry(foreign, '1', R"(,"urls":["http://169.254.169.254/layer"])")),
              image_kind, 0, "", false, 0},
        Shape{"CustomFields",
              manifest_with(entry(oci_config_type, 'c', R"(,"org.example":{"a":[1,2]})"),
                            entry(tar, '1', R"(,"x":null)"),
                            R"(,"annotations":{"a":"b"},"org.example.custom":{"deep":[[["x"]]]})"),
              image_kind, 0, "", false, 0},
        Shape{
            "Sha512Image",
            manifest_with(R"({"mediaType":"application/vnd.oci.image.config.v1+json","digest":")" +
                              sha512 + R"(","size":2})",
                          R"({"mediaType":"x","digest":")" + sha512 + R"(","size":1})"),
            image_kind, 0, "", false, 0},
        Shape{"Sha512Subject",
              manifest_with(empty_config, entry("application/sarif+json", '1'),
                            R"(,"artifactType":"application/sarif+json","subject":{"digest":")" +
                                sha512 + R"(","size":1,"mediaType":"x"})"),
              artifact_kind, 0, "application/sarif+json", true, 1},
        Shape{"SigstoreBundle",
              manifest_with(
                  empty_config, entry("application/vnd.dev.sigstore.bundle.v0.3+json", '1'),
                  R"(,"artifactType":"application/vnd.dev.sigstore.bundle.v0.3+json")" + subject),
              artifact_kind, 0, "application/vnd.dev.sigstore.bundle.v0.3+json", true, 1},
        Shape{"SigstoreBundleOfTheFirstKind",
              manifest_with(empty_config,
                            entry("application/vnd.dev.sigstore.bundle+json;version=0.1", '1'),
                            subject),
              artifact_kind, 0, "application/vnd.oci.empty.v1+json", true, 1}),
    [](const auto& tested) { return std::string(tested.param.name); });

TEST(UnknownDigestAlgorithm, MakesAManifestUnreadableAndNothingWorse) {
  const Digest self = Digest::from_trusted(shape_digest('f'));
  for (const char* digest : {"blake3:abc", "sha256:short", "", "sha384:00"}) {
    const std::string config = std::string(R"({"mediaType":")") + std::string(oci_config_type) +
                               R"(","digest":")" + digest + R"(","size":1})";
    EXPECT_FALSE(parse_manifest(self, oci_manifest_type, manifest_with(config, ""))) << digest;
  }
}

TEST(ReferrersIndex, MayLackAnnotationsAndTypes) {
  const auto listed = parse_referrers(
      index_with(entry(oci_manifest_type, '1') + "," + entry(oci_manifest_type, '2', amd64)));
  ASSERT_TRUE(listed);
  ASSERT_EQ(listed->size(), 2U);
  // Written by cosign before it copied the annotations: it may be a bundle, so it is opened.
  EXPECT_TRUE(artifact_may_be_evidence(listed->front().artifact_type));
}

}  // namespace
}  // namespace scanclock
