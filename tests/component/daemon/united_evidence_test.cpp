#include "core/runtime/hashing.hpp"
#include "daemon/registry_intake.hpp"
#include "tests/component/daemon/engine_fixture.hpp"
#include "tests/support/alert_world.hpp"
#include "tests/support/scan_documents.hpp"

#include <nlohmann/json.hpp>

namespace scanclock {
namespace {

using std::chrono::hours;

Scope two_registries() {
  Scope scope = AlertWorld::default_scope();
  RegistryScope development;
  development.name = "dev";
  development.host = "dev.example";
  development.environment = "development";
  scope.registries.push_back(development);
  return scope;
}

/// The same image in a development and in a production registry.
class UnitedEvidence : public EngineTest {
 protected:
  UnitedEvidence() : EngineTest(two_registries()) {
    for (const RepositoryKey& place : {development, production}) {
      registries.manifest_found(place, index());
      registries.manifest_found(place, image());
      registries.tag_resolved(place, "1.0", index().digest);
    }
  }

  static Manifest image() {
    Manifest manifest;
    manifest.digest = AlertWorld::digest('a');
    manifest.kind = ManifestKind::image;
    manifest.media_type = "application/vnd.oci.image.manifest.v1+json";
    manifest.config = AlertWorld::digest('c');
    manifest.config_identifies = true;
    manifest.platform.os = "linux";
    manifest.platform.architecture = "amd64";
    return manifest;
  }
  static Manifest index() {
    Manifest manifest;
    manifest.digest = AlertWorld::digest('b');
    manifest.kind = ManifestKind::index;
    manifest.media_type = "application/vnd.oci.image.index.v1+json";
    ManifestChild child;
    child.digest = image().digest;
    child.platform = image().platform;
    manifest.children = {child};
    return manifest;
  }

  void attach(const RepositoryKey& place, const Digest& subject, TimePoint finished_at) {
    FoundEvidence found;
    found.repository = place;
    found.attached_to = subject;
    found.origin = EvidenceOrigin::referrer;
    found.bytes = trivy_report("any.example/team/app", subject, finished_at).dump();
    found.digest = sha256(found.bytes);
    finish(registries.evidence_found(std::move(found)));
    finish(engine.flush());
  }

  const ImageRecord& record() const { return *engine.inventory().image(AlertWorld::digest('a')); }
  std::optional<TimePoint> last_scan() const {
    if (!record().last_scan) {
      return std::nullopt;
    }
    return engine.inventory().evidence(*record().last_scan)->evidence.report.finished_at;
  }

  /// Virtual time passes while a test waits.
  const TimePoint start = clock.now();
  const RepositoryKey development{"dev", "team/app-dev"};
  const RepositoryKey production{"prod", "team/app"};
  RegistryIntake registries{engine, clock, pool, telemetry};
};

TEST_F(UnitedEvidence, OfTheDevelopmentRepositoryCountsForTheImageInProduction) {
  finish(engine.flush());
  ASSERT_EQ(record().environment, "production");
  EXPECT_EQ(record().state, State::never_scanned);
  const TimePoint finished_at = start - hours(48);
  attach(development, image().digest, finished_at);
  EXPECT_EQ(record().state, State::fresh);
  EXPECT_EQ(last_scan(), finished_at);
  EXPECT_EQ(record().deadline_at, finished_at + fedramp_window);
  ASSERT_EQ(record().standings.size(), 1u);
  EXPECT_TRUE(record().standings[0].bound);
}

TEST_F(UnitedEvidence, OfBothPlacesGivesTheNewestWhereverItStands) {
  attach(production, image().digest, start - hours(100));
  attach(development, index().digest, start - hours(10));
  EXPECT_EQ(last_scan(), start - hours(10));
  attach(development, image().digest, start - hours(200));
  EXPECT_EQ(last_scan(), start - hours(10));
  EXPECT_EQ(engine.inventory().evidence_of(image().digest).size(), 3u);
}

TEST_F(UnitedEvidence, ThatStandsTwiceIsOnePiece) {
  const TimePoint finished_at = start - hours(10);
  attach(development, image().digest, finished_at);
  attach(production, image().digest, finished_at);
  EXPECT_EQ(engine.inventory().evidence_of(image().digest).size(), 1u);
  EXPECT_EQ(ledger.evidence().size(), 1u);
}

TEST_F(UnitedEvidence, OfAnImageThatStandsOnlyInDevelopmentLeavesOthersAlone) {
  Manifest other = image();
  other.digest = AlertWorld::digest('d');
  other.config = AlertWorld::digest('e');
  registries.manifest_found(development, other);
  attach(development, other.digest, start - hours(1));
  EXPECT_EQ(engine.inventory().image(other.digest)->state, State::fresh);
  EXPECT_EQ(record().state, State::never_scanned);
}

}  // namespace
}  // namespace scanclock
