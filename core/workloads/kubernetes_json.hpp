#pragma once

#include "core/workloads/kubernetes_object.hpp"
#include "core/workloads/kubernetes_reader.hpp"

#include <simdjson.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

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
  /// Both must outlive the walk.
  JsonWalk(std::string_view text, const KubernetesReadOptions& options)
      : end_(text.data() + text.size()), options_(options) {}

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

  /// The name of a field, without escapes.
  std::string_view name_of(simdjson::ondemand::field& field) const {
    const char* begin = field.key().raw();
    const auto* end =
        static_cast<const char*>(std::memchr(begin, '"', static_cast<std::size_t>(end_ - begin)));
    const std::string_view name(begin, static_cast<std::size_t>(end - begin));
    if (name.find('\\') == std::string_view::npos) {
      return name;
    }
    return field.unescaped_key();
  }

 private:
  struct Step {
    std::string_view name;
    std::size_t index = 0;
  };
  // List, item, status, container, mount, volume status, image and its reference: what is read
  // stands no deeper.
  static constexpr std::size_t depth_max = 16;

  Step& step();

  const char* end_;
  const KubernetesReadOptions& options_;
  std::array<Step, depth_max> steps_;
  std::size_t depth_ = 0;
};

/// One field of an object that is read into a `Target`.
template <class Target>
struct Field {
  std::string_view name;
  void (*read)(JsonWalk& walk, Value value, Target& target);
};

/// True for null; throws for what only begins like it.
bool is_null(Value& value);

Object object_of(Value value);
/// Without escapes, as long as it is, and valid until the end of the walk.
std::string_view view_of(Value value);
/// Without NUL, which PostgreSQL stores not.
void read_whole_text(Value value, std::string& text);
/// As before, cut to kubernetes_text_bytes_max.
void read_text(Value value, std::string& text);
std::int64_t integer_of(Value value);
bool flag_of(Value value);

/// Cuts between characters.
void cut_text(std::string& text, std::size_t bytes_max);

/// Reads the fields that `fields` names, passes the others over, and returns which were there: bit
/// N for the Nth, null or not. Throws UnreadableObject for a field of them that stands twice.
template <class Target, std::size_t count>
std::uint32_t read_fields(JsonWalk& walk, Object object,
                          const std::array<Field<Target>, count>& fields, Target& target) {
  static_assert(count <= 32);
  std::uint32_t seen = 0;
  for (simdjson::ondemand::field field : object) {
    const std::string_view name = walk.name_of(field);
    for (std::size_t index = 0; index < count; ++index) {
      if (fields[index].name != name) {
        continue;
      }
      walk.enter(fields[index].name);
      if ((seen >> index & 1U) != 0) {
        throw UnreadableObject{"stands twice"};
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
  if (value.type() != simdjson::ondemand::json_type::array) {
    throw UnreadableObject{"is no array"};
  }
  std::size_t index = 0;
  for (Value element : value.get_array()) {
    walk.enter(index++);
    read(element);
    walk.leave();
  }
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
