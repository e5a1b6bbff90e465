#include "core/net/mail_replies.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace scanclock {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

MailReplies replies_of(const std::vector<std::string>& lines) {
  MailReplies replies;
  for (const std::string& line : lines) {
    replies.add(line + "\r\n");
  }
  return replies;
}

TEST(MailReplies, TakeTheLastLineOfAReply) {
  const MailReplies replies =
      replies_of({"220 hello", "250-mail.example", "250-SIZE 1000", "250 STARTTLS"});
  EXPECT_EQ(replies.last().code, 250);
  EXPECT_EQ(replies.last().text, "STARTTLS");
}

TEST(MailReplies, ReadAnythingThatIsNoReplyAsNone) {
  for (const char* line : {"", "2", "25", "abc hello", "25x no", " 250 no"}) {
    EXPECT_EQ(replies_of({line}).last().code, 0) << line;
  }
  EXPECT_EQ(replies_of({"250"}).last().code, 250);
  EXPECT_EQ(replies_of({"550 no such user", "221 bye"}).last().code, 550)
      << "the end of a session is no word about the mail";
}

TEST(MailReplies, NameTheRecipientsThatWereRefused) {
  const MailReplies replies =
      replies_of({"220 hi", "250 ehlo", "535 no", "235 yes", "250 sender", "250 first",
                  "550 5.1.1 second", "452 third", "354 go on", "250 queued"});
  EXPECT_THAT(replies.refused_recipients(3), ElementsAre("550 5.1.1 second", "452 third"));
  EXPECT_THAT(replies.refused_recipients(20), IsEmpty());
  EXPECT_THAT(replies_of({"250 first"}).refused_recipients(1), IsEmpty());
}

TEST(MailReplies, PreferARefusalThatPasses) {
  EXPECT_EQ(replies_of({"250 sender", "451 later", "550 never"}).refusal(2).code, 451);
  EXPECT_EQ(replies_of({"250 sender", "551 never", "550 never"}).refusal(2).code, 550);
  EXPECT_EQ(replies_of({"451 of another time", "250 sender", "550 never"}).refusal(1).code, 550);
  EXPECT_EQ(replies_of({}).refusal(1).code, 0);
}

TEST(MailReplies, DoNotListenForEver) {
  MailReplies replies;
  for (std::size_t i = 0; i < mail_replies_max + 10; ++i) {
    replies.add("250 x");
  }
  replies.add("550 too late");
  EXPECT_EQ(replies.last().code, 250);
}

}  // namespace
}  // namespace scanclock
