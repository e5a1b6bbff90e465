// A large look at a source, and what is concluded from it, are worked off in pieces, so that
// nothing keeps the I/O thread for long. What comes out must be the same as in one step.
#include "tests/unit/domain/facts.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <random>
#include <tuple>

namespace scanclock {
namespace {

using namespace facts;  // NOLINT: the words of this folder's tests

constexpr unsigned seed = 20261122;
constexpr int worlds = 300;

/// Looks, events and registry facts, drawn anew from the same number for each player.
class DrawnDays {
 public:
  explicit DrawnDays(unsigned number) : random_(seed + number) {}

  int upto(int limit) { return static_cast<int>(random_() % static_cast<unsigned>(limit)); }

  WorkloadReport report(const World& world) {
    WorkloadReport drawn;
    drawn.source = upto(4) == 0 ? "host-b" : "host-a";
    drawn.complete = upto(4) != 0;
    if (upto(5) == 0) {
      drawn.namespaces = std::set<std::string>{upto(2) == 0 ? "web" : "kube-system"};
    }
    for (int number = 0; number < 12; ++number) {
      const std::string id = "c" + std::to_string(number);
      const ContainerRecord* known = world.inventory.containers().find(drawn.source, id);
      const int kind = upto(6);
      if (kind == 0 && known != nullptr) {
        drawn.unchanged.emplace_back(id);
      } else if (kind >= 2) {
        drawn.containers.push_back(drawn_container(id));
      }
    }
    if (upto(10) == 0) {
      drawn.unchanged.emplace_back("nobody knows");
    }
    return drawn;
  }

  void something_else(World& world) {
    switch (upto(4)) {
      case 0:
        world.collect(scan_of(static_cast<unsigned>(1 + upto(40)), {upto(2) == 0 ? m1 : m2}));
        break;
      case 1:
        world.end("c" + std::to_string(upto(12)));
        break;
      case 2:
        world.add(image(m3, c3));
        break;
      default:
        world.now += hours(upto(300));
        break;
    }
  }

 private:
  ContainerObservation drawn_container(const std::string& id) {
    const std::vector<Digest> digests{m1, m2, m3, c1, both, nobody};
    ContainerObservation seen =
        container(id, {digests[static_cast<std::size_t>(upto(static_cast<int>(digests.size())))]});
    seen.namespace_name = upto(3) == 0 ? "kube-system" : "web";
    seen.workload = "deployment/" + std::to_string(upto(3));
    seen.started_at = noon - hours(upto(5));
    return seen;
  }

