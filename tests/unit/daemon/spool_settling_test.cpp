#include "daemon/spool_folder.hpp"
#include "tests/support/child_process.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <utility>

namespace scanclock {
namespace {

using std::chrono::seconds;

class SpoolSettlingTest : public testing::Test {
 protected:
  static SpoolEntry entry(const std::string& name, std::uint64_t size_bytes) {
    SpoolEntry one;
    one.name = name;
    one.identity.inode = 7;
    one.identity.size_bytes = size_bytes;
    one.identity.modified_ns = now_seconds * 1'000'000'000;
    return one;
  }

  /// The names that are whole after a look, `elapsed` seconds after the start.
  std::string whole(const std::vector<SpoolEntry>& entries, int elapsed,
                    TimePoint now = TimePoint(seconds(now_seconds))) {
    std::string names;
    for (const SpoolEntry& one : settling.whole(entries, seconds(elapsed), now)) {
      names += one.name + " ";
    }
    return names;
  }

  static constexpr std::int64_t now_seconds = 1'790'000'000;
  SpoolSettling settling{seconds(10)};
};

TEST_F(SpoolSettlingTest, WaitsUntilNothingChangedBetweenTwoLooks) {
  EXPECT_EQ(whole({entry("a", 1)}, 0), "");
  EXPECT_EQ(whole({entry("a", 1)}, 5), "") << "two looks that follow one another prove nothing";
  EXPECT_EQ(whole({entry("a", 2)}, 11), "");
  EXPECT_EQ(whole({entry("a", 2)}, 20), "");
  EXPECT_EQ(whole({entry("a", 2)}, 21), "a ");
  EXPECT_EQ(whole({entry("a", 2)}, 31), "a ") << "until it was moved";
}

TEST_F(SpoolSettlingTest, NoticesEveryKindOfChange) {
  for (const auto change : {0, 1, 2}) {
    SpoolEntry one = entry("a", 1);
    EXPECT_EQ(whole({one}, 100 * change), "");
    one.identity.inode += change == 0 ? 1 : 0;
    one.identity.modified_ns += change == 1 ? 1 : 0;
    one.identity.device += change == 2 ? 1 : 0;
    EXPECT_EQ(whole({one}, 100 * change + 20), "");
    EXPECT_EQ(whole({}, 100 * change + 30), "");
  }
}

TEST_F(SpoolSettlingTest, TrustsAnEventOnce) {
  settling.closed("a");
  EXPECT_EQ(whole({entry("a", 1), entry("b", 1)}, 0), "a ");
  EXPECT_EQ(whole({entry("a", 2)}, 1), "") << "written to again since";
}

TEST_F(SpoolSettlingTest, TakesWhatWasNotTouchedForAMinuteButNothingFromTheFuture) {
  EXPECT_EQ(whole({entry("a", 1)}, 0, TimePoint(seconds(now_seconds + 59))), "");
  EXPECT_EQ(whole({entry("a", 1)}, 1, TimePoint(seconds(now_seconds + 60))), "a ");
  EXPECT_EQ(whole({entry("b", 1)}, 2, TimePoint(seconds(now_seconds - 1'000'000))), "");
}

template <class Value>
Value value_of(Result<Value, SpoolProblem> result) {
  if (!result) {
    throw std::runtime_error(result.error().message);
  }
  return std::move(*result);
}

class SpoolFiles : public testing::Test {
 protected:
  void drop(const std::string& name, const std::string& content) const {
    std::ofstream(folder.path() / name, std::ios::binary) << content;
  }
  SpoolEntry listed(const std::string& name) const {
    for (const SpoolEntry& one : value_of(list_spool(folder.path().string()))) {
      if (one.name == name) {
        return one;
      }
    }
    ADD_FAILURE() << name << " is not there";
    return {};
  }
  std::string path() const { return folder.path().string(); }

  TemporaryFolder folder;
};

TEST_F(SpoolFiles, ThatChangedSinceTheListingAreNotRead) {
  drop("a", "one");
  const SpoolEntry before = listed("a");
  EXPECT_EQ(*value_of(read_spool_file(path(), before)), "one");
  drop("a", "other");
  EXPECT_EQ(value_of(read_spool_file(path(), before)), nullptr);
  std::filesystem::remove(folder.path() / "a");
  EXPECT_EQ(value_of(read_spool_file(path(), before)), nullptr);
}

TEST_F(SpoolFiles, ReplacedByALinkSinceTheListingAreNotFollowed) {
  drop("secret", "one");
  drop("a", "one");
  const SpoolEntry before = listed("a");
  std::filesystem::remove(folder.path() / "a");
  std::filesystem::create_symlink(folder.path() / "secret", folder.path() / "a");
  EXPECT_EQ(value_of(read_spool_file(path(), before)), nullptr);
}

TEST_F(SpoolFiles, ThatCameUnderTheNameOfOneThatWasReadStay) {
  drop("a", "read");
  const SpoolEntry before = listed("a");
  drop("new", "never read");
  std::filesystem::rename(folder.path() / "new", folder.path() / "a");
  EXPECT_FALSE(value_of(file_spool_entry(path(), before, "0123", "")));
  EXPECT_EQ(read_text(folder.path() / "a"), "never read");
  EXPECT_TRUE(std::filesystem::is_empty(folder.path() / "done"));
}

TEST_F(SpoolFiles, AreListedByNameWithoutWhatWasRead) {
  for (const char* name : {"b", "a", ".hidden"}) {
    drop(name, "x");
  }
  std::filesystem::create_directory(folder.path() / "done");
  std::filesystem::create_directory(folder.path() / "refused");
  const auto entries = value_of(list_spool(path()));
  ASSERT_EQ(entries.size(), 2u);
  EXPECT_EQ(entries[0].name, "a");
  EXPECT_EQ(entries[1].name, "b");
  EXPECT_EQ(list_spool(path() + "/none").error().reason, "missing");
  EXPECT_EQ(list_spool(path() + "/a").error().reason, "unreadable");
}

TEST_F(SpoolFiles, AreNotMovedThroughALinkInThePlaceOfTheFolder) {
  TemporaryFolder elsewhere;
  std::filesystem::create_directory_symlink(elsewhere.path(), folder.path() / "done");
  drop("a", "one");
  EXPECT_EQ(file_spool_entry(path(), listed("a"), "0123", "").error().reason, "unwritable");
  EXPECT_TRUE(std::filesystem::is_empty(elsewhere.path()));
}

}  // namespace
}  // namespace scanclock
