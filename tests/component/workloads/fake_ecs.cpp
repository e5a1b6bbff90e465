#include "tests/component/workloads/fake_ecs.hpp"

#include "tests/support/answers.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <algorithm>
#include <array>
#include <sstream>
#include <utility>

namespace scanclock {
namespace {

using nlohmann::json;

constexpr std::string_view target_prefix = "AmazonEC2ContainerServiceV20141113.";

std::string hmac_of(const std::string& key, const std::string& message) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> bytes{};
  unsigned size = 0;
  HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()),
       reinterpret_cast<const unsigned char*>(message.data()), message.size(), bytes.data(), &size);
  return std::string(reinterpret_cast<const char*>(bytes.data()), size);
}

std::string hash_of(const std::string& message) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> bytes{};
  unsigned size = 0;
  EVP_Digest(message.data(), message.size(), bytes.data(), &size, EVP_sha256(), nullptr);
  return std::string(reinterpret_cast<const char*>(bytes.data()), size);
}

std::string hexadecimal(const std::string& bytes) {
  std::string text;
  for (const char byte : bytes) {
    char pair[3];
    std::snprintf(pair, sizeof pair, "%02x", static_cast<unsigned char>(byte));
    text += pair;
  }
  return text;
}

/// `Name=value` of an Authorization header.
std::string part_of(const std::string& authorization, const std::string& name) {
  const auto at = authorization.find(name + "=");
  if (at == std::string::npos) {
    return {};
  }
  const auto start = at + name.size() + 1;
  return authorization.substr(start, authorization.find(',', start) - start);
}

std::string header_text(const HttpServerRequest& request, std::string_view name) {
  return std::string(request.header(name).value_or(""));
}

}  // namespace

FakeEcs::FakeEcs(asio::io_context& io, Clock& clock) : clock_(clock), server_(io, clock) {
  server_.on("/", [this](const HttpServerRequest& request) { return handle(request); });
}

HttpResponse FakeEcs::error(int status, const std::string& type, const std::string& message) {
  HttpResponse response =
      answer(status, json{{"__type", "com.amazonaws.ecs#" + type}, {"message", message}}.dump());
  response.headers.emplace_back("Content-Type", "application/x-amz-json-1.1");
  return response;
}

std::string FakeEcs::cluster_arn(const std::string& cluster) const {
  return "arn:aws-us-gov:ecs:" + region + ":123456789012:cluster/" + cluster;
}

std::string FakeEcs::task_arn(const std::string& cluster, const std::string& id) const {
  return "arn:aws-us-gov:ecs:" + region + ":123456789012:task/" + cluster + "/" + id;
}

/// "Create a signed AWS API request" of the IAM manual, from the header as it arrived.
std::string FakeEcs::wrong_signature(const HttpServerRequest& request) const {
  const std::string authorization = header_text(request, "Authorization");
  const std::string date = header_text(request, "X-Amz-Date");
  const std::string day = date.substr(0, 8);
  const std::string scope = day + "/" + region + "/ecs/aws4_request";
  const std::string names = part_of(authorization, "SignedHeaders");
  if (authorization.rfind("AWS4-HMAC-SHA256 ", 0) != 0 ||
      part_of(authorization, "Credential") != access_key_id + "/" + scope) {
    return "credential of " + authorization;
  }
  std::string lines;
  std::istringstream split(names);
  std::set<std::string> signed_names;
  for (std::string name; std::getline(split, name, ';');) {
    lines += name + ":" + header_text(request, name) + "\n";
    signed_names.insert(name);
  }
  for (const char* needed : {"host", "x-amz-date", "x-amz-target", "content-type"}) {
    if (!signed_names.contains(needed)) {
      return std::string(needed) + " is not signed";
    }
  }
  if (header_text(request, "X-Amz-Security-Token") != session_token) {
    return "session token";
  }
  const std::string canonical = request.method + "\n" + request.target + "\n\n" + lines + "\n" +
                                names + "\n" + hexadecimal(hash_of(request.body));
  std::string key = hmac_of("AWS4" + secret_access_key, day);
  for (const std::string& part : {region, std::string("ecs"), std::string("aws4_request")}) {
    key = hmac_of(key, part);
  }
  const std::string expected = hexadecimal(hmac_of(
      key, "AWS4-HMAC-SHA256\n" + date + "\n" + scope + "\n" + hexadecimal(hash_of(canonical))));
  return part_of(authorization, "Signature") == expected ? "" : "signature";
}

HttpResponse FakeEcs::handle(const HttpServerRequest& request) {
  const std::string target = header_text(request, "X-Amz-Target");
  if (request.method != "POST" || target.rfind(target_prefix, 0) != 0 ||
      header_text(request, "Content-Type") != "application/x-amz-json-1.1") {
    ADD_FAILURE() << request.method << " " << target;
    return error(400, "UnknownOperationException");
  }
  const std::string operation = target.substr(target_prefix.size());
  calls_.emplace_back(operation, request.body);
  if (const std::string wrong = wrong_signature(request); !wrong.empty()) {
    return error(400, "InvalidSignatureException",
                 "The request signature we calculated does not match the signature you provided. "
                 "The Canonical String for this request should have been 'x-amz-security-token:" +
                     header_text(request, "X-Amz-Security-Token") + "' (" + wrong + ")");
  }
  if (const auto said = says.find(operation); said != says.end()) {
    if (auto response = said->second(request.body)) {
      return *response;
    }
  }
  const json body = json::parse(request.body);
  if (body.contains("cluster")) {
    const std::string name = body.at("cluster").get<std::string>();
    if (!clusters.contains(name.substr(name.rfind('/') + 1))) {
      return error(400, "ClusterNotFoundException", "Cluster not found.");
    }
  }
  HttpResponse response = answer(200, answer_to(operation, request.body));
  response.headers.emplace_back("Content-Type", "application/x-amz-json-1.1");
  return response;
}

