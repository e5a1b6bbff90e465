// What is kept of evidence, what is shown of it, and how it is proven.
#include "core/runtime/hashing.hpp"
#include "tests/integration/program/program_test.hpp"

namespace scanclock {
namespace {

using nlohmann::json;

class EvidenceOnRecord : public ProgramTest {
 protected:
  void SetUp() override {
    ProgramTest::SetUp();
    if (IsSkipped() || HasFatalFailure()) {
      return;
    }
    push("team/app");
    run_workloads({"team/app"});
    daemon = &start_daemon();
    ASSERT_TRUE(eventually(soon, [&] { return state_of(*daemon, "team/app") == "never_scanned"; }));
  }

  /// Pushes a report and returns its digest.
  std::string submit(const json& content) {
    const std::string body = content.dump();
    const HttpAnswer answer = daemon->post("/api/v1/scans", body, submit_token);
    EXPECT_TRUE(answer.status == 201 || answer.status == 422) << answer.body;
    return sha256(body).str();
  }
  json report_of(Duration age) const {
    return json::parse(report("team/app", now_of_test() - age));
  }
  HttpAnswer raw(const std::string& evidence) const {
    return daemon->get("/api/v1/evidence/" + evidence + "/raw");
  }
  void restart() {
    ASSERT_EQ(daemon->terminate(), 0);
    daemon->start();
    daemon->wait_until_up();
  }
  CommandResult verify() const {
    return run_command(
        {built_program("scanclock"), "db", "verify", "--config", settings_path().string()});
  }

