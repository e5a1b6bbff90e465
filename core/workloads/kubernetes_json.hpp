#pragma once

#include "core/workloads/kubernetes_object.hpp"
#include "core/workloads/kubernetes_reader.hpp"

#include <simdjson.h>

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

/// Walks a text once, forward, and hands the fields that are wanted to their readers. For the
/// sources of this room that read Kubernetes objects; nobody else includes simdjson by it.
namespace scanclock::kubernetes_json {

using Value = simdjson::ondemand::value;
using Object = simdjson::ondemand::object;

/// Why a text is refused; thrown and caught within KubernetesReader. simdjson_error is the other.
struct UnreadableObject {
  /// What is wrong with the value that the path leads to: `is no string`.
  std::string what;
};

/// The state of one walk: where it is, so that a failure can be located, and what it is allowed.
/// After a failure the path stays as it was.
class JsonWalk {
 public:
  /// `options` must outlive the walk.
  explicit JsonWalk(const KubernetesReadOptions& options) : options_(options) {}

  const KubernetesReadOptions& options() const { return options_; }

  /// `items[3].spec.containers[0].image`; empty at the root.
  std::string path() const;

  /// Enters a member or an element, and leaves it again.
  void enter(std::string_view name) { step().name = name; }
  void enter(std::size_t index) {
    Step& entered = step();
    entered.name = {};
    entered.index = index;
  }
  void leave() { --depth_; }

 private:
  struct Step {
    std::string_view name;
    std::size_t index = 0;
  };
  // List, item, status, container, mount, volume status, image and its reference: what is read
  // stands no deeper.
  static constexpr std::size_t depth_max = 16;

  Step& step() {
    if (depth_ == steps_.size()) {
      refuse_depth();
    }
    return steps_[depth_++];
  }
  [[noreturn]] static void refuse_depth();

  const KubernetesReadOptions& options_;
  std::array<Step, depth_max> steps_;
  std::size_t depth_ = 0;
};

/// The first eight bytes, the first one lowest.
inline std::uint64_t first_word(const char* text) {
  std::uint64_t word;
  std::memcpy(&word, text, sizeof word);
  return std::endian::native == std::endian::little ? word : __builtin_bswap64(word);
}

/// The same, with zeros behind a shorter text.
constexpr std::uint64_t first_word(std::string_view text) {
  std::uint64_t word = 0;
  for (std::size_t at = 0; at < text.size() && at < sizeof word; ++at) {
    word |= std::uint64_t{static_cast<unsigned char>(text[at])} << (8 * at);
  }
  return word;
}

/// The name of a field, with its first word: a pod has some hundred names, of which thirty are
/// wanted, so that telling them apart is most of the work.
struct FieldName {
  std::string_view text;
  std::uint64_t word = 0;
};

/// Without escapes.
inline FieldName name_of(simdjson::ondemand::field& field) {
  constexpr std::uint64_t each = 0x0101010101010101U;
  constexpr std::uint64_t high = 0x8080808080808080U;
  // The lowest byte that is marked equals `byte`; those above may be wrong.
  const auto mark = [](std::uint64_t word, unsigned char byte) {
    const std::uint64_t zeros = word ^ (each * byte);
    return (zeros - each) & ~zeros & high;
  };
  const char* const begin = field.key().raw();
  const std::uint64_t word = first_word(begin);
  const char* at = begin;
  // A quote ends each name, and the padding of the text lies behind the last.
  std::uint64_t ends = mark(word, '"') | mark(word, '\\');
  while (ends == 0) {
    at += 8;
    const std::uint64_t next = first_word(at);
    ends = mark(next, '"') | mark(next, '\\');
  }
  at += std::countr_zero(ends) / 8;
  if (*at == '\\') {
    const std::string_view text = field.unescaped_key();
    return {text, first_word(text)};
  }
  const auto size = static_cast<std::size_t>(at - begin);
  const std::uint64_t kept = size >= 8 ? ~std::uint64_t{0} : (std::uint64_t{1} << (8 * size)) - 1;
  return {std::string_view(begin, size), word & kept};
}

/// One field of an object that is read into a `Target`.
template <class Target>
struct Field {
  using Read = void (*)(JsonWalk& walk, Value value, Target& target);

  constexpr Field() = default;
  constexpr Field(std::string_view field_name, Read reader)
      : name(field_name), word(first_word(field_name)), read(reader) {}

  bool is_named(const FieldName& other) const {
    return word == other.word && name.size() == other.text.size() &&
           (name.size() <= 8 || name.substr(8) == other.text.substr(8));
  }

