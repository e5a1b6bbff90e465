#include "core/registry/platform_poller.hpp"

#include "core/registry/poller.hpp"
#include "tests/component/registry/fake_registry.hpp"
#include "tests/component/registry/platform_fixture.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>

#include <list>
#include <set>

namespace scanclock {
namespace {

using namespace std::chrono_literals;

/// An API that answers as a test says and notes what it was asked.
class ScriptedApi final : public PlatformApi {
 public:
  asio::awaitable<PlatformAnswer> ask(std::string repository, std::vector<Digest> subjects,
                                      bool) override {
    asked.push_back(repository);
    about.insert(subjects.begin(), subjects.end());
    if (throws) {
      throw std::logic_error("a bug");
    }
    co_return answer;
  }

  PlatformAnswer answer;
  bool throws = false;
  std::vector<std::string> asked;
  std::set<Digest> about;
};

RegistryProblem poller_problem(bool retryable) {
  RegistryProblem problem;
  problem.reason = "server_error";
  problem.retryable = retryable;
  return problem;
}

class PlatformPollerTest : public PlatformTest {
 protected:
  PlatformPollerTest() : join(world) {}
  ~PlatformPollerTest() override {
    for (asio::cancellation_signal& stop : stops_) {
      stop.emit(asio::cancellation_type::terminal);
    }
    clock.run_while(
        io, [this] { return running_ > 0; }, 1min);
    EXPECT_EQ(running_, 0);
  }

  void start() {
    poller = std::make_unique<PlatformPoller>(registry, 15min, clock, api, join, world);
    spawn(poller->run());
  }
  void spawn(asio::awaitable<void> task) {
    ++running_;
    asio::cancellation_slot slot = stops_.emplace_back().slot();
    asio::co_spawn(io, std::move(task),
                   asio::bind_cancellation_slot(slot, [this](std::exception_ptr) { --running_; }));
  }
  void pass(Duration duration) { clock.advance(io, duration); }

  const Digest a = digest('a');
  ScriptedApi api;
  PlatformJoin join;
  std::unique_ptr<PlatformPoller> poller;
  std::unique_ptr<FakeRegistry> fake;
  std::unique_ptr<RegistryPoller> registry_poller;

 private:
  /// One each: a slot serves one coroutine.
  std::list<asio::cancellation_signal> stops_;
  int running_ = 0;
};

TEST_F(PlatformPollerTest, AsksAboutEachRepositoryOnceACycle) {
  know(a);
  start();
  pass(16min);
  EXPECT_EQ(api.asked.size(), 1U);
  EXPECT_TRUE(api.about.contains(a));
  pass(60min);
  EXPECT_EQ(api.asked.size(), 5U);
}

TEST_F(PlatformPollerTest, SpreadsTheRepositoriesOverTheCycle) {
  for (int number = 0; number < 60; ++number) {
    Manifest manifest;
    manifest.digest = a;
    manifest.kind = ManifestKind::image;
    world.manifest_found({"prod", "team/" + std::to_string(number)}, manifest);
  }
  start();
  std::size_t busiest = 0;
  for (int minute = 0; minute < 15; ++minute) {
    const std::size_t before = api.asked.size();
    pass(1min);
    busiest = std::max(busiest, api.asked.size() - before);
  }
  EXPECT_EQ(std::set<std::string>(api.asked.begin(), api.asked.end()).size(), 60U);
  EXPECT_LT(busiest, 15U);
}

TEST_F(PlatformPollerTest, AsksSoonAboutAnImageThatTheRegistryAnsweredFor) {
  know(a);
  start();
  pass(16min);
  api.asked.clear();
  know(digest('b'));
  join.evidence_answered(app, digest('b'));
  EXPECT_EQ(world.count("answered"), 0U);
  pass(35s);
  EXPECT_EQ(api.asked.size(), 1U);
  EXPECT_EQ(world.count("answered"), 1U);
}

TEST_F(PlatformPollerTest, TellsThatASourceOfEvidenceIsBlindAndTriesAgain) {
  know(a);
  join.evidence_answered(app, a);
  api.answer.problem = poller_problem(true);
  start();
  pass(15min);
  EXPECT_GE(world.count("failed " + a.str() + " server_error"), 1U);
  EXPECT_EQ(world.count("answered"), 0U);
  const std::size_t asked = api.asked.size();
  EXPECT_GE(asked, 2U);
  api.answer.problem.reset();
  pass(15min);
  EXPECT_GT(api.asked.size(), asked);
  EXPECT_EQ(world.count("answered " + a.str()), 1U);
}

TEST_F(PlatformPollerTest, LeavesARefusalForTheNextCycle) {
  know(a);
  api.answer.failed.emplace(a, poller_problem(false));
  start();
  pass(16min);
  EXPECT_EQ(api.asked.size(), 1U);
  EXPECT_EQ(world.count("failed"), 1U);
}

TEST_F(PlatformPollerTest, SurvivesWhatAnAnswerThrows) {
  know(a);
  api.throws = true;
  start();
  pass(16min);
  EXPECT_GE(world.count("failed " + a.str() + " bad_content"), 1U);
  api.throws = false;
  join.evidence_answered(app, a);
  pass(16min);
  EXPECT_EQ(world.count("answered"), 1U);
}

TEST_F(PlatformPollerTest, AsksAtOnceWhenRefreshedOrHastened) {
  know(a);
  start();
  pass(16min);
  api.asked.clear();
  run(io, clock, poller->refresh("team/app"));
  EXPECT_EQ(api.asked.size(), 1U);
  poller->hasten("team/app");
  pass(31s);
  EXPECT_EQ(api.asked.size(), 2U);
  poller->hasten("no/such");
  run(io, clock, poller->refresh("no/such"));
  pass(31s);
  EXPECT_EQ(api.asked.size(), 2U);
}

TEST_F(PlatformPollerTest, LeavesOutExcludedRepositories) {
  know(a);
  registry.repositories.exclude = {"team/*"};
  start();
  pass(16min);
  EXPECT_TRUE(api.asked.empty());
}

/// With the registry's own poller: "never scanned" is said only after both have answered.
TEST_F(PlatformPollerTest, CompletesWhatTheRegistryAnswers) {
  fake = std::make_unique<FakeRegistry>(http);
  const Digest image = fake->push_image("team/app", "one");
  fake->tag("team/app", "1.0", image);
  start();
  registry_poller = std::make_unique<RegistryPoller>(registry, clock, http, join, world);
  spawn(registry_poller->run());
  pass(1min);
  EXPECT_TRUE(api.about.contains(image));
  EXPECT_GE(world.count("answered " + image.str()), 1U);
  EXPECT_LT(world.position("manifest " + image.str()), world.position("answered " + image.str()));
}

}  // namespace
}  // namespace scanclock