  DaemonProcess* daemon = nullptr;
};

TEST_F(EvidenceOnRecord, GivesItsFindingsInPages) {
  const std::string evidence = submit(report_of(day));
  const std::string path = "/api/v1/evidence/" + evidence + "/findings";
  const json all = daemon->get_json(path);
  EXPECT_EQ(all.at("evidence"), evidence);
  EXPECT_EQ(all.at("omitted"), 0);
  EXPECT_EQ(all.at("next"), nullptr);
  ASSERT_EQ(all.at("findings").size(), 2u) << all;
  EXPECT_TRUE(all.at("findings").at(0).at("aliases").is_array());
  const json first = daemon->get_json(path + "?limit=1");
  EXPECT_EQ(first.at("findings").at(0), all.at("findings").at(0));
  const json second =
      daemon->get_json(path + "?limit=1&next=" + first.at("next").get<std::string>());
  EXPECT_EQ(second.at("findings").at(0), all.at("findings").at(1));
  EXPECT_EQ(second.at("next"), nullptr);
  EXPECT_EQ(daemon->get("/api/v1/evidence/" + sha256("none").str() + "/findings").status, 404);
  const json document = daemon->get_json("/api/v1/openapi.json");
  EXPECT_TRUE(document.at("paths").contains("/api/v1/evidence/{digest}/findings"));
}

TEST_F(EvidenceOnRecord, GivesItsBytesUntilTheirRetentionEnds) {
  const json content = report_of(day);
  const std::string evidence = submit(content);
  EXPECT_EQ(raw(evidence).body, content.dump());
  restart();
  EXPECT_EQ(raw(evidence).status, 200);
  EXPECT_EQ(raw(evidence).body, content.dump());
  EXPECT_EQ(raw(evidence).header("Content-Type"), "application/octet-stream");
  sql("UPDATE scanclock.evidence_bytes SET stored_at = stored_at - interval '500 days'");
  sql("UPDATE scanclock.evidence_keys SET collected_at = collected_at - interval '500 days'");
  restart();
  ASSERT_TRUE(eventually(soon, [&] { return raw(evidence).status == 410; }));
  EXPECT_EQ(raw(evidence).json().at("reason"), "past_retention");
  EXPECT_EQ(raw(sha256("none").str()).status, 404);
  EXPECT_EQ(raw(sha256("none").str()).json().at("reason"), "unknown_evidence");
  EXPECT_EQ(daemon->get_json("/api/v1/evidence/" + evidence + "/findings").at("findings").size(),
            2u)
      << "what was found outlives the bytes";
  EXPECT_EQ(state_of(*daemon, "team/app"), "fresh");
  EXPECT_EQ(verify().exit_code, 0);
}

TEST_F(EvidenceOnRecord, IsJudgedAnewUnderANewVersionOfAPolicyAndKeepsTheOldDecision) {
  parts.policies = "- {name: rule, trust: [signed, platform, pushed, unsigned]}";
  write_settings();
  ASSERT_EQ(daemon->post("/-/reload", "", admin_token).status, 200);
  const std::string evidence = submit(report_of(day));
  ASSERT_EQ(state_of(*daemon, "team/app"), "fresh");
  parts.policies = "- {name: rule, trust: [signed]}";
  write_settings();
  ASSERT_EQ(daemon->post("/-/reload", "", admin_token).status, 200);
  ASSERT_TRUE(eventually(soon, [&] { return state_of(*daemon, "team/app") == "never_scanned"; }));
  const std::string decisions =
      "SELECT policy_version, accepted, coalesce(reason, '-') FROM scanclock.evidence_decisions "
      "WHERE policy = 'rule' ORDER BY id";
  ASSERT_TRUE(eventually(soon, [&] { return sql(decisions) == "1|t|-\n2|f|untrusted\n"; }))
      << sql(decisions);
  const json item = image_of(*daemon, "team/app").at("evidence").at(0);
  EXPECT_EQ(item.at("decisions").at(0).at("version"), 2);
  EXPECT_EQ(item.at("decisions").at(0).at("reason"), "untrusted");
  // Going back to the old content goes back to its version, and to its decision.
  parts.policies = "- {name: rule, trust: [signed, platform, pushed, unsigned]}";
  write_settings();
  ASSERT_EQ(daemon->post("/-/reload", "", admin_token).status, 200);
  ASSERT_TRUE(eventually(soon, [&] { return state_of(*daemon, "team/app") == "fresh"; }));
  restart();
  EXPECT_EQ(state_of(*daemon, "team/app"), "fresh");
  EXPECT_EQ(sql(decisions), "1|t|-\n2|f|untrusted\n") << "no decision was made twice";
}

TEST_F(EvidenceOnRecord, IsShownWhetherItCountsOrNotByApiPageAndClient) {
  const std::string counting = submit(report_of(day));
  json future = report_of(Duration::zero());
  future["CreatedAt"] = format_rfc3339(now_of_test() + day);
  const std::string refused = submit(future);
  const json image = image_of(*daemon, "team/app");
  ASSERT_EQ(image.at("evidence").size(), 2u);
  for (const json& item : image.at("evidence")) {
    const bool counts = item.at("evidence_digest") == counting;
    EXPECT_EQ(item.at("accepted"), counts);
    EXPECT_EQ(item.at("is_last_scan"), counts);
    EXPECT_EQ(item.at("covers"), "covered");
    EXPECT_EQ(item.at("source"), "ci");
    EXPECT_EQ(item.at("origin"), "pushed");
    EXPECT_EQ(item.at("trust"), "pushed");
    EXPECT_EQ(item.at("signature").at("state"), "none");
    EXPECT_EQ(item.at("subjects").at(0), digest("team/app"));
    EXPECT_EQ(item.at("finished_at_field").empty(), false);
    EXPECT_EQ(item.at("database_built_at"), nullptr);
    EXPECT_EQ(item.at("database_age_seconds"), nullptr);
    EXPECT_TRUE(item.at("collected_at").is_string());
    EXPECT_EQ(item.at("decisions").at(0).at("reason"),
              counts ? json(nullptr) : json("future_dated"));
  }
  const HttpAnswer page = daemon->get("/images/" + digest("team/app"));
  EXPECT_EQ(page.status, 200);
  EXPECT_EQ(page.header("Content-Security-Policy"),
            daemon->get("/").header("Content-Security-Policy"));
  const CommandResult table = client(*daemon, {"images", digest("team/app")});
  EXPECT_EQ(table.exit_code, 0) << table.output;
  for (const std::string& text : {page.body, table.output}) {
    EXPECT_NE(text.find("counts: the newest accepted scan of the image"), std::string::npos);
    EXPECT_NE(text.find("rejected by policy fedramp-30d: future_dated"), std::string::npos);
    EXPECT_NE(text.find("unknown"), std::string::npos);
  }
  EXPECT_NE(daemon->get("/").body.find("/images/" + digest("team/app")), std::string::npos);
  EXPECT_EQ(daemon->get("/images/" + refused).status, 404);
  EXPECT_EQ(client(*daemon, {"images", host + "/team/app@" + digest("team/app")}).exit_code, 0);
  EXPECT_EQ(client(*daemon, {"images", sha256("none").str()}).exit_code, 1);
}

TEST_F(EvidenceOnRecord, IsRefusedForItsDatabaseWhereTheReportTellsItsAge) {
  json grype = {{"matches", json::array()},
                {"source",
                 {{"type", "image"},
                  {"target",
                   {{"userInput", reference("team/app")},
                    {"manifestDigest", digest("team/app")},
                    {"repoDigests", json::array({host + "/team/app@" + digest("team/app")})}}}}},
                {"distro", {{"name", "debian"}, {"version", "12"}}},
                {"descriptor",
                 {{"name", "grype"},
                  {"version", "0.79.0"},
                  {"timestamp", format_rfc3339(now_of_test() - day)},
                  {"db", {{"built", format_rfc3339(now_of_test() - 40 * day)}}}}}};
  submit(grype);
  const json image = image_of(*daemon, "team/app");
  ASSERT_EQ(image.at("evidence").size(), 1u) << image;
  const json& item = image.at("evidence").at(0);
  EXPECT_EQ(item.at("decisions").at(0).at("reason"), "database_too_old") << item;
  EXPECT_EQ(item.at("database_age_seconds"), 39 * 86400);
  EXPECT_EQ(image.at("state"), "never_scanned");
}

TEST_F(EvidenceOnRecord, IsProvenByItsChainWhichNamesTheFirstBrokenRow) {
  const std::string first = submit(report_of(2 * day));
  const std::string second = submit(report_of(day));
  const CommandResult intact = verify();
  EXPECT_EQ(intact.exit_code, 0) << intact.output;
  EXPECT_NE(intact.output.find("intact: 2 pieces of evidence in 1 months"), std::string::npos)
      << intact.output;
  sql("BEGIN; SET LOCAL session_replication_role = replica; UPDATE scanclock.evidence "
      "SET finished_at = finished_at + interval '20 days' WHERE chain_position = 2; COMMIT");
  const CommandResult broken = verify();
  EXPECT_EQ(broken.exit_code, 1) << broken.output;
  const std::string month = sql("SELECT to_char(chain_month, 'YYYY-MM-DD') FROM scanclock.evidence "
                                "LIMIT 1")
                                .substr(0, 10);
  EXPECT_NE(broken.output.find("not intact: month " + month + ", row 2: "), std::string::npos)
      << broken.output;
  EXPECT_NE(broken.output.find("evidence: " + second), std::string::npos) << broken.output;
  EXPECT_NE(broken.output.find("expected hash: sha256:"), std::string::npos) << broken.output;
  const std::string found =
      sql("SELECT row_hash FROM scanclock.evidence WHERE chain_position = 2").substr(0, 71);
  EXPECT_NE(broken.output.find("found hash: " + found), std::string::npos) << broken.output;
  EXPECT_EQ(broken.output.find(first), std::string::npos) << broken.output;
}

TEST_F(EvidenceOnRecord, IsHandedInThroughAPipeAndFromAFolder) {
  const std::filesystem::path reports = folder.path() / "reports";
  std::filesystem::create_directory(reports);
  write_file(reports / "a.json", report("team/app", now_of_test() - 2 * day));
  write_file(reports / "b.json", R"({"hello":"world"})");
  const std::string program = "'" + built_program("scanclock") + "' --server " + daemon->url() +
                              " --token-file " + (folder.path() / "submit-token").string() +
                              " scan submit ";
  const CommandResult piped =
      run_command({"sh", "-c", "cat '" + (reports / "a.json").string() + "' | " + program + "-"});
  EXPECT_EQ(piped.exit_code, 0) << piped.output;
  EXPECT_EQ(piped.output.find("accepted: standard input"), 0u) << piped.output;
  EXPECT_EQ(state_of(*daemon, "team/app"), "fresh");
  const CommandResult both = run_command({"sh", "-c", program + "'" + reports.string() + "'"});
  EXPECT_EQ(both.exit_code, 1) << both.output;
  EXPECT_EQ(both.output.find("accepted: " + (reports / "a.json").string()), 0u) << both.output;
  EXPECT_NE(both.output.find("\nrejected: " + (reports / "b.json").string() + ": unknown format"),
            std::string::npos)
      << both.output;
  EXPECT_EQ(sql("SELECT count(*) FROM scanclock.evidence"), "1\n");
}

TEST_F(EvidenceOnRecord, AnUnchangedCycleWritesAtMostOneRowASource) {
  submit(report_of(day));
  attach_scan("team/app", now_of_test() - day);
  ASSERT_TRUE(
      eventually(soon, [&] { return sql("SELECT count(*) FROM scanclock.evidence") == "2\n"; }));
  const auto requests = [&] { return source_of(*daemon, "lab").at("requests").get<int>(); };
  const auto let_cycles_pass = [&](int number) {
    const int until = requests() + number;
    ASSERT_TRUE(eventually(soon, [&] { return requests() >= until; }));
  };
  // What changes last is the word of when evidence was first asked about.
  let_cycles_pass(10);
  // The lease is renewed, and alerts repeat themselves, whether or not a cycle learned anything.
  const std::string written =
      "SELECT sum(n_tup_ins + n_tup_upd + n_tup_del) FROM pg_stat_user_tables "
      "WHERE schemaname = 'scanclock' "
      "AND relname NOT IN ('lease', 'coverage_intervals', 'outbox', 'deliveries')";
  const std::string extended =
      "SELECT n_tup_ins + n_tup_upd FROM pg_stat_user_tables WHERE relname = 'coverage_intervals'";
  // The server publishes statistics with a delay of up to a second after a transaction.
  ASSERT_TRUE(eventually(soon, [&] {
    const std::string before = sql(written);
    let_cycles_pass(10);
    return sql(written) == before;
  }));
  const std::string before = sql(written);
  const int extensions = std::stoi(sql(extended));
  let_cycles_pass(30);
  EXPECT_EQ(sql(written), before);
  EXPECT_LE(std::stoi(sql(extended)) - extensions, 2) << "at most one a minute and source";
}

}  // namespace
}  // namespace scanclock
