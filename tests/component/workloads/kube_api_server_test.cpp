#include "tests/support/kube_api_server.hpp"

#include "core/runtime/clock.hpp"
#include "core/runtime/task_group.hpp"
#include "tests/support/child_process.hpp"
#include "tests/support/kube_objects.hpp"
#include "tests/support/run_coroutine.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <functional>

namespace scanclock {
namespace {

using nlohmann::json;

constexpr Duration kubectl_limit = std::chrono::seconds(30);

/// kubectl knows the API better than its imitation does: what it understands has the right shape.
class KubeApiServerByKubectl : public ::testing::Test {
 protected:
  KubeApiServerByKubectl() : server_(io_, clock_) {}

  void SetUp() override {
    if (const std::string missing = missing_program("kubernetes-client", "kubectl");
        !missing.empty()) {
      GTEST_SKIP() << missing;
    }
    write_file(folder_.path() / "kubeconfig",
               "apiVersion: v1\nkind: Config\ncurrent-context: fake\n"
               "clusters: [{name: fake, cluster: {server: '" +
                   server_.url() +
                   "'}}]\nusers: [{name: fake, user: {token: abc}}]\n"
                   "contexts: [{name: fake, context: {cluster: fake, user: fake}}]\n");
  }

  std::unique_ptr<ChildProcess> kubectl(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(),
                     {"kubectl", "--kubeconfig", (folder_.path() / "kubeconfig").string()});
    return std::make_unique<ChildProcess>(
        std::move(arguments), folder_.path() / "out",
        ChildProcess::Environment{{"HOME", folder_.path().string()}});
  }

  bool serve_until(const std::function<bool()>& condition) {
    const Duration end = clock_.monotonic() + kubectl_limit;
    while (!condition()) {
      if (clock_.monotonic() > end) {
        return false;
      }
      io_.run_for(std::chrono::milliseconds(20));
      io_.restart();
    }
    return true;
  }

  static void add_pods(KubeStore& store, int count) {
    for (int number = 0; number < count; ++number) {
      store.put("pods", kube_pod("web", "p" + std::to_string(number)));
    }
  }

  asio::io_context io_{1};
  SystemClock clock_;
  TemporaryFolder folder_;
  KubeApiServer server_;
};

TEST_F(KubeApiServerByKubectl, ItsListsAreRead) {
  add_pods(server_.store(), 1203);
  const auto child = kubectl({"get", "pods", "-A", "-o", "json"});
  std::optional<int> code;
  ASSERT_TRUE(serve_until([&] {
    code = child->wait_exit(Duration::zero());
    return code.has_value();
  })) << child->log();
  ASSERT_EQ(*code, 0) << child->log().substr(0, 2000);
  const std::string text = child->log();
  const json list = json::parse(text.substr(text.find('{')));
  EXPECT_EQ(list.at("items").size(), 1203U);
  EXPECT_EQ(server_.count("continue="), 2U);
}

TEST_F(KubeApiServerByKubectl, ItsWatchesAreFollowed) {
  add_pods(server_.store(), 1);
  const auto child = kubectl({"get", "pods", "-A", "-o", "name", "--watch"});
  ASSERT_TRUE(serve_until([&] { return server_.open_watches() == 1; })) << child->log();
  server_.put("pods", kube_pod("web", "later"));
  server_.remove("pods", "web", "p0");
  server_.send_bookmarks();
  EXPECT_TRUE(serve_until([&] {
    const std::string log = child->log();
    const auto later = log.find("pod/later");
    return later != std::string::npos && log.find("pod/p0", later) != std::string::npos;
  })) << child->log();
  EXPECT_TRUE(child->running()) << child->log();
}

TEST_F(KubeApiServerByKubectl, ItsRefusalsAreUnderstood) {
  server_.forbid("pods");
  const auto child = kubectl({"get", "pods", "-A", "-o", "json"});
  std::optional<int> code;
  ASSERT_TRUE(serve_until([&] {
    code = child->wait_exit(Duration::zero());
    return code.has_value();
  }));
  EXPECT_EQ(*code, 1);
  EXPECT_NE(child->log().find("Error from server (Forbidden): pods is forbidden: User "
                              "\"scanclock\" cannot list resource \"pods\" in API group \"\" at "
                              "the cluster scope"),
            std::string::npos)
      << child->log();
}

}  // namespace
}  // namespace scanclock
