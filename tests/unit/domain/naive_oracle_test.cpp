// Random estates against an oracle that shares no code with the join, the coverage of evidence or
// the inventory: it knows the facts as lists and asks them by brute force.
#include "tests/unit/domain/facts.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <random>

namespace scanclock {
namespace {

using namespace facts;  // NOLINT: the words of this folder's tests

constexpr unsigned oracle_seed = 41177;
constexpr int estates = 1500;

struct Estate {
  std::vector<Manifest> manifests;
  std::vector<std::pair<std::string, Digest>> tags;
  std::vector<Evidence> evidence;
  /// Looks, one after the other: the same ID may print something else later.
  std::vector<ContainerObservation> containers;
};

class RandomEstate {
 public:
  explicit RandomEstate(unsigned number) : random_(oracle_seed + number) {}

  int upto(int limit) { return static_cast<int>(random_() % static_cast<unsigned>(limit)); }

  Estate draw() {
    Estate estate;
    for (unsigned number = 0; number < 4; ++number) {
      Manifest manifest = image(digest(0x10 + number), any_config(), any_platform());
      manifest.config_identifies = upto(5) != 0;
      if (upto(5) != 0) {
        estate.manifests.push_back(manifest);
      }
    }
    for (unsigned number = 0; number < 3; ++number) {
      std::vector<ManifestChild> children;
      for (int left = 1 + upto(3); left > 0; --left) {
        // An index lists only those before it: nobody can make a cycle of hashes.
        const bool nested = number > 0 && upto(6) == 0;
        const Digest child =
            nested ? digest(0x1a0 + static_cast<unsigned>(upto(static_cast<int>(number))))
                   : digest(0x10 + static_cast<unsigned>(upto(4)));
        children.push_back(entry(child, any_platform(), upto(8) != 0));
      }
      if (upto(6) != 0) {
        estate.manifests.push_back(index(digest(0x1a0 + number), children));
      }
    }
    if (upto(2) == 0) {
      estate.tags.emplace_back("1.0", any_digest());
    }
    for (unsigned number = 0; number < static_cast<unsigned>(upto(6)); ++number) {
      estate.evidence.push_back(any_evidence(number + 1));
    }
    for (int number = 0; number < 2 + upto(5); ++number) {
      estate.containers.push_back(any_container("c" + std::to_string(upto(4))));
    }
    return estate;
  }

  template <class Item>
  void shuffle(std::vector<Item>& items) {
    std::shuffle(items.begin(), items.end(), random_);
  }

 private:
  Digest any_config() { return digest(0xc0 + static_cast<unsigned>(upto(3))); }
  Platform any_platform() { return upto(2) == 0 ? amd64 : arm64; }
  Digest any_digest() {
    const int kind = upto(8);
    return kind < 4   ? digest(0x10 + static_cast<unsigned>(upto(4)))
           : kind < 5 ? any_config()
           : kind < 7 ? digest(0x1a0 + static_cast<unsigned>(upto(3)))
                      : nobody;
  }

  Evidence any_evidence(unsigned number) {
    Evidence evidence = scan(number, noon + hours(2) - hours(upto(1000)));
    for (int left = upto(3); left > 0; --left) {
      evidence.report.subjects.push_back(any_digest());
    }
    if (upto(3) == 0) {
      evidence.report.subject_config = any_config();
    }
    if (upto(3) == 0) {
      evidence.attached_to = any_digest();
    }
    if (upto(2) == 0) {
      evidence.report.platform = any_platform();
    }
    if (upto(6) == 0) {
      evidence.report.defect = Rejection::scan_failed;
    }
    return evidence;
  }

  ContainerObservation any_container(const std::string& id) {
    std::vector<Digest> digests;
    for (int left = upto(3); left > 0; --left) {
      digests.push_back(any_digest());
    }
    ContainerObservation seen = container(id, digests, upto(4) == 0 ? Platform() : any_platform());
    if (upto(2) == 0) {
      seen.started_at = noon - hours(1);
    }
    return seen;
  }

