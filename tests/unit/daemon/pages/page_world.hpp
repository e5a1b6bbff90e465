#pragma once

#include "daemon/pages/page_frame.hpp"
#include "tests/support/alert_world.hpp"
#include "tests/support/page_reader.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace scanclock {

inline constexpr const char* hostile_text =
    "<script>alert('x')</script>\"&\xE2\x80\xAEgnp.exe\x01\xff";

/// A small fleet of which a test makes pages.
class PageTest : public testing::Test {
 protected:
  PageFrame frame(PageSection section, const std::string& title = "Title") const {
    return {section, title, world.now};
  }

  /// The page itself, once it was looked at for what no page may have.
  static std::string checked(std::string page) {
    EXPECT_THAT(page_faults(page), testing::IsEmpty());
    EXPECT_THAT(page, testing::Not(testing::HasSubstr("<script")));
    EXPECT_THAT(page, testing::Not(testing::HasSubstr("\xE2\x80\xAE")));
    return page;
  }

  /// What a reader sees, without markup.
  static std::string words(const std::string& page) { return read_page(page)->text(); }

  static Alert alert_about(char letter, const std::string& id, TimePoint started_at) {
    Alert alert;
    alert.id = id;
    alert.key = {"ScanclockScanOverdue", AlertWorld::digest(letter).str(), "fedramp-30d"};
    alert.severity = Severity::critical;
    alert.environment = "production";
    alert.owner = "payments";
    alert.labels = {{"alertname", "ScanclockScanOverdue"}, {"owner", "payments"}};
    alert.annotations = {{"summary", "registry.example/team/app:1.a is overdue"},
                         {"description", "The newest scan is too old."},
                         {"remediation", "Scan it."}};
    alert.sequence = 1;
    alert.started_at = started_at;
    return alert;
  }

  AlertWorld world;
};

}  // namespace scanclock
