#include "core/domain/forecast.hpp"

#include "tests/unit/domain/facts.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <ctime>

namespace scanclock {
namespace {

using namespace facts;  // NOLINT: the words of this folder's tests
using testing::ElementsAre;

/// Images that run, each with a scan of its own age under a window of 60 days.
class ForecastOfImages : public testing::Test {
 protected:
  /// An image whose deadline lies `left` from noon; nothing: it was never scanned.
  Digest run(std::optional<Duration> left, const std::string& namespace_name = "web",
             const RepositoryKey& key = app) {
    const Digest manifest = digest(0x100000 + ++count_);
    world.add(image(manifest, digest(0x200000 + count_)), key);
    world.tag("v" + std::to_string(count_), manifest, key);
    if (left) {
      Evidence evidence = scan_of(0x300000 + count_, {manifest}, noon - window + *left);
      evidence.attached_to = manifest;
      world.collect(std::move(evidence));
    }
    show(manifest, namespace_name);
    return manifest;
  }

  void show(const Digest& manifest, const std::string& namespace_name) {
    ContainerObservation observation =
        container("c" + std::to_string(containers_.size()), {manifest});
    observation.namespace_name = namespace_name;
    containers_.push_back(std::move(observation));
  }

  Forecast ask(ForecastQuestion question = ForecastQuestion()) {
    world.run(containers_);
    world.conclude();
    return forecast(world.inventory, question, world.now);
  }

  /// Days that have any, with their counts.
  static std::map<std::size_t, std::size_t> days_of(const Forecast& forecast) {
    std::map<std::size_t, std::size_t> days;
    for (std::size_t day = 0; day < forecast.days.size(); ++day) {
      if (forecast.days[day].count > 0) {
        days[day] = forecast.days[day].count;
      }
    }
    return days;
  }

  static std::map<std::string, std::size_t> images_of(const ForecastGroups& groups) {
    std::map<std::string, std::size_t> images;
    for (const ForecastGroup& group : groups.groups) {
      images[group.name] = group.images;
    }
    return images;
  }

  static Scope scope_with_owners() {
    Scope scope = default_scope();
    OwnerRule rule;
    rule.namespaces = {"pay-*"};
    rule.owner = "payments";
    scope.owners.push_back(rule);
    // So that deadlines lie behind the last day, too.
    scope.policies.front().policy.window = window;
    scope.policies.front().policy.never_scanned_grace = window;
    return scope;
  }

  static constexpr Duration window = 60 * day;

  World world{scope_with_owners()};

