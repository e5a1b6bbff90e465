#include "bench/pod_peers.hpp"

#include <nlohmann/json.hpp>

#include <deque>
#include <map>
#include <string_view>
#include <utility>
#include <vector>

namespace scanclock::pod_peers {
namespace {

/// What is being read.
struct Reading {
  const Visitor& visit;
  KubernetesPod pod;
  KubernetesOwner owner;
  bool is_controller = false;
  std::string mount_name;

  PodContainerStatus& status() { return pod.statuses.back(); }
};

/// A place in the document, and what is done with what stands there.
struct Place {
  std::map<std::string, Place*, std::less<>> members;
  Place* element = nullptr;
  void (*begin)(Reading&) = nullptr;
  void (*end)(Reading&) = nullptr;
  void (*text)(Reading&, std::string&) = nullptr;
  void (*flag)(Reading&, bool) = nullptr;
  void (*integer)(Reading&, std::int64_t) = nullptr;
};

/// All places that are read; the others have none, and what stands below them is passed over.
class Places {
 public:
  Places();
  const Place* root() const { return &places_.front(); }

  /// `items[].spec.containers[].image`
  Place& at(std::string_view path) {
    Place* place = &places_.front();
    while (!path.empty()) {
      if (path.starts_with("[]")) {
        place = below(place->element);
        path.remove_prefix(2);
      } else {
        path.remove_prefix(path.front() == '.' ? 1 : 0);
        const std::string_view name = path.substr(0, path.find_first_of(".["));
        place = below(place->members[std::string(name)]);
        path.remove_prefix(name.size());
      }
    }
    return *place;
  }

  /// A member whose name has dots in it.
  Place& member(std::string_view path, const std::string& name) {
    return *below(at(path).members[name]);
  }

 private:
  Place* below(Place*& known) {
    if (known == nullptr) {
      known = &places_.emplace_back();
    }
    return known;
  }

  void add_metadata();
  void add_spec();
  template <PodContainerKind kind>
  void add_containers(const std::string& list);
  template <PodContainerKind kind>
  void add_statuses(const std::string& list);

  std::deque<Place> places_{1};
};

Places::Places() {
  at("items[]").begin = [](Reading& reading) { reading.pod = KubernetesPod(); };
  at("items[]").end = [](Reading& reading) { reading.visit(reading.pod); };
  add_metadata();
  add_spec();
  at("items[].status.phase").text = [](Reading& r, std::string& text) { r.pod.phase = text; };
  at("items[].status.reason").text = [](Reading& r, std::string& text) { r.pod.reason = text; };
  add_statuses<PodContainerKind::init>("items[].status.initContainerStatuses[]");
  add_statuses<PodContainerKind::main>("items[].status.containerStatuses[]");
  add_statuses<PodContainerKind::ephemeral>("items[].status.ephemeralContainerStatuses[]");
}

void Places::add_metadata() {
  const std::string base = "items[].metadata.";
  at(base + "uid").text = [](Reading& r, std::string& text) { r.pod.uid = text; };
  at(base + "namespace").text = [](Reading& r, std::string& text) { r.pod.namespace_name = text; };
  at(base + "name").text = [](Reading& r, std::string& text) { r.pod.name = text; };
  at(base + "resourceVersion").text = [](Reading& r, std::string& text) {
    r.pod.resource_version = text;
  };
  at(base + "deletionTimestamp").text = [](Reading& r, std::string&) { r.pod.is_deleting = true; };
  member(base + "annotations", "kubernetes.io/config.mirror").text = [](Reading& r, std::string&) {
    r.pod.is_mirror = true;
  };
  at(base + "labels.pod-template-hash").text = [](Reading& r, std::string& text) {
    r.pod.template_hash = text;
  };
  at(base + "labels.team").text = [](Reading& r, std::string& text) {
    r.pod.labels.emplace("team", text);
  };
  const std::string reference = base + "ownerReferences[]";
  at(reference).begin = [](Reading& r) {
    r.owner = KubernetesOwner();
    r.is_controller = false;
  };
  at(reference).end = [](Reading& r) {
    if (r.is_controller) {
      r.pod.controller = r.owner;
    }
  };
  at(reference + ".apiVersion").text = [](Reading& r, std::string& text) {
    r.owner.api_version = text;
  };
  at(reference + ".kind").text = [](Reading& r, std::string& text) { r.owner.kind = text; };
  at(reference + ".name").text = [](Reading& r, std::string& text) { r.owner.name = text; };
  at(reference + ".uid").text = [](Reading& r, std::string& text) { r.owner.uid = text; };
  at(reference + ".controller").flag = [](Reading& r, bool flag) { r.is_controller = flag; };
}

void Places::add_spec() {
  const std::string base = "items[].spec.";
  at(base + "nodeName").text = [](Reading& r, std::string& text) { r.pod.node_name = text; };
  at(base + "runtimeClassName").text = [](Reading& r, std::string& text) {
    r.pod.runtime_class = text;
  };
  at(base + "restartPolicy").text = [](Reading& r, std::string& text) {
    r.pod.restart_policy = text;
  };
  at(base + "volumes[].name").text = [](Reading& r, std::string& text) { r.mount_name = text; };
  at(base + "volumes[].image").begin = [](Reading& r) {
    r.pod.image_volumes.emplace_back().name = r.mount_name;
  };
  at(base + "volumes[].image.reference").text = [](Reading& r, std::string& text) {
    r.pod.image_volumes.back().reference = text;
  };
  add_containers<PodContainerKind::init>(base + "initContainers[]");
  add_containers<PodContainerKind::main>(base + "containers[]");
  add_containers<PodContainerKind::ephemeral>(base + "ephemeralContainers[]");
}

template <PodContainerKind kind>
void Places::add_containers(const std::string& list) {
  at(list).begin = [](Reading& r) { r.pod.containers.emplace_back().kind = kind; };
  at(list + ".name").text = [](Reading& r, std::string& text) {
    r.pod.containers.back().name = text;
  };
  at(list + ".image").text = [](Reading& r, std::string& text) {
    r.pod.containers.back().image = text;
  };
  at(list + ".restartPolicy").text = [](Reading& r, std::string& text) {
    r.pod.containers.back().restart_policy = text;
  };
}

template <PodContainerKind kind>
void Places::add_statuses(const std::string& list) {
  using State = PodContainerStatus::State;
  at(list).begin = [](Reading& r) { r.pod.statuses.emplace_back().kind = kind; };
  at(list + ".name").text = [](Reading& r, std::string& text) { r.status().name = text; };
  at(list + ".image").text = [](Reading& r, std::string& text) { r.status().image = text; };
  at(list + ".imageID").text = [](Reading& r, std::string& text) { r.status().image_id = text; };
  at(list + ".containerID").text = [](Reading& r, std::string& text) {
    r.status().container_id = text;
  };
  at(list + ".restartCount").integer = [](Reading& r, std::int64_t value) {
    r.status().restart_count = value;
  };
  at(list + ".state.running").begin = [](Reading& r) { r.status().state = State::running; };
  at(list + ".state.running.startedAt").text = [](Reading& r, std::string& text) {
    r.status().started_at = parse_rfc3339(text);
  };
  at(list + ".state.waiting.reason").text = [](Reading& r, std::string& text) {
    r.status().waiting_reason = text;
  };
  at(list + ".state.terminated").begin = [](Reading& r) { r.status().state = State::terminated; };
  at(list + ".state.terminated.exitCode").integer = [](Reading& r, std::int64_t value) {
    r.status().exit_code = value;
  };
  at(list + ".state.terminated.reason").text = [](Reading& r, std::string& text) {
    r.status().terminated_reason = text;
  };
  at(list + ".lastState.terminated").begin = [](Reading& r) { r.status().ran_before = true; };
  at(list + ".lastState.terminated.containerID").text = [](Reading& r, std::string& text) {
    r.status().last_container_id = text;
  };
  at(list + ".lastState.terminated.startedAt").text = [](Reading& r, std::string& text) {
    r.status().last_started_at = parse_rfc3339(text);
  };
  at(list + ".volumeMounts[].name").text = [](Reading& r, std::string& text) {
    r.mount_name = text;
  };
  at(list + ".volumeMounts[].volumeStatus.image.imageRef").text = [](Reading& r,
                                                                     std::string& text) {
    PodVolumeStatus& volume = r.status().volumes.emplace_back();
    volume.name = r.mount_name;
    volume.image_ref = text;
  };
}

class PodSax : public nlohmann::json_sax<nlohmann::json> {
 public:
  explicit PodSax(const Visitor& visit) : reading_{visit, {}, {}, false, {}} {}

