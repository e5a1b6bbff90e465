#include "core/workloads/docker_source.hpp"

#include "core/runtime/task_group.hpp"
#include "tests/component/workloads/fake_engine.hpp"
#include "tests/component/workloads/recording_sink.hpp"
#include "tests/support/run_coroutine.hpp"
#include "tests/support/sim_clock.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <exception>
#include <functional>
#include <ostream>
#include <stdexcept>

namespace scanclock {
namespace {

using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

using Ids = std::vector<std::string>;

std::string sha(char digit) { return "sha256:" + std::string(64, digit); }
Digest digest(char digit) { return Digest::from_trusted(sha(digit)); }

constexpr std::int64_t event_ns = 1795293563'206844908;

class DockerSourceTest : public ::testing::Test {
 protected:
  DockerSourceTest() : engine_(io_), pool_(1, 16) {
    clock_.set_io_patience(milliseconds(10));
    resolver_ = make_dns_resolver(clock_);
    http_ = make_http_client(clock_, resolver_, HttpClientOptions());
    engine_.set_image(sha('c'), {"127.0.0.1:5000/team/app@" + sha('1')});
    engine_.add("aa", "127.0.0.1:5000/team/app:1", sha('c'));
  }

  ~DockerSourceTest() override {
    run(io_, clock_, tasks_.stop());
    pool_.stop();
  }

  void start() {
    EngineSourceSettings settings;
    settings.name = "host";
    settings.url = engine_.url();
    source_ =
        std::make_unique<DockerSource>(settings, EngineProduct::docker, *http_, clock_, pool_);
    tasks_.spawn("docker", source_->run(sink_));
  }

  /// True when `condition` came to hold within `limit` of virtual time.
  bool comes(const std::function<bool()>& condition, Duration limit = minutes(2)) {
    return clock_.run_while(
        io_, [&] { return !condition(); }, limit);
  }

  /// Starts and waits for the first report and an open event stream.
  void start_and_settle() {
    start();
    ASSERT_TRUE(comes([&] { return sink_.reports.size() == 1 && engine_.open_streams() == 1; }));
  }

  static void fail_test(std::string_view name, std::exception_ptr failure) {
    try {
      std::rethrow_exception(failure);
    } catch (const std::exception& cause) {
      ADD_FAILURE() << name << " ended: " << cause.what();
    }
  }

