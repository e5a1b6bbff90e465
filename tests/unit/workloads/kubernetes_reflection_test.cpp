#include "core/workloads/kubernetes_reflection.hpp"

#include <gtest/gtest.h>

#include <set>

namespace scanclock {
namespace {

using Kind = KubernetesAsk::Kind;
using Problem = KubernetesProblemKind;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

KubernetesProblem problem_of(Problem kind, std::optional<Duration> retry_after = std::nullopt) {
  KubernetesProblem problem;
  problem.kind = kind;
  problem.retry_after = retry_after;
  return problem;
}

KubernetesRules rules_with_seed(std::uint64_t seed) {
  KubernetesRules rules;
  rules.seed = seed;
  return rules;
}

/// One that has listed up to version 100 and now watches.
KubernetesReflection listed_reflection(std::uint64_t seed = 1) {
  KubernetesReflection reflection(rules_with_seed(seed));
  reflection.next();
  reflection.page_read("100", "");
  return reflection;
}

TEST(KubernetesReflection, ListsAgainWhenAskedToAndNotOneListAfterTheOther) {
  KubernetesReflection reflection = listed_reflection();
  EXPECT_EQ(reflection.next().kind, Kind::watch);
  reflection.watch_opened(seconds(0));
  reflection.look_again();
  const KubernetesAsk again = reflection.next();
  EXPECT_EQ(again.kind, Kind::list);
  EXPECT_TRUE(again.begins_list);
  EXPECT_GT(again.wait, Duration::zero());
  EXPECT_LE(again.wait, 2 * kubernetes_backoff_first);
  Duration waited = again.wait;
  for (int times = 0; times < 10; ++times) {
    reflection.page_read("100", "");
    reflection.next();
    reflection.look_again();
    waited = reflection.next().wait;
  }
  EXPECT_GE(waited, kubernetes_backoff_max / 2);
}

TEST(KubernetesReflection, ListsInPagesAndWatchesFromTheListsVersion) {
  KubernetesReflection reflection(rules_with_seed(1));
  const KubernetesAsk first = reflection.next();
  EXPECT_EQ(first.kind, Kind::list);
  EXPECT_TRUE(first.begins_list);
  EXPECT_EQ(first.limit, kubernetes_page_objects);
  EXPECT_EQ(first.resource_version, "");
  EXPECT_EQ(first.wait, Duration::zero());
  EXPECT_FALSE(reflection.page_read("100", "more"));
  const KubernetesAsk second = reflection.next();
  EXPECT_EQ(second.continue_token, "more");
  EXPECT_FALSE(second.begins_list);
  // A later page must not move the version on: what happened since the first would be missed.
  EXPECT_TRUE(reflection.page_read("105", ""));
  const KubernetesAsk watch = reflection.next();
  EXPECT_EQ(watch.kind, Kind::watch);
  EXPECT_EQ(watch.resource_version, "100");
  EXPECT_EQ(watch.wait, Duration::zero());
}

TEST(KubernetesReflection, WatchesForARandomTimeOfFiveToTenMinutes) {
  std::set<Duration> times;
  for (std::uint64_t seed = 0; seed < 50; ++seed) {
    KubernetesReflection reflection = listed_reflection(seed);
    const Duration time = reflection.next().watch_time;
    EXPECT_GE(time, seconds(300));
    EXPECT_LE(time, seconds(600));
    times.insert(time);
  }
  EXPECT_GT(times.size(), 25U);
}

TEST(KubernetesReflection, MovesOnWithEventsAndBookmarks) {
  KubernetesReflection reflection = listed_reflection();
  reflection.next();
  reflection.watch_opened(seconds(10));
  EXPECT_FALSE(reflection.event_read("107", false));
  EXPECT_FALSE(reflection.event_read("119", false));
  reflection.watch_ended(KubernetesWatchEnd::clean, seconds(400));
  const KubernetesAsk again = reflection.next();
  EXPECT_EQ(again.kind, Kind::watch);
  EXPECT_EQ(again.resource_version, "119");
  EXPECT_EQ(again.wait, Duration::zero());
}

struct EndCase {
  const char* what;
  KubernetesWatchEnd end;
  Duration lasted;
  bool brought_something;
  bool waits;
  Kind then;
};

TEST(KubernetesReflection, KnowsWhatTheEndOfAWatchMeans) {
  const EndCase cases[] = {
      {"its time was over", KubernetesWatchEnd::clean, seconds(300), false, false, Kind::watch},
      {"short but useful", KubernetesWatchEnd::clean, milliseconds(500), true, false, Kind::watch},
      {"very short", KubernetesWatchEnd::clean, milliseconds(999), false, true, Kind::watch},
      {"just long enough", KubernetesWatchEnd::clean, seconds(1), false, false, Kind::watch},
      {"cut off", KubernetesWatchEnd::broken, seconds(300), true, true, Kind::watch},
      {"cut off at once", KubernetesWatchEnd::broken, seconds(0), false, true, Kind::watch},
      {"not readable", KubernetesWatchEnd::malformed, seconds(9), true, true, Kind::list},
  };
  for (const EndCase& one : cases) {
    KubernetesReflection reflection = listed_reflection();
    reflection.next();
    reflection.watch_opened(seconds(50));
    if (one.brought_something) {
      reflection.event_read("101", false);
    }
    reflection.watch_ended(one.end, seconds(50) + one.lasted);
    const KubernetesAsk ask = reflection.next();
    EXPECT_EQ(ask.wait > Duration::zero(), one.waits) << one.what;
    EXPECT_EQ(ask.kind, one.then) << one.what;
    EXPECT_EQ(ask.begins_list, one.then == Kind::list) << one.what;
  }
}

struct RefusalCase {
  const char* what;
  Problem kind;
  Kind then_in_watch;
  bool list_restarts;
};

TEST(KubernetesReflection, KnowsWhatARefusalMeans) {
  const RefusalCase cases[] = {
      {"410", Problem::expired, Kind::list, true},
      {"504 once", Problem::too_large_resource_version, Kind::watch, false},
      {"429", Problem::too_many_requests, Kind::watch, false},
      {"401", Problem::unauthorized, Kind::watch, false},
      {"403", Problem::forbidden, Kind::watch, false},
      {"404", Problem::not_found, Kind::list, true},
      {"400 and 422", Problem::invalid, Kind::list, true},
      {"500", Problem::server_error, Kind::watch, false},
      {"no answer", Problem::transport, Kind::watch, false},
  };
  for (const RefusalCase& one : cases) {
    KubernetesReflection watching = listed_reflection();
    watching.next();
    watching.refused(problem_of(one.kind));
    const KubernetesAsk after_watch = watching.next();
    EXPECT_EQ(after_watch.kind, one.then_in_watch) << one.what;
    EXPECT_GT(after_watch.wait, Duration::zero()) << one.what;
    EXPECT_EQ(after_watch.resource_version, one.then_in_watch == Kind::watch ? "100" : "")
        << one.what;

    KubernetesReflection listing(rules_with_seed(1));
    listing.next();
    listing.page_read("100", "page-2");
    listing.next();
    listing.refused(problem_of(one.kind));
    const KubernetesAsk after_page = listing.next();
    EXPECT_EQ(after_page.begins_list, one.list_restarts) << one.what;
    EXPECT_EQ(after_page.continue_token, one.list_restarts ? "" : "page-2") << one.what;
    EXPECT_GT(after_page.wait, Duration::zero()) << one.what;
  }
}

TEST(KubernetesReflection, ListsWithoutPagesWhenTokensKeepExpiring) {
  KubernetesReflection reflection(rules_with_seed(1));
  for (int restart = 0; restart <= kubernetes_list_restarts_max; ++restart) {
    EXPECT_EQ(reflection.next().limit, kubernetes_page_objects) << restart;
    reflection.page_read("100", "page-2");
    reflection.next();
    reflection.refused(problem_of(Problem::expired));
  }
  EXPECT_EQ(reflection.next().limit, 0U);
  reflection.page_read("130", "");
  EXPECT_EQ(reflection.next().resource_version, "130");
}

TEST(KubernetesReflection, ListsAnewWhenTheServerKeepsNotKnowingItsOwnVersion) {
  KubernetesReflection reflection = listed_reflection();
  for (int tries = 1; tries < kubernetes_unknown_version_tries; ++tries) {
    EXPECT_EQ(reflection.next().kind, Kind::watch);
    reflection.refused(problem_of(Problem::too_large_resource_version, seconds(1)));
  }
  EXPECT_EQ(reflection.next().kind, Kind::watch);
  reflection.refused(problem_of(Problem::too_large_resource_version, seconds(1)));
  EXPECT_EQ(reflection.next().kind, Kind::list);
  reflection.page_read("40", "");
  EXPECT_TRUE(reflection.went_back());
  EXPECT_EQ(reflection.next().resource_version, "40");
}

TEST(KubernetesReflection, WaitsAsLongAsTheServerSays) {
  KubernetesReflection reflection = listed_reflection();
  reflection.next();
  reflection.refused(problem_of(Problem::too_many_requests, seconds(17)));
  EXPECT_GE(reflection.next().wait, seconds(17));
}

TEST(KubernetesReflection, WaitsLongerEachTimeAndForgetsThatInHealth) {
  KubernetesReflection reflection = listed_reflection();
  Duration longest{0};
  for (int failure = 0; failure < 12; ++failure) {
    reflection.next();
    reflection.refused(problem_of(Problem::transport));
    const Duration wait = reflection.next().wait;
    longest = std::max(longest, wait);
    EXPECT_LE(wait, kubernetes_backoff_max * 3 / 2);
    if (failure == 0) {
      EXPECT_LE(wait, kubernetes_backoff_first * 3 / 2);
    }
  }
  EXPECT_GE(longest, kubernetes_backoff_max / 2);
  reflection.next();
  reflection.watch_opened(seconds(1000));
  reflection.event_read("101", false);
  reflection.watch_ended(KubernetesWatchEnd::broken, seconds(1000) + kubernetes_healthy_after);
  EXPECT_LE(reflection.next().wait, kubernetes_backoff_first * 3 / 2);
}

TEST(KubernetesReflection, LeavesAResourceAloneThatTheServerDoesNotHave) {
  KubernetesRules rules = rules_with_seed(1);
  rules.missing_wait = minutes(10);
  KubernetesReflection reflection(rules);
  reflection.next();
  reflection.refused(problem_of(Problem::not_found));
  EXPECT_GE(reflection.next().wait, minutes(10));
}

TEST(KubernetesReflection, StreamsAListUntilItsBookmark) {
  KubernetesRules rules = rules_with_seed(1);
  rules.streaming_list = true;
  KubernetesReflection reflection(rules);
  const KubernetesAsk ask = reflection.next();
  EXPECT_EQ(ask.kind, Kind::streamed_list);
  EXPECT_TRUE(ask.begins_list);
  reflection.watch_opened(seconds(1));
  EXPECT_FALSE(reflection.event_read("90", false));
  EXPECT_FALSE(reflection.event_read("12", false));
  EXPECT_EQ(reflection.resource_version(), "");
  EXPECT_TRUE(reflection.event_read("95", true));
  EXPECT_FALSE(reflection.event_read("96", false));
  reflection.watch_ended(KubernetesWatchEnd::clean, seconds(400));
  const KubernetesAsk then = reflection.next();
  EXPECT_EQ(then.kind, Kind::watch);
  EXPECT_EQ(then.resource_version, "96");
}

TEST(KubernetesReflection, GoesBackToPagesWhenAStreamFails) {
  for (const bool refused : {true, false}) {
    KubernetesRules rules = rules_with_seed(1);
    rules.streaming_list = true;
    KubernetesReflection reflection(rules);
    reflection.next();
    if (refused) {
      reflection.refused(problem_of(Problem::invalid));
    } else {
      reflection.watch_opened(seconds(1));
      reflection.event_read("90", false);
      reflection.watch_ended(KubernetesWatchEnd::broken, seconds(2));
    }
    const KubernetesAsk ask = reflection.next();
    EXPECT_EQ(ask.kind, Kind::list);
    EXPECT_TRUE(ask.begins_list);
    EXPECT_EQ(ask.limit, kubernetes_page_objects);
  }
}

TEST(KubernetesReflection, ComparesVersionsAsNumbersAndOthersNever) {
  EXPECT_TRUE(is_earlier_version("99", "100"));
  EXPECT_FALSE(is_earlier_version("100", "99"));
  EXPECT_FALSE(is_earlier_version("100", "100"));
  EXPECT_FALSE(is_earlier_version("abc", "abd"));
  EXPECT_FALSE(is_earlier_version("", "1"));
}

}  // namespace
}  // namespace scanclock
