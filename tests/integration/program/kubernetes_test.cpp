#include "core/runtime/clock.hpp"
#include "tests/integration/program/program_test.hpp"
#include "tests/support/kube_api_server.hpp"
#include "tests/support/kube_objects.hpp"

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>

#include <functional>
#include <future>
#include <thread>

namespace scanclock {
namespace {

using nlohmann::json;

/// A cluster beside the test, on a thread of its own.
class ClusterThread {
 public:
  ClusterThread() : server_(io_, clock_), thread_([this] { io_.run(); }) {}
  ~ClusterThread() {
    work_.reset();
    io_.stop();
    thread_.join();
    io_.restart();
  }
  ClusterThread(const ClusterThread&) = delete;
  ClusterThread& operator=(const ClusterThread&) = delete;

  /// Does `work` on the server's thread and waits for it.
  void with(const std::function<void(KubeApiServer&)>& work) {
    std::promise<void> done;
    asio::post(io_, [&] {
      work(server_);
      done.set_value();
    });
    done.get_future().wait();
  }
  std::string url() const { return server_.url(); }

 private:
  asio::io_context io_{1};
  asio::executor_work_guard<asio::io_context::executor_type> work_ = asio::make_work_guard(io_);
  SystemClock clock_;
  KubeApiServer server_;
  std::thread thread_;
};

class KubernetesProgram : public ProgramTest {
 protected:
  void watch_cluster(const ClusterThread& cluster) {
    const std::string path = (folder.path() / "kubeconfig").string();
    write_file(path,
               "apiVersion: v1\nkind: Config\ncurrent-context: c\n"
               "clusters: [{name: c, cluster: {server: '" +
                   cluster.url() +
                   "'}}]\nusers: [{name: u, user: {token: abc}}]\n"
                   "contexts: [{name: c, context: {cluster: c, user: u}}]\n");
    parts.workloads =
        "- {name: prod-1, type: kubernetes, kubeconfig: " + path + ", vulnerability_reports: true}";
  }

  void run_pod(ClusterThread& cluster, const std::string& name) {
    KubePodShape shape;
    shape.image = reference(name);
    shape.image_id = host_of(name) + "/" + name + "@" + digest(name);
    cluster.with([&](KubeApiServer& server) {
      server.put("nodes", kube_node("node-1"));
      server.put("pods", kube_pod("web", "front", shape));
    });
  }

  json container_of(const DaemonProcess& daemon) const {
    const json containers = list_of(daemon, "/api/v1/containers", "containers");
    return containers.empty() ? json() : containers.at(0);
  }
};

TEST_F(KubernetesProgram, WhatAClusterRunsIsJoinedToItsImageUntilItEnds) {
  push("team/app");
  attach_scan("team/app", now_of_test());
  ClusterThread cluster;
  run_pod(cluster, "team/app");
  watch_cluster(cluster);
  DaemonProcess& daemon = start_daemon();
  ASSERT_TRUE(eventually(soon,
                         [&] {
                           const json container = container_of(daemon);
                           return !container.is_null() && container.at("verdict") == "compliant";
                         }))
      << container_of(daemon) << daemon.log();
  const json container = container_of(daemon);
  EXPECT_EQ(container.at("source"), "prod-1");
  EXPECT_EQ(container.at("namespace"), "web");
  EXPECT_EQ(container.at("workload"), "pod/front");
  EXPECT_EQ(container.at("platform"), "linux/amd64");
  EXPECT_EQ(container.at("resolved_digest"), digest("team/app"));
  EXPECT_EQ(source_of(daemon, "prod-1").at("status"), "ok");
  EXPECT_EQ(source_of(daemon, "prod-1").at("seen"), 1);
  // Another one, so that the end of the first is not the end of everything.
  cluster.with([](KubeApiServer& server) {
    for (const char* name : {"a", "b"}) {
      server.put("pods", kube_pod("web", name));
    }
    server.remove("pods", "web", "front");
  });
  EXPECT_TRUE(eventually(soon, [&] {
    const json containers = list_of(daemon, "/api/v1/containers", "containers");
    return containers.size() == 2 && containers.at(0).at("name") == "c0" &&
           containers.at(0).at("resolved_digest") != digest("team/app");
  })) << list_of(daemon, "/api/v1/containers", "containers");
}

TEST_F(KubernetesProgram, AReportOfTheClusterIsAScanOfTheImageAndTrustedAsWhatAnybodyMayAttach) {
  push("team/app");
  ClusterThread cluster;
  run_pod(cluster, "team/app");
  const std::string updated_at = format_rfc3339(now_of_test() - day);
  cluster.with([&](KubeApiServer& server) {
    server.put("vulnerabilityreports",
               kube_vulnerability_report("web", "front-c0", digest("team/app"), updated_at));
  });
  watch_cluster(cluster);
  DaemonProcess& daemon = start_daemon();
  ASSERT_TRUE(eventually(soon, [&] { return state_of(daemon, "team/app") == "fresh"; }))
      << daemon.log();
  const json scan = image_of(daemon, "team/app").at("last_scan");
  EXPECT_EQ(scan.at("source"), "prod-1");
  EXPECT_EQ(scan.at("trust"), "unsigned");
  EXPECT_EQ(scan.at("high"), 1);
  EXPECT_TRUE(eventually(soon, [&] { return container_of(daemon).at("verdict") == "compliant"; }));
}

TEST_F(KubernetesProgram, ARefusalIsAFailureOfTheSourceAndEndsNothing) {
  push("team/app");
  attach_scan("team/app", now_of_test());
  ClusterThread cluster;
  run_pod(cluster, "team/app");
  watch_cluster(cluster);
  DaemonProcess& daemon = start_daemon();
  ASSERT_TRUE(eventually(soon, [&] { return !container_of(daemon).is_null(); }));
  cluster.with([](KubeApiServer& server) {
    server.forbid("pods");
    server.end_watches("/pods");
  });
  ASSERT_TRUE(
      eventually(soon, [&] { return source_of(daemon, "prod-1").at("reason") == "forbidden"; }));
  EXPECT_NE(source_of(daemon, "prod-1").at("detail").get<std::string>().find("pods is forbidden"),
            std::string::npos);
  EXPECT_FALSE(container_of(daemon).is_null());
}

}  // namespace
}  // namespace scanclock
