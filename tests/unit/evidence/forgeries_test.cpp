#include "core/domain/inventory.hpp"
#include "core/evidence/reader.hpp"
#include "core/evidence/signature.hpp"
#include "core/runtime/hashing.hpp"
#include "tests/unit/evidence/forge.hpp"

#include <gtest/gtest.h>

#include <optional>
#include <string>

namespace scanclock::forging {
namespace {

const TimePoint now = testing::time_of(now_text);

Manifest image_of(const Digest& digest, const Digest& config) {
  Manifest manifest;
  manifest.digest = digest;
  manifest.kind = ManifestKind::image;
  manifest.config = config;
  manifest.config_identifies = true;
  manifest.platform = *parse_platform("linux/amd64");
  return manifest;
}

/// A daemon's memory under a policy that takes signed evidence alone, and one honest, old scan.
class Victim {
 public:
  explicit Victim(const Forge& forge) : inventory_(scope_of(forge)) {
    inventory_.add_manifest(place, image_of(target, target_config), now);
    inventory_.add_manifest(place, image_of(other_image, other_config), now);
    take(forge.honest);
    inventory_.reevaluate(now);
  }

  /// As the daemon takes what lies in the registry beside the target.
  EvidenceKey take(const std::string& bytes) {
    const ReadEvidence read = read_evidence(bytes);
    Evidence evidence;
    evidence.digest = sha256(bytes);
    evidence.source = place.registry;
    evidence.repository = place.repository;
    evidence.origin = EvidenceOrigin::attestation_tag;
    evidence.trust = Trust::unsigned_;
    evidence.attached_to = target;
    evidence.collected_at = now;
    evidence.report = read.report;
    if (read.envelope) {
      const SignatureVerdict verdict = check_signatures(
          *read.envelope, inventory_.ground_of(evidence), evidence.report.finished_at, now);
      evidence.signature = verdict.state;
      evidence.signature_detail = verdict.detail;
      if (verdict.state == SignatureState::verified && is_bound_by_statement(evidence.report)) {
        evidence.trust = Trust::signed_;
      }
    }
    const EvidenceKey key = key_of(evidence);
    inventory_.add_evidence(std::move(evidence), bytes, now);
    inventory_.reevaluate(now);
    return key;
  }

  const Decision& decision(const EvidenceKey& key, const std::string& policy = "signed") const {
    return inventory_.evidence(key)->decisions.at(policy);
  }

  /// The time that the target's clock shows.
  std::optional<TimePoint> clock() const {
    const ImageRecord& image = *inventory_.image(target);
    std::optional<TimePoint> newest;
    for (const EvidenceRecord* record : inventory_.evidence_of(target)) {
      const auto& finished = record->evidence.report.finished_at;
      if (record->decisions.at("signed").accepted &&
          coverage(record->evidence, inventory_.graph(), image.digest) == Coverage::covered &&
          (!newest || *finished > *newest)) {
        newest = finished;
      }
    }
    return newest;
  }
  State state() const {
    for (const PolicyStanding& standing : inventory_.image(target)->standings) {
      if (standing.policy == "signed") {
        return standing.standing.state;
      }
    }
    return State::fresh;
  }

 private:
  static Scope scope_of(const Forge& forge) {
    Scope scope;
    VersionedPolicy strict;
    strict.policy.name = "signed";
    strict.policy.trust = {Trust::signed_};
    strict.policy.database_age_max.reset();
    VersionedPolicy lenient;
    lenient.policy.name = "anything";
    lenient.policy.database_age_max.reset();
    scope.policies = {strict, lenient};
    RegistryScope registry;
    registry.name = place.registry;
    registry.host = "registry.example";
    scope.registries = {registry};
    scope.keys = forge.keys();
    return scope;
  }

  Inventory inventory_;
};

class Forgeries : public ::testing::TestWithParam<Forgery> {
 protected:
  static void SetUpTestSuite() { forge_ = new Forge; }
  static void TearDownTestSuite() {
    delete forge_;
    forge_ = nullptr;
  }
  static Forge* forge_;
};

Forge* Forgeries::forge_ = nullptr;

TEST_P(Forgeries, MoveNoClockAndSayWhy) {
  Victim victim(*forge_);
  ASSERT_EQ(victim.state(), State::overdue);
  ASSERT_EQ(victim.clock(), testing::time_of(honest_time));
  const EvidenceKey key = victim.take(GetParam().make(*forge_));
  const Decision& decision = victim.decision(key);
  EXPECT_EQ(decision.reason, GetParam().reason) << decision.detail;
  EXPECT_EQ(decision.accepted || !decision.detail.empty(), true);
  EXPECT_EQ(victim.clock(), testing::time_of(honest_time));
  EXPECT_EQ(victim.state(), State::overdue);
  if (GetParam().reason == Rejection::bad_signature) {
    EXPECT_FALSE(victim.decision(key, "anything").accepted)
        << "a forgery counts under no policy of the place";
  }
}

TEST(HonestEvidence, IsTakenByTheMeansThatRefuseForgeries) {
  const Forge forge;
  Victim victim(forge);
  const EvidenceKey key = victim.take(forge.good(forge.fresh()));
  EXPECT_TRUE(victim.decision(key).accepted) << victim.decision(key).detail;
  EXPECT_EQ(victim.clock(), testing::time_of(fresh_time));
  EXPECT_EQ(victim.state(), State::fresh);
}

std::string forgery_name(const ::testing::TestParamInfo<Forgery>& tested) {
  return tested.param.name;
}

INSTANTIATE_TEST_SUITE_P(OfTheImage, Forgeries, ::testing::ValuesIn(forgeries_of_the_image()),
                         forgery_name);
INSTANTIATE_TEST_SUITE_P(OfTheTime, Forgeries, ::testing::ValuesIn(forgeries_of_the_time()),
                         forgery_name);
INSTANTIATE_TEST_SUITE_P(OfTheKey, Forgeries, ::testing::ValuesIn(forgeries_of_the_key()),
                         forgery_name);
INSTANTIATE_TEST_SUITE_P(OfTheSignature, Forgeries,
                         ::testing::ValuesIn(forgeries_of_the_signature()), forgery_name);
INSTANTIATE_TEST_SUITE_P(OfThePayload, Forgeries, ::testing::ValuesIn(forgeries_of_the_payload()),
                         forgery_name);

}  // namespace
}  // namespace scanclock::forging
