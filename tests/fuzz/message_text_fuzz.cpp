#include "alerts/receivers/plain_text.hpp"
#include "core/domain/mail_address.hpp"
#include "core/domain/message_template.hpp"
#include "core/net/mail_replies.hpp"
#include "tests/fuzz/fuzzing.hpp"

#include <algorithm>
#include <string>
#include <string_view>

namespace {

using namespace scanclock;
using fuzzing::require;

bool is_clean(std::string_view text) {
  return std::none_of(text.begin(), text.end(),
                      [](unsigned char c) { return c < ' ' || c == 0x7f; });
}

void require_clean(std::string_view value) {
  const std::string line = alerts::clean_line(value);
  require(is_clean(line), "a clean line has no control character");
  require(alerts::clean_line(line) == line, "what is clean stays as it is");
  for (const std::size_t max : {1, 7, 64}) {
    const std::string cut = alerts::cut_code_points(line, max);
    require(alerts::code_points_of(cut) <= max, "a text is cut to its characters");
    require(alerts::clean_line(cut) == cut, "no character is cut in two");
    const std::string shorter = alerts::cut_bytes(line, max + 3);
    require(shorter.size() <= max + 3, "a text is cut to its bytes");
    require(alerts::clean_line(shorter) == shorter, "no character is cut in two by bytes");
  }
}

void require_harmless(const MessageTemplate& parsed, std::string_view value) {
  MessageTemplate::Values values;
  for (const MessageVariable& variable : message_variables()) {
    values[std::string(variable.name)] = value;
  }
  std::size_t escaped = 0;
  const auto escape = [&escaped](std::string_view) {
    ++escaped;
    return std::string("\x01");
  };
  const std::string rendered = parsed.render(values, escape);
  const auto marks = static_cast<std::size_t>(std::count(rendered.begin(), rendered.end(), '\x01'));
  require(marks >= escaped, "no value comes past the escape");
  require(parsed.render({}).size() <= parsed.render(values).size() || value.empty(),
          "values only add to a text");
}

void require_plain_address(std::string_view text) {
  const auto address = parse_mail_address(text);
  if (!address) {
    return;
  }
  require(is_clean(address->name) && is_clean(address->address), "an address is one line");
  require(address->address.find_first_of(" <>\",;()") == std::string::npos,
          "an address ends no command");
  const auto again = parse_mail_address(address->address);
  require(again && again->address == address->address, "an address reads as itself");
}

}  // namespace

// The first line is a value, a mail address and a server's reply; the rest is a template.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view text = fuzzing::text_of(data, size);
  const std::string_view value = fuzzing::take_line(text);
  require_clean(value);
  require_plain_address(value);
  MailReplies replies;
  replies.add(value);
  require(replies.last().code >= 0 && replies.last().code <= 999,
          "a reply's code has three digits");
  const auto parsed = MessageTemplate::parse(text);
  if (parsed) {
    require_harmless(*parsed, value);
  } else {
    require(!parsed.error().message.empty(), "a refusal is explained");
    require(parsed.error().offset <= text.size(), "a problem lies within the text");
    require(is_clean(parsed.error().message), "a refusal is one line");
  }
  return 0;
}
