#include "tests/unit/domain/facts.hpp"
#include "tests/unit/domain/stored_world.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <random>

namespace scanclock {
namespace {

using namespace facts;  // NOLINT: the words of this folder's tests

constexpr unsigned seed = 20261101;
constexpr int worlds = 2000;

using Fact = std::function<void(World&)>;

/// A small world: few digests, so that everything is related to everything in some round.
class RandomFacts {
 public:
  explicit RandomFacts(unsigned number) : random_(seed + number) {}

  int upto(int limit) { return static_cast<int>(random_() % static_cast<unsigned>(limit)); }

  std::vector<Fact> draw() {
    draw_manifests();
    draw_evidence();
    draw_containers();
    std::vector<Fact> facts = facts_;
    std::shuffle(facts.begin(), facts.end(), random_);
    return facts;
  }

  std::vector<Fact> shuffled(std::vector<Fact> facts) {
    std::shuffle(facts.begin(), facts.end(), random_);
    return facts;
  }

 private:
  Digest any_manifest() { return digest(0x10 + static_cast<unsigned>(upto(4))); }
  Digest any_config() { return digest(0xc0 + static_cast<unsigned>(upto(3))); }
  Digest any_index() { return digest(0x1a0 + static_cast<unsigned>(upto(3))); }
  Digest any_digest() {
    const int kind = upto(8);
    return kind < 4   ? any_manifest()
           : kind < 5 ? any_config()
           : kind < 7 ? any_index()
                      : digest(0xdead);
  }
  Platform any_platform() { return upto(2) == 0 ? amd64 : arm64; }
  RepositoryKey any_place() { return upto(2) == 0 ? app : upto(2) == 0 ? copy : lab; }

  void draw_manifests() {
    for (unsigned number = 0; number < 4; ++number) {
      if (upto(6) == 0) {
        continue;
      }
      Manifest manifest = image(digest(0x10 + number), any_config(), any_platform());
      manifest.config_identifies = upto(6) != 0;
      if (upto(10) == 0) {
        manifest = artifact(manifest.digest);
      }
      add_manifest(manifest);
    }
    for (unsigned number = 0; number < 3; ++number) {
      std::vector<ManifestChild> children;
      for (int left = 1 + upto(3); left > 0; --left) {
        const Digest child = upto(8) == 0 ? any_index() : any_manifest();
        children.push_back(entry(child, upto(8) == 0 ? Platform() : any_platform(), upto(8) != 0));
      }
      if (upto(5) != 0) {
        add_manifest(index(digest(0x1a0 + number), children));
      }
    }
  }

  void add_manifest(const Manifest& manifest) {
    const RepositoryKey place = any_place();
    facts_.push_back([manifest, place](World& world) { world.add(manifest, place); });
  }

  void draw_evidence() {
    for (unsigned number = 1; number <= static_cast<unsigned>(upto(5)); ++number) {
      Evidence evidence = scan(number, noon - hours(upto(1000)));
      evidence.trust = static_cast<Trust>(upto(4));
      for (int left = upto(3); left > 0; --left) {
        evidence.report.subjects.push_back(any_digest());
      }
      if (upto(4) == 0) {
        evidence.report.subject_config = any_config();
      }
      if (upto(3) == 0) {
        evidence.report.inner_subjects.push_back(any_digest());
        if (!evidence.report.subject_config.empty()) {
          evidence.report.inner_subjects.push_back(evidence.report.subject_config);
        }
      }
      if (upto(2) == 0) {
        evidence.attached_to = upto(2) == 0 ? any_manifest() : any_index();
      }
      if (upto(2) == 0) {
        evidence.report.platform = any_platform();
      }
      if (upto(8) == 0) {
        evidence.report.defect = Rejection::scan_failed;
      }
      if (upto(10) == 0) {
        evidence.report.finished_at = noon + hours(1);
      }
      facts_.push_back([evidence](World& world) { world.collect(evidence); });
    }
  }

  void draw_containers() {
    for (int number = 0; number < 1 + upto(4); ++number) {
      std::vector<Digest> digests;
      for (int left = upto(3); left >= 0; --left) {
        digests.push_back(any_digest());
      }
      const auto observed = container("c" + std::to_string(number), digests,
                                      upto(4) == 0 ? Platform() : any_platform());
      facts_.push_back([observed](World& world) { world.start(observed); });
    }
  }

