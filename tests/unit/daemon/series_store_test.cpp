#include "daemon/series_store.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <set>
#include <sstream>

namespace scanclock {
namespace {

constexpr TimePoint start =
    std::chrono::sys_days(std::chrono::November / 1 / 2026) + std::chrono::hours(12);

Digest numbered_digest(unsigned kind, unsigned number) {
  char text[72];
  std::snprintf(text, sizeof(text), "sha256:%08x%056x", kind, number);
  return Digest::from_trusted(text);
}

std::string page_text(const SeriesPage& page) {
  std::string text;
  for (const auto& pieces : page.families) {
    for (const auto& piece : pieces) {
      text += *piece->text;
    }
  }
  return text;
}

std::multiset<std::string> lines_of(const std::string& text) {
  std::multiset<std::string> lines;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) {
    lines.insert(line);
  }
  return lines;
}

/// Lines of `scanclock_images` and `scanclock_containers` that count something.
std::multiset<std::string> counted(const SeriesPage& page) {
  std::multiset<std::string> lines = lines_of(page.counts);
  std::erase_if(lines, [](const std::string& line) { return line.ends_with(" 0"); });
  return lines;
}

void settle(SeriesStore& store) {
  store.begin_round();
  while (store.work()) {
  }
}

/// An inventory to which all sorts of things happen.
class SeriesWorld : public ::testing::Test {
 protected:
  static constexpr unsigned images = 60;

  SeriesWorld() : inventory(scope_with("payments")) {}

  static Scope scope_with(const std::string& owner) {
    Scope scope;
    scope.policies.push_back({});
    for (const char* name : {"prod", "mirror"}) {
      RegistryScope registry;
      registry.name = name;
      registry.host = std::string(name) + ".example";
      registry.environments = {{"team/app1*", "development"}};
      scope.registries.push_back(registry);
    }
    for (const char* name : {"host-a", "host-b"}) {
      WorkloadScope workload;
      workload.name = name;
      scope.workloads.push_back(workload);
    }
    OwnerRule rule;
    rule.repositories = {"team/app2*"};
    rule.owner = owner;
    scope.owners.push_back(rule);
    return scope;
  }

  RepositoryKey repository(unsigned number) const {
    return {number % 3 == 0 ? "mirror" : "prod", "team/app" + std::to_string(number % 30)};
  }

  void add_image(unsigned number) {
    Manifest image;
    image.digest = numbered_digest(1, number);
    image.config = numbered_digest(2, number);
    image.config_identifies = number % 4 != 0;
    image.platform.os = "linux";
    image.platform.architecture = number % 2 == 0 ? "amd64" : "arm64";
    inventory.add_manifest(repository(number), image, now);
  }

  /// Over this image and its neighbour, two platforms.
  void add_index(unsigned number) {
    Manifest index;
    index.digest = numbered_digest(3, number);
    index.kind = ManifestKind::index;
    for (const unsigned child : {number, (number + 1) % images}) {
      Platform platform;
      platform.os = "linux";
      platform.architecture = child % 2 == 0 ? "amd64" : "arm64";
      index.children.push_back({numbered_digest(1, child), platform, true});
    }
    inventory.add_manifest(repository(number), index, now);
  }

  void scan(unsigned number) {
    Evidence evidence;
    evidence.digest = numbered_digest(4, ++reports);
    evidence.source = repository(number).registry;
    evidence.repository = repository(number).repository;
    evidence.collected_at = now;
    evidence.report.format = "trivy-json";
    evidence.report.subjects = {numbered_digest(1, number)};
    evidence.report.finished_at = now - std::chrono::hours(random() % 900);
    inventory.add_evidence(std::move(evidence), "{}", now);
  }

  void run_some(const std::string& source) {
    WorkloadReport report;
    report.source = source;
    report.observed_at = now;
    report.complete = true;
    const unsigned count = 40 + random() % 40;
    for (unsigned at = 0; at < count; ++at) {
      const unsigned image = random() % (images + 5);
      ContainerObservation seen;
      seen.id = source + "-" + std::to_string(random() % 200);
      seen.namespace_name = "ns" + std::to_string(random() % 4);
      seen.workload = "deployment/w" + std::to_string(random() % 6);
      seen.name = random() % 2 == 0 ? "front" : "sidecar";
      seen.image = "prod.example/team/app" + std::to_string(image % 30) + ":1";
      seen.digests = {numbered_digest(1 + random() % 3, image)};
      report.containers.push_back(std::move(seen));
    }
    inventory.observe(report, now);
  }

  void happen() {
    const unsigned number = random() % images;
    switch (random() % 9) {
      case 0:
        add_image(number);
        break;
      case 1:
        add_index(number);
        break;
      case 2:
        scan(number);
        break;
      case 3:
        run_some(random() % 2 == 0 ? "host-a" : "host-b");
        break;
      case 4:
        inventory.set_tag(repository(number), "t" + std::to_string(random() % 5),
                          numbered_digest(random() % 2 == 0 ? 1 : 3, number), now);
        break;
      case 5:
        inventory.keep_tags(repository(number), {"t1", "t2"}, now);
        break;
      case 6:
        inventory.note_missing(repository(number), numbered_digest(1, number),
                               std::chrono::minutes(1), now);
        break;
      case 7:
        inventory.note_evidence_answered(repository(number), numbered_digest(1, number), now);
        break;
      default:
        now += std::chrono::hours(random() % 48);
    }
    if (random() % 40 == 0) {
      inventory.set_scope(scope_with("owner" + std::to_string(random() % 3)), now);
    }
  }

