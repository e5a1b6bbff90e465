#include "core/registry/bounded_json.hpp"
#include "core/registry/manifest_parser.hpp"
#include "core/registry/media_types.hpp"
#include "core/runtime/padded_text.hpp"

#include <simdjson.h>

#include <cstring>
#include <string>
#include <utility>

namespace scanclock {
namespace {

namespace ondemand = simdjson::ondemand;

static_assert(PaddedText::room_bytes >= simdjson::SIMDJSON_PADDING);

/// Thrown within this file.
struct RefusedReferrers {
  std::string why;
};

/// Every image of a cycle costs one such answer, so they are read where they lie instead of as a
/// tree. All of the text is walked for its structure; the values of what is not read are not
/// checked.
class ReferrersWalk {
 public:
  ReferrersWalk(ondemand::document& document, std::string_view text)
      : document_(document), end_(text.data() + text.size()) {
    constexpr std::size_t usual_entry_bytes = 512;
    entries_.reserve(text.size() / usual_entry_bytes);
  }

  std::vector<ContentDescriptor> read() {
    if (document_.type() != ondemand::json_type::object) {
      throw RefusedReferrers{"referrers answer is not a json object"};
    }
    for (ondemand::field field : document_.get_object()) {
      const std::string_view name = name_of(field);
      ondemand::value value = field.value();
      if (name == "manifests") {
        read_entries(value);
      } else {
        pass(value, 1);
      }
    }
    if (document_.current_location().error() != simdjson::OUT_OF_BOUNDS) {
      throw RefusedReferrers{"referrers answer is not valid json"};
    }
    return std::move(entries_);
  }

 private:
  /// Names with escapes are rare, and only they need a copy.
  std::string_view name_of(ondemand::field& field) const {
    const char* begin = field.key().raw();
    const auto* end =
        static_cast<const char*>(std::memchr(begin, '"', static_cast<std::size_t>(end_ - begin)));
    const std::string_view name(begin, static_cast<std::size_t>(end - begin));
    return name.find('\\') == std::string_view::npos ? name
                                                     : std::string_view(field.unescaped_key());
  }

  void pass(ondemand::value value, std::size_t depth) {
    const ondemand::json_type type = value.type();
    const bool is_array = type == ondemand::json_type::array;
    if (!is_array && type != ondemand::json_type::object) {
      return;
    }
    if (++depth > registry_json_depth_max) {
      throw RefusedReferrers{"referrers answer is json that nests deeper than " +
                             std::to_string(registry_json_depth_max) + " levels"};
    }
    if (is_array) {
      for (ondemand::value element : value.get_array()) {
        pass(element, depth);
      }
    } else {
      for (ondemand::field field : value.get_object()) {
        pass(field.value(), depth);
      }
    }
  }

  /// Registries write null for "none". Of two lists the last counts, as for any tree.
  void read_entries(ondemand::value value) {
    entries_.clear();
    if (value.type() != ondemand::json_type::array) {
      pass(value, 1);
      return;
    }
    for (ondemand::value entry : value.get_array()) {
      if (entry.type() != ondemand::json_type::object) {
        throw RefusedReferrers{"an entry has no usable digest"};
      }
      entries_.push_back(read_entry(entry.get_object()));
    }
  }

  ContentDescriptor read_entry(ondemand::object entry) {
    constexpr std::size_t depth = 3;
    ContentDescriptor descriptor;
    for (ondemand::field field : entry) {
      const std::string_view name = name_of(field);
      ondemand::value value = field.value();
      if (name == "digest") {
        descriptor.digest = Digest::parse(text_of(value, depth)).value_or(Digest());
      } else if (name == "mediaType") {
        descriptor.media_type = bare_media_type(text_of(value, depth));
      } else if (name == "artifactType") {
        descriptor.artifact_type = bare_media_type(text_of(value, depth));
      } else if (name == "size") {
        descriptor.size_bytes = size_of(value, depth);
      } else {
        pass(value, depth);
      }
    }
    if (descriptor.digest.empty()) {
      throw RefusedReferrers{"an entry has no usable digest"};
    }
    return descriptor;
  }

  /// Empty for what is no text.
  std::string_view text_of(ondemand::value value, std::size_t depth) {
    if (value.type() == ondemand::json_type::string) {
      return value.get_string();
    }
    pass(value, depth);
    return {};
  }

  std::uint64_t size_of(ondemand::value value, std::size_t depth) {
    std::uint64_t size = 0;
    if (value.type() == ondemand::json_type::number) {
      return value.get_uint64().get(size) == simdjson::SUCCESS ? size : 0;
    }
    pass(value, depth);
    return 0;
  }

  ondemand::document& document_;
  const char* end_;
  std::vector<ContentDescriptor> entries_;
};

std::vector<ContentDescriptor> walk_referrers(ondemand::parser& parser, std::string_view text) {
  ondemand::document document =
      parser.iterate(simdjson::padded_string_view(text, text.size() + simdjson::SIMDJSON_PADDING));
  return ReferrersWalk(document, text).read();
}

}  // namespace

Result<std::vector<ContentDescriptor>, std::string> parse_referrers(std::string_view bytes) {
  // Making a parser takes longer than reading a usual answer, and one for large answers is large.
  constexpr std::size_t usual_bytes_max = std::size_t{64} << 10;
  thread_local ondemand::parser usual;
  if (bytes.empty()) {
    return std::string("referrers answer is not valid json");
  }
  try {
    const PaddedText padded(bytes);
    if (bytes.size() <= usual_bytes_max) {
      return walk_referrers(usual, padded.view());
    }
    ondemand::parser parser;
    return walk_referrers(parser, padded.view());
  } catch (const RefusedReferrers& refused) {
    return refused.why;
  } catch (const simdjson::simdjson_error& error) {
    if (error.error() == simdjson::MEMALLOC) {
      throw std::bad_alloc();
    }
    return std::string("referrers answer is not valid json");
  }
}

}  // namespace scanclock
