#include "core/workloads/kubernetes_json.hpp"

#include <algorithm>

namespace scanclock::kubernetes_json {
namespace {

using simdjson::ondemand::json_type;

struct OwnerReference {
  KubernetesOwner owner;
  bool is_controller = false;
};

constexpr std::array<Field<OwnerReference>, 5> owner_reference_fields{{
    {"apiVersion", [](JsonWalk&, Value value,
                      OwnerReference& read) { read_text(value, read.owner.api_version); }},
    {"kind",
     [](JsonWalk&, Value value, OwnerReference& read) { read_text(value, read.owner.kind); }},
    {"name",
     [](JsonWalk&, Value value, OwnerReference& read) { read_text(value, read.owner.name); }},
    {"uid", [](JsonWalk&, Value value, OwnerReference& read) { read_text(value, read.owner.uid); }},
    {"controller",
     [](JsonWalk&, Value value, OwnerReference& read) { read.is_controller = flag_of(value); }},
}};

}  // namespace

std::string JsonWalk::path() const {
  std::string path;
  for (std::size_t at = 0; at < depth_; ++at) {
    const Step& step = steps_[at];
    if (step.name.empty()) {
      path += "[" + std::to_string(step.index) + "]";
    } else {
      path += path.empty() ? "" : ".";
      path += step.name;
    }
  }
  return path;
}

void JsonWalk::refuse_depth() { refuse("stands deeper than anything that is read"); }

void refuse(const char* what) { throw UnreadableObject{what}; }

void read_escaped_text(Value value, std::string& text) {
  text = std::string_view(value.get_string());
  std::replace(text.begin(), text.end(), '\0', '?');
}

std::int64_t integer_of(Value value) {
  if (value.type() != json_type::number) {
    throw UnreadableObject{"is no number"};
  }
  return value.get_int64();
}

bool flag_of(Value value) {
  if (value.type() != json_type::boolean) {
    throw UnreadableObject{"is neither true nor false"};
  }
  return value.get_bool();
}

void cut_text(std::string& text, std::size_t bytes_max) {
  if (text.size() <= bytes_max) {
    return;
  }
  while (bytes_max > 0 && (static_cast<unsigned char>(text[bytes_max]) & 0xC0U) == 0x80U) {
    --bytes_max;
  }
  text.resize(bytes_max);
}

void read_controller(JsonWalk& walk, Value references, KubernetesObject& object) {
  read_elements(walk, references, [&](Value element) {
    OwnerReference reference;
    read_fields(walk, object_of(element), owner_reference_fields, reference);
    if (reference.is_controller && !object.controller) {
      object.controller = std::move(reference.owner);
    }
  });
}

}  // namespace scanclock::kubernetes_json
