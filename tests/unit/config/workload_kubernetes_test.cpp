#include "config/loader.hpp"
#include "config/summary.hpp"
#include "tests/unit/config/errors_of.hpp"
#include "tests/unit/config/temporary_files.hpp"

#include <gtest/gtest.h>
#include <stdlib.h>

#include <string>

namespace scanclock {
namespace {

constexpr const char* good_kubeconfig = R"(current-context: prod
clusters: [{name: c, cluster: {server: "https://api.example:6443"}}]
contexts:
- {name: prod, context: {cluster: c, user: u}}
- {name: plugin, context: {cluster: c, user: x}}
users:
- {name: u, user: {token: hunter2}}
- {name: x, user: {exec: {apiVersion: client.authentication.k8s.io/v1, command: /bin/true}}}
)";

class KubernetesWorkload : public testing::Test {
 protected:
  KubernetesWorkload() {
    files_.write("good", good_kubeconfig);
    files_.write("bad", "current-context: [");
  }

  static std::string entry(const std::string& keys) {
    return "workloads:\n- {name: k, type: kubernetes" + std::string(keys.empty() ? "" : ", ") +
           keys + "}\n";
  }
  std::string errors(const std::string& keys) const {
    return errors_of(entry(keys), files_.path());
  }

  TemporaryFiles files_;
};

TEST_F(KubernetesWorkload, IsReachedAsItsKubeconfigSays) {
  const auto right = load_settings_text(
      entry("kubeconfig: [good, good], context: prod, streaming_list: true, "
            "watch_namespaces: [pay, web], vulnerability_reports: true, labels: [team]") +
          "owners: [{match: {labels: {app.kubernetes.io/part-of: shop}}, owner: shop}]\n",
      "s.yaml", files_.path());
  ASSERT_TRUE(right) << to_string(right.error());
  const WorkloadSettings& workload = right->workloads.at(0);
  EXPECT_EQ(workload.type, WorkloadType::kubernetes);
  EXPECT_EQ(workload.url, "https://api.example:6443");
  EXPECT_EQ(workload.kubernetes.access.token, "hunter2");
  EXPECT_TRUE(workload.kubernetes.streaming_list);
  EXPECT_TRUE(workload.kubernetes.vulnerability_reports);
  EXPECT_EQ(workload.kubernetes.watch_namespaces, (std::set<std::string>{"pay", "web"}));
  EXPECT_TRUE(workload.kubernetes.labels->contains("team"));
  EXPECT_TRUE(workload.kubernetes.labels->contains("app.kubernetes.io/part-of"))
      << "an owner rule asks for it";
  const std::string summary = redacted_summary(*right);
  EXPECT_EQ(summary.find("hunter2"), std::string::npos) << summary;
  EXPECT_NE(summary.find("https://api.example:6443"), std::string::npos) << summary;
  EXPECT_NE(summary.find("watch_namespaces: [pay, web]"), std::string::npos) << summary;
}

TEST_F(KubernetesWorkload, KeepsAllLabelsAndSeesTheWholeClusterUnlessToldOtherwise) {
  const auto settings = load_settings_text(entry("kubeconfig: good"), "s.yaml", files_.path());
  ASSERT_TRUE(settings) << to_string(settings.error());
  const KubernetesWorkloadSettings& kubernetes = settings->workloads.at(0).kubernetes;
  EXPECT_FALSE(kubernetes.labels);
  EXPECT_TRUE(kubernetes.watch_namespaces.empty());
  EXPECT_FALSE(kubernetes.vulnerability_reports);
  EXPECT_FALSE(kubernetes.streaming_list);
}

TEST_F(KubernetesWorkload, RefusesWithPlaceAndAdvice) {
  const std::pair<const char*, const char*> cases[] = {
      {"",
       "s.yaml:2:3: workloads[0]: \"kubeconfig\" is missing\nHINT: name the file, or set "
       "in_cluster: true"},
      {"kubeconfig: []", "workloads[0].kubeconfig: names no file"},
      {"kubeconfig: {a: b}", "workloads[0].kubeconfig: expected a text, found a map"},
      {"kubeconfig: good, in_cluster: true", "stands beside in_cluster: true"},
      {"in_cluster: true, context: a", "context and allow_exec have no use with in_cluster: true"},
      {"kubeconfig: absent", "/absent: cannot read the kubeconfig: No such file or directory"},
      {"kubeconfig: bad", "/bad:"},
      {"kubeconfig: good, context: stage",
       "no context is named \"stage\"\nHINT: there are: plugin, prod"},
      {"kubeconfig: good, context: plugin",
       "/good:8:26: users[\"x\"].user.exec: wants to run /bin/true for its credentials"},
      {"kubeconfig: good, watch_namespaces: [\"team-*\"]",
       "watch_namespaces[0]: \"team-*\" is not the name of a namespace"},
      {"kubeconfig: good, watch_namespaces: [a, a]", "\"a\" comes twice"},
      {"kubeconfig: good, watch_namespaces: []", "names no namespace"},
      {"kubeconfig: good, labels: [\"team=pay\"]", "\"team=pay\" is not the key of a label"},
      {"kubeconfig: good, url: \"https://a.example\"", "unknown key \"url\""},
  };
  for (const auto& [keys, expected] : cases) {
    const std::string said = errors(keys);
    EXPECT_NE(said.find(expected), std::string::npos) << keys << "\n" << said;
    EXPECT_EQ(said.find("hunter2"), std::string::npos) << said;
  }
  EXPECT_EQ(errors("kubeconfig: good, context: plugin, allow_exec: true"), "");
}

TEST_F(KubernetesWorkload, InAPodNeedsNoKubeconfig) {
  ::unsetenv("KUBERNETES_SERVICE_HOST");
  const std::string outside = errors("in_cluster: true");
  EXPECT_NE(outside.find("KUBERNETES_SERVICE_HOST and KUBERNETES_SERVICE_PORT"), std::string::npos)
      << outside;
}

}  // namespace
}  // namespace scanclock