namespace {

/// A page of `all`, as the list operations cut it.
json page_of(const std::vector<std::string>& all, const char* name, const json& asked,
             std::size_t page_size) {
  const std::size_t from =
      asked.contains("nextToken") ? std::stoul(asked.at("nextToken").get<std::string>()) : 0;
  const std::size_t limit = std::min(page_size, asked.value("maxResults", std::size_t{100}));
  json page{{name, json::array()}};
  for (std::size_t i = from; i < std::min(all.size(), from + limit); ++i) {
    page[name].push_back(all[i]);
  }
  if (from + limit < all.size()) {
    page["nextToken"] = std::to_string(from + limit);
  }
  return page;
}

json container_json(const std::string& task_arn, const std::string& id,
                    const FakeEcsContainer& container) {
  json object{{"containerArn", task_arn + "/" + id + "-" + container.name},
              {"taskArn", task_arn},
              {"name", container.name},
              {"image", container.image},
              {"runtimeId", id + "-0123456789"},
              {"lastStatus", container.last_status},
              {"networkBindings", json::array()},
              {"healthStatus", "UNKNOWN"},
              {"cpu", "0"}};
  if (!container.image_digest.empty()) {
    object["imageDigest"] = container.image_digest;
  }
  return object;
}

}  // namespace

std::string FakeEcs::answer_to(const std::string& operation, const std::string& body) const {
  const json asked = json::parse(body);
  if (operation == "ListClusters") {
    std::vector<std::string> arns;
    for (const auto& [name, tasks] : clusters) {
      arns.push_back(cluster_arn(name));
    }
    return page_of(arns, "clusterArns", asked, page_size).dump();
  }
  const std::string named = asked.at("cluster").get<std::string>();
  const std::string cluster = named.substr(named.rfind('/') + 1);
  if (operation == "ListTasks") {
    std::vector<std::string> arns;
    for (const auto& [id, task] : clusters.at(cluster)) {
      if (task.desired_status == asked.at("desiredStatus")) {
        arns.push_back(task_arn(cluster, id));
      }
    }
    return page_of(arns, "taskArns", asked, page_size).dump();
  }
  if (operation == "DescribeContainerInstances") {
    json found = json::array();
    for (const json& arn : asked.at("containerInstances")) {
      const std::string text = arn.get<std::string>();
      const auto instance = instances.find(text.substr(text.rfind('/') + 1));
      if (instance != instances.end()) {
        const json os{{"name", "ecs.os-type"}, {"value", "linux"}};
        const json cpu{{"name", "ecs.cpu-architecture"}, {"value", "x86_64"}};
        found.push_back({{"containerInstanceArn", text},
                         {"ec2InstanceId", instance->second},
                         {"attributes", json::array({os, cpu})}});
      }
    }
    return json{{"containerInstances", found}, {"failures", json::array()}}.dump();
  }
  EXPECT_EQ(operation, "DescribeTasks");
  EXPECT_LE(asked.at("tasks").size(), 100U) << "amazon refuses more";
  json tasks = json::array();
  json failed = json::array();
  for (const json& arn : asked.at("tasks")) {
    const std::string text = arn.get<std::string>();
    const std::string id = text.substr(text.rfind('/') + 1);
    const auto task = clusters.at(cluster).find(id);
    if (forgotten.contains(id)) {
      continue;
    }
    if (failures.contains(id) || task == clusters.at(cluster).end()) {
      failed.push_back(
          {{"arn", text}, {"reason", failures.contains(id) ? failures.at(id) : "MISSING"}});
      continue;
    }
    const FakeEcsTask& one = task->second;
    json containers = json::array();
    for (const FakeEcsContainer& container : one.containers) {
      containers.push_back(container_json(text, id, container));
    }
    json object{{"taskArn", text},
                {"clusterArn", cluster_arn(cluster)},
                {"taskDefinitionArn",
                 "arn:aws-us-gov:ecs:" + region + ":123456789012:task-definition/front:8"},
                {"group", one.group},
                {"lastStatus", one.last_status},
                {"desiredStatus", one.desired_status},
                {"startedAt", 1793530800.25},
                {"containers", containers}};
    if (one.instance.empty()) {
      const json cpu{{"name", "ecs.cpu-architecture"}, {"value", "arm64"}};
      object["launchType"] = "FARGATE";
      object["platformFamily"] = "Linux";
      object["attributes"] = json::array({cpu});
    } else {
      object["launchType"] = "EC2";
      object["containerInstanceArn"] = "arn:aws-us-gov:ecs:" + region +
                                       ":123456789012:container-instance/" + cluster + "/" +
                                       one.instance;
    }
    tasks.push_back(std::move(object));
  }
  return json{{"tasks", tasks}, {"failures", failed}}.dump();
}

std::size_t FakeEcs::count(const std::string& operation) const { return bodies(operation).size(); }

std::vector<std::string> FakeEcs::bodies(const std::string& operation) const {
  std::vector<std::string> found;
  for (const auto& [called, body] : calls_) {
    if (called == operation) {
      found.push_back(body);
    }
  }
  return found;
}

}  // namespace scanclock
