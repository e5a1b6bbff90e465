#include "config/loader.hpp"
#include "core/domain/message_template.hpp"
#include "tests/unit/config/temporary_files.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <string>
#include <vector>

namespace scanclock {
namespace {

std::string alerting_document() {
  std::ifstream in(SCANCLOCK_SOURCE_DIR "/docs/ALERTING.md");
  return {std::istreambuf_iterator<char>(in), {}};
}

std::vector<std::string> yaml_blocks(const std::string& text) {
  const std::string opening = "```yaml\n";
  std::vector<std::string> blocks;
  for (std::size_t at = text.find(opening); at != std::string::npos; at = text.find(opening, at)) {
    at += opening.size();
    blocks.push_back(text.substr(at, text.find("```", at) - at));
  }
  return blocks;
}

TEST(AlertingDocument, ShowsReceiversThatLoad) {
  const TemporaryFiles files;
  for (const char* name : {"webhook-secret", "webhook-secret-new"}) {
    const std::string letter(1, name[14] == '\0' ? 'a' : 'b');
    std::string secret = "whsec_";
    for (int i = 0; i < 40; ++i) {
      secret += letter;
    }
    files.write(name, secret + "\n");
  }
  for (const char* name : {"pagerduty-key", "opsgenie-key", "mail-password"}) {
    files.write(name, "hunter2\n");
  }
  for (const char* name : {"slack-url", "teams-url"}) {
    files.write(name, "https://chat.example/hunter2\n");
  }
  std::size_t receivers = 0;
  for (const std::string& block : yaml_blocks(alerting_document())) {
    if (!block.starts_with("receivers:")) {
      continue;
    }
    const auto settings = load_settings_text(block, "ALERTING.md", files.path());
    ASSERT_TRUE(settings.has_value()) << to_string(settings.error()) << block;
    receivers += settings->receivers.size();
  }
  EXPECT_GE(receivers, 9u);
}

TEST(AlertingDocument, DescribesEveryVariableOfMessages) {
  const std::string text = alerting_document();
  for (const MessageVariable& variable : message_variables()) {
    const std::string row =
        "| `{{" + std::string(variable.name) + "}}` | " + std::string(variable.meaning) + " |\n";
    EXPECT_NE(text.find(row), std::string::npos) << row;
  }
}

}  // namespace
}  // namespace scanclock
