#include "core/domain/mail_address.hpp"

#include <gtest/gtest.h>

namespace scanclock {
namespace {

TEST(MailAddress, ReadsTheFormsThatSettingsUse) {
  struct Case {
    const char* text;
    const char* name;
    const char* address;
  };
  const Case cases[] = {
      {"alerts@shop.example", "", "alerts@shop.example"},
      {" alerts@shop.example ", "", "alerts@shop.example"},
      {"Scanclock <alerts@shop.example>", "Scanclock", "alerts@shop.example"},
      {"\"Scan, clock\" <a.b+c@shop.example>", "Scan, clock", "a.b+c@shop.example"},
      {"Müller <m@shop.example>", "Müller", "m@shop.example"},
      {"<root@localhost>", "", "root@localhost"},
  };
  for (const Case& one : cases) {
    const auto parsed = parse_mail_address(one.text);
    ASSERT_TRUE(parsed) << one.text;
    EXPECT_EQ(parsed->name, one.name);
    EXPECT_EQ(parsed->address, one.address);
  }
  EXPECT_EQ(parse_mail_address("a@b.example")->domain(), "b.example");
}

TEST(MailAddress, RefusesWhatCouldBecomeACommandOrAHeader) {
  const char* const refused[] = {
      "",
      "nobody",
      "a@",
      "@b",
      "a b@c.example",
      "a@b.example\r\nBcc: c@d.example",
      "a@b.example\nRCPT TO:<c@d.example>",
      "Name\n <a@b.example>",
      "a@b.example> <c@d.example",
      "A <a@b.example> x",
      "\"a\" \"b\" <a@b.example>",
      "\"a b\"@c.example",
      "a@[127.0.0.1]",
      "a..b@c.example",
      "ä@c.example",
      "a@c_d.example",
  };
  for (const char* text : refused) {
    EXPECT_FALSE(parse_mail_address(text)) << text;
  }
  EXPECT_FALSE(parse_mail_address(std::string(250, 'a') + "@b.example"));
}

}  // namespace
}  // namespace scanclock