  asio::io_context io_{1};
  SimClock clock_;
  FakeEngine engine_;
  BlockingPool pool_;
  std::shared_ptr<DnsResolver> resolver_;
  std::unique_ptr<HttpClient> http_;
  RecordingSink sink_;
  std::unique_ptr<DockerSource> source_;
  TaskGroup tasks_{io_.get_executor(), &fail_test};
};

TEST_F(DockerSourceTest, ReportsWhatRunsWithEveryDigest) {
  start_and_settle();
  const WorkloadReport& report = sink_.reports.front();
  EXPECT_EQ(report.source, "host");
  EXPECT_TRUE(report.complete);
  EXPECT_EQ(report.observed_at, SimClock::default_start());
  ASSERT_EQ(report.containers.size(), 1U);
  const ContainerObservation& container = report.containers.front();
  EXPECT_EQ(container.id, "aa");
  EXPECT_EQ(container.name, "name-aa");
  EXPECT_EQ(container.node, "host-a");
  EXPECT_EQ(container.image, "127.0.0.1:5000/team/app:1");
  EXPECT_EQ(container.digests, (std::vector<Digest>{digest('c'), digest('1')}));
  EXPECT_EQ(container.repositories, std::vector<std::string>{"127.0.0.1:5000/team/app"});
  EXPECT_EQ(to_string(container.platform), "linux/amd64");
  EXPECT_TRUE(sink_.problems.empty());
  EXPECT_EQ(sink_.requests, engine_.targets().size());
}

TEST_F(DockerSourceTest, SubscribesBeforeItLists) {
  start_and_settle();
  const auto& targets = engine_.targets();
  ASSERT_GE(targets.size(), 4U);
  EXPECT_EQ(targets[0], "/version");
  EXPECT_EQ(targets[1], "/v1.41/info");
  EXPECT_EQ(targets[2].rfind("/v1.41/events?filters=", 0), 0U) << targets[2];
  EXPECT_EQ(targets[2].find("since="), std::string::npos);
  EXPECT_EQ(targets[3], "/v1.41/containers/json");
}

TEST_F(DockerSourceTest, AsksOncePerImageAndInspectsNoContainerWithoutNeed) {
  engine_.add("bb", "127.0.0.1:5000/team/app:1", sha('c'));
  start_and_settle();
  EXPECT_EQ(sink_.ids(), (Ids{"aa", "bb"}));
  EXPECT_EQ(engine_.count("/images/"), 1U);
  EXPECT_EQ(engine_.count("/containers/aa"), 0U);
}

TEST_F(DockerSourceTest, ListsEveryPeriodAndSaysWhenNext) {
  start_and_settle();
  EXPECT_EQ(sink_.next_poll_at, clock_.now() + seconds(30));
  clock_.advance(io_, seconds(90));
  EXPECT_EQ(sink_.reports.size(), 4U);
  EXPECT_EQ(engine_.count("/images/"), 4U) << "digests are asked for with every list";
}

TEST_F(DockerSourceTest, TellsOfAStartAtOnce) {
  start_and_settle();
  engine_.add("bb", "127.0.0.1:5000/team/app:1", sha('c'));
  engine_.emit_event("start", "bb", event_ns);
  ASSERT_TRUE(comes([&] { return sink_.started.size() == 1; }, Duration::zero()));
  EXPECT_EQ(sink_.started_sources.front(), "host");
  EXPECT_EQ(sink_.started.front().id, "bb");
  EXPECT_EQ(sink_.started.front().digests, (std::vector<Digest>{digest('c'), digest('1')}));
  EXPECT_EQ(sink_.started.front().started_at, parse_rfc3339("2026-11-01T11:00:00Z"));
  EXPECT_EQ(sink_.reports.size(), 1U);
  ASSERT_TRUE(comes([&] { return sink_.reports.size() == 2; }));
  EXPECT_EQ(sink_.reports.back().containers.back(), sink_.started.front())
      << "the next list says no other than the event did";
}

TEST_F(DockerSourceTest, IgnoresAStartWhoseContainerIsGoneAlready) {
  start_and_settle();
  engine_.emit_event("start", "zz", event_ns);
  ASSERT_TRUE(comes([&] { return engine_.count("/containers/zz/json") == 1; }));
  EXPECT_TRUE(sink_.started.empty());
  EXPECT_TRUE(sink_.problems.empty());
}

TEST_F(DockerSourceTest, AsksForOneListAfterABurstOfEnds) {
  start_and_settle();
  engine_.remove("aa");
  for (int i = 0; i < 10; ++i) {
    engine_.emit_event("die", "aa", event_ns + i);
    engine_.emit_event("destroy", "aa", event_ns + i);
  }
  ASSERT_TRUE(comes([&] { return sink_.reports.size() == 2; }, seconds(2)));
  EXPECT_EQ(sink_.ids(), Ids{});
  EXPECT_TRUE(sink_.reports.back().complete) << "a sudden emptiness is the daemon's to judge";
  clock_.advance(io_, seconds(5));
  EXPECT_EQ(engine_.count("/containers/json"), 2U);
}

TEST_F(DockerSourceTest, DoesNotEndAContainerThatStartedWhileAListWasUnderWay) {
  start_and_settle();
  engine_.hold_list();
  ASSERT_TRUE(comes([&] { return engine_.list_is_held(); }));
  engine_.add("bb", "127.0.0.1:5000/team/app:1", sha('c'));
  engine_.emit_event("start", "bb", event_ns);
  ASSERT_TRUE(comes([&] { return sink_.started.size() == 1; }, Duration::zero()));
  engine_.release_list();
  ASSERT_TRUE(comes([&] { return sink_.reports.size() == 2; }, Duration::zero()));
  EXPECT_EQ(sink_.ids(), (Ids{"aa", "bb"}));
}

TEST_F(DockerSourceTest, OpensTheStreamAgainFromTheLastEventAndLists) {
  for (const bool cleanly : {true, false}) {
    SCOPED_TRACE(cleanly);
    if (!source_) {
      start_and_settle();
    }
    engine_.emit_event("start", "aa", event_ns);
    ASSERT_TRUE(comes([&] { return !sink_.started.empty(); }, Duration::zero()));
    const std::size_t reports = sink_.reports.size();
    const std::size_t since = engine_.count("since=1795293563.206844909");
    engine_.cut_streams(cleanly);
    ASSERT_TRUE(comes([&] { return engine_.open_streams() == 1 && sink_.reports.size() > reports; },
                      seconds(10)));
    EXPECT_EQ(engine_.count("since=1795293563.206844909"), since + 1);
    EXPECT_TRUE(sink_.problems.empty()) << "a lost stream is no failure of the source";
  }
}

TEST_F(DockerSourceTest, ReadsEventsInRecordSeparatorFramingAcrossChunks) {
  start_and_settle();
  engine_.emit("\x1e{\"Type\":\"container\",\"Action\":\"sta");
  engine_.emit("rt\",\"Actor\":{\"ID\":\"aa\"}}\n\x1e");
  ASSERT_TRUE(comes([&] { return sink_.started.size() == 1; }, Duration::zero()));
}

TEST_F(DockerSourceTest, ReopensAStreamThatHoldsGarbage) {
  start_and_settle();
  engine_.emit("<html>\n");
  ASSERT_TRUE(comes([&] { return engine_.count("/events") == 2; }, seconds(5)));
  EXPECT_TRUE(sink_.problems.empty());
}

TEST_F(DockerSourceTest, ListsWithoutAnEventStream) {
  engine_.answer("/events", 403, R"({"message":"not allowed here"})");
  start();
  ASSERT_TRUE(comes([&] { return sink_.reports.size() == 1; }, Duration::zero()));
  clock_.advance(io_, minutes(5));
  EXPECT_GE(sink_.reports.size(), 11U);
  EXPECT_TRUE(sink_.problems.empty());
}

TEST_F(DockerSourceTest, KeepsDigestsThatVanishUnderARunningContainer) {
  start_and_settle();
  engine_.set_image(sha('c'), {});
  ASSERT_TRUE(comes([&] { return sink_.reports.size() == 2; }));
  EXPECT_EQ(sink_.reports.back().containers, sink_.reports.front().containers);

  engine_.remove("aa");
  ASSERT_TRUE(comes([&] { return sink_.reports.size() == 3; }));
  engine_.add("bb", "127.0.0.1:5000/team/app:1", sha('c'));
  ASSERT_TRUE(comes([&] { return sink_.reports.size() == 4; }));
  EXPECT_EQ(sink_.reports.back().containers.front().digests, std::vector<Digest>{digest('c')})
      << "nobody needed them any more";
}

TEST_F(DockerSourceTest, ReportsAContainerWhoseImageTheDaemonForgot) {
  engine_.images.clear();
  start_and_settle();
  EXPECT_TRUE(sink_.reports.front().complete);
  EXPECT_EQ(sink_.reports.front().containers.front().digests, std::vector<Digest>{digest('c')});
}

TEST_F(DockerSourceTest, FindsTheNameThatTheListLostOnce) {
  engine_.add("bb", "team/app:2", sha('c'));
  const std::string by_id = engine_.listed.at("bb");
  const auto name = by_id.find("team/app:2");
  engine_.listed["bb"] = by_id.substr(0, name) + sha('c') + by_id.substr(name + 10);
  start_and_settle();
  EXPECT_EQ(sink_.reports.front().containers.back().image, "team/app:2");
  clock_.advance(io_, seconds(60));
  EXPECT_EQ(sink_.reports.back().containers.back().image, "team/app:2");
  EXPECT_EQ(engine_.count("/containers/bb/json"), 1U);
}

TEST_F(DockerSourceTest, LeavesOutAContainerThatVanishedAfterTheList) {
  engine_.add("bb", sha('c'), sha('c'));
  engine_.inspected.erase("bb");
  start_and_settle();
  EXPECT_TRUE(sink_.reports.front().complete);
  EXPECT_EQ(sink_.ids(), Ids{"aa"});
}

struct BadAnswer {
  const char* name;
  const char* path;
  int status;
  std::string body;
  const char* reason;
};

void PrintTo(const BadAnswer& answer, std::ostream* out) { *out << answer.name; }

class DockerSourceBadAnswers : public DockerSourceTest,
                               public ::testing::WithParamInterface<BadAnswer> {};

TEST_P(DockerSourceBadAnswers, FailTheLookUntilTheyAreGone) {
  engine_.add("bb", sha('c'), sha('c'));
  engine_.answer(GetParam().path, GetParam().status, GetParam().body);
  start();
  ASSERT_TRUE(comes([&] { return sink_.problems.size() == 2; }));
  EXPECT_TRUE(sink_.reports.empty()) << "no view at all rather than a part of one";
  EXPECT_EQ(sink_.failed_sources.front(), "host");
  EXPECT_EQ(sink_.problems.front().reason, GetParam().reason) << sink_.problems.front().message;
  EXPECT_NE(sink_.problems.front().message.find(engine_.url()), std::string::npos)
      << sink_.problems.front().message;
  engine_.answer_normally();
  ASSERT_TRUE(comes([&] { return sink_.reports.size() == 1; }));
  EXPECT_EQ(sink_.ids(), (Ids{"aa", "bb"}));
}

INSTANTIATE_TEST_SUITE_P(
    Docker, DockerSourceBadAnswers,
    ::testing::Values(
        BadAnswer{"list_500", "/containers/json", 500, R"({"message":"boom"})", "server_error"},
        BadAnswer{"list_403", "/containers/json", 403, "", "forbidden"},
        BadAnswer{"list_401", "/containers/json", 401, "", "unauthorized"},
        BadAnswer{"list_404", "/containers/json", 404, "", "not_found"},
        BadAnswer{"list_429", "/containers/json", 429, "", "too_many_requests"},
        BadAnswer{"list_is_html", "/containers/json", 200, "<html></html>", "malformed"},
        BadAnswer{"list_is_null", "/containers/json", 200, "null", "malformed"},
        BadAnswer{"list_is_cut", "/containers/json", 200, R"([{"Id":"aa"},)", "malformed"},
        BadAnswer{"list_is_deep", "/containers/json", 200, std::string(100'000, '['), "malformed"},
        BadAnswer{"image_500", "/images/", 500, R"({"message":"boom"})", "server_error"},
        BadAnswer{"image_is_html", "/images/", 200, "<html></html>", "malformed"},
        BadAnswer{"inspect_500", "/containers/bb/json", 500, "", "server_error"},
        BadAnswer{"version_500", "/version", 500, "", "server_error"},
        BadAnswer{"version_is_html", "/version", 200, "<html></html>", "malformed"},
        BadAnswer{"version_too_old", "/version", 200, R"({"ApiVersion":"1.18"})",
                  "unsupported_version"},
        BadAnswer{"info_500", "/info", 500, "", "server_error"}),
    [](const auto& each) { return each.param.name; });

TEST_F(DockerSourceTest, WorksWhereAProxyHidesTheHostsName) {
  engine_.answer("/info", 403, "");
  start_and_settle();
  EXPECT_EQ(sink_.reports.front().containers.front().node, "");
}

TEST_F(DockerSourceTest, AgreesOnAVersionAnewWhenTheDaemonWasReplaced) {
  engine_.api_version = "1.52";
  engine_.min_api_version = "1.44";
  start_and_settle();
  EXPECT_EQ(engine_.count("/v1.48/containers/json"), 1U);
  engine_.api_version = "1.41";
  ASSERT_TRUE(comes([&] { return sink_.problems.size() == 1; }));
  EXPECT_EQ(sink_.problems.front().reason, "unsupported_version");
  ASSERT_TRUE(comes([&] { return sink_.reports.size() == 2; }));
  EXPECT_EQ(engine_.count("/v1.41/containers/json"), 1U);
}

TEST_F(DockerSourceTest, IsBlindWhileTheDaemonIsAwayAndSeesAgain) {
  start_and_settle();
  engine_.go_away();
  ASSERT_TRUE(comes([&] { return sink_.problems.size() == 2; }));
  EXPECT_EQ(sink_.problems.back().reason, "connect") << sink_.problems.back().message;
  EXPECT_EQ(sink_.reports.size(), 1U);
  engine_.come_back();
  ASSERT_TRUE(comes([&] { return sink_.reports.size() == 2 && engine_.open_streams() == 1; }));
  EXPECT_EQ(sink_.ids(), Ids{"aa"});
}

TEST_F(DockerSourceTest, ParsesABigListOffTheLoop) {
  // The pool works in real time, in which virtual time must not jump.
  clock_.set_io_patience(milliseconds(1000));
  for (int i = 0; i < 1000; ++i) {
    engine_.add("many-" + std::to_string(i), "127.0.0.1:5000/team/app:1", sha('c'));
  }
  start();
  ASSERT_TRUE(comes([&] { return !sink_.reports.empty(); }));
  EXPECT_EQ(sink_.reports.front().containers.size(), 1001U);
}

TEST(DockerSourceUrl, MustBeASocketOrAnHttpAddress) {
  SimClock clock;
  BlockingPool pool(1, 1);
  const auto http = make_http_client(clock, make_dns_resolver(clock), HttpClientOptions());
  for (const char* url : {"", "unix://", "unix://relative.sock", "tcp://host:2375", "ssh://host"}) {
    EngineSourceSettings settings;
    settings.url = url;
    EXPECT_THROW(DockerSource(settings, EngineProduct::docker, *http, clock, pool),
                 std::invalid_argument)
        << url;
  }
  EngineSourceSettings settings;
  settings.url = "https://host-b.example:2376";
  EXPECT_NO_THROW(DockerSource(settings, EngineProduct::docker, *http, clock, pool));
}

}  // namespace
}  // namespace scanclock
