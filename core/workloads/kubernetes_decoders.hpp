#pragma once

#include "core/workloads/kubernetes_json.hpp"
#include "core/workloads/kubernetes_metadata.hpp"
#include "core/workloads/kubernetes_pods.hpp"

#include <string_view>

namespace scanclock::kubernetes_json {

// One for each Object of a KubernetesReader: fills an empty object and returns its `kind`, which
// objects in lists do not say, so that it is empty there. Throws UnreadableObject or
// simdjson_error.
std::string_view decode(JsonWalk& walk, Object json, KubernetesPod& pod);
std::string_view decode(JsonWalk& walk, Object json, KubernetesNode& node);
std::string_view decode(JsonWalk& walk, Object json, KubernetesOwned& owned);
std::string_view decode(JsonWalk& walk, Object json, KubernetesReport& report);

/// The `status` of a pod.
void read_pod_status(JsonWalk& walk, Value value, KubernetesPod& pod);

/// Empties an object, whatever was done with it, for the next one to be decoded into.
void renew(KubernetesPod& pod);
template <class Target>
void renew(Target& object) {
  object = Target();
}

/// Throws UnreadableObject for an object that does not say who it is.
void require_identity(const KubernetesObject& object);

}  // namespace scanclock::kubernetes_json
