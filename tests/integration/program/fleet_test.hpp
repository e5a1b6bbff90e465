#pragma once

#include "tests/integration/program/program_test.hpp"
#include "tests/support/browser.hpp"
#include "tests/support/page_reader.hpp"
#include "tests/support/postgres_server.hpp"

#include <gmock/gmock.h>

#include <algorithm>
#include <iterator>
#include <map>
#include <string>
#include <vector>

namespace scanclock {

inline constexpr const char* section_pages[] = {
    "/", "/images", "/containers", "/alerts", "/sources", "/notifications", "/runbook"};

/// The daemon's pages over a fleet in which something of everything is to be seen.
class FleetTest : public ProgramTest {
 protected:
  void SetUp() override {
    ProgramTest::SetUp();
    parts.server = "  external_url: https://scanclock.example\n";
  }

  void TearDown() override {
    if (database_is_down_) {
      PostgresServer::shared().start();
    }
    ProgramTest::TearDown();
  }

  struct Member {
    const char* name;
    /// Since its scan; none below 0.
    int days;
    bool runs;
  };

  DaemonProcess& start_fleet() {
    const Member members[] = {
        {"team/web", 2, true},     {"team/api", 26, true},     {"team/pay", 33, true},
        {"team/batch", -1, true},  {"team/shop", 12, true},    {"team/mail", 12, true},
        {"team/cart", 19, true},   {"team/search", 24, true},  {"team/old", 45, false},
        {"team/tools", 12, false}, {"team/invoice", 29, true}, {"team/report", 8, true}};
    std::vector<std::string> running;
    for (const Member& member : members) {
      push(member.name);
      if (member.days >= 0) {
        attach_scan(member.name, now_of_test() - member.days * day);
      }
      if (member.runs) {
        running.emplace_back(member.name);
      }
    }
    run_workloads(running);
    parts.registries += "\n  - {name: lost, url: 'http://127.0.0.1:" + std::to_string(free_port()) +
                        "', blind_after: 1s, poll: {tags_every: 1s}}";
    DaemonProcess& daemon = start_daemon();
    const bool has_fired = eventually(soon, [&] {
      return fires("ScanclockScanOverdue", "team/pay") &&
             fires("ScanclockScanDueSoon", "team/api") &&
             fires("ScanclockNeverScanned", "team/batch") &&
             !receiver.messages("firing", "ScanclockSourceBlind").empty();
    });
    EXPECT_TRUE(has_fired);
    // Alerts do not wait for images that are read later.
    const bool all_read = eventually(soon, [&] {
      return std::all_of(std::begin(members), std::end(members), [&](const Member& member) {
        const std::string state = state_of(daemon, member.name);
        return member.days < 0 || (!state.empty() && state != "never_scanned");
      });
    });
    EXPECT_TRUE(all_read);
    return daemon;
  }

  std::string alert_path_of(const std::string& rule, const std::string& name) const {
    const std::string id = receiver.messages("firing", rule, digest(name)).front().text("id");
    return "/alerts/" + id;
  }

  /// What a reader sees of a page that must be well-formed.
  static std::string words(const HttpAnswer& answer) { return read_page(answer.body)->text(); }

  void take_database_down() {
    PostgresServer::shared().kill_immediate();
    database_is_down_ = true;
  }

 private:
  bool database_is_down_ = false;
};

}  // namespace scanclock
