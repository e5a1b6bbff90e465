// "May this image run?" is answered by the settings in force, or not yet.
#include "tests/component/daemon/workload_calls_fixture.hpp"

#include <cstdio>

namespace scanclock {
namespace {

class CheckCall : public WorkloadCallsTest {
 protected:
  CheckCall() { add_check_call(router, context); }

  /// So many that their conclusions take several steps, all scanned a day ago.
  void know_scanned_images() {
    for (int number = 0; number < 500; ++number) {
      char text[72];
      std::snprintf(text, sizeof text, "sha256:b%063d", number);
      Manifest image;
      image.digest = Digest::from_trusted(text);
      image.platform.os = "linux";
      image.platform.architecture = "amd64";
      engine.inventory().add_manifest(AlertWorld::key(), image, clock.now());
      Evidence evidence;
      text[7] = 'e';
      evidence.digest = Digest::from_trusted(text);
      evidence.source = "ci";
      evidence.trust = Trust::pushed;
      evidence.attached_to = image.digest;
      evidence.repository = AlertWorld::key().repository;
      evidence.collected_at = clock.now();
      evidence.report.format = "trivy-json";
      evidence.report.finished_at = clock.now() - std::chrono::hours(24);
      evidence.report.subjects = {image.digest};
      engine.inventory().add_evidence(std::move(evidence), "{}", clock.now());
      checked_ = image.digest;
    }
    engine.sources().answered("prod", 500, clock.now());
    engine.wake();
    EXPECT_TRUE(finish(engine.stored(std::chrono::seconds(30))));
  }

  Answer check() {
    return ask("GET", "/api/v1/check?image=registry.example/team/app@" + checked_.str());
  }

  Digest checked_;
};

TEST_F(CheckCall, IsNotAnsweredByThePoliciesBeforeAReload) {
  know_scanned_images();
  const Answer before = check();
  ASSERT_EQ(before.status, 200) << before.body;
  EXPECT_TRUE(before.body.at("allowed").get<bool>()) << before.body;

  Scope stricter = engine.inventory().scope();
  for (VersionedPolicy& policy : stricter.policies) {
    policy.policy.window = std::chrono::hours(1);
    ++policy.version;
  }
  engine.set_scope(std::move(stricter));
  const Answer meanwhile = check();
  EXPECT_EQ(meanwhile.status, 503) << meanwhile.body;
  EXPECT_TRUE(finish(engine.stored(std::chrono::seconds(30))));
  const Answer after = check();
  ASSERT_EQ(after.status, 200) << after.body;
  EXPECT_FALSE(after.body.at("allowed").get<bool>()) << after.body;
}

}  // namespace
}  // namespace scanclock
