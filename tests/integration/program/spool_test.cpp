#include "tests/integration/program/program_test.hpp"

namespace scanclock {
namespace {

using nlohmann::json;

class SpooledScan : public ProgramTest {
 protected:
  void SetUp() override {
    ProgramTest::SetUp();
    if (IsSkipped() || HasFatalFailure()) {
      return;
    }
    std::filesystem::create_directory(spool());
    parts.spool = "- {name: nightly, path: spool, poll_every: 1s}";
    push("team/app");
    run_workloads({"team/app"});
    daemon = &start_daemon();
    ASSERT_TRUE(eventually(soon, [&] { return state_of(*daemon, "team/app") == "never_scanned"; }));
  }

  std::filesystem::path spool() const { return folder.path() / "spool"; }
  bool is_fresh() const { return state_of(*daemon, "team/app") == "fresh"; }

  DaemonProcess* daemon = nullptr;
};

TEST_F(SpooledScan, CountsAndIsMovedAndItsSourceIsShown) {
  write_file(spool() / "app.json", report("team/app", now_of_test() - day));
  ASSERT_TRUE(eventually(soon, [&] { return is_fresh(); }));
  ASSERT_TRUE(eventually(soon, [&] { return read_text(spool() / "done" / "app.json") != ""; }));
  const json scan = image_of(*daemon, "team/app").at("last_scan");
  EXPECT_EQ(scan.at("source"), "nightly");
  EXPECT_EQ(scan.at("trust"), "pushed");
  const json source = source_of(*daemon, "nightly");
  EXPECT_EQ(source.at("kind"), "spool");
  EXPECT_EQ(source.at("status"), "ok");
  EXPECT_EQ(source.at("coverage").size(), 1u);
  EXPECT_EQ(sql("SELECT origin FROM scanclock.evidence"), "spool\n");
}

TEST_F(SpooledScan, ThatIsRefusedLiesAsideWithItsReason) {
  write_file(spool() / "bad.json", R"({"hello":"world"})");
  ASSERT_TRUE(eventually(
      soon, [&] { return read_text(spool() / "refused" / "bad.json.reason.txt") != ""; }));
  EXPECT_NE(read_text(spool() / "refused" / "bad.json.reason.txt").find("reason: unknown_format"),
            std::string::npos);
  EXPECT_EQ(read_text(spool() / "refused" / "bad.json"), R"({"hello":"world"})");
  EXPECT_FALSE(is_fresh());
}

TEST_F(SpooledScan, IsTakenOnceThoughTheDaemonIsKilledAndStartedAgain) {
  daemon->kill();
  write_file(spool() / "app.json", report("team/app", now_of_test() - day));
  sql("UPDATE scanclock.lease SET expires_at = clock_timestamp()");
  daemon->start();
  daemon->wait_until_up();
  ASSERT_TRUE(eventually(soon, [&] { return is_fresh(); }));
  ASSERT_TRUE(eventually(soon, [&] { return read_text(spool() / "done" / "app.json") != ""; }));
  EXPECT_EQ(sql("SELECT count(*) FROM scanclock.evidence"), "1\n");
  // As if it had been killed between storing and moving.
  std::filesystem::rename(spool() / "done" / "app.json", spool() / "app.json");
  ASSERT_TRUE(eventually(soon, [&] { return read_text(spool() / "done" / "app.json") != ""; }));
  EXPECT_EQ(sql("SELECT count(*) FROM scanclock.evidence"), "1\n");
}

TEST_F(SpooledScan, IsNoSourceAnyMoreOnceTheSettingsAreWithoutIt) {
  parts.spool.clear();
  write_settings();
  ASSERT_EQ(daemon->post("/-/reload", "", admin_token).status, 200);
  const json sources = list_of(*daemon, "/api/v1/sources", "sources");
  for (const json& source : sources) {
    EXPECT_NE(source.at("name"), "nightly");
  }
}

}  // namespace
}  // namespace scanclock
