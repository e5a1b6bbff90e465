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

JsonWalk::Step& JsonWalk::step() {
  if (depth_ == steps_.size()) {
    throw UnreadableObject{"stands deeper than anything that is read"};
  }
  return steps_[depth_++];
}

bool is_null(Value& value) {
  if (value.raw_json_token().front() != 'n') {
    return false;
  }
  if (!value.is_null()) {
    throw UnreadableObject{"is no value"};
  }
  return true;
}

Object object_of(Value value) {
  if (value.type() != json_type::object) {
    throw UnreadableObject{"is no object"};
  }
  return value.get_object();
}

std::string_view view_of(Value value) {
  // From the opening quote up to the next token.
  const std::string_view token = value.raw_json_token();
  if (token.front() != '"') {
    throw UnreadableObject{"is no string"};
  }
  const std::string_view raw = token.substr(1, token.rfind('"') - 1);
  if (raw.find('\\') == std::string_view::npos) {
    return raw;
  }
  return value.get_string();
}

void read_whole_text(Value value, std::string& text) {
  text = view_of(value);
  std::replace(text.begin(), text.end(), '\0', '?');
}

void read_text(Value value, std::string& text) {
  read_whole_text(value, text);
  cut_text(text, kubernetes_text_bytes_max);
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
