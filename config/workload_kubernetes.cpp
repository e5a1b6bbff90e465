#include "config/kubeconfig.hpp"
#include "config/secret.hpp"
#include "config/workload_types.hpp"

#include <algorithm>
#include <cctype>

namespace scanclock {
namespace {

constexpr std::size_t namespace_length_max = 63;
constexpr std::size_t label_key_length_max = 317;

bool is_namespace(const std::string& text) {
  return !text.empty() && text.size() <= namespace_length_max && text.front() != '-' &&
         text.back() != '-' && std::all_of(text.begin(), text.end(), [](unsigned char c) {
           return std::islower(c) != 0 || std::isdigit(c) != 0 || c == '-';
         });
}

bool is_label_key(const std::string& text) {
  return !text.empty() && text.size() <= label_key_length_max &&
         std::all_of(text.begin(), text.end(), [](unsigned char c) {
           return std::isalnum(c) != 0 || c == '-' || c == '_' || c == '.' || c == '/';
         });
}

/// A path, or a list of them.
std::vector<std::string> read_kubeconfig_paths(const Cursor& cursor) {
  std::vector<Cursor> items;
  if (cursor.node().kind == YamlNode::Kind::sequence) {
    items = cursor.text_items();
    if (cursor.node().items.empty()) {
      cursor.fail("names no file");
    }
  } else if (cursor.text()) {
    items.push_back(cursor);
  }
  std::vector<std::string> paths;
  for (const Cursor& item : items) {
    paths.push_back(locate_file(*item.text(), item.context().base_dir));
  }
  return paths;
}

void read_watch_namespaces(MapReader& map, KubernetesWorkloadSettings& kubernetes) {
  const auto cursor = map.find("watch_namespaces");
  if (!cursor) {
    return;
  }
  const std::vector<Cursor> items = cursor->text_items();
  for (const Cursor& item : items) {
    const std::string name = *item.text();
    if (!is_namespace(name)) {
      item.fail("\"" + name + "\" is not the name of a namespace",
                "each namespace is asked for by its name; patterns belong into namespaces");
    } else if (!kubernetes.watch_namespaces.insert(name).second) {
      item.fail("\"" + name + "\" comes twice");
    }
  }
  if (cursor->node().kind == YamlNode::Kind::sequence && cursor->node().items.empty()) {
    cursor->fail("names no namespace", "leave it out to watch the whole cluster");
  }
}

void read_label_keys(MapReader& map, KubernetesWorkloadSettings& kubernetes) {
  const auto cursor = map.find("labels");
  if (!cursor) {
    return;
  }
  kubernetes.labels.emplace();
  for (const Cursor& item : cursor->text_items()) {
    const std::string key = *item.text();
    if (is_label_key(key)) {
      kubernetes.labels->insert(key);
    } else {
      item.fail("\"" + key + "\" is not the key of a label",
                "write the key alone, such as app.kubernetes.io/part-of");
    }
  }
}

void take_access(MapReader& map, KubernetesAccessResult access,
                 KubernetesWorkloadSettings& kubernetes) {
  if (access) {
    kubernetes.access = std::move(*access);
    return;
  }
  // error() gives a copy each time.
  const std::vector<SettingsError> refusals = access.error();
  auto& errors = map.cursor().context().errors;
  errors.insert(errors.end(), refusals.begin(), refusals.end());
}

void read_access(MapReader& map, KubeconfigChoice choice, KubernetesWorkloadSettings& kubernetes) {
  const auto paths = map.find("kubeconfig");
  if (paths && kubernetes.in_cluster) {
    paths->fail("stands beside in_cluster: true; only one of them can be");
    return;
  }
  if (kubernetes.in_cluster) {
    if (!choice.context.empty() || choice.allow_exec) {
      map.cursor().fail("context and allow_exec have no use with in_cluster: true",
                        "they belong to a kubeconfig");
    }
    take_access(map, read_in_cluster_access(in_cluster_place()), kubernetes);
    return;
  }
  if (!paths) {
    if (!map.has("kubeconfig")) {
      map.cursor().fail("\"kubeconfig\" is missing",
                        "name the file, or set in_cluster: true for a daemon that runs in a pod");
    }
    return;
  }
  kubernetes.kubeconfig = read_kubeconfig_paths(*paths);
  if (!kubernetes.kubeconfig.empty()) {
    take_access(map, read_kubeconfigs(kubernetes.kubeconfig, choice), kubernetes);
  }
}

}  // namespace

void read_kubernetes_workload(MapReader& map, WorkloadSettings& workload) {
  KubernetesWorkloadSettings& kubernetes = workload.kubernetes;
  KubeconfigChoice choice;
  map.boolean("allow_plaintext", workload.allow_plaintext);
  map.boolean("allow_exec", choice.allow_exec);
  map.text("context", choice.context);
  map.boolean("in_cluster", kubernetes.in_cluster);
  choice.allow_plaintext = workload.allow_plaintext;
  kubernetes.context = choice.context;
  kubernetes.allow_exec = choice.allow_exec;
  map.boolean("streaming_list", kubernetes.streaming_list);
  map.boolean("vulnerability_reports", kubernetes.vulnerability_reports);
  read_watch_namespaces(map, kubernetes);
  read_label_keys(map, kubernetes);
  read_access(map, choice, kubernetes);
  workload.url = kubernetes.access.server;
}

void keep_labels_of_owners(const std::vector<OwnerRule>& owners,
                           std::vector<WorkloadSettings>& workloads) {
  for (WorkloadSettings& workload : workloads) {
    if (!workload.kubernetes.labels) {
      continue;
    }
    for (const OwnerRule& rule : owners) {
      for (const auto& [key, value] : rule.labels) {
        workload.kubernetes.labels->insert(key);
      }
    }
  }
}

}  // namespace scanclock
