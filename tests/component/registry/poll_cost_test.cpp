#include "tests/component/registry/poller_fixture.hpp"

namespace scanclock {
namespace {

using namespace std::chrono_literals;

/// 60 images in four repositories, each with an index and a tag; every fifth has an attestation.
class PollCost : public PollerTest {
 protected:
  PollCost() {
    for (int i = 0; i < images_max; ++i) {
      const std::string repository = "team/app" + std::to_string(i % repositories_max);
      const Digest image = registry.push_image(repository, std::to_string(i));
      const Digest index = registry.push_index(repository, {image});
      registry.tag(repository, "v" + std::to_string(i), index);
      if (i % 5 == 0) {
        registry.attest(repository, index, {"statement " + std::to_string(i)});
        ++attestations;
      }
    }
  }

  /// Requests a day that design.md section 5 allows for.
  double allowed_a_day() const {
    const double cycles = 24h / std::chrono::duration<double>(options.tags_every);
    const double rounds = 24h / std::chrono::duration<double>(options.evidence_every);
    const double referrers = registry.has_referrers_api ? 2.0 * images_max : repositories_max;
    return cycles * (1 + repositories_max + images_max) + rounds * (referrers + attestations);
  }

  /// The most requests sent in one second from now on.
  std::size_t peak_during(Duration duration) {
    std::size_t peak = 0;
    for (Duration passed{0}; passed < duration; passed += 1s) {
      http.clear_requests();
      pass(1s);
      peak = std::max(peak, http.requests().size());
    }
    return peak;
  }

  static constexpr int images_max = 60;
  static constexpr int repositories_max = 4;
  int attestations = 0;
};

TEST_F(PollCost, IsOneHeadATagAndOneReferrersRequestASubject) {
  start();
  pass(6h);
  http.clear_requests();
  pass(2 * 24h);
  const auto sent = static_cast<double>(http.requests().size());
  EXPECT_LE(sent, 2 * allowed_a_day() * 1.02);
  EXPECT_GE(sent, 2 * allowed_a_day() * 0.98);
  EXPECT_EQ(gets("/v2/team/app0/manifests/"), 0U);
  EXPECT_EQ(gets("/v2/team/app0/blobs/"), 0U);
}

TEST_F(PollCost, WithoutAReferrersApiIsOneProbeARepository) {
  registry.has_referrers_api = false;
  start();
  pass(6h);
  http.clear_requests();
  pass(2 * 24h);
  EXPECT_LE(static_cast<double>(http.requests().size()), 2 * allowed_a_day() * 1.02);
}

TEST_F(PollCost, GoesOnForWeeks) {
  options.tags_every = 1h;
  options.evidence_every = 6h;
  start();
  pass(15 * 24h);
  EXPECT_EQ(world.count("registry failed"), 0U);
  EXPECT_NEAR(static_cast<double>(world.count("registry answered")), 15 * 24, 15);
  EXPECT_EQ(world.evidence.size(), static_cast<std::size_t>(attestations));
  world.log.clear();
  pass(options.evidence_every * 9 / 8);
  for (const auto& [repository, place] : world.places) {
    for (const Digest& subject : place.subjects) {
      EXPECT_GE(world.count("answered " + subject.str()), 1U);
    }
  }
}

TEST_F(PollCost, StaysTheSameAfterARestart) {
  start();
  pass(6h);
  stop();
  http.clear_requests();
  start();
  pass(24h);
  // Attestation manifests name no subject, so a new process reads each of them once more.
  EXPECT_LE(static_cast<double>(http.requests().size()), allowed_a_day() * 1.02 + attestations);
  EXPECT_EQ(world.evidence.size(), static_cast<std::size_t>(attestations));
}

TEST_F(PollCost, SkipsNoHeadBecauseAListIsUnchanged) {
  start();
  pass(1h);
  http.clear_requests();
  pass(6h);
  const auto cycles = static_cast<std::size_t>(6h / options.tags_every);
  const auto rounds = static_cast<std::size_t>(6h / options.evidence_every);
  for (const auto& [key, place] : world.places) {
    for (const auto& [tag, digest] : place.tags) {
      EXPECT_GE(heads("/v2/" + key.repository + "/manifests/" + tag), cycles - 1) << tag;
      const std::string evidence = digest.referrers_tag() + ".att";
      if (std::stoi(tag.substr(1)) % 5 == 0) {
        EXPECT_GE(heads("/v2/" + key.repository + "/manifests/" + evidence), rounds - 1) << tag;
      }
    }
  }
}

/// Several hundred images, evidence in tags of both kinds, everything asked once a cycle.
TEST_F(PollCost, OfAWholeCycleIsCounted) {
  constexpr int more_images = 240;
  for (int i = images_max; i < images_max + more_images; ++i) {
    const std::string repository = "team/app" + std::to_string(i % repositories_max);
    const Digest image = registry.push_image(repository, std::to_string(i));
    registry.tag(repository, "v" + std::to_string(i), image);
    if (i % 4 == 0) {
      registry.put_fallback(repository, image,
                            {registry.attach(repository, image, "application/sarif+json",
                                             "report " + std::to_string(i))});
      ++attestations;
    }
  }
  options.evidence_every = options.tags_every;
  start();
  pass(3 * options.tags_every);
  ASSERT_TRUE(poller->last_cycle());
  const std::uint64_t seen = poller->requests();
  pass(3 * options.tags_every);
  const RequestCycle cycle = *poller->last_cycle();
  const double heads = images_max + more_images + attestations;
  const double referrers = 2 * images_max + more_images;
  EXPECT_NEAR(static_cast<double>(cycle.heads), heads, heads * 0.02);
  EXPECT_NEAR(static_cast<double>(cycle.referrers), referrers, referrers * 0.02);
  EXPECT_EQ(cycle.lists, std::uint64_t{1 + repositories_max});
  EXPECT_EQ(cycle.others, 0U);
  EXPECT_LE(static_cast<double>(cycle.requests()),
            (heads + referrers + 1 + repositories_max) * 1.02);
  EXPECT_EQ(cycle.requests(), cycle.heads + cycle.referrers + cycle.lists);
  const Duration length = cycle.ended_at - cycle.started_at;
  EXPECT_GE(length, options.tags_every * 95 / 100);
  EXPECT_LE(length, options.tags_every * 105 / 100);
  EXPECT_LE(static_cast<double>(poller->requests() - seen),
            3 * (heads + referrers + 1 + repositories_max) * 1.02);
}

TEST_F(PollCost, HasNoPeaksNotEvenAfterARestart) {
  // Fifty requests a second, so that a second is long enough to tell a peak from chance. A start
  // adds the catalog and one list a repository to what is due.
  options.tags_every = 2s;
  options.evidence_every = 8s;
  options.max_requests_per_second = 1000;
  start();
  pass(1min);
  const double mean = allowed_a_day() / 86400.0;
  const std::size_t before = peak_during(90s);
  restart();
  const std::size_t after = peak_during(90s);
  EXPECT_GT(mean, 40);
  EXPECT_LE(static_cast<double>(before), 1.5 * mean);
  EXPECT_LE(static_cast<double>(after), 1.5 * mean);
}

}  // namespace
}  // namespace scanclock