  std::mt19937 random_;
  std::vector<Fact> facts_;
};

/// What anybody may conclude from a world: verdicts, joins and states.
std::string conclusions(const World& world) {
  std::string text;
  for (const ContainerRecord& container : world.inventory.containers()) {
    text += container.id.str() + " " + std::string(to_string(container.verdict())) + " " +
            container.join().image.short_form() + " " +
            (container.deadline_at() ? format_rfc3339(*container.deadline_at()) : "-") + "\n";
  }
  for (const auto& [digest, image] : world.inventory.images()) {
    text += digest.str() + " " + std::string(to_string(image.state)) + " " +
            format_rfc3339(image.deadline_at) + (image.running ? " running" : "") +
            (image.platform_unproven ? " unproven\n" : "\n");
  }
  for (const auto& [key, record] : world.inventory.all_evidence()) {
    const Decision& decision = record.decisions.at("fedramp-30d");
    text += key.digest.str() + (decision.accepted ? " accepted\n" : " rejected\n");
  }
  return text;
}

World played(const std::vector<Fact>& facts, bool conclude_each) {
  World world;
  for (const Fact& fact : facts) {
    fact(world);
    if (conclude_each) {
      world.conclude();
    }
  }
  // Every place is visited again in the next cycle.
  for (const auto& [digest, manifest] : world.inventory.graph().manifests()) {
    for (const RepositoryKey& key : {app, copy, lab}) {
      const auto subjects = world.inventory.subjects(key);
      if (std::find(subjects.begin(), subjects.end(), digest) != subjects.end()) {
        world.add(manifest, key);
      }
    }
  }
  world.conclude();
  return world;
}

void expect_only_proven(World& world, int number) {
  for (const ContainerRecord& container : world.inventory.containers()) {
    if (!may_run(container.verdict())) {
      continue;
    }
    ASSERT_EQ(container.join().outcome, JoinOutcome::resolved) << number;
    bool proven = false;
    for (const auto& [evidence_key, record] : world.inventory.all_evidence()) {
      const ScanReport& report = record.evidence.report;
      proven = proven || (record.decisions.at("fedramp-30d").accepted && !report.defect &&
                          coverage(record.evidence, world.inventory.graph(),
                                   container.join().image) == Coverage::covered &&
                          *report.finished_at <= world.now + minutes(5) &&
                          *report.finished_at + 30 * day >= world.now);
    }
    EXPECT_TRUE(proven) << "world " << number << ", container " << container.id;
  }
}

TEST(RandomWorlds, CallNoContainerCompliantWithoutAnAcceptedCoveringScanInTheWindow) {
  int allowed = 0;
  for (int number = 0; number < worlds; ++number) {
    RandomFacts random(static_cast<unsigned>(number));
    World world = played(random.draw(), number % 2 == 0);
    for (const int hour : {0, 100, 400, 719}) {
      world.now = noon + hours(hour) + microsecond;
      world.conclude();
      expect_only_proven(world, number);
    }
    world.now = noon;
    for (const ContainerRecord& container : world.inventory.containers()) {
      allowed += container.join().outcome == JoinOutcome::resolved ? 1 : 0;
    }
  }
  EXPECT_GT(allowed, worlds / 2) << "the worlds are not so wild that nothing is ever joined";
}

TEST(RandomWorlds, ConcludeTheSameWhateverTheOrderOfArrival) {
  int compliant = 0;
  for (int number = 0; number < worlds; ++number) {
    RandomFacts random(static_cast<unsigned>(number));
    const std::vector<Fact> facts = random.draw();
    const std::string expected = conclusions(played(facts, true));
    compliant += expected.find(" compliant ") != std::string::npos ? 1 : 0;
    ASSERT_EQ(conclusions(played(random.shuffled(facts), true)), expected) << "world " << number;
    ASSERT_EQ(conclusions(played(random.shuffled(facts), false)), expected) << "world " << number;
  }
  EXPECT_GT(compliant, worlds / 20) << "some are compliant, else this would prove little";
}

TEST(RandomWorlds, ChangeNoVerdictForAnUnrelatedImageTagOrSource) {
  for (int number = 0; number < worlds; ++number) {
    RandomFacts random(static_cast<unsigned>(number));
    World world = played(random.draw(), false);
    std::map<ContainerKey, std::pair<Verdict, Digest>> before;
    for (const ContainerRecord& container : world.inventory.containers()) {
      before[container.key()] = {container.verdict(), container.join().image};
    }
    world.add(image(digest(0x7001), digest(0x7002)));
    world.add(index(digest(0x7003), {entry(digest(0x7001))}));
    world.tag("unrelated", digest(0x7003));
    world.tag("another", world.inventory.subjects(app).front());
    world.collect(scan_of(0x7004, {digest(0x7001)}));
    world.run({container("z", {digest(0x7001)})}, true, "host-z");
    world.conclude();
    for (const auto& [key, expected] : before) {
      const ContainerRecord& container = world.inventory.containers().at(key);
      ASSERT_EQ(container.verdict(), expected.first) << "world " << number << " " << key.id;
      ASSERT_EQ(container.join().image, expected.second) << "world " << number << " " << key.id;
    }
  }
}

TEST(RandomWorlds, ConcludeTheSameAfterARestart) {
  for (int number = 0; number < worlds; ++number) {
    RandomFacts random(static_cast<unsigned>(number));
    World world = played(random.draw(), number % 2 == 0);
    StoredWorld stored;
    stored.store(world.inventory.take_changes());
    World next;
    next.inventory.restore(stored.snapshot(), next.now);
    next.conclude();
    ASSERT_EQ(conclusions(next), conclusions(world)) << "world " << number;
    ASSERT_TRUE(next.inventory.take_changes().empty()) << "world " << number;
  }
}

}  // namespace
}  // namespace scanclock