  std::mt19937 random_;
};

World begun_world() {
  World world;
  world.add(image(m1, c1));
  world.add(image(m2, c2, arm64));
  world.add(index(both, {entry(m1), entry(m2, arm64)}));
  world.conclude();
  return world;
}

/// How many pieces of `size` containers the look took; 0 is one piece for all.
int take(World& world, WorkloadReport report, std::size_t size, bool& is_believed) {
  WorkloadLook look(std::move(report));
  int pieces = 0;
  for (; !look.is_done(); ++pieces) {
    world.inventory.go_on(look, size == 0 ? all_at_once : size, world.now);
  }
  is_believed = look.is_believed();
  return pieces;
}

std::string text_of(const std::set<ContainerKey>& keys) {
  std::string text;
  for (const ContainerKey& key : keys) {
    text += key.source + "/" + key.id.str() + " ";
  }
  return text;
}

/// Everything that was touched, once nothing is left to do.
Touched conclude(World& world, std::size_t work_max) {
  Touched all;
  do {
    Touched touched = world.inventory.reevaluate(world.now, work_max);
    all.images.merge(touched.images);
    all.containers.merge(touched.containers);
  } while (world.inventory.is_behind());
  return all;
}

std::string state_of(const World& world) {
  std::string text;
  for (const ContainerRecord& record : world.inventory.containers()) {
    text += record.source() + "/" + record.id.str() + " " +
            std::string(to_string(record.verdict())) + " " + record.join().image.short_form() +
            " " + format_rfc3339(record.last_seen_at) + (record.ignored() ? " ignored" : "") +
            (record.unresolved_since ? format_rfc3339(*record.unresolved_since) : "") + "\n";
  }
  for (const auto& [digest, image] : world.inventory.images()) {
    text += digest.short_form() + " " + std::string(to_string(image.state)) + " " + image.owner +
            image.environment + (image.running ? " runs\n" : "\n");
  }
  return text;
}

std::string text_of(ChangeSet changes) {
  std::vector<std::string> rows;
  for (const StoredContainer& row : changes.containers) {
    rows.push_back("container " + row.source() + "/" + row.id.str() +
                   format_rfc3339(row.first_seen_at) +
                   (row.ended_at ? format_rfc3339(*row.ended_at) : ""));
  }
  for (const VerdictChange& row : changes.verdicts) {
    rows.push_back("verdict " + row.container.id.str() + format_rfc3339(row.at) +
                   std::string(to_string(row.concluded->verdict)) + row.concluded->reason);
  }
  for (const ObservationChange& row : changes.observations) {
    rows.push_back("observation " + row.image.str() + row.status + format_rfc3339(row.at));
  }
  std::sort(rows.begin(), rows.end());
  std::string text;
  for (const std::string& row : rows) {
    text += row + "\n";
  }
  return text;
}

TEST(WorkInPieces, ComesToTheSameAsInOneStep) {
  for (int number = 0; number < worlds; ++number) {
    DrawnDays whole_days(static_cast<unsigned>(number));
    DrawnDays sliced_days(static_cast<unsigned>(number));
    World whole = begun_world();
    World sliced = begun_world();
    const auto size = static_cast<std::size_t>(1 + number % 5);
    for (int day = 0; day < 8; ++day) {
      bool whole_believed = false;
      bool sliced_believed = false;
      take(whole, whole_days.report(whole), 0, whole_believed);
      take(sliced, sliced_days.report(sliced), size, sliced_believed);
      ASSERT_EQ(sliced_believed, whole_believed) << number;
      whole_days.something_else(whole);
      sliced_days.something_else(sliced);
      const Touched at_once = conclude(whole, all_at_once);
      const Touched in_pieces = conclude(sliced, size);
      ASSERT_EQ(text_of(in_pieces.containers), text_of(at_once.containers)) << number;
      ASSERT_EQ(in_pieces.images, at_once.images) << number;
      ASSERT_EQ(state_of(sliced), state_of(whole)) << number;
      ASSERT_EQ(text_of(sliced.inventory.take_changes()), text_of(whole.inventory.take_changes()))
          << number;
    }
  }
}

TEST(ALookInPieces, TouchesNoMoreContainersInAPieceThanItIsTold) {
  World world = begun_world();
  WorkloadReport first;
  first.source = "host-a";
  first.complete = true;
  for (int number = 0; number < 90; ++number) {
    first.containers.push_back(container("c" + std::to_string(number), {m1}));
  }
  bool is_believed = false;
  EXPECT_GE(take(world, first, 10, is_believed), 9) << "of a new source nothing is looked for";
  EXPECT_GE(take(world, first, 10, is_believed), 27) << "90 found, 90 compared, 90 noted";
  WorkloadReport second = first;
  second.containers.clear();
  for (int number = 0; number < 60; ++number) {
    second.unchanged.emplace_back("c" + std::to_string(number));
  }
  EXPECT_GE(take(world, second, 10, is_believed), 18) << "60 marked, 90 compared, 30 ended";
  EXPECT_TRUE(is_believed);
  conclude(world, all_at_once);
  EXPECT_EQ(world.inventory.containers().size(), 60U);
}

TEST(ALookInPieces, EndsNothingBeforeAllThatItShowsIsNoted) {
  World world = begun_world();
  bool is_believed = false;
  WorkloadReport first;
  first.source = "host-a";
  first.complete = true;
  first.containers = {container("a", {m1}), container("b", {m1}), container("c", {m1})};
  take(world, first, 0, is_believed);
  world.conclude();
  WorkloadReport second = first;
  second.containers = {container("a", {m1}), container("d", {m1}), container("b", {m1})};
  WorkloadLook look(second);
  while (!look.is_done()) {
    if (world.container_of("c").ended_at) {
      break;
    }
    world.inventory.go_on(look, 1, world.now);
  }
  EXPECT_NE(world.inventory.containers().find("host-a", "d"), nullptr);
  EXPECT_TRUE(world.container_of("c").ended_at);
  EXPECT_FALSE(world.container_of("a").ended_at);
}

TEST(ALookInPieces, EndsNothingTwiceWhenTheWholeSourceIsEndedMeanwhile) {
  World world = begun_world();
  bool is_believed = false;
  WorkloadReport report;
  report.source = "host-a";
  report.complete = true;
  for (int number = 0; number < 5; ++number) {
    report.containers.push_back(container("c" + std::to_string(number), {m1}));
  }
  take(world, report, 0, is_believed);
  world.conclude();
  report.containers.resize(3);
  WorkloadLook look(report);
  for (int piece = 0; piece < 8; ++piece) {
    world.inventory.go_on(look, 1, world.now);
  }
  world.inventory.end_source("host-a", world.now);
  while (!look.is_done()) {
    world.inventory.go_on(look, 1, world.now);
  }
  world.conclude();
  EXPECT_LE(world.inventory.containers().size(), 3U);
}

/// What an image group says of its members, counted anew.
void expect_counted(const World& world, int number) {
  using Key = std::tuple<std::string, std::string, std::string, bool>;
  for (const ContainerRecord& record : world.inventory.containers()) {
    if (record.group == nullptr) {
      continue;
    }
    const ImageGroup& group = *record.group->images;
    std::map<Key, std::pair<unsigned, unsigned>> expected;
    std::map<std::pair<std::string, std::string>, unsigned> places;
    for (const auto& [place, workload] : group.workloads) {
      auto& [workloads, containers] =
          expected[{*place->source, workload.environment(), workload.owner(), workload.ignored()}];
      ++workloads;
      containers += static_cast<unsigned>(workload.members.size());
      ++places[{workload.environment(), *place->namespace_name}];
    }
    std::map<Key, std::pair<unsigned, unsigned>> counted;
    for (const auto& [quarter, count] : group.quarters) {
      counted[{*quarter.source, *quarter.environment, *quarter.owner, quarter.ignored}] = {
          count.workloads, count.containers};
    }
    std::map<std::pair<std::string, std::string>, unsigned> counted_places;
    for (const auto& [whereabouts, workloads] : group.whereabouts) {
      counted_places[{*whereabouts.first, *whereabouts.second}] = workloads;
    }
    ASSERT_EQ(counted, expected) << number;
    ASSERT_EQ(counted_places, places) << number;
  }
}

TEST(AnImageGroup, CountsWhereItsContainersRunAsTheyComeAndGo) {
  for (int number = 0; number < worlds; ++number) {
    DrawnDays days(static_cast<unsigned>(number));
    World world = begun_world();
    for (int day = 0; day < 8; ++day) {
      bool is_believed = false;
      take(world, days.report(world), 0, is_believed);
      days.something_else(world);
      if (day == 4) {
        Scope scope = default_scope();
        scope.workloads.front().environment = "staging";
        scope.workloads.front().namespaces.exclude.clear();
        world.inventory.set_scope(scope, world.now);
      }
      world.conclude();
      expect_counted(world, number);
    }
  }
}

}  // namespace
}  // namespace scanclock