 private:
  unsigned count_ = 0;
  std::vector<ContainerObservation> containers_;
};

TEST_F(ForecastOfImages, PutsADeadlineOnTheDayInUtcThatItLiesIn) {
  // It is noon: twelve hours are left of day 0.
  struct Case {
    const char* description;
    Duration left;
    std::size_t day;
  };
  const Case cases[] = {
      {"compliant up to and including the deadline", Duration::zero(), 0},
      {"the last microsecond of today", hours(12) - microsecond, 0},
      {"midnight belongs to the new day", hours(12), 1},
      {"tomorrow's last microsecond", hours(36) - microsecond, 1},
      {"in a week", 7 * day, 7},
      {"the last microsecond of the last day asked about", 34 * day + hours(12) - microsecond, 34},
  };
  std::map<std::size_t, std::size_t> expected;
  for (const Case& one : cases) {
    run(one.left);
    ++expected[one.day];
  }
  run(34 * day + hours(12));
  const Forecast forecast = ask();
  EXPECT_EQ(days_of(forecast), expected);
  EXPECT_EQ(forecast.days.size(), 35U);
  EXPECT_EQ(forecast.later, 1U) << "behind the last day";
  EXPECT_EQ(forecast.images, 7U);
  EXPECT_EQ(format_date(forecast.first_day), "2026-11-01");
}

TEST_F(ForecastOfImages, CountsWhatIsOverdueAndWhatWasNeverScannedApart) {
  const Digest late = run(-microsecond);
  const Digest later = run(-40 * day);
  const Digest never = run(std::nullopt);
  const Forecast forecast = ask();
  EXPECT_THAT(days_of(forecast), testing::IsEmpty());
  EXPECT_EQ(forecast.overdue.count, 2U);
  EXPECT_THAT(forecast.overdue.nearest, ElementsAre(&world.record(later), &world.record(late)));
  EXPECT_EQ(forecast.never_scanned.count, 1U);
  EXPECT_THAT(forecast.never_scanned.nearest, ElementsAre(&world.record(never)));
  EXPECT_EQ(forecast.images, 3U);
}

TEST_F(ForecastOfImages, LeavesOutWhatDoesNotRun) {
  run(day);
  world.add(image(digest(0x9001), digest(0x9002)));
  EXPECT_EQ(ask().images, 1U);
}

TEST_F(ForecastOfImages, LeavesOutIgnoredContainersAndCountsWhatNoPolicyBindsApart) {
  run(day, "kube-system");
  EXPECT_EQ(ask().images, 0U);
  // The registry is development, the host is told to be by the scope.
  Scope scope = scope_with_owners();
  scope.workloads.front().environments = {{"dev-*", "development"}};
  world.inventory.set_scope(scope, world.now);
  run(2 * day, "dev-1", lab);
  const Forecast forecast = ask();
  EXPECT_EQ(forecast.images, 0U);
  EXPECT_EQ(forecast.unbound, 1U);
  EXPECT_THAT(days_of(forecast), testing::IsEmpty());
}

TEST_F(ForecastOfImages, CountsAnImageInEveryGroupThatItBelongsToAndOnceInAll) {
  const Digest shared = run(3 * day, "web");
  show(shared, "pay-1");
  show(shared, "pay-1");
  world.add(image(shared, digest(0x200001)), lab);
  run(-day, "pay-1");
  const Forecast forecast = ask();
  EXPECT_EQ(forecast.images, 2U);
  EXPECT_EQ(days_of(forecast), (std::map<std::size_t, std::size_t>{{3, 1}}));
  EXPECT_EQ(images_of(forecast.by_namespace),
            (std::map<std::string, std::size_t>{{"pay-1", 2}, {"web", 1}}));
  EXPECT_EQ(images_of(forecast.by_registry),
            (std::map<std::string, std::size_t>{{"lab", 1}, {"prod", 2}}));
  EXPECT_EQ(images_of(forecast.by_environment),
            (std::map<std::string, std::size_t>{{"production", 2}}));
  const ForecastGroup& worst = forecast.by_namespace.groups.front();
  EXPECT_EQ(worst.name, "pay-1") << "where something is overdue comes first";
  EXPECT_EQ(worst.overdue, 1U);
  EXPECT_EQ(worst.days.at(3), 1U);
  EXPECT_EQ(worst.due_within(3), 0U);
  EXPECT_EQ(worst.due_within(4), 1U);
}

TEST_F(ForecastOfImages, AreFilteredByWhereTheyStandAndRun) {
  run(day, "web");
  const Digest pay = run(2 * day, "pay-1");
  const Digest both = run(3 * day, "pay-1");
  world.add(image(both, digest(0x200003)), lab);
  ask();
  struct Case {
    const char* what;
    std::string ForecastQuestion::*filter;
    const char* value;
    std::size_t images;
  };
  const Case cases[] = {
      {"registry by name", &ForecastQuestion::registry, "lab", 1},
      {"registry by host", &ForecastQuestion::registry, "registry.example", 3},
      {"unknown registry", &ForecastQuestion::registry, "other", 0},
      {"namespace", &ForecastQuestion::namespace_name, "pay-1", 2},
      {"owner", &ForecastQuestion::owner, "payments", 2},
      {"unknown owner", &ForecastQuestion::owner, "nobody", 0},
      {"environment", &ForecastQuestion::environment, "production", 3},
      {"unknown environment", &ForecastQuestion::environment, "test", 0},
  };
  for (const Case& one : cases) {
    ForecastQuestion question;
    question.*one.filter = one.value;
    EXPECT_EQ(ask(question).images, one.images) << one.what;
  }
  EXPECT_EQ(world.record(pay).owner, "payments");
}

TEST_F(ForecastOfImages, NamesTheNearestOfADayOnly) {
  std::vector<Digest> images;
  for (int minute = 9; minute >= 0; --minute) {
    images.push_back(run(day + minutes(minute)));
  }
  ForecastQuestion question;
  question.days = 2;
  question.images_max = 3;
  const Forecast forecast = ask(question);
  ASSERT_EQ(forecast.days.size(), 2U);
  EXPECT_EQ(forecast.days[1].count, 10U);
  EXPECT_THAT(
      forecast.days[1].nearest,
      ElementsAre(&world.record(images[9]), &world.record(images[8]), &world.record(images[7])));
}

TEST_F(ForecastOfImages, NeedsOneWalkOverThousands) {
  for (int number = 0; number < 5000; ++number) {
    run(minutes(number), "ns-" + std::to_string(number % 50));
  }
  ask();
  const auto started = std::clock();
  for (int round = 0; round < 20; ++round) {
    ASSERT_EQ(forecast(world.inventory, ForecastQuestion(), world.now).images, 5000U);
  }
  // Generous for an unoptimised build under a sanitizer: 100 000 images altogether.
  EXPECT_LT(static_cast<double>(std::clock() - started) / CLOCKS_PER_SEC, 20);
}

}  // namespace
}  // namespace scanclock