  std::mt19937 random_;
};

/// Brute force over lists. An image's content is its config where that identifies it.
class Oracle {
 public:
  explicit Oracle(const Estate& estate) : estate_(estate) {}

  /// Whether some scan allows the content at that moment.
  bool is_covered(const Digest& content, TimePoint now) const {
    return std::any_of(estate_.evidence.begin(), estate_.evidence.end(),
                       [&](const Evidence& evidence) {
                         const ScanReport& report = evidence.report;
                         if (report.defect || *report.finished_at > noon + minutes(5) ||
                             *report.finished_at + 30 * day < now) {
                           return false;
                         }
                         std::vector<Digest> named = report.subjects;
                         named.push_back(report.subject_config);
                         named.push_back(evidence.attached_to);
                         return std::any_of(named.begin(), named.end(), [&](const Digest& digest) {
                           return speaks_of(digest, report.platform, content);
                         });
                       });
  }

  /// Whether a digest that a runtime printed may mean the content. One that no registry knows may
  /// mean anything, and so may an index with an entry that was never fetched.
  bool may_mean(const Digest& digest, const Digest& content) const {
    const std::set<Digest> entries = leaves_of(digest);
    if (std::any_of(entries.begin(), entries.end(),
                    [&](const Digest& entry) { return find(entry) == nullptr; })) {
      return true;
    }
    const std::vector<const Manifest*> leaves = images_under(digest);
    if (leaves.empty()) {
      return true;
    }
    return std::any_of(leaves.begin(), leaves.end(),
                       [&](const Manifest* leaf) { return content_of(*leaf) == content; });
  }

  Digest content_of(const Digest& image) const {
    const Manifest* manifest = find(image);
    return manifest == nullptr ? image : content_of(*manifest);
  }

 private:
  static Digest content_of(const Manifest& manifest) {
    return manifest.config_identifies ? manifest.config : manifest.digest;
  }

  const Manifest* find(const Digest& digest) const {
    for (const Manifest& manifest : estate_.manifests) {
      if (manifest.digest == digest) {
        return &manifest;
      }
    }
    return nullptr;
  }

  /// What is runnable under a digest of any kind, as far as it is known.
  std::vector<const Manifest*> images_under(const Digest& digest) const {
    std::vector<const Manifest*> images;
    for (const Manifest& manifest : estate_.manifests) {
      if (manifest.kind == ManifestKind::image && manifest.config_identifies &&
          manifest.config == digest) {
        images.push_back(&manifest);
      }
    }
    const Manifest* manifest = find(digest);
    if (manifest != nullptr && manifest->kind == ManifestKind::image) {
      images.push_back(manifest);
    }
    for (const Digest& leaf : leaves_of(digest)) {
      if (const Manifest* image = find(leaf)) {
        images.push_back(image);
      }
    }
    return images;
  }

  std::set<Digest> leaves_of(const Digest& index) const {
    std::set<Digest> leaves;
    const Manifest* manifest = find(index);
    if (manifest == nullptr || manifest->kind != ManifestKind::index) {
      return leaves;
    }
    for (const ManifestChild& child : manifest->children) {
      const Manifest* known = find(child.digest);
      if (known != nullptr && known->kind == ManifestKind::index) {
        leaves.merge(leaves_of(child.digest));
      } else if (child.runnable) {
        leaves.insert(child.digest);
      }
    }
    return leaves;
  }

  /// A subject speaks of the content itself; an index only of the platform that the report names,
  /// or of its only one.
  bool speaks_of(const Digest& subject, const std::optional<Platform>& platform,
                 const Digest& content) const {
    const Manifest* manifest = find(subject);
    if (manifest == nullptr || manifest->kind == ManifestKind::image) {
      return subject == content || (manifest != nullptr && content_of(*manifest) == content);
    }
    std::set<Digest> contents;
    for (const Digest& leaf : leaves_of(subject)) {
      contents.insert(content_of(leaf));
    }
    return contents.contains(content) && (contents.size() == 1 || platform);
  }

