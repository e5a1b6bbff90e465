#include "core/evidence/json_tree.hpp"

#include "core/evidence/json_reading.hpp"
#include "core/runtime/hashing.hpp"
#include "core/runtime/padded_text.hpp"

#include <nlohmann/json.hpp>
#include <simdjson.h>

#include <cstdint>
#include <cstring>
#include <new>
#include <stdexcept>
#include <string>

namespace scanclock::evidence {
namespace {

using nlohmann::json;
namespace ondemand = simdjson::ondemand;

/// Thrown within this file.
struct RefusedJson {
  Rejection reason;
  std::string detail;
};

/// Elements and members, by the commas and brackets outside of texts.
std::size_t count_values(std::string_view text) {
  std::size_t values = 0;
  bool in_text = false;
  for (std::size_t at = 0; at < text.size(); ++at) {
    const char character = text[at];
    if (in_text) {
      at += character == '\\' ? 1 : 0;
      in_text = character != '"';
    } else {
      in_text = character == '"';
      values += character == ',' || character == '[' || character == '{' ? 1 : 0;
    }
  }
  return values;
}

/// As count_values, but commas and brackets within texts count as well. Whole blocks of a fixed
/// size let the compiler use vector instructions, which makes it about ten times as fast.
std::size_t count_values_at_most(std::string_view text) {
  constexpr std::size_t block_bytes = 64;
  constexpr int lower_bit = 0x20;
  static_assert(('[' | lower_bit) == '{');
  std::size_t values = 0;
  while (text.size() >= block_bytes) {
    const char* block = text.data();
    std::uint8_t in_block = 0;
    for (std::size_t at = 0; at < block_bytes; ++at) {
      in_block = static_cast<std::uint8_t>(in_block + (block[at] == ',') +
                                           ((block[at] | lower_bit) == '{'));
    }
    values += in_block;
    text.remove_prefix(block_bytes);
  }
  return values + text.size();
}

// The index is made before any value is seen, so the values are counted before it.
void bound_values(std::string_view text) {
  if (text.size() > json_values_max && count_values_at_most(text) > json_values_max &&
      count_values(text) > json_values_max) {
    throw RefusedJson{Rejection::too_large,
                      "more than " + std::to_string(json_values_max) + " values"};
  }
}

static_assert(json_spare_bytes >= PaddedText::room_bytes &&
              PaddedText::room_bytes >= simdjson::SIMDJSON_PADDING);

class TreeBuilder {
 public:
  explicit TreeBuilder(std::string_view text) : end_(text.data() + text.size()) {
    document_ = parser_.iterate(
        simdjson::padded_string_view(text, text.size() + simdjson::SIMDJSON_PADDING));
  }

  json build(const KeepTree& keep) {
    json tree = document_.type() == ondemand::json_type::array
                    ? kept_array(document_.get_array(), keep)
                    : kept_object(document_.get_object(), keep);
    if (document_.current_location().error() != simdjson::OUT_OF_BOUNDS) {
      throw RefusedJson{Rejection::malformed, "more text behind the end of the json document"};
    }
    return tree;
  }

 private:
  // About what libstdc++ and nlohmann take.
  static constexpr std::size_t object_cost_bytes = 64;
  static constexpr std::size_t member_cost_bytes = 96;
  static constexpr std::size_t element_cost_bytes = 32;

  class Level {
   public:
    explicit Level(std::size_t& depth) : depth_(depth) {
      if (++depth_ > json_depth_max) {
        throw RefusedJson{Rejection::malformed,
                          "nested deeper than " + std::to_string(json_depth_max) + " levels"};
      }
    }
    Level(const Level&) = delete;
    Level& operator=(const Level&) = delete;
    ~Level() { --depth_; }

   private:
    std::size_t& depth_;
  };

  void spend(std::size_t bytes) {
    tree_bytes_ += bytes;
    if (tree_bytes_ > json_tree_bytes_max) {
      throw RefusedJson{Rejection::too_large, "holds more than a report of one image can"};
    }
  }

  void pass(ondemand::value value) {
    switch (value.type()) {
      case ondemand::json_type::array: {
        const Level level(depth_);
        for (ondemand::value element : value.get_array()) {
          pass(element);
        }
        break;
      }
      case ondemand::json_type::object: {
        const Level level(depth_);
        for (ondemand::field field : value.get_object()) {
          pass(field.value());
        }
        break;
      }
      default:
        break;
    }
  }

  json kept(ondemand::value value, const KeepTree& keep) {
    switch (value.type()) {
      case ondemand::json_type::array:
        return kept_array(value.get_array(), keep);
      case ondemand::json_type::object:
        return kept_object(value.get_object(), keep);
      case ondemand::json_type::string:
        return keep.is_base64() ? kept_base64(value) : json(kept_text(value));
      default:
        return kept_scalar(value);
    }
  }

