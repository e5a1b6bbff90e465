#include "core/domain/message_template.hpp"

#include <gtest/gtest.h>

#include <string>

namespace scanclock {
namespace {

MessageTemplate::Values values() {
  MessageTemplate::Values values;
  values["summary"] = "a & b";
  values["owner"] = "payments";
  values["overdue"] = "";
  return values;
}

std::string rendered(const char* text, const MessageTemplate::Escape& escape = {}) {
  const auto parsed = MessageTemplate::parse(text);
  return parsed ? parsed->render(values(), escape) : "refused: " + parsed.error().message;
}

TEST(MessageTemplate, PutsValuesInPlaceOfVariables) {
  struct Case {
    const char* text;
    const char* expected;
  };
  const Case cases[] = {
      {"", ""},
      {"no variable", "no variable"},
      {"{{summary}}", "a & b"},
      {"{{ summary }}!", "a & b!"},
      {"{{summary}} of {{owner}}", "a & b of payments"},
      {"{ {summary} }", "{ {summary} }"},
      {"}} {{owner}}", "}} payments"},
      {"one\n\ntwo {{owner}}\n", "one\n\ntwo payments\n"},
  };
  for (const Case& one : cases) {
    EXPECT_EQ(rendered(one.text), one.expected) << one.text;
  }
}

TEST(MessageTemplate, LeavesOutALineWhoseVariablesAreAllEmpty) {
  EXPECT_EQ(rendered("a\nOverdue for {{overdue}}\nb"), "a\nb");
  EXPECT_EQ(rendered("{{overdue}}{{owner}}"), "payments");
  EXPECT_EQ(rendered("{{runbook_url}}\nb"), "b");
}

TEST(MessageTemplate, EscapesValuesAndNotTheTemplate) {
  const auto escape = [](std::string_view text) { return "<" + std::string(text) + ">"; };
  EXPECT_EQ(rendered("& {{summary}} &", escape), "& <a & b> &");
}

TEST(MessageTemplate, DoesNotReadVariablesInValues) {
  MessageTemplate::Values hostile;
  hostile["summary"] = "{{owner}}";
  hostile["owner"] = "payments";
  EXPECT_EQ(MessageTemplate::parse("{{summary}}")->render(hostile), "{{owner}}");
}

TEST(MessageTemplate, RefusesWhatItDoesNotKnowAndSaysWhatWasMeant) {
  struct Case {
    const char* text;
    std::size_t offset;
    const char* message;
    const char* hint;
  };
  const Case cases[] = {
      {"x {{sumary}}", 2, "{{sumary}} is no variable of messages", "did you mean {{summary}}?"},
      {"{{runbook}}", 0, "{{runbook}} is no variable of messages", "known are status"},
      {"{{}}", 0, "{{}} is no variable of messages", "known are status"},
      {"{{summary", 0, "{{ is not closed", "write {{summary}}"},
      {"{{summary}} {{{owner}}", 12, "{{{owner}} is no variable of messages",
       "did you mean {{owner}}?"},
  };
  for (const Case& one : cases) {
    const auto parsed = MessageTemplate::parse(one.text);
    ASSERT_FALSE(parsed) << one.text;
    EXPECT_EQ(parsed.error().offset, one.offset) << one.text;
    EXPECT_EQ(parsed.error().message, one.message) << one.text;
    EXPECT_EQ(parsed.error().hint.substr(0, std::string(one.hint).size()), one.hint) << one.text;
  }
  EXPECT_FALSE(MessageTemplate::parse(std::string(message_template_bytes_max + 1, 'x')));
}

}  // namespace
}  // namespace scanclock