  void pack_all() {
    inventory.reevaluate(now);
    packed.emplace(inventory);
    settle(*packed);
    for (const auto& piece : packed->take_unpacked()) {
      piece->gzip = piece->text;
    }
  }

  unsigned random() { return static_cast<unsigned>(generator()); }

  TimePoint now = start;
  Inventory inventory;
  std::optional<SeriesStore> packed;
  std::mt19937 generator{20261122};
  unsigned reports = 0;
};

TEST_F(SeriesWorld, WhatIsUpdatedIsWhatWouldBeRenderedAnew) {
  for (unsigned number = 0; number < images; ++number) {
    add_image(number);
  }
  inventory.reevaluate(now);
  SeriesStore store(inventory, 20);
  std::size_t largest = 0;
  for (int step = 0; step < 1500; ++step) {
    const unsigned events = 1 + random() % 3;
    for (unsigned event = 0; event < events; ++event) {
      happen();
    }
    inventory.take_changes();
    store.touch(inventory.reevaluate(now));
    if (step % 4 != 0) {
      continue;
    }
    settle(store);
    SeriesStore anew(inventory, 20);
    settle(anew);
    const auto kept = store.publish();
    const auto fresh = anew.publish();
    const auto lines = lines_of(page_text(*kept));
    ASSERT_EQ(lines, lines_of(page_text(*fresh))) << "step " << step;
    ASSERT_EQ(counted(*kept), counted(*fresh)) << "step " << step;
    ASSERT_EQ(std::set<std::string>(lines.begin(), lines.end()).size(), lines.size());
    largest = std::max(largest, lines.size());
  }
  EXPECT_GT(largest, 100U);
}

TEST_F(SeriesWorld, BeyondTheLimitTheFarthestDeadlinesAreLeftOut) {
  for (unsigned number = 0; number < images; ++number) {
    add_image(number);
    scan(number);
  }
  run_some("host-a");
  inventory.reevaluate(now);
  SeriesStore store(inventory, 10);
  settle(store);
  std::vector<std::pair<TimePoint, std::string>> running;
  for (const auto& [digest, image] : inventory.images()) {
    if (image.running) {
      running.emplace_back(image.deadline_at, digest.str());
    }
  }
  ASSERT_GT(running.size(), 15U);
  std::sort(running.begin(), running.end());
  const auto page = store.publish();
  const std::string& deadlines = *page->families[0].front()->text;
  for (std::size_t at = 0; at < running.size(); ++at) {
    EXPECT_EQ(deadlines.find(running[at].second) != std::string::npos, at < 10) << at;
  }
  EXPECT_NE(page->counts.find("scanclock_image_series_dropped " +
                              std::to_string(running.size() - 10) + "\n"),
            std::string::npos);
}

TEST_F(SeriesWorld, WhatDidNotChangeIsNotPackedAgain) {
  for (unsigned number = 0; number < images; ++number) {
    add_image(number);
  }
  run_some("host-a");
  pack_all();
  inventory.take_changes();
  const Touched touched{{numbered_digest(1, 3)}, {}};
  packed->touch(touched);
  settle(*packed);
  EXPECT_TRUE(packed->take_unpacked().empty()) << "rendered again, and the same";
  for (unsigned number = 0; number < images; ++number) {
    scan(number);
  }
  packed->touch(inventory.reevaluate(now));
  settle(*packed);
  EXPECT_GT(packed->unpacked_bytes(), 0U);
  EXPECT_EQ(packed->take_unpacked().size(), 2U) << "only the two clocks changed";
  EXPECT_EQ(packed->unpacked_bytes(), 0U);
}

TEST_F(SeriesWorld, APublishedPageStaysWhenItsBlocksAreRenderedAgain) {
  for (unsigned number = 0; number < images; ++number) {
    add_image(number);
  }
  run_some("host-a");
  pack_all();
  const auto before = packed->publish();
  const std::string text = page_text(*before);
  for (unsigned number = 0; number < images; ++number) {
    scan(number);
  }
  packed->touch(inventory.reevaluate(now));
  settle(*packed);
  EXPECT_EQ(page_text(*before), text);
  EXPECT_NE(page_text(*packed->publish()), text);
}

TEST_F(SeriesWorld, KnowsHowLongItsTextIsWithoutKeepingIt) {
  for (unsigned number = 0; number < images; ++number) {
    add_image(number);
  }
  pack_all();
  EXPECT_EQ(packed->text_bytes(), 0U) << "nothing runs";
  for (int step = 0; step < 300; ++step) {
    happen();
    inventory.take_changes();
    packed->touch(inventory.reevaluate(now));
    settle(*packed);
    std::size_t bytes = 0;
    const auto page = packed->publish();
    for (const auto& pieces : page->families) {
      for (const auto& piece : pieces) {
        bytes += piece->text_bytes;
      }
    }
    ASSERT_EQ(packed->text_bytes(), bytes) << "step " << step;
  }
  for (const auto& piece : packed->take_unpacked()) {
    piece->gzip = piece->text;
  }
  packed->drop_texts();
  const auto page = packed->publish();
  for (const auto& pieces : page->families) {
    for (const auto& piece : pieces) {
      EXPECT_FALSE(piece->text);
    }
  }
  EXPECT_GT(packed->text_bytes(), 0U);
}

}  // namespace
}  // namespace scanclock