  json kept_array(ondemand::array array, const KeepTree& keep) {
    const Level level(depth_);
    json tree = json::array();
    auto& elements = tree.get_ref<json::array_t&>();
    bool is_empty = true;
    for (ondemand::value element : array) {
      is_empty = false;
      if (keep.element() == nullptr) {
        pass(element);
        continue;
      }
      spend(element_cost_bytes);
      elements.push_back(kept(element, *keep.element()));
    }
    if (elements.empty() && !is_empty) {
      elements.emplace_back();
    }
    return tree;
  }

  json kept_object(ondemand::object object, const KeepTree& keep) {
    const Level level(depth_);
    spend(object_cost_bytes);
    json tree = json::object();
    auto& members = tree.get_ref<json::object_t&>();
    bool is_empty = true;
    for (ondemand::field field : object) {
      is_empty = false;
      const std::string_view name = name_of(field);
      const KeepTree* below = keep.member(name);
      if (below == nullptr) {
        pass(field.value());
        continue;
      }
      spend(member_cost_bytes);
      if (members.contains(name)) {
        throw RefusedJson{Rejection::malformed, "a key stands twice in one object"};
      }
      std::string key(name);
      members.emplace(std::move(key), kept(field.value(), *below));
    }
    if (members.empty() && !is_empty) {
      members.emplace("", nullptr);
    }
    return tree;
  }

  std::string_view name_of(ondemand::field& field) const {
    const char* begin = field.key().raw();
    const auto* end =
        static_cast<const char*>(std::memchr(begin, '"', static_cast<std::size_t>(end_ - begin)));
    const std::string_view name(begin, static_cast<std::size_t>(end - begin));
    if (name.find('\\') == std::string_view::npos) {
      return name;
    }
    return field.unescaped_key();
  }

  /// Between the quotes; the token goes on up to the next one.
  static std::string_view raw_text(ondemand::value& value) {
    const std::string_view token = value.raw_json_token();
    return token.substr(1, token.rfind('"') - 1);
  }

  json kept_base64(ondemand::value value) {
    const std::string_view raw = raw_text(value);
    auto decoded = raw.find('\\') == std::string_view::npos ? decode_base64_text(raw)
                                                            : decode_base64_text(kept_text(value));
    return decoded ? json(std::move(*decoded)) : json::binary({});
  }

  std::string kept_text(ondemand::value value) {
    const std::string_view raw = raw_text(value);
    if (raw.find('\\') == std::string_view::npos) {
      return std::string(raw);
    }
    // Not by way of the parser's own buffer, for a text may be a whole report.
    std::string text(raw.size() + simdjson::SIMDJSON_PADDING, '\0');
    auto* into = reinterpret_cast<std::uint8_t*>(text.data());
    const ondemand::raw_json_string quoted = value.get_raw_json_string();
    const std::string_view unescaped = parser_.unescape(quoted, into);
    text.resize(unescaped.size());
    return text;
  }

  // Kept numbers are few, so the other parser may say what is one.
  static json kept_scalar(ondemand::value value) {
    std::string_view token = value.raw_json_token();
    token = token.substr(0, token.find_last_not_of(" \t\r\n") + 1);
    json scalar = json::parse(token, nullptr, false);
    if (scalar.is_discarded()) {
      throw RefusedJson{Rejection::malformed, "a number is out of range, or no value"};
    }
    return scalar;
  }

  const char* end_;
  ondemand::parser parser_;
  ondemand::document document_;
  std::size_t depth_ = 0;
  std::size_t tree_bytes_ = 0;
};

}  // namespace

std::optional<json> build_json_tree(ScanReport& report, std::string_view text, const KeepTree& keep,
                                    std::size_t spare_bytes) {
  try {
    if (text.empty()) {
      throw RefusedJson{Rejection::malformed, "not valid json: empty"};
    }
    bound_values(text);
    const PaddedText padded(text, spare_bytes);
    return TreeBuilder(padded.view()).build(keep);
  } catch (const RefusedJson& refused) {
    note_defect(report, refused.reason, refused.detail);
  } catch (const simdjson::simdjson_error& error) {
    if (error.error() == simdjson::MEMALLOC) {
      throw std::bad_alloc();
    }
    note_defect(report, Rejection::malformed,
                "not valid json in utf-8: " + shown_text(simdjson::error_message(error.error())));
  }
  return std::nullopt;
}

std::optional<std::string> decode_base64_text(std::string_view text) {
  const auto holds = [text](char character) {
    return text.find(character) != std::string_view::npos;
  };
  if ((holds('+') || holds('/')) && (holds('-') || holds('_'))) {
    return std::nullopt;
  }
  try {
    return base64_decode(text, json_spare_bytes);
  } catch (const std::invalid_argument&) {
    return std::nullopt;
  }
}

}  // namespace scanclock::evidence
