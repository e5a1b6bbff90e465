#include "daemon/spool_source.hpp"

#include "core/runtime/hashing.hpp"
#include "tests/component/daemon/engine_fixture.hpp"
#include "tests/support/alert_world.hpp"
#include "tests/support/child_process.hpp"
#include "tests/support/scan_documents.hpp"

#include <fcntl.h>
#include <nlohmann/json.hpp>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <sys/stat.h>

namespace scanclock {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

class Spool : public EngineTest {
 protected:
  Spool() : EngineTest(AlertWorld::default_scope()) {
    options.name = "nightly";
    options.path = folder.path().string();
    engine.sources().configure("nightly", SourceKind::spool, minutes(10), clock.now());
    make_source();
  }

  void make_source() {
    SpoolSource::Surroundings surroundings{io.get_executor(), engine, clock, pool, intake,
                                           telemetry};
    source = std::make_unique<SpoolSource>(options, std::move(surroundings));
  }

  std::string report(char letter) const {
    return trivy_report("registry.example/team/app", AlertWorld::digest(letter),
                        clock.now() - hours(1))
        .dump();
  }

  /// As a program does that writes in place: opened, written, closed.
  void drop(const std::string& name, const std::string& content) const {
    std::ofstream(path(name), std::ios::binary) << content;
  }

  void look() { finish(source->look()); }
  /// Looks until what lies there is settled.
  void look_twice() {
    look();
    clock.advance(io, options.poll_every);
    look();
  }

  std::filesystem::path path(const std::string& name) const { return folder.path() / name; }
  bool exists(const std::string& name) const {
    return std::filesystem::exists(std::filesystem::symlink_status(path(name)));
  }
  std::string source_reason() const { return engine.sources().find("nightly")->reason; }

