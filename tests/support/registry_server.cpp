#include "tests/support/registry_server.hpp"

#include "tests/support/blocking_http.hpp"
#include "tests/support/eventually.hpp"

#include <stdexcept>

namespace scanclock {

std::string RegistryServer::unavailable_reason() {
  return missing_program("docker-registry", "docker-registry");
}

RegistryServer::RegistryServer() : port_(free_port()) {
  write_config(std::string());
  start();
}

void RegistryServer::write_config(const std::string& more) {
  write_file(folder_.path() / "config.yml",
             "version: 0.1\n"
             "log: {level: warn}\n"
             "storage: {delete: {enabled: true}, filesystem: {rootdirectory: " +
                 (folder_.path() / "data").string() + "}}\nhttp: {addr: '" + host() + "'}\n" +
                 more);
}

void RegistryServer::demand_login(const std::string& htpasswd) {
  stop();
  const std::string file = (folder_.path() / "htpasswd").string();
  write_file(file, htpasswd + "\n");
  write_config("auth: {htpasswd: {realm: the registry of a test, path: '" + file + "'}}\n");
  start();
}

void RegistryServer::notify(const std::string& url, const std::string& secret) {
  stop();
  write_config("notifications: {endpoints: [{name: scanclock, url: '" + url +
               "', headers: {Authorization: ['Bearer " + secret +
               "']}, timeout: 5s, threshold: 3, backoff: 1s}]}\n");
  start();
}

void RegistryServer::stop() {
  process_->stop();
  process_.reset();
}

void RegistryServer::start() {
  const std::vector<std::string> command{"docker-registry", "serve",
                                         (folder_.path() / "config.yml").string()};
  process_ = std::make_unique<ChildProcess>(command, folder_.path() / "log");
  const bool answers = eventually(std::chrono::seconds(20), [this] {
    const int status = http_get(url() + "/v2/").status;
    return status == 200 || status == 401 || !process_->running();
  });
  if (!answers || !process_->running()) {
    throw std::runtime_error("docker-registry does not start: " + process_->log());
  }
}

}  // namespace scanclock