  bool null() override { return take_place() || true; }
  bool boolean(bool value) override {
    const Place* place = take_place();
    if (place != nullptr && place->flag != nullptr) {
      place->flag(reading_, value);
    }
    return true;
  }
  bool number_integer(std::int64_t value) override {
    const Place* place = take_place();
    if (place != nullptr && place->integer != nullptr) {
      place->integer(reading_, value);
    }
    return true;
  }
  bool number_unsigned(std::uint64_t value) override {
    return number_integer(static_cast<std::int64_t>(value));
  }
  bool number_float(double, const std::string&) override { return null(); }
  bool string(std::string& value) override {
    const Place* place = take_place();
    if (place != nullptr && place->text != nullptr) {
      place->text(reading_, value);
    }
    return true;
  }
  bool binary(nlohmann::json::binary_t&) override { return null(); }
  bool start_object(std::size_t) override { return enter(); }
  bool start_array(std::size_t) override { return enter(); }
  bool end_object() override { return leave(); }
  bool end_array() override { return leave(); }
  bool key(std::string& name) override {
    const Place* inside = open_.back();
    next_ = nullptr;
    if (inside != nullptr) {
      const auto found = inside->members.find(name);
      next_ = found == inside->members.end() ? nullptr : found->second;
    }
    return true;
  }
  bool parse_error(std::size_t, const std::string&,
                   const nlohmann::json::exception& failure) override {
    throw std::runtime_error(failure.what());
  }

 private:
  /// Where the value that comes stands.
  const Place* take_place() {
    const Place* inside = open_.empty() ? nullptr : open_.back();
    return inside != nullptr && inside->element != nullptr ? inside->element : next_;
  }
  bool enter() {
    const Place* place = open_.empty() ? places().root() : take_place();
    if (place != nullptr && place->begin != nullptr) {
      place->begin(reading_);
    }
    open_.push_back(place);
    next_ = nullptr;
    return true;
  }
  bool leave() {
    if (open_.back() != nullptr && open_.back()->end != nullptr) {
      open_.back()->end(reading_);
    }
    open_.pop_back();
    next_ = nullptr;
    return true;
  }
  static const Places& places() {
    static const Places all;
    return all;
  }

  Reading reading_;
  /// Null for what is passed over.
  std::vector<const Place*> open_;
  const Place* next_ = nullptr;
};

}  // namespace

void read_with_nlohmann_sax(std::string& page, const Visitor& visit) {
  PodSax handler(visit);
  nlohmann::json::sax_parse(page, &handler);
}

}  // namespace scanclock::pod_peers
