#include "bench/pod_pages.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdio>

namespace scanclock {
namespace {

/// Replaces each `$NAME` by its text.
std::string filled(std::string text,
                   const std::vector<std::pair<std::string, std::string>>& values) {
  for (const auto& [name, value] : values) {
    for (std::size_t at = text.find(name); at != std::string::npos;
         at = text.find(name, at + value.size())) {
      text.replace(at, name.size(), value);
    }
  }
  return text;
}

/// As random as the image and container IDs of a cluster are.
std::string hex(std::uint64_t seed, std::size_t digits) {
  std::string text;
  while (text.size() < digits) {
    seed = seed * 6364136223846793005U + 1442695040888963407U;
    char part[17];
    std::snprintf(part, sizeof part, "%016llx", static_cast<unsigned long long>(seed));
    text += part;
  }
  return text.substr(0, digits);
}

constexpr const char* container_json =
    R"({"name":"$CONTAINER","image":"registry.example/$NS/$CONTAINER:1.$VERSION.0",)"
    R"("ports":[{"name":"http","containerPort":8080,"protocol":"TCP"}],)"
    R"("env":[{"name":"LOG_LEVEL","value":"info"}],)"
    R"("resources":{"limits":{"memory":"512Mi"},"requests":{"cpu":"100m","memory":"256Mi"}},)"
    R"("volumeMounts":[{"name":"config","mountPath":"/etc/app"},{"name":"kube-api-access-$RANDOM",)"
    R"("readOnly":true,"mountPath":"/var/run/secrets/kubernetes.io/serviceaccount"}],)"
    R"("livenessProbe":{"httpGet":{"path":"/healthz","port":8080,"scheme":"HTTP"},)"
    R"("timeoutSeconds":1,"periodSeconds":10,"successThreshold":1,"failureThreshold":3},)"
    R"("terminationMessagePath":"/dev/termination-log","terminationMessagePolicy":"File",)"
    R"("imagePullPolicy":"IfNotPresent"})";

constexpr const char* status_json =
    R"({"name":"$CONTAINER","state":{"running":{"startedAt":"2026-11-01T12:00:05Z"}},)"
    R"("lastState":{},"ready":true,"restartCount":0,)"
    R"("image":"registry.example/$NS/$CONTAINER:1.$VERSION.0",)"
    R"("imageID":"registry.example/$NS/$CONTAINER@sha256:$DIGEST",)"
    R"("containerID":"containerd://$ID","started":true})";

constexpr const char* managed_container_json =
    R"("k:{\"name\":\"$CONTAINER\"}":{".":{},"f:env":{".":{},"k:{\"name\":\"LOG_LEVEL\"}":)"
    R"({".":{},"f:name":{},"f:value":{}}},"f:image":{},"f:imagePullPolicy":{},"f:livenessProbe":)"
    R"({".":{},"f:failureThreshold":{},"f:httpGet":{".":{},"f:path":{},"f:port":{},"f:scheme":{}},)"
    R"("f:periodSeconds":{},"f:successThreshold":{},"f:timeoutSeconds":{}},"f:name":{},"f:ports":)"
    R"({".":{},"k:{\"containerPort\":8080,\"protocol\":\"TCP\"}":{".":{},"f:containerPort":{},)"
    R"("f:name":{},"f:protocol":{}}},"f:resources":{".":{},"f:limits":{".":{},"f:memory":{}},)"
    R"("f:requests":{".":{},"f:cpu":{},"f:memory":{}}},"f:terminationMessagePath":{},)"
    R"("f:terminationMessagePolicy":{},"f:volumeMounts":{".":{},)"
    R"("k:{\"mountPath\":\"/etc/app\"}":{".":{},"f:mountPath":{},"f:name":{}}}})";

constexpr const char* pod_json =
    R"({"metadata":{"name":"$APP-$HASH-$RANDOM","generateName":"$APP-$HASH-","namespace":"$NS",)"
    R"("uid":"$UID","resourceVersion":"$VERSION4711","creationTimestamp":"2026-11-01T12:00:00Z",)"
    R"("labels":{"app.kubernetes.io/name":"$APP","app.kubernetes.io/part-of":"shop","team":"$NS",)"
    R"("pod-template-hash":"$HASH"},"annotations":{"checksum/config":"$DIGEST"},)"
    R"("ownerReferences":[{"apiVersion":"apps/v1","kind":"ReplicaSet",)"
    R"("name":"$APP-$HASH","uid":"$OWNER","controller":true,"blockOwnerDeletion":true}],)"
    R"("managedFields":[{"manager":"kube-controller-manager","operation":"Update",)"
    R"("apiVersion":"v1",)"
    R"("time":"2026-11-01T12:00:00Z","fieldsType":"FieldsV1","fieldsV1":{"f:metadata":)"
    R"({"f:annotations":{".":{},"f:checksum/config":{}},)"
    R"("f:generateName":{},"f:labels":{".":{},"f:app.kubernetes.io/name":{},)"
    R"("f:app.kubernetes.io/part-of":{},"f:pod-template-hash":{},"f:team":{}},)"
    R"("f:ownerReferences":{".":{},"k:{\"uid\":\"$OWNER\"}":{}}},)"
    R"("f:spec":{"f:containers":{$MANAGED},)"
    R"("f:dnsPolicy":{},"f:enableServiceLinks":{},"f:restartPolicy":{},"f:schedulerName":{},)"
    R"("f:securityContext":{},"f:terminationGracePeriodSeconds":{}}}},{"manager":"kubelet",)"
    R"("operation":"Update","apiVersion":"v1","time":"2026-11-01T12:00:06Z",)"
    R"("fieldsType":"FieldsV1",)"
    R"("fieldsV1":{"f:status":{"f:conditions":{"k:{\"type\":\"ContainersReady\"}":{".":{},)"
    R"("f:lastProbeTime":{},"f:lastTransitionTime":{},"f:status":{},"f:type":{}},)"
    R"("k:{\"type\":\"Ready\"}":{".":{},"f:lastProbeTime":{},)"
    R"("f:lastTransitionTime":{},"f:status":{},"f:type":{}}},"f:containerStatuses":{},)"
    R"("f:hostIP":{},"f:phase":{},"f:podIP":{},"f:podIPs":{".":{},"k:{\"ip\":\"10.1.2.3\"}":)"
    R"({".":{},"f:ip":{}}},"f:startTime":{}}},"subresource":"status"}]},)"
    R"("spec":{"volumes":[{"name":"config","configMap":{"name":"$APP-config","defaultMode":420}},)"
    R"({"name":"kube-api-access-$RANDOM","projected":{"sources":[{"serviceAccountToken":)"
    R"({"expirationSeconds":3607,"path":"token"}},{"configMap":{"name":"kube-root-ca.crt","items":)"
    R"([{"key":"ca.crt","path":"ca.crt"}]}},{"downwardAPI":{"items":[{"path":"namespace",)"
    R"("fieldRef":{"apiVersion":"v1","fieldPath":"metadata.namespace"}}]}}],"defaultMode":420}}],)"
    R"("containers":[$CONTAINERS],"restartPolicy":"Always","terminationGracePeriodSeconds":30,)"
    R"("dnsPolicy":"ClusterFirst","serviceAccountName":"$APP","serviceAccount":"$APP",)"
    R"("nodeName":"$NODE","securityContext":{},"schedulerName":"default-scheduler","tolerations":)"
    R"([{"key":"node.kubernetes.io/not-ready","operator":"Exists","effect":"NoExecute",)"
    R"("tolerationSeconds":300},{"key":"node.kubernetes.io/unreachable","operator":"Exists",)"
    R"("effect":"NoExecute","tolerationSeconds":300}],"priority":0,"enableServiceLinks":true},)"
    R"("status":{"phase":"Running","conditions":)"
    R"([{"type":"Initialized","status":"True","lastProbeTime":null,"lastTransitionTime":)"
    R"("2026-11-01T12:00:01Z"},{"type":"Ready","status":"True","lastProbeTime":null,)"
    R"("lastTransitionTime":"2026-11-01T12:00:06Z"},{"type":"ContainersReady","status":"True",)"
    R"("lastProbeTime":null,"lastTransitionTime":"2026-11-01T12:00:06Z"},{"type":"PodScheduled",)"
    R"("status":"True","lastProbeTime":null,"lastTransitionTime":"2026-11-01T12:00:00Z"}],)"
    R"("hostIP":"10.0.0.7","podIP":"10.1.2.3","podIPs":[{"ip":"10.1.2.3"}],)"
    R"("startTime":"2026-11-01T12:00:00Z","containerStatuses":[$STATUSES],)"
    R"("qosClass":"Burstable"}})";

std::string uid_of(std::uint64_t seed) {
  const std::string digits = hex(seed, 32);
  return digits.substr(0, 8) + "-" + digits.substr(8, 4) + "-" + digits.substr(12, 4) + "-" +
         digits.substr(16, 4) + "-" + digits.substr(20);
}

std::string make_pod(std::size_t number) {
  // A workload has ten pods, a namespace a hundred, a node thirty.
  const std::size_t workload = number / 10;
  const std::size_t containers = number % 3 == 0 ? 1 : 2;
  std::string specs;
  std::string statuses;
  std::string managed;
  for (std::size_t index = 0; index < containers; ++index) {
    const char* comma = index == 0 ? "" : ",";
    const std::vector<std::pair<std::string, std::string>> values{
        {"$CONTAINER", index == 0 ? "app" + std::to_string(workload) : "proxy"},
        {"$DIGEST", hex(index == 0 ? workload : 7, 64)},
        {"$ID", hex(number * 3 + index, 64)}};
    specs += comma + filled(container_json, values);
    statuses += comma + filled(status_json, values);
    managed += comma + filled(managed_container_json, values);
  }
  return filled(pod_json, {{"$CONTAINERS", specs},
                           {"$STATUSES", statuses},
                           {"$MANAGED", managed},
                           {"$APP", "shop-front-" + std::to_string(workload)},
                           {"$HASH", hex(workload, 10)},
                           {"$RANDOM", hex(number, 5)},
                           {"$NS", "team-" + std::to_string(number / 100)},
                           {"$UID", uid_of(number)},
                           {"$OWNER", uid_of(workload)},
                           {"$NODE", "worker-" + std::to_string(number / 30) + ".cluster.example"},
                           {"$DIGEST", hex(workload, 64)},
                           {"$VERSION", std::to_string(workload % 50)}});
}

}  // namespace

std::vector<std::string> make_pod_pages(std::size_t pods, std::size_t pods_a_page) {
  std::vector<std::string> pages;
  for (std::size_t first = 0; first < pods; first += pods_a_page) {
    std::string page =
        R"({"kind":"PodList","apiVersion":"v1","metadata":{"resourceVersion":"4711"},"items":[)";
    for (std::size_t number = first; number < std::min(pods, first + pods_a_page); ++number) {
      page += number == first ? "" : ",";
      page += make_pod(number);
    }
    pages.push_back(page + "]}");
  }
  return pages;
}

}  // namespace scanclock
