#include "alerts/group_book.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace scanclock::alerts {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;
using testing::ElementsAre;
using testing::IsEmpty;

constexpr TimePoint group_start{hours(24 * 20000)};

Alert grouped_alert(const std::string& id, const std::string& owner) {
  Alert alert;
  alert.id = id;
  alert.key = {"ScanclockScanOverdue", id, "policy"};
  alert.labels = {{"owner", owner}, {"environment", "production"}};
  return alert;
}

Recipient grouped_recipient(std::vector<std::string> group_by) {
  Recipient recipient;
  recipient.receiver = "oncall";
  recipient.group_by = std::move(group_by);
  return recipient;
}

TEST(GroupKey, HasTheLabelsInTheOrderOfTheirNames) {
  const Alert alert = grouped_alert("a", "pay\"ments\\\n");
  EXPECT_EQ(group_key_of(group_labels_of(alert, {"rule", "owner", "environment"})),
            "{environment=\"production\",owner=\"pay\\\"ments\\\\\\n\","
            "rule=\"ScanclockScanOverdue\"}");
  EXPECT_EQ(group_key_of(group_labels_of(alert, {"cluster"})), "{}");
}

TEST(GroupId, IsTheSameForEverAndAnothersReceiverHasAnother) {
  EXPECT_EQ(group_id_of("oncall", "{owner=\"payments\"}"), "grp_5c3e4c2699ad8b90");
  EXPECT_NE(group_id_of("oncall", "{}"), group_id_of("second", "{}"));
}

class Groups : public testing::Test {
 protected:
  std::string join(const Alert& alert, bool told) {
    const std::string id = book.group_for(recipient, alert);
    book.join(id, alert, told, recipient);
    return id;
  }

  GroupBook book;
  Recipient recipient = grouped_recipient({"owner"});
};

TEST_F(Groups, SendTheirFirstMessageAfterTheWait) {
  const std::string id = join(grouped_alert("a", "payments"), false);
  book.note_news(id, group_start);
  join(grouped_alert("b", "payments"), false);
  book.note_news(id, group_start + seconds(20));
  EXPECT_EQ(book.next_due(), group_start + seconds(30)) << "company does not prolong the wait";
  EXPECT_THAT(book.take_due(group_start + seconds(30)), ElementsAre(id));
}

TEST_F(Groups, AreApartByTheirLabels) {
  EXPECT_NE(join(grouped_alert("a", "payments"), false), join(grouped_alert("b", "web"), false));
}

TEST_F(Groups, SendNewsOfWhatIsKnownAfterTheInterval) {
  const std::string id = join(grouped_alert("a", "payments"), false);
  const AlertGroup row = book.flushed(id, group_start);
  book.note_told(id, "a");
  EXPECT_EQ(book.next_due(), group_start + hours(4)) << "the repeat";
  EXPECT_EQ(row.sequence, 1);
  EXPECT_EQ(row.key, "{owner=\"payments\"}");
  book.note_news(id, group_start + seconds(1));
  EXPECT_EQ(book.next_due(), group_start + minutes(5));
  book.drop_news(id);
  EXPECT_EQ(book.next_due(), group_start + hours(4)) << "the repeat";
  book.note_news(id, group_start + minutes(20));
  EXPECT_EQ(book.next_due(), group_start + minutes(20)) << "the interval is over";
}

TEST_F(Groups, RestFromRepeatsUntilSomethingMayBeRepeated) {
  const std::string id = join(grouped_alert("a", "payments"), true);
  book.flushed(id, group_start);
  book.rest_until(id, group_start + hours(9));
  EXPECT_EQ(book.next_due(), group_start + hours(9));
}

TEST_F(Groups, OweNothingWithoutMembers) {
  const std::string id = join(grouped_alert("a", "payments"), true);
  book.flushed(id, group_start);
  book.leave("a", "oncall");
  EXPECT_EQ(book.next_due(), std::nullopt);
  EXPECT_FALSE(book.is_open(id));
}

TEST_F(Groups, LetAnAlertThatIsNotToldOfGoWithItsLabels) {
  const std::string before = join(grouped_alert("a", "payments"), false);
  const std::string after = join(grouped_alert("a", "web"), false);
  EXPECT_THAT(book.members(before), IsEmpty());
  EXPECT_EQ(book.members(after).size(), 1u);
}

TEST_F(Groups, KnowAfterARestartWhatTheyToldOf) {
  AlertGroup row;
  row.receiver = "oncall";
  row.key = "{owner=\"payments\"}";
  row.id = group_id_of(row.receiver, row.key);
  row.sequence = 7;
  row.flushed_at = group_start;
  book.restore({row});
  Alert alert = grouped_alert("a", "web");
  EXPECT_EQ(book.told_in(alert, "oncall"), "");
  alert.told = {{"oncall", 1}, {row.id, 1}};
  EXPECT_EQ(book.told_in(alert, "oncall"), row.id);
  EXPECT_EQ(book.told_in(alert, "second"), "");
  book.join(row.id, alert, true, recipient);
  EXPECT_EQ(book.flushed(row.id, group_start + hours(1)).sequence, 8);
}

TEST_F(Groups, ForgetThatTheFutureWasOnce) {
  const std::string id = join(grouped_alert("a", "payments"), true);
  book.flushed(id, group_start);
  book.note_news(id, group_start + seconds(1));
  book.clock_went_back(group_start - hours(24 * 40));
  EXPECT_EQ(book.next_due(), group_start - hours(24 * 40) + minutes(5));
}

}  // namespace
}  // namespace scanclock::alerts
