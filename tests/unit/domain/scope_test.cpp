#include "core/domain/scope.hpp"

#include <gtest/gtest.h>

#include <ctime>
#include <string>
#include <vector>

namespace scanclock {
namespace {

struct GlobCase {
  std::string pattern;
  std::string text;
  bool expected;
};

TEST(Glob, KeepsOneStarWithinASlash) {
  const std::vector<GlobCase> cases = {
      {"*", "app", true},
      {"*", "team/app", false},
      {"*", "", true},
      {"**", "team/app", true},
      {"**", "", true},
      {"team/*", "team/app", true},
      {"team/*", "team/pay/app", false},
      {"team/**", "team/pay/app", true},
      {"team/**", "team", false},
      {"team/**", "teams/app", false},
      {"**/cache", "cache", true},
      {"**/cache", "team/cache", true},
      {"**/cache", "team/pay/cache", true},
      {"**/cache", "mycache", false},
      {"**/cache", "team/mycache", false},
      {"a/**/b", "a/b", true},
      {"a/**/b", "a/x/b", true},
      {"a/**/b", "a/x/y/b", true},
      {"a/**/b", "ab", false},
      {"a/**/b", "a/xb", false},
      {"**/pause:*", "registry.k8s.io/pause:3.9", true},
      {"**/pause:*", "pause:3.9", true},
      {"team/dev-*", "team/dev-1", true},
      {"team/dev-*", "team/prod", false},
      {"?pp", "app", true},
      {"?pp", "/pp", false},
      {"app?", "app", false},
      {"a*b*c", "axxbyyc", true},
      {"a*b*c", "axxbyy", false},
      {"exact", "exact", true},
      {"exact", "exactly", false},
      {"", "", true},
      {"", "a", false},
      {"a.c", "abc", false},
      {"[ab]", "a", false},
  };
  for (const GlobCase& item : cases) {
    EXPECT_EQ(glob_match(item.pattern, item.text), item.expected)
        << item.pattern << " on " << item.text;
  }
}

TEST(Glob, TakesNoExponentialTime) {
  std::string pattern;
  for (int index = 0; index < 200; ++index) {
    pattern += "*a";
  }
  const std::string text = std::string(2000, 'a') + "b";
  const std::clock_t before = std::clock();
  EXPECT_FALSE(glob_match(pattern, text));
  EXPECT_FALSE(glob_match("**/**/**/**/**/**/**/**/x", std::string(1000, '/')));
  EXPECT_LT(std::clock() - before, 5 * CLOCKS_PER_SEC);
}

TEST(PatternFilters, IncludeAllWhenEmptyAndExcludeLast) {
  EXPECT_TRUE((PatternFilter{{}, {}}.passes("team/app")));
  EXPECT_TRUE((PatternFilter{{"team/**"}, {"**/cache"}}.passes("team/app")));
  EXPECT_FALSE((PatternFilter{{"team/**"}, {"**/cache"}}.passes("team/cache")));
  EXPECT_FALSE((PatternFilter{{"team/**"}, {}}.passes("other/app")));
}

Scope sample_scope() {
  Scope scope;
  RegistryScope registry;
  registry.name = "prod";
  registry.environments = {{"team/dev-*", "development"}, {"team/**", "staging"}};
  scope.registries.push_back(registry);
  WorkloadScope workload;
  workload.name = "cluster";
  workload.environment = "staging";
  workload.environments = {{"team-dev-*", "development"}};
  workload.namespaces.exclude = {"kube-system"};
  workload.ignore_images = {"**/pause:*"};
  scope.workloads.push_back(workload);
  scope.owners = {{{"team/pay/**"}, {}, {}, "payments", "#pay"},
                  {{}, {"shop-*"}, {}, "shop", ""},
                  {{}, {}, {{"team", "web"}}, "web", ""},
                  {{}, {}, {}, "platform", "#platform"}};
  return scope;
}

TEST(Environments, AreThoseOfTheFirstMatchingPatternAndProductionOtherwise) {
  const Scope scope = sample_scope();
  EXPECT_EQ(registry_environment(scope, "prod", "team/dev-1"), "development");
  EXPECT_EQ(registry_environment(scope, "prod", "team/app"), "staging");
  EXPECT_EQ(registry_environment(scope, "prod", "other"), "production");
  EXPECT_EQ(registry_environment(scope, "nobody", "team/dev-1"), "production");
  EXPECT_EQ(workload_environment(scope, "cluster", "team-dev-1"), "development");
  EXPECT_EQ(workload_environment(scope, "cluster", "web"), "staging");
  EXPECT_EQ(workload_environment(scope, "nobody", "team-dev-1"), "production");
}

TEST(Ignoring, NeedsAListOrAnExcludedNamespaceOfTheSource) {
  const Scope scope = sample_scope();
  EXPECT_TRUE(is_ignored(scope, "cluster", "web", "registry.k8s.io/pause:3.9"));
  EXPECT_TRUE(is_ignored(scope, "cluster", "kube-system", "registry.example/app:1"));
  EXPECT_FALSE(is_ignored(scope, "cluster", "web", "registry.example/app:1"));
  EXPECT_FALSE(is_ignored(scope, "nobody", "kube-system", "registry.k8s.io/pause:3.9"));
}

TEST(Owners, AreThoseOfTheFirstRuleWhosePartsAllMatch) {
  const Scope scope = sample_scope();
  EXPECT_EQ(owner_of(scope, "team/pay/app", "shop-1", {{"team", "web"}}), "payments");
  EXPECT_EQ(owner_of(scope, "team/app", "shop-1", {{"team", "web"}}), "shop");
  EXPECT_EQ(owner_of(scope, "team/app", "x", {{"team", "web"}}), "web");
  EXPECT_EQ(owner_of(scope, "team/app", "x", {{"team", "other"}}), "platform");
  EXPECT_EQ(owner_of(Scope(), "team/app", "x", {}), "");
  EXPECT_EQ(contact_of(scope, "payments"), "#pay");
  EXPECT_EQ(contact_of(scope, "shop"), "");
}

struct BindCase {
  std::string what;
  PolicyMatch match;
  Place place;
  bool expected;
};

TEST(Binding, NeedsEnvironmentRepositoryAndNamespace) {
  const std::vector<BindCase> cases = {
      {"all in production", {}, {"production", "team/app", ""}, true},
      {"a container in any namespace", {}, {"production", "team/app", "web"}, true},
      {"not outside production", {}, {"development", "team/app", ""}, false},
      {"another repository", {{"production"}, {"team/**"}, {"*"}}, {"production", "x", ""}, false},
      {"its namespace", {{"*"}, {"**"}, {"pay-*"}}, {"production", "x", "pay-1"}, true},
      {"another namespace", {{"*"}, {"**"}, {"pay-*"}}, {"production", "x", "web"}, false},
      {"no namespace in a registry", {{"*"}, {"**"}, {"pay-*"}}, {"production", "x", ""}, false},
      {"no list, no match", {{}, {"**"}, {"*"}}, {"production", "x", ""}, false},
  };
  for (const BindCase& item : cases) {
    EXPECT_EQ(binds(item.match, item.place), item.expected) << item.what;
  }
}

TEST(PolicyText, DiffersWhereverTheRuleDiffers) {
  const Policy base;
  std::vector<Policy> others(11, base);
  others[0].match.repositories = {"team/**"};
  others[1].window = base.window + std::chrono::milliseconds(1);
  others[2].warn_before = {};
  others[3].anchor = Anchor::registry_entry;
  others[4].never_scanned_grace = Duration::zero();
  others[5].trust = {Trust::signed_};
  others[6].database_age_max.reset();
  others[7].platforms = {{"linux", "arm64", "", ""}};
  others[8].alert_on = AlertOn::registry;
  others[9].future_tolerance = Duration::zero();
  others[10].match.namespaces = {"web"};
  for (std::size_t index = 0; index < others.size(); ++index) {
    EXPECT_NE(canonical_text(others[index]), canonical_text(base)) << index;
  }
  Policy renamed = base;
  renamed.name = "other";
  EXPECT_EQ(canonical_text(renamed), canonical_text(base)) << "the name is not the rule";
}

}  // namespace
}  // namespace scanclock
