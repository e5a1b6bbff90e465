#include "config/receiver_types.hpp"
#include "config/value_check.hpp"
#include "core/domain/message_template.hpp"

#include <algorithm>

namespace scanclock {
namespace {

void read_message_template(MapReader& map, const std::string& key, std::string& target) {
  const std::optional<Cursor> cursor = map.find(key);
  const std::optional<std::string> value = cursor ? cursor->text() : std::nullopt;
  if (!value) {
    return;
  }
  const auto parsed = MessageTemplate::parse(*value);
  if (!parsed) {
    cursor->fail(parsed.error().message + " (at character " +
                     std::to_string(parsed.error().offset + 1) + " of the text)",
                 parsed.error().hint);
    return;
  }
  target = *value;
}

}  // namespace

void read_message_templates(MapReader& map, TemplateSettings& templates) {
  if (const auto cursor = map.find("templates")) {
    MapReader inner(*cursor);
    read_message_template(inner, "title", templates.title);
    read_message_template(inner, "text", templates.text);
    inner.finish();
  }
}

void read_receiver_key(MapReader& map, const std::string& key, Secret& target) {
  if (!read_secret_setting(map, key, target)) {
    map.cursor().fail("\"" + key + "\" is missing", "write " + key + "_file: the name of a file");
    return;
  }
  const std::string& text = target.reveal();
  const bool is_key =
      std::all_of(text.begin(), text.end(), [](unsigned char c) { return c > ' ' && c < 0x7f; });
  if (!is_key) {
    map.cursor().fail("the " + key + " holds blanks or other characters that no key has");
    target = Secret();
  }
}

}  // namespace scanclock
