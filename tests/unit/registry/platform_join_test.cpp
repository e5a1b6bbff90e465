#include "core/registry/platform_join.hpp"

#include "tests/component/registry/world.hpp"

#include <gtest/gtest.h>

namespace scanclock {
namespace {

const RepositoryKey join_app{"prod", "team/app"};
const Digest join_image = Digest::from_trusted("sha256:" + std::string(64, 'a'));
const Digest join_other = Digest::from_trusted("sha256:" + std::string(64, 'b'));

RegistryProblem join_problem(const std::string& reason) {
  RegistryProblem problem;
  problem.reason = reason;
  return problem;
}

struct Joined {
  Joined() {
    join.set_on_unasked([this](const std::string& repository) { unasked.push_back(repository); });
  }
  void registry_answers() { join.evidence_answered(join_app, join_image); }
  void registry_fails() { join.evidence_failed(join_app, join_image, join_problem("timeout")); }
  void platform_answers() { join.platform_answered(join_app, join_image); }
  void platform_fails() {
    join.platform_failed(join_app, join_image, join_problem("unauthorized"));
  }
  std::size_t answers() const { return world.count("answered"); }
  std::size_t failures() const { return world.count("failed"); }

  World world;
  PlatformJoin join{world};
  std::vector<std::string> unasked;
};

TEST(TwoSources, HaveAnsweredWhenBothHave) {
  Joined registry_first;
  registry_first.registry_answers();
  EXPECT_EQ(registry_first.answers(), 0U) << "the api may know of a scan";
  registry_first.platform_answers();
  EXPECT_EQ(registry_first.answers(), 1U);

  Joined platform_first;
  platform_first.platform_answers();
  EXPECT_EQ(platform_first.answers(), 0U) << "so may the registry";
  platform_first.registry_answers();
  EXPECT_EQ(platform_first.answers(), 1U);
}

TEST(TwoSources, FailWhenEitherFails) {
  Joined joined;
  joined.registry_answers();
  joined.platform_fails();
  EXPECT_EQ(joined.world.count("failed " + join_image.str() + " unauthorized"), 1U);
  joined.registry_answers();
  EXPECT_EQ(joined.answers(), 0U) << "the api still fails";
  joined.platform_answers();
  EXPECT_EQ(joined.answers(), 1U);
  joined.registry_fails();
  EXPECT_EQ(joined.failures(), 2U);
  joined.platform_answers();
  EXPECT_EQ(joined.answers(), 1U) << "the registry still fails";
  joined.registry_answers();
  EXPECT_EQ(joined.answers(), 2U);
}

TEST(TwoSources, AskTheApiSoonAboutWhatItWasNeverAskedAbout) {
  Joined joined;
  joined.registry_answers();
  EXPECT_EQ(joined.unasked, std::vector<std::string>{"team/app"});
  joined.platform_answers();
  joined.registry_answers();
  joined.platform_fails();
  joined.registry_answers();
  EXPECT_EQ(joined.unasked.size(), 1U);
}

TEST(TwoSources, AnswerForEachSubjectAndRepositoryByItself) {
  Joined joined;
  joined.registry_answers();
  joined.join.platform_answered(join_app, join_other);
  joined.join.platform_answered({"prod", "team/copy"}, join_image);
  EXPECT_EQ(joined.answers(), 0U);
}

TEST(TwoSources, ForgetWhatIsNoSubjectAnyMore) {
  Joined joined;
  joined.registry_answers();
  joined.join.keep_subjects("team/app", {join_image});
  joined.platform_answers();
  EXPECT_EQ(joined.answers(), 1U);
  joined.join.keep_subjects("team/app", {});
  joined.platform_answers();
  EXPECT_EQ(joined.answers(), 1U);
}

TEST(TwoSources, HandEverythingElseThrough) {
  Joined joined;
  joined.join.tag_resolved(join_app, "1.0", join_image);
  joined.join.tags_listed(join_app, {"1.0"});
  joined.join.manifest_missing(join_app, join_image);
  joined.join.manifest_present(join_app, join_image);
  joined.join.image_pushed(join_app, join_image, TimePoint(), EntryBasis::push_event);
  joined.join.registry_answered("prod");
  joined.join.registry_failed("prod", join_problem("timeout"));
  joined.join.request_made("prod", "GET", 200, Duration(1));
  Manifest manifest;
  manifest.digest = join_image;
  joined.join.manifest_found(join_app, manifest);
  EXPECT_EQ(joined.world.log.size(), 8U);
  EXPECT_EQ(joined.world.requests["GET"], 1U);
  EXPECT_NE(joined.world.manifest(join_image), nullptr);
}

}  // namespace
}  // namespace scanclock
