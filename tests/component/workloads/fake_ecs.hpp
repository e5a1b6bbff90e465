#pragma once

#include "tests/support/stub_http_server.hpp"

#include <boost/asio/io_context.hpp>

#include <cstddef>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace scanclock {

struct FakeEcsContainer {
  std::string name = "app";
  std::string image = "123456789012.dkr.ecr.us-gov-west-1.amazonaws.com/team/app:1";
  /// Empty: the field is missing.
  std::string image_digest = "sha256:" + std::string(64, '1');
  std::string last_status = "RUNNING";
};

struct FakeEcsTask {
  std::string group = "service:web";
  std::string last_status = "RUNNING";
  std::string desired_status = "RUNNING";
  /// Empty: Fargate.
  std::string instance;
  std::vector<FakeEcsContainer> containers{FakeEcsContainer()};
};

/// The part of the Amazon ECS API that Scanclock calls, on a free loopback port, in the form of API
/// version 2014-11-13. Every request's signature is worked out again from what arrived, by code
/// that the product does not share; a wrong one is answered as AWS does, headers and all.
class FakeEcs {
 public:
  FakeEcs(asio::io_context& io, Clock& clock);

  std::string url() const { return server_.url(""); }

  /// Cluster name → task ID → task.
  std::map<std::string, std::map<std::string, FakeEcsTask>> clusters;
  /// Instance ID → machine.
  std::map<std::string, std::string> instances;
  std::size_t page_size = 100;
  std::string access_key_id = "AKIDEXAMPLE";
  std::string secret_access_key = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";
  std::string session_token;
  std::string region = "us-gov-west-1";
  /// Operation → answer instead of the usual one, for as long as it gives one.
  std::map<std::string, std::function<std::optional<HttpResponse>(const std::string& body)>> says;
  /// Task IDs that DescribeTasks calls failures, and why.
  std::map<std::string, std::string> failures;
  /// Task IDs that DescribeTasks says nothing of.
  std::set<std::string> forgotten;

  static HttpResponse error(int status, const std::string& type, const std::string& message = "no");
  std::string task_arn(const std::string& cluster, const std::string& id) const;
  std::string cluster_arn(const std::string& cluster) const;

  /// How often an operation was asked for, and with what.
  std::size_t count(const std::string& operation) const;
  std::vector<std::string> bodies(const std::string& operation) const;

 private:
  HttpResponse handle(const HttpServerRequest& request);
  std::string wrong_signature(const HttpServerRequest& request) const;
  std::string answer_to(const std::string& operation, const std::string& body) const;

  Clock& clock_;
  std::vector<std::pair<std::string, std::string>> calls_;
  StubHttpServer server_;
};

}  // namespace scanclock