  const Estate& estate_;
};

std::map<std::string, Verdict> play(const Estate& estate, TimePoint now,
                                    std::set<std::string>* failures = nullptr) {
  World world;
  for (const Manifest& manifest : estate.manifests) {
    world.add(manifest);
  }
  for (const auto& [tag, target] : estate.tags) {
    world.tag(tag, target);
  }
  for (const Evidence& evidence : estate.evidence) {
    world.collect(evidence);
  }
  std::map<std::string, std::vector<Digest>> printed;
  for (const ContainerObservation& seen : estate.containers) {
    world.start(seen);
    auto& digests = printed[seen.id];
    digests.insert(digests.end(), seen.digests.begin(), seen.digests.end());
  }
  world.now = now;
  world.conclude();
  const Oracle oracle(estate);
  std::map<std::string, Verdict> verdicts;
  for (const ContainerRecord& container : world.inventory.containers()) {
    verdicts[container.id] = container.verdict();
    if (!may_run(container.verdict()) || failures == nullptr) {
      continue;
    }
    const Digest content = oracle.content_of(container.join().image);
    const auto& digests = printed[container.id];
    if (digests.empty()) {
      failures->insert(container.id.str() + " printed nothing");
    }
    if (!oracle.is_covered(content, now)) {
      failures->insert(container.id.str() + " is not covered by any scan in the window");
    }
    for (const Digest& digest : digests) {
      if (!oracle.may_mean(digest, content)) {
        failures->insert(container.id.str() + " printed " + digest.short_form() +
                         ", which means something else");
      }
    }
  }
  return verdicts;
}

TEST(ANaiveOracle, FindsNoContainerCompliantWithoutACoveringScanInTheWindow) {
  int allowed = 0;
  for (int number = 0; number < estates; ++number) {
    RandomEstate random(static_cast<unsigned>(number));
    const Estate estate = random.draw();
    for (const int hour : {0, 200, 500, 719, 722}) {
      std::set<std::string> failures;
      const auto verdicts = play(estate, noon + hours(hour) + microsecond, &failures);
      ASSERT_TRUE(failures.empty()) << "estate " << number << ": " << *failures.begin();
      for (const auto& [id, verdict] : verdicts) {
        allowed += may_run(verdict) ? 1 : 0;
      }
    }
  }
  EXPECT_GT(allowed, estates / 4) << "some may run, else this would prove little";
}

TEST(ANaiveOracle, SeesTheSameVerdictsInAnyOrderOfArrival) {
  for (int number = 0; number < estates; ++number) {
    RandomEstate random(static_cast<unsigned>(number));
    Estate estate = random.draw();
    const auto expected = play(estate, noon + hours(1));
    random.shuffle(estate.manifests);
    random.shuffle(estate.evidence);
    ASSERT_EQ(play(estate, noon + hours(1)), expected) << "estate " << number;
  }
}

TEST(ANaiveOracle, SeesTheSameVerdictsBesideUnrelatedImagesAndSources) {
  for (int number = 0; number < estates; ++number) {
    RandomEstate random(static_cast<unsigned>(number));
    Estate estate = random.draw();
    const auto expected = play(estate, noon + hours(1));
    estate.manifests.insert(estate.manifests.begin(), image(digest(0x7001), digest(0x7002)));
    estate.manifests.push_back(index(digest(0x7003), {entry(digest(0x7001))}));
    estate.tags.emplace_back("unrelated", digest(0x7003));
    estate.evidence.push_back(scan_of(0x7004, {digest(0x7001)}));
    estate.containers.push_back(container("unrelated", {digest(0x7001)}));
    auto verdicts = play(estate, noon + hours(1));
    verdicts.erase("unrelated");
    ASSERT_EQ(verdicts, expected) << "estate " << number;
  }
}

}  // namespace
}  // namespace scanclock
