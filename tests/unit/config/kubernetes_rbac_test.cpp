#include "config/yaml_tree.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <map>
#include <set>
#include <string>
#include <vector>

namespace scanclock {
namespace {

using Node = YamlNode::Pointer;

/// The documents of a file of the folder systemd.
std::vector<Node> documents_of(const std::string& name) {
  std::ifstream in(std::string(SCANCLOCK_SOURCE_DIR "/systemd/") + name, std::ios::binary);
  EXPECT_TRUE(in) << name;
  std::string text{std::istreambuf_iterator<char>(in), {}};
  std::vector<Node> documents;
  while (!text.empty()) {
    const auto end = text.find("\n---\n");
    std::vector<SettingsError> errors;
    documents.push_back(parse_yaml(text.substr(0, end), name, errors));
    EXPECT_TRUE(errors.empty()) << name << ": " << errors.front().message;
    text = end == std::string::npos ? std::string() : text.substr(end + 5);
  }
  return documents;
}

Node entry_of(const Node& map, const std::string& key) {
  for (const auto& [name, value] : map->entries) {
    if (name->text == key) {
      return value;
    }
  }
  return nullptr;
}

std::set<std::string> texts_of_items(const Node& sequence) {
  std::set<std::string> texts;
  for (const Node& item : sequence->items) {
    texts.insert(item->text);
  }
  return texts;
}

/// `group/resource` of every rule in roles of this kind; fails the test for a right that is more
/// than to list and watch.
std::set<std::string> rights_in(const std::string& file, const std::string& kind) {
  std::set<std::string> rights;
  for (const Node& document : documents_of(file)) {
    if (entry_of(document, "kind")->text != kind) {
      continue;
    }
    for (const Node& rule : entry_of(document, "rules")->items) {
      EXPECT_EQ(texts_of_items(entry_of(rule, "verbs")), (std::set<std::string>{"list", "watch"}))
          << file;
      EXPECT_EQ(rule->entries.size(), 3U) << file;
      for (const std::string& group : texts_of_items(entry_of(rule, "apiGroups"))) {
        for (const std::string& resource : texts_of_items(entry_of(rule, "resources"))) {
          rights.insert(group + "/" + resource);
        }
      }
    }
  }
  return rights;
}

const std::set<std::string> namespaced_rights{"/pods", "apps/replicasets", "batch/jobs",
                                              "aquasecurity.github.io/vulnerabilityreports"};

TEST(KubernetesRbac, AWholeClusterIsListedAndWatchedAndNothingElse) {
  std::set<std::string> expected = namespaced_rights;
  expected.insert("/nodes");
  EXPECT_EQ(rights_in("kubernetes-rbac.yaml", "ClusterRole"), expected);
  EXPECT_TRUE(rights_in("kubernetes-rbac.yaml", "Role").empty());
}

TEST(KubernetesRbac, ANamespaceIsListedAndWatchedAndNothingElse) {
  EXPECT_EQ(rights_in("kubernetes-rbac-namespace.yaml", "Role"), namespaced_rights);
  EXPECT_EQ(rights_in("kubernetes-rbac-namespace.yaml", "ClusterRole"),
            std::set<std::string>{"/nodes"});
}

TEST(KubernetesRbac, EveryRoleIsBoundToTheServiceAccount) {
  for (const char* file : {"kubernetes-rbac.yaml", "kubernetes-rbac-namespace.yaml"}) {
    std::map<std::string, int> roles;
    for (const Node& document : documents_of(file)) {
      const std::string kind = entry_of(document, "kind")->text;
      if (kind == "Role" || kind == "ClusterRole") {
        ++roles[kind + "/" + entry_of(entry_of(document, "metadata"), "name")->text];
      }
      if (const Node role = entry_of(document, "roleRef")) {
        --roles[entry_of(role, "kind")->text + "/" + entry_of(role, "name")->text];
        const Node subject = entry_of(document, "subjects")->items.at(0);
        EXPECT_EQ(entry_of(subject, "kind")->text, "ServiceAccount") << file;
        EXPECT_EQ(entry_of(subject, "namespace")->text, "scanclock") << file;
      }
    }
    EXPECT_FALSE(roles.empty()) << file;
    for (const auto& [role, count] : roles) {
      EXPECT_EQ(count, 0) << file << ": " << role;
    }
  }
}

}  // namespace
}  // namespace scanclock
