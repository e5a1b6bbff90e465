#include "core/domain/source_book.hpp"

#include "tests/unit/domain/facts.hpp"

#include <gtest/gtest.h>

namespace scanclock {
namespace {

using facts::hours;
using facts::minutes;
using facts::noon;
using facts::seconds;

TEST(AnUnattendedSourceOfTheBook, FailsUntilItIsConfiguredOrAnswersAgain) {
  SourceBook book;
  book.configure("edge", SourceKind::workload, minutes(30), noon);
  book.answered("edge", 3, noon);
  book.leave_unattended("edge", minutes(30), noon + minutes(1));
  const SourceStatus* status = book.find("edge");
  EXPECT_TRUE(status->unattended);
  EXPECT_EQ(status->reason, "unattended");
  EXPECT_EQ(status->failing_since, noon + minutes(1));
  EXPECT_FALSE(book.is_blind("edge", noon + minutes(31) - seconds(1)));
  EXPECT_TRUE(book.is_blind("edge", noon + minutes(31)));

  book.configure("edge", SourceKind::workload, minutes(30), noon + hours(1));
  EXPECT_FALSE(status->unattended);
  EXPECT_EQ(status->failing_since, noon + minutes(1)) << "nobody has looked at it yet";
  EXPECT_EQ(status->reason, "not_asked_yet");
  book.answered("edge", 3, noon + hours(2));
  EXPECT_FALSE(status->failing_since);
}

TEST(AnUnattendedSourceOfTheBook, HasBeenBlindSinceItFailed) {
  SourceBook book;
  book.configure("edge", SourceKind::workload, minutes(30), noon);
  book.failed("edge", "timeout", "no answer", noon + minutes(5));
  book.leave_unattended("edge", minutes(30), noon + hours(2));
  EXPECT_EQ(book.find("edge")->failing_since, noon);
  EXPECT_EQ(book.find("edge")->reason, "unattended");
}

TEST(ASourceOfTheBook, RemembersItsNewestFailureWhenItAnswersAgain) {
  SourceBook book;
  book.configure("prod", SourceKind::registry, minutes(10), noon);
  EXPECT_FALSE(book.find("prod")->last_failure) << "not to have been asked is no failure";
  book.failed("prod", "timeout", "no answer within 30s", noon + minutes(1));
  book.failed("prod", "unauthorized", "GET /v2/: 401", noon + minutes(2));
  book.answered("prod", 3, noon + minutes(3));
  const SourceStatus* status = book.find("prod");
  EXPECT_EQ(status->reason, "");
  ASSERT_TRUE(status->last_failure);
  EXPECT_EQ(status->last_failure->at, noon + minutes(2));
  EXPECT_EQ(status->last_failure->reason, "unauthorized");
  EXPECT_EQ(status->last_failure->detail, "GET /v2/: 401");
}

TEST(ASilentSource, IsOnePushedByNobodyForItsTime) {
  SourceBook book;
  for (const char* name : {"pushed", "polled"}) {
    book.configure(name, SourceKind::workload, minutes(10), noon);
    book.answered(name, 1, noon);
  }
  book.describe("pushed", pushed_source_type);
  book.describe("polled", "docker");
  book.note_silence(noon + minutes(10) - seconds(1));
  EXPECT_FALSE(book.find("pushed")->failing_since);
  book.note_silence(noon + minutes(10));
  EXPECT_EQ(book.find("pushed")->failing_since, noon) << "since the last push";
  EXPECT_TRUE(book.is_blind("pushed", noon + minutes(10)));
  EXPECT_EQ(book.find("pushed")->reason, "silent");
  EXPECT_FALSE(book.find("polled")->failing_since) << "its own polling fails when it does";
  book.answered("pushed", 1, noon + minutes(20));
  EXPECT_FALSE(book.is_blind("pushed", noon + minutes(20)));
}

TEST(AView, IsLimitedToWhatTheNewestOneWas) {
  SourceBook book;
  book.limit_view("nobody", std::set<std::string>{"web"});
  book.note_limits("nobody", "x");
  EXPECT_EQ(book.find("nobody"), nullptr);
  book.configure("prod-1", SourceKind::workload, minutes(10), noon);
  book.limit_view("prod-1", std::set<std::string>{"web"});
  EXPECT_EQ(book.find("prod-1")->namespaces, std::set<std::string>{"web"});
  book.limit_view("prod-1", std::nullopt);
  EXPECT_FALSE(book.find("prod-1")->namespaces);
}

}  // namespace
}  // namespace scanclock
