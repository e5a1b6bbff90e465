#include "core/registry/manifest_parser.hpp"

#include "core/registry/media_types.hpp"

#include <gtest/gtest.h>

namespace scanclock {
namespace {

std::string hex(char digit) { return std::string(64, digit); }
std::string digest_text(char digit) { return "sha256:" + hex(digit); }

const Digest self = Digest::from_trusted("sha256:" + std::string(64, 'f'));

Result<Manifest, std::string> parse(const std::string& bytes,
                                    std::string_view type = oci_manifest_type) {
  return parse_manifest(self, type, bytes);
}

std::string descriptor(std::string_view type, char digit, const std::string& rest = "") {
  return R"({"mediaType":")" + std::string(type) + R"(","size":7,"digest":")" + digest_text(digit) +
         "\"" + rest + "}";
}

std::string image(std::string_view config_type, std::string_view layer_type,
                  const std::string& rest = "") {
  return R"({"schemaVersion":2,"config":)" + descriptor(config_type, 'c') + R"(,"layers":[)" +
         descriptor(layer_type, '1') + "]" + rest + "}";
}

constexpr std::string_view layer = "application/vnd.oci.image.layer.v1.tar+gzip";

struct KindCase {
  const char* name;
  std::string bytes;
  std::string_view type;
  ManifestKind kind;
};

class ManifestOfKind : public testing::TestWithParam<KindCase> {};

TEST_P(ManifestOfKind, IsToldByItsContent) {
  const auto manifest = parse(GetParam().bytes, GetParam().type);
  ASSERT_TRUE(manifest) << manifest.error();
  EXPECT_EQ(manifest->kind, GetParam().kind);
}

INSTANTIATE_TEST_SUITE_P(
    Shapes, ManifestOfKind,
    testing::Values(
        KindCase{"OciImage", image(oci_config_type, layer), oci_manifest_type, ManifestKind::image},
        KindCase{"DockerImage", image(docker_config_type, layer), docker_manifest_type,
                 ManifestKind::image},
        KindCase{"OldDockerConfigType", image("application/octet-stream", layer),
                 docker_manifest_type, ManifestKind::image},
        KindCase{"ImageUnderAGeneralContentType", image(oci_config_type, layer), "application/json",
                 ManifestKind::image},
        KindCase{"ImageThatCarriesAnArtifactType",
                 image(oci_config_type, layer, R"(,"artifactType":"application/sarif+json")"),
                 oci_manifest_type, ManifestKind::image},
        KindCase{"ImageWithoutLayers",
                 R"({"config":)" + descriptor(oci_config_type, 'c') + R"(,"layers":null})",
                 oci_manifest_type, ManifestKind::image},
        KindCase{"ArtifactByConfig", image("application/sarif+json", layer), oci_manifest_type,
                 ManifestKind::artifact},
        KindCase{"ArtifactWithEmptyConfig",
                 image(oci_empty_type, "application/json", R"(,"artifactType":"a/b")"),
                 oci_manifest_type, ManifestKind::artifact},
        KindCase{"CosignAttestations", image(oci_config_type, dsse_envelope_type),
                 oci_manifest_type, ManifestKind::artifact},
        KindCase{"BuildKitAttestation", image(oci_config_type, in_toto_type), oci_manifest_type,
                 ManifestKind::artifact},
        KindCase{"OciArtifactManifest", R"({"blobs":[]})", oci_artifact_type,
                 ManifestKind::artifact},
        KindCase{"DockerSchemaOne", R"({"schemaVersion":1,"fsLayers":[]})",
                 "application/vnd.docker.distribution.manifest.v1+prettyjws",
                 ManifestKind::artifact},
        KindCase{"OciIndex", R"({"manifests":[]})", oci_index_type, ManifestKind::index},
        KindCase{"DockerList", R"({"manifests":null})", docker_list_type, ManifestKind::index},
        KindCase{"IndexUnderAGeneralContentType", R"({"schemaVersion":2,"manifests":[]})",
                 "text/plain", ManifestKind::index}),
    [](const auto& tested) { return std::string(tested.param.name); });

TEST(ImageManifest, NamesItsConfigAndSubject) {
  const auto manifest =
      parse(image(oci_config_type, layer, R"(,"subject":)" + descriptor(oci_manifest_type, 'a')));
  EXPECT_EQ(manifest->config.str(), digest_text('c'));
  EXPECT_EQ(manifest->subject.str(), digest_text('a'));
  EXPECT_EQ(manifest->digest, self);
  EXPECT_FALSE(manifest->config_identifies);
}

TEST(ArtifactManifest, TakesItsTypeFromTheConfigWhenItHasNone) {
  EXPECT_EQ(parse(image("application/sarif+json", layer))->artifact_type, "application/sarif+json");
  EXPECT_EQ(parse(image(oci_empty_type, layer, R"(,"artifactType":"a/b")"))->artifact_type, "a/b");
}

std::string platform(const char* os, const char* architecture) {
  return std::string(R"(,"platform":{"os":")") + os + R"(","architecture":")" + architecture +
         "\"}";
}

TEST(IndexManifest, ListsWhatRunsAndWhatDoesNot) {
  const std::string attestation =
      R"(,"annotations":{"vnd.docker.reference.type":"attestation-manifest"})";
  const auto manifest = parse(
      R"({"manifests":[)" + descriptor(oci_manifest_type, '1', platform("linux", "amd64")) + "," +
          descriptor(oci_manifest_type, '2', platform("unknown", "unknown") + attestation) + "," +
          descriptor(oci_manifest_type, '3', attestation) + "," + descriptor(oci_index_type, '4') +
          "," + descriptor(oci_manifest_type, '5', R"(,"artifactType":"application/sarif+json")") +
          "," + descriptor(oci_manifest_type, '6', platform("linux", "arm64") + attestation) + "]}",
      oci_index_type);
  ASSERT_TRUE(manifest) << manifest.error();
  ASSERT_EQ(manifest->children.size(), 6U);
  std::vector<bool> runnable;
  for (const ManifestChild& child : manifest->children) {
    runnable.push_back(child.runnable);
  }
  // A label on an entry with a real platform must not hide it: a runtime would run it.
  EXPECT_EQ(runnable, (std::vector<bool>{true, false, false, true, false, true}));
  EXPECT_EQ(to_string(manifest->children[0].platform), "linux/amd64");
}

TEST(Manifest, ThatIsTwoThingsAtOnceIsRefused) {
  const std::string both = R"({"manifests":[)" + descriptor(oci_manifest_type, '1') +
                           R"(],"config":)" + descriptor(oci_config_type, 'c') + R"(,"layers":[)" +
                           descriptor(layer, '2') + "]}";
  EXPECT_FALSE(parse(both, oci_index_type));
  EXPECT_FALSE(parse(both, oci_manifest_type));
}

TEST(Manifest, ThatCannotBeReadIsRefused) {
  const std::string entry = R"({"manifests":[{"digest":"md5:1"}]})";
  EXPECT_FALSE(parse("", oci_index_type));
  EXPECT_FALSE(parse("<html>", oci_index_type));
  EXPECT_FALSE(parse("[]", oci_index_type));
  EXPECT_FALSE(parse("{}", "application/json"));
  EXPECT_FALSE(parse(entry, oci_index_type));
  EXPECT_FALSE(parse(R"({"manifests":[7]})", oci_index_type));
  EXPECT_FALSE(parse(std::string(manifest_bytes_max + 1, ' '), oci_index_type));
}

TEST(Manifest, NestedAMillionLevelsDeepIsRefused) {
  const std::string deep = R"({"a":)" + std::string(1'000'000, '[');
  EXPECT_NE(parse(deep).error().find("deeper"), std::string::npos);
  const std::string closed =
      R"({"a":)" + std::string(1'000'000, '[') + std::string(1'000'000, ']') + "}";
  EXPECT_FALSE(parse(closed));
}

TEST(Manifest, ListingMoreChildrenThanAllowedIsRefused) {
  std::string entries;
  for (std::size_t i = 0; i <= index_children_max; ++i) {
    entries += (i == 0 ? "" : ",") + descriptor(oci_manifest_type, '1');
  }
  EXPECT_FALSE(parse(R"({"manifests":[)" + entries + "]}", oci_index_type));
}

TEST(Layers, AreReadFromLayersOrBlobs) {
  EXPECT_EQ(parse_layers(image(oci_config_type, layer))->front().digest.str(), digest_text('1'));
  EXPECT_EQ(parse_layers(R"({"blobs":[)" + descriptor("a/b", '2') + "]}")->front().media_type,
            "a/b");
  EXPECT_TRUE(parse_layers(R"({"layers":null})")->empty());
  EXPECT_FALSE(parse_layers(R"({"layers":[{"digest":"x"}]})"));
}

}  // namespace
}  // namespace scanclock
