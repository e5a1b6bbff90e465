#include "bench/pod_peers.hpp"

#include "core/workloads/padded_json.hpp"

#include <nlohmann/json.hpp>
#include <simdjson.h>

#include <optional>
#include <string_view>

namespace scanclock::pod_peers {
namespace {

/// What a reader of a tree needs of it; false where a value is not there.
class NlohmannView {
 public:
  explicit NlohmannView(const nlohmann::json* value) : value_(value) {}
  explicit operator bool() const { return value_ != nullptr; }

  NlohmannView operator[](const char* key) const {
    if (value_ == nullptr || !value_->is_object()) {
      return NlohmannView(nullptr);
    }
    const auto found = value_->find(key);
    return NlohmannView(found == value_->end() || found->is_null() ? nullptr : &*found);
  }
  std::string_view text() const {
    return value_ == nullptr ? std::string_view()
                             : std::string_view(value_->get_ref<const std::string&>());
  }
  bool flag() const { return value_ != nullptr && value_->get<bool>(); }
  std::int64_t integer() const { return value_ == nullptr ? 0 : value_->get<std::int64_t>(); }

  template <class Read>
  void each(const Read& read) const {
    if (value_ != nullptr) {
      for (const nlohmann::json& element : *value_) {
        read(NlohmannView(&element));
      }
    }
  }
  template <class Read>
  void each_member(const Read& read) const {
    if (value_ != nullptr) {
      for (const auto& [key, member] : value_->items()) {
        read(std::string_view(key), NlohmannView(&member));
      }
    }
  }

 private:
  const nlohmann::json* value_;
};

class SimdjsonView {
 public:
  explicit SimdjsonView(std::optional<simdjson::dom::element> value) : value_(value) {}
  explicit operator bool() const { return value_.has_value(); }

  SimdjsonView operator[](const char* key) const {
    simdjson::dom::element found;
    if (!value_ || (*value_)[key].get(found) != simdjson::SUCCESS || found.is_null()) {
      return SimdjsonView(std::nullopt);
    }
    return SimdjsonView(found);
  }
  std::string_view text() const {
    return value_ ? std::string_view(value_->get_string()) : std::string_view();
  }
  bool flag() const { return value_ && bool(value_->get_bool()); }
  std::int64_t integer() const { return value_ ? std::int64_t(value_->get_int64()) : 0; }

  template <class Read>
  void each(const Read& read) const {
    if (value_) {
      for (const simdjson::dom::element element : value_->get_array()) {
        read(SimdjsonView(element));
      }
    }
  }
  template <class Read>
  void each_member(const Read& read) const {
    if (value_) {
      for (const auto field : value_->get_object()) {
        read(field.key, SimdjsonView(field.value));
      }
    }
  }

 private:
  std::optional<simdjson::dom::element> value_;
};

template <class View>
void read_metadata(View metadata, KubernetesPod& pod) {
  pod.uid = metadata["uid"].text();
  pod.namespace_name = metadata["namespace"].text();
  pod.name = metadata["name"].text();
  pod.resource_version = metadata["resourceVersion"].text();
  pod.is_deleting = bool(metadata["deletionTimestamp"]);
  pod.is_mirror = bool(metadata["annotations"]["kubernetes.io/config.mirror"]);
  metadata["labels"].each_member([&](std::string_view key, View label) {
    if (key == "pod-template-hash") {
      pod.template_hash = label.text();
    }
    if (key == "team") {
      pod.labels.emplace(key, label.text());
    }
  });
  metadata["ownerReferences"].each([&](View reference) {
    if (reference["controller"].flag()) {
      KubernetesOwner& owner = pod.controller.emplace();
      owner.api_version = reference["apiVersion"].text();
      owner.kind = reference["kind"].text();
      owner.name = reference["name"].text();
      owner.uid = reference["uid"].text();
    }
  });
}

template <class View>
void read_spec(View spec, KubernetesPod& pod) {
  const auto read_list = [&](const char* key, PodContainerKind kind) {
    spec[key].each([&](View json) {
      PodContainer& container = pod.containers.emplace_back();
      container.kind = kind;
      container.name = json["name"].text();
      container.image = json["image"].text();
      container.restart_policy = json["restartPolicy"].text();
    });
  };
  read_list("initContainers", PodContainerKind::init);
  read_list("containers", PodContainerKind::main);
  read_list("ephemeralContainers", PodContainerKind::ephemeral);
  spec["volumes"].each([&](View json) {
    if (const View image = json["image"]) {
      PodImageVolume& volume = pod.image_volumes.emplace_back();
      volume.name = json["name"].text();
      volume.reference = image["reference"].text();
    }
  });
  pod.node_name = spec["nodeName"].text();
  pod.runtime_class = spec["runtimeClassName"].text();
  pod.restart_policy = spec["restartPolicy"].text();
}

template <class View>
void read_container_status(View json, PodContainerStatus& status) {
  using State = PodContainerStatus::State;
  status.name = json["name"].text();
  status.image = json["image"].text();
  status.image_id = json["imageID"].text();
  status.container_id = json["containerID"].text();
  status.restart_count = json["restartCount"].integer();
  const View state = json["state"];
  if (const View running = state["running"]) {
    status.state = State::running;
    status.started_at = parse_rfc3339(running["startedAt"].text());
  } else if (const View terminated = state["terminated"]) {
    status.state = State::terminated;
    status.exit_code = terminated["exitCode"].integer();
    status.terminated_reason = terminated["reason"].text();
  } else {
    status.waiting_reason = state["waiting"]["reason"].text();
  }
  if (const View last = json["lastState"]["terminated"]) {
    status.ran_before = true;
    status.last_container_id = last["containerID"].text();
    status.last_started_at = parse_rfc3339(last["startedAt"].text());
  }
  json["volumeMounts"].each([&](View mount) {
    if (const View image = mount["volumeStatus"]["image"]["imageRef"]) {
      PodVolumeStatus& volume = status.volumes.emplace_back();
      volume.name = mount["name"].text();
      volume.image_ref = image.text();
    }
  });
}

template <class View>
void read_pods(View list, const Visitor& visit) {
  list["items"].each([&](View json) {
    KubernetesPod pod;
    read_metadata(json["metadata"], pod);
    read_spec(json["spec"], pod);
    const View status = json["status"];
    pod.phase = status["phase"].text();
    pod.reason = status["reason"].text();
    const auto read_list = [&](const char* key, PodContainerKind kind) {
      status[key].each([&](View container) {
        PodContainerStatus& read = pod.statuses.emplace_back();
        read.kind = kind;
        read_container_status(container, read);
      });
    };
    read_list("initContainerStatuses", PodContainerKind::init);
    read_list("containerStatuses", PodContainerKind::main);
    read_list("ephemeralContainerStatuses", PodContainerKind::ephemeral);
    visit(pod);
  });
}

}  // namespace

void read_with_nlohmann_dom(std::string& page, const Visitor& visit) {
  const nlohmann::json document = nlohmann::json::parse(page);
  read_pods(NlohmannView(&document), visit);
}

void read_with_simdjson_dom(std::string& page, const Visitor& visit) {
  static simdjson::dom::parser parser;
  const std::string_view text = PaddedJson(page).text();
  read_pods(SimdjsonView(parser.parse(text.data(), text.size(), false)), visit);
}

}  // namespace scanclock::pod_peers