  std::string_view name;
  std::uint64_t word = 0;
  Read read = nullptr;
};

[[noreturn]] void refuse(const char* what);

/// True for null; throws for what only begins like it.
inline bool is_null(Value& value) {
  if (value.raw_json_token().front() != 'n') {
    return false;
  }
  if (!value.is_null()) {
    refuse("is no value");
  }
  return true;
}

inline Object object_of(Value value) {
  if (value.raw_json_token().front() != '{') {
    refuse("is no object");
  }
  return value.get_object();
}

/// A text as it stands between its quotes.
inline std::string_view raw_text_of(Value& value) {
  // From the opening quote up to the next token.
  const std::string_view token = value.raw_json_token();
  if (token.front() != '"') {
    refuse("is no string");
  }
  return token.substr(1, token.rfind('"') - 1);
}

inline bool has_escapes(std::string_view raw) {
  return !raw.empty() && std::memchr(raw.data(), '\\', raw.size()) != nullptr;
}

/// Without escapes, as long as it is, and valid until the end of the walk.
inline std::string_view view_of(Value value) {
  const std::string_view raw = raw_text_of(value);
  return has_escapes(raw) ? std::string_view(value.get_string()) : raw;
}

/// Without NUL, which PostgreSQL stores not, and which stands nowhere but in escapes.
void read_escaped_text(Value value, std::string& text);

inline void read_whole_text(Value value, std::string& text) {
  const std::string_view raw = raw_text_of(value);
  if (has_escapes(raw)) {
    read_escaped_text(value, text);
  } else {
    text.assign(raw);
  }
}

/// Cuts between characters.
void cut_text(std::string& text, std::size_t bytes_max);

/// As before, cut to kubernetes_text_bytes_max.
inline void read_text(Value value, std::string& text) {
  read_whole_text(value, text);
  if (text.size() > kubernetes_text_bytes_max) {
    cut_text(text, kubernetes_text_bytes_max);
  }
}

std::int64_t integer_of(Value value);
bool flag_of(Value value);

/// Reads the fields that `fields` names, passes the others over, and returns which were there: bit
/// N for the Nth, null or not. Throws UnreadableObject for a field of them that stands twice.
template <class Target, std::size_t count>
std::uint32_t read_fields(JsonWalk& walk, Object object,
                          const std::array<Field<Target>, count>& fields, Target& target) {
  static_assert(count <= 32);
  std::uint32_t seen = 0;
  for (simdjson::ondemand::field field : object) {
    const FieldName name = name_of(field);
    for (std::size_t index = 0; index < count; ++index) {
      if (!fields[index].is_named(name)) {
        continue;
      }
      walk.enter(fields[index].name);
      if ((seen >> index & 1U) != 0) {
        refuse("stands twice");
      }
      seen |= 1U << index;
      Value value = field.value();
      if (!is_null(value)) {
        fields[index].read(walk, value, target);
      }
      walk.leave();
      break;
    }
  }
  return seen;
}

/// Calls `read` for each element of an array.
template <class Read>
void read_elements(JsonWalk& walk, Value value, const Read& read) {
  if (value.raw_json_token().front() != '[') {
    refuse("is no array");
  }
  std::size_t index = 0;
  for (Value element : value.get_array()) {
    walk.enter(index++);
    read(element);
    walk.leave();
  }
}

/// Puts the elements of an array of objects behind those of `targets`.
template <class Target, std::size_t count, class Prepare>
void append_elements(JsonWalk& walk, Value value, const std::array<Field<Target>, count>& fields,
                     std::vector<Target>& targets, const Prepare& prepare) {
  if (targets.empty()) {
    targets.reserve(2);
  }
  read_elements(walk, value, [&](Value element) {
    Target& target = targets.emplace_back();
    prepare(target);
    read_fields(walk, object_of(element), fields, target);
  });
}

// The metadata that all kinds of object have, as fields of an Object that derives from
// KubernetesObject.
void read_controller(JsonWalk& walk, Value references, KubernetesObject& object);

template <class Target>
constexpr std::array<Field<Target>, 5> metadata_fields{{
    {"uid", [](JsonWalk&, Value value, Target& target) { read_text(value, target.uid); }},
    {"namespace",
     [](JsonWalk&, Value value, Target& target) { read_text(value, target.namespace_name); }},
    {"name", [](JsonWalk&, Value value, Target& target) { read_text(value, target.name); }},
    {"resourceVersion",
     [](JsonWalk&, Value value, Target& target) { read_text(value, target.resource_version); }},
    {"ownerReferences",
     [](JsonWalk& walk, Value value, Target& target) { read_controller(walk, value, target); }},
}};

template <class Target, std::size_t left, std::size_t right>
constexpr std::array<Field<Target>, left + right> joined(
    const std::array<Field<Target>, left>& first, const std::array<Field<Target>, right>& second) {
  std::array<Field<Target>, left + right> all{};
  for (std::size_t index = 0; index < left; ++index) {
    all[index] = first[index];
  }
  for (std::size_t index = 0; index < right; ++index) {
    all[left + index] = second[index];
  }
  return all;
}

}  // namespace scanclock::kubernetes_json
