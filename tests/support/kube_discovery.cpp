#include "tests/support/kube_api_server.hpp"

#include <nlohmann/json.hpp>

namespace scanclock {
namespace {

using nlohmann::json;

json group_version_entry(const std::string& group_version) {
  return {{"groupVersion", group_version},
          {"version", group_version.substr(group_version.find('/') + 1)}};
}

json api_groups(const std::set<std::string>& unknown) {
  json groups = json::array();
  for (const KubeResource& resource : kube_resources()) {
    if (resource.group().empty() || unknown.contains(resource.plural)) {
      continue;
    }
    const json entry = group_version_entry(resource.group_version);
    groups.push_back({{"name", resource.group()},
                      {"versions", json::array({entry})},
                      {"preferredVersion", entry}});
  }
  return {{"kind", "APIGroupList"}, {"apiVersion", "v1"}, {"groups", groups}};
}

json resources_of(const std::string& group_version, const std::set<std::string>& unknown) {
  json resources = json::array();
  for (const KubeResource& resource : kube_resources()) {
    if (resource.group_version == group_version && !unknown.contains(resource.plural)) {
      resources.push_back({{"name", resource.plural},
                           {"singularName", ""},
                           {"namespaced", resource.namespaced},
                           {"kind", resource.kind},
                           {"verbs", json::array({"list", "watch"})}});
    }
  }
  return {{"kind", "APIResourceList"},
          {"apiVersion", "v1"},
          {"groupVersion", group_version},
          {"resources", resources}};
}

}  // namespace

std::optional<KubeAnswer> kube_discovery(std::string_view path,
                                         const std::set<std::string>& unknown) {
  if (path == "/version") {
    return KubeAnswer{200, R"({"major":"1","minor":"32","gitVersion":"v1.32.0"})"};
  }
  if (path == "/api") {
    return KubeAnswer{200, R"({"kind":"APIVersions","versions":["v1"]})"};
  }
  if (path == "/apis") {
    return KubeAnswer{200, api_groups(unknown).dump()};
  }
  for (const KubeResource& resource : kube_resources()) {
    if (path == resource.root() && !unknown.contains(resource.plural)) {
      return KubeAnswer{200, resources_of(resource.group_version, unknown).dump()};
    }
  }
  return std::nullopt;
}

}  // namespace scanclock