  TemporaryFolder folder;
  SpoolOptions options;
  std::unique_ptr<SpoolSource> source;
};

TEST_F(Spool, TakesAWholeReportAndMovesItToDone) {
  const std::string content = report('a');
  drop("app.json", content);
  look_twice();
  EXPECT_FALSE(exists("app.json"));
  EXPECT_EQ(read_text(path("done/app.json")), content);
  const auto rows = ledger.evidence();
  ASSERT_EQ(rows.size(), 1u);
  EXPECT_EQ(rows[0].bytes, content);
  EXPECT_EQ(rows[0].evidence.digest, sha256(content));
  EXPECT_EQ(rows[0].evidence.source, "nightly");
  EXPECT_EQ(rows[0].evidence.origin, EvidenceOrigin::spool);
  EXPECT_EQ(rows[0].evidence.trust, Trust::pushed);
  EXPECT_EQ(source_reason(), "");
}

TEST_F(Spool, LeavesAFileAloneThatIsStillWritten) {
  const std::string content = report('a');
  drop("app.json", content.substr(0, 100));
  for (std::size_t at = 100; at < content.size(); at += 400) {
    look();
    std::ofstream(path("app.json"), std::ios::binary | std::ios::app) << content.substr(at, 400);
    clock.advance(io, options.poll_every);
    // As if no event had told of the closing.
    make_source();
  }
  EXPECT_TRUE(exists("app.json"));
  EXPECT_TRUE(ledger.evidence().empty());
  look_twice();
  EXPECT_TRUE(exists("done/app.json"));
  EXPECT_EQ(ledger.evidence().size(), 1u);
}

TEST_F(Spool, TakesAFileAtOnceThatNobodyTouchedForAMinute) {
  drop("app.json", report('a'));
  const timespec old[2] = {{1'000'000, 0}, {1'000'000, 0}};
  ASSERT_EQ(::utimensat(AT_FDCWD, path("app.json").c_str(), old, 0), 0);
  look();
  EXPECT_TRUE(exists("done/app.json"));
}

TEST_F(Spool, IsHastenedByAClosedAndByAMovedFile) {
  options.poll_every = hours(24);
  make_source();
  tasks.spawn("spool", source->run());
  clock.run_while(
      io, [this] { return engine.sources().find("nightly")->failing_since.has_value(); },
      seconds(30));
  const TimePoint start = clock.now();
  drop("closed.json", report('a'));
  std::ofstream(path(".hidden"), std::ios::binary) << report('b');
  std::filesystem::rename(path(".hidden"), path("moved.json"));
  EXPECT_TRUE(clock.run_while(
      io, [this] { return !exists("done/closed.json") || !exists("done/moved.json"); }, hours(20)));
  EXPECT_LT(clock.now() - start, hours(20));
  EXPECT_EQ(ledger.evidence().size(), 2u);
}

TEST_F(Spool, LeavesHiddenFilesAlone) {
  drop(".app.json.tmp", report('a'));
  look_twice();
  look_twice();
  EXPECT_TRUE(exists(".app.json.tmp"));
  EXPECT_TRUE(ledger.evidence().empty());
}

TEST_F(Spool, MovesWhatIsRefusedAsideWithItsReason) {
  nlohmann::json future = nlohmann::json::parse(report('a'));
  future["CreatedAt"] = format_rfc3339(clock.now() + hours(2));
  nlohmann::json timeless = nlohmann::json::parse(report('a'));
  timeless.erase("CreatedAt");
  const std::vector<std::array<std::string, 3>> cases{
      {"future.json", future.dump(), "future_dated"},
      {"timeless.json", timeless.dump(), "no_time"},
      {"half.json", R"({"SchemaVersion":2,)", "malformed"},
      {"empty.json", "", "malformed"},
      {"other.json", R"({"hello":"world"})", "unknown_format"},
  };
  for (const auto& [name, content, reason] : cases) {
    drop(name, content);
  }
  look_twice();
  for (const auto& [name, content, reason] : cases) {
    EXPECT_FALSE(exists(name));
    EXPECT_EQ(read_text(path("refused/" + name)), content);
    const std::string why = read_text(path("refused/" + name + ".reason.txt"));
    EXPECT_NE(why.find("reason: " + reason + "\n"), std::string::npos) << name << ": " << why;
    EXPECT_NE(why.find("digest: " + sha256(content).str() + "\n"), std::string::npos) << why;
  }
  // What could be read as a scan is on record, although it does not count.
  ASSERT_EQ(ledger.evidence().size(), 1u);
  EXPECT_EQ(ledger.evidence()[0].evidence.digest, sha256(future.dump()));
  EXPECT_EQ(source_reason(), "") << "a bad file is no bad folder";
}

TEST_F(Spool, RefusesWhatIsNoFileOrTooLargeWithoutReadingIt) {
  drop("target", report('a'));
  std::filesystem::create_symlink(path("target"), path("link.json"));
  ASSERT_EQ(::mkfifo(path("pipe.json").c_str(), 0600), 0);
  std::filesystem::create_directory(path("folder"));
  drop("folder/inner.json", report('b'));
  drop("large.json", "");
  std::filesystem::resize_file(path("large.json"), spool_file_bytes_max + 1);
  look_twice();
  for (const char* name : {"link.json", "pipe.json", "folder", "large.json"}) {
    EXPECT_FALSE(exists(name)) << name;
    EXPECT_TRUE(exists(std::string("refused/") + name)) << name;
    EXPECT_NE(read_text(path("refused/" + std::string(name) + ".reason.txt")).find("reason: unfit"),
              std::string::npos)
        << name;
  }
  ASSERT_EQ(ledger.evidence().size(), 1u) << "the target itself is a report";
  EXPECT_TRUE(exists("refused/folder/inner.json"));
}

TEST_F(Spool, MovesNothingBeforeItIsStored) {
  ledger.away = true;
  drop("a.json", report('a'));
  drop("b.json", report('b'));
  look_twice();
  EXPECT_TRUE(exists("a.json"));
  EXPECT_TRUE(exists("b.json"));
  EXPECT_EQ(source_reason(), "not_stored");
  EXPECT_EQ(engine.inventory().all_evidence().size(), 1u)
      << "one report at a time is kept in memory";
  ledger.away = false;
  look();
  look_twice();
  EXPECT_TRUE(exists("done/a.json"));
  EXPECT_TRUE(exists("done/b.json"));
  EXPECT_EQ(ledger.evidence().size(), 2u);
  EXPECT_EQ(source_reason(), "");
}

TEST_F(Spool, SurvivesACrashBetweenStoringAndMoving) {
  const std::string content = report('a');
  HandedReport before;
  before.bytes = std::make_shared<const std::string>(content);
  before.source = "nightly";
  before.origin = EvidenceOrigin::spool;
  EXPECT_EQ(finish(intake.hand_in(std::move(before))).kind, HandedOutcome::Kind::accepted);
  drop("app.json", content);
  look_twice();
  EXPECT_TRUE(exists("done/app.json"));
  EXPECT_EQ(ledger.evidence().size(), 1u);
}

TEST_F(Spool, KeepsEveryReportOfANameThatComesAgain) {
  const std::string first = report('a');
  let_pass(hours(24));
  const std::string second = report('a');
  for (const std::string& content : {first, second, second}) {
    drop("app.json", content);
    look_twice();
  }
  EXPECT_EQ(read_text(path("done/app.json")), first);
  const std::string hex = sha256(second).str().substr(7, 12);
  EXPECT_EQ(read_text(path("done/app.json." + hex)), second);
  EXPECT_EQ(read_text(path("done/app.json." + hex + ".2")), second);
  EXPECT_EQ(ledger.evidence().size(), 2u);
}

TEST_F(Spool, IsBlindWhileItsFolderCannotBeRead) {
  std::filesystem::remove(folder.path());
  look();
  EXPECT_EQ(source_reason(), "missing");
  EXPECT_FALSE(engine.sources().is_blind("nightly", clock.now() + minutes(9)));
  EXPECT_TRUE(engine.sources().is_blind("nightly", clock.now() + minutes(11)));
  std::filesystem::create_directory(folder.path());
  drop("app.json", report('a'));
  look_twice();
  EXPECT_EQ(source_reason(), "");
  EXPECT_TRUE(exists("done/app.json"));
}

TEST_F(Spool, WatchesAFolderThatWasMadeAnew) {
  options.poll_every = minutes(1);
  make_source();
  tasks.spawn("spool", source->run());
  clock.advance(io, minutes(2));
  std::filesystem::remove_all(folder.path());
  clock.advance(io, minutes(2));
  EXPECT_EQ(source_reason(), "missing");
  std::filesystem::create_directory(folder.path());
  clock.advance(io, minutes(2));
  EXPECT_EQ(source_reason(), "");
  drop("app.json", report('a'));
  EXPECT_TRUE(clock.run_while(
      io, [this] { return !exists("done/app.json"); }, minutes(5)));
}

TEST_F(Spool, SaysWhichFileCannotBeMovedAndDoesNotReadItAgain) {
  drop("app.json", report('a'));
  // Where the folder for what was read should be, there is a file.
  drop("done", "");
  look_twice();
  EXPECT_EQ(source_reason(), "unwritable");
  EXPECT_TRUE(exists("app.json"));
  EXPECT_EQ(ledger.evidence().size(), 1u);
  std::filesystem::remove(path("done"));
  look();
  EXPECT_EQ(source_reason(), "");
  EXPECT_TRUE(exists("done/app.json"));
  EXPECT_EQ(ledger.evidence().size(), 1u);
}

}  // namespace
}  // namespace scanclock
