#include "core/domain/deadline_queue.hpp"
#include "core/domain/source_book.hpp"
#include "core/domain/view_guard.hpp"
#include "tests/unit/domain/facts.hpp"

#include <gtest/gtest.h>

namespace scanclock {
namespace {

using facts::day;
using facts::hours;
using facts::microsecond;
using facts::minutes;
using facts::noon;
using facts::seconds;

TEST(TheDeadlineQueue, KeepsOneEntryASubjectAndGivesTheEarliestFirst) {
  DeadlineQueue queue;
  EXPECT_FALSE(queue.next());
  queue.set("b", noon + seconds(2));
  queue.set("a", noon + seconds(1));
  queue.set("c", noon + seconds(3));
  queue.set("b", noon + seconds(9));
  queue.set("c", std::nullopt);
  queue.set("nobody", std::nullopt);
  EXPECT_EQ(queue.size(), 2U);
  EXPECT_EQ(queue.next(), noon + seconds(1));
  EXPECT_TRUE(queue.take_due(noon).empty());
  EXPECT_EQ(queue.take_due(noon + seconds(1)), std::vector<std::string>{"a"});
  queue.set("d", noon);
  EXPECT_EQ(queue.take_due(noon + day), (std::vector<std::string>{"d", "b"}));
  EXPECT_EQ(queue.size(), 0U);
  EXPECT_FALSE(queue.next());
}

TEST(TheViewGuard, DoubtsMoreThanHalfOrAll) {
  struct Case {
    std::size_t before;
    std::size_t retained;
    bool believed;
  };
  for (const Case& item : {Case{0, 0, true}, Case{10, 10, true}, Case{10, 5, true},
                           Case{10, 4, false}, Case{10, 0, false}, Case{1, 0, false},
                           Case{2, 1, true}, Case{3, 1, false}, Case{1000000, 499999, false}}) {
    EXPECT_EQ(ViewGuard().believes(item.before, item.retained, noon), item.believed)
        << item.before << " " << item.retained;
  }
}

TEST(TheViewGuard, BelievesWhatIsRepeatedForTenMinutes) {
  ViewGuard guard;
  EXPECT_FALSE(guard.believes(10, 0, noon));
  EXPECT_EQ(guard.doubted_since(), noon);
  EXPECT_FALSE(guard.believes(10, 0, noon + minutes(10) - microsecond));
  EXPECT_TRUE(guard.believes(10, 0, noon + minutes(10)));
  EXPECT_FALSE(guard.doubted_since());
}

TEST(TheViewGuard, StartsAnewAfterABelievableView) {
  ViewGuard guard;
  EXPECT_FALSE(guard.believes(10, 0, noon));
  EXPECT_TRUE(guard.believes(10, 10, noon + minutes(9)));
  EXPECT_FALSE(guard.believes(10, 0, noon + minutes(11)));
}

TEST(TheViewGuard, TakesAnOperatorsWordOnce) {
  ViewGuard guard;
  EXPECT_FALSE(guard.believes(10, 0, noon));
  guard.confirm();
  EXPECT_TRUE(guard.believes(10, 0, noon + seconds(1)));
  EXPECT_FALSE(guard.believes(10, 0, noon + seconds(2)));
  guard.confirm();
  EXPECT_TRUE(guard.believes(10, 10, noon + seconds(3)));
  EXPECT_FALSE(guard.believes(10, 0, noon + seconds(4))) << "the word was for the view before";
}

TEST(TheViewGuard, TakesNoWordInAdvance) {
  ViewGuard guard;
  EXPECT_TRUE(guard.believes(10, 10, noon));
  guard.confirm();
  EXPECT_FALSE(guard.believes(10, 0, noon + seconds(1)));
}

TEST(TheViewGuard, IsNotHurriedByAClockThatStepsBack) {
  ViewGuard guard;
  EXPECT_FALSE(guard.believes(10, 0, noon));
  EXPECT_FALSE(guard.believes(10, 0, noon - hours(1)));
}

SourceBook book_of_one() {
  SourceBook book;
  book.configure("prod", SourceKind::registry, minutes(10), noon);
  return book;
}

TEST(CoverageIntervals, AreExtendedAtMostOnceAMinute) {
  SourceBook book = book_of_one();
  std::size_t written = 0;
  for (int second = 0; second <= 600; second += 10) {
    book.answered("prod", 1, noon + seconds(second));
    for (const CoverageInterval& interval : book.take_coverage()) {
      ++written;
      EXPECT_EQ(interval.from, noon);
      EXPECT_EQ(interval.to, noon + seconds(second));
    }
  }
  EXPECT_EQ(written, 11U);
}

TEST(CoverageIntervals, EndAtTheLastAnswerAndAGapMakesANewOne) {
  SourceBook book = book_of_one();
  book.answered("prod", 1, noon);
  book.answered("prod", 1, noon + seconds(30));
  book.take_coverage();
  book.failed("prod", "timeout", "", noon + seconds(40));
  book.failed("prod", "timeout", "", noon + seconds(50));
  const auto ended = book.take_coverage();
  ASSERT_EQ(ended.size(), 1U);
  EXPECT_EQ(ended.front().to, noon + seconds(30)) << "not the time of the failure";
  book.answered("prod", 1, noon + seconds(60));
  const auto begun = book.take_coverage();
  ASSERT_EQ(begun.size(), 1U);
  EXPECT_EQ(begun.front().from, noon + seconds(60));
  EXPECT_EQ(begun.front().to, noon + seconds(60));
}

TEST(CoverageIntervals, DoNotSpanATimeWithoutAnyAnswer) {
  SourceBook book = book_of_one();
  book.answered("prod", 1, noon);
  book.answered("prod", 1, noon + minutes(15));
  book.take_coverage();
  book.answered("prod", 1, noon + hours(4));
  const auto begun = book.take_coverage();
  ASSERT_EQ(begun.size(), 1U);
  EXPECT_EQ(begun.front().from, noon + hours(4)) << "the host slept, and nobody watched";
}

TEST(CoverageIntervals, BeginAnewAfterARestart) {
  SourceBook book = book_of_one();
  book.restore({{"prod", SourceKind::registry, noon - day, noon - hours(1)}});
  EXPECT_EQ(book.find("prod")->last_success_at, noon - hours(1));
  book.answered("prod", 1, noon);
  EXPECT_EQ(book.take_coverage().front().from, noon);
}

TEST(Blindness, BeginsWhenASourceFailedForItsTime) {
  SourceBook book = book_of_one();
  book.answered("prod", 1, noon);
  EXPECT_FALSE(book.next_change_at(noon));
  book.failed("prod", "timeout", "slow", noon + minutes(1));
  book.failed("prod", "unauthorized", "no", noon + minutes(5));
  EXPECT_EQ(book.find("prod")->reason, "unauthorized");
  EXPECT_EQ(book.next_change_at(noon + minutes(5)), noon + minutes(11));
  EXPECT_FALSE(book.is_blind("prod", noon + minutes(11) - microsecond));
  EXPECT_TRUE(book.is_blind("prod", noon + minutes(11)));
  EXPECT_FALSE(book.next_change_at(noon + minutes(11)));
  book.answered("prod", 1, noon + minutes(12));
  EXPECT_FALSE(book.is_blind("prod", noon + minutes(12)));
  EXPECT_TRUE(book.find("prod")->reason.empty());
}

TEST(Blindness, ComesToASourceThatNeverAnswered) {
  SourceBook book = book_of_one();
  EXPECT_FALSE(book.is_blind("prod", noon + minutes(9)));
  EXPECT_TRUE(book.is_blind("prod", noon + minutes(10)));
  book.configure("prod", SourceKind::registry, hours(1), noon + minutes(10));
  EXPECT_FALSE(book.is_blind("prod", noon + minutes(10))) << "a reload sets another limit";
  EXPECT_TRUE(book.is_blind("prod", noon + hours(1))) << "and does not start the clock again";
  EXPECT_FALSE(book.is_blind("nobody", noon + day));
}

TEST(SourcesThatAreNotConfigured, AreNoSources) {
  SourceBook book = book_of_one();
  book.answered("ghost", 1, noon);
  book.failed("ghost", "timeout", "", noon);
  book.requested("ghost");
  EXPECT_EQ(book.find("ghost"), nullptr);
  EXPECT_EQ(book.all().size(), 1U);
  book.forget("prod");
  EXPECT_TRUE(book.all().empty());
}

}  // namespace
}  // namespace scanclock
