#include "tests/support/docker_engine.hpp"

#include <nlohmann/json.hpp>

// The half of DockerEngine that is the manager of a Swarm.

namespace scanclock {
namespace {

using nlohmann::json;

constexpr const char* swarm_api = "/v1.41";

}  // namespace

void DockerEngine::begin_swarm() {
  const json settings{{"ListenAddr", "127.0.0.1:0"}, {"AdvertiseAddr", "127.0.0.1"}};
  require("POST", std::string(swarm_api) + "/swarm/init", settings.dump());
  in_swarm_ = true;
}

std::string DockerEngine::create_service(const std::string& name, const std::string& image,
                                         int replicas, const std::string& labels) {
  const json command = json::array({"/bin/sleep", "3600"});
  // Nothing stops /bin/sleep as the first process of a container but SIGKILL.
  const json container{{"Image", image}, {"Command", command}, {"StopGracePeriod", 1'000'000}};
  const json network{{"Target", "host"}};
  json settings{{"Name", name}, {"Labels", json::parse(labels)}};
  settings["TaskTemplate"]["ContainerSpec"] = container;
  settings["TaskTemplate"]["Networks"] = json::array({network});
  settings["Mode"]["Replicated"]["Replicas"] = replicas;
  const Answer created =
      require("POST", std::string(swarm_api) + "/services/create", settings.dump());
  return json::parse(created.body).at("ID");
}

void DockerEngine::update_service(const std::string& id, const std::string& image) {
  const json service = json::parse(require("GET", std::string(swarm_api) + "/services/" + id).body);
  json spec = service.at("Spec");
  spec["TaskTemplate"]["ContainerSpec"]["Image"] = image;
  const std::string version = std::to_string(service.at("Version").at("Index").get<long>());
  require("POST", std::string(swarm_api) + "/services/" + id + "/update?version=" + version,
          spec.dump());
}

void DockerEngine::remove_service(const std::string& id) {
  require("DELETE", std::string(swarm_api) + "/services/" + id);
}

}  // namespace scanclock
