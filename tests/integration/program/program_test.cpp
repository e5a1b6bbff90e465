#include "tests/integration/program/program_test.hpp"

#include "tests/support/postgres_server.hpp"

#include <algorithm>
#include <cstdlib>
#include <iostream>
#include <stdexcept>
#include <string_view>

namespace scanclock {

using nlohmann::json;

bool skipping_is_failing() {
  const char* ci = std::getenv("CI");
  return ci != nullptr && std::string_view(ci) == "true";
}

TimePoint now_of_test() { return std::chrono::floor<std::chrono::seconds>(SystemClock().now()); }

void ProgramTest::SetUp() {
  std::string reason = DaemonProcess::unavailable_reason();
  ASSERT_EQ(reason, "");
  for (const std::string& missing :
       {RegistryServer::unavailable_reason(), PostgresServer::unavailable_reason()}) {
    reason = reason.empty() ? missing : reason;
  }
  if (!reason.empty()) {
    if (skipping_is_failing()) {
      FAIL() << reason;
    }
    GTEST_SKIP() << reason;
  }
  database = PostgresServer::shared().create_database(true);
  registry = std::make_unique<RegistryServer>();
  host = registry->host();
  write_file(folder.path() / "submit-token", std::string(submit_token) + "\n");
  write_file(folder.path() / "admin-token", std::string(admin_token) + "\n");
  write_file(folder.path() / "webhook-secret", receiver.secret() + "\n");
  parts.database = "url: \"" + PostgresServer::shared().conninfo(database) + "\"";
  parts.registries = "- {name: lab, url: 'http://" + host +
                     "', poll: {tags_every: 1s, evidence_every: 1s, "
                     "max_requests_per_second: 200}}";
  parts.workloads = "- {name: hosts, type: file, path: " + workloads_path().string() +
                    ", poll_every: 500ms, blind_after: 12h}";
  parts.receivers = "- name: hook\n    webhook: {url: '" + receiver.url() +
                    "', signing_secret_file: webhook-secret}";
}

void ProgramTest::TearDown() {
  if (HasFailure()) {
    for (const auto& daemon : daemons_) {
      std::cerr << "--- log of the daemon\n" << daemon->process().log() << "---\n";
    }
  }
  for (const auto& daemon : daemons_) {
    daemon->terminate();
  }
  daemons_.clear();
  registry.reset();
  if (!database.empty()) {
    PostgresServer::shared().drop_database(database);
  }
}

void ProgramTest::write_settings() {
  std::string text = "database:\n  " + parts.database +
                     "\nserver:\n  listen: 127.0.0.1:0\n  tokens:\n"
                     "    - {name: ci, token_file: submit-token, role: submit}\n"
                     "    - {name: operator, token_file: admin-token, role: admin}\n" +
                     parts.server;
  const auto section = [&text](const std::string& name, const std::string& content) {
    if (!content.empty()) {
      text += name + ":\n  " + content + "\n";
    }
  };
  section("policies", parts.policies);
  section("registries", parts.registries);
  section("workloads", parts.workloads);
  section("spool", parts.spool);
  section("keys", parts.keys);
  section("receivers", parts.receivers);
  write_file(settings_path(), text);
}

DaemonProcess& ProgramTest::start_daemon(const std::string& name) {
  write_settings();
  daemons_.push_back(
      std::make_unique<DaemonProcess>(settings_path(), folder.path() / (name + ".log")));
  daemons_.back()->wait_until_up();
  return *daemons_.back();
}

const OciImage& ProgramTest::push(const std::string& name) {
  auto& image = images_[name];
  image = std::make_unique<OciImage>(name);
  image->push(registry->url(), name, "1.0");
  return *image;
}

const OciImage& ProgramTest::push_with_skopeo(const std::string& name) {
  auto& image = images_[name];
  image = std::make_unique<OciImage>(name);
  const std::filesystem::path layout = folder.path() / "layouts" / name;
  image->write_layout(layout);
  const CommandResult copied =
      run_command({"skopeo", "--insecure-policy", "copy", "--quiet", "--all", "--preserve-digests",
                   "--dest-tls-verify=false", "oci:" + layout.string(),
                   "docker://" + registry->host() + "/" + name + ":1.0"});
  if (copied.exit_code != 0) {
    throw std::runtime_error("skopeo copy: " + copied.output);
  }
  return *image;
}

std::string ProgramTest::host_of(const std::string& name) const {
  const auto found = other_hosts.find(name);
  return found == other_hosts.end() ? host : found->second;
}

std::string ProgramTest::attestation(const std::string& name, TimePoint finished_at) const {
  const Digest& subject = image(name).amd64();
  return vulnerability_attestation(subject, format_rfc3339(finished_at),
                                   trivy_report(host + "/" + name, subject, finished_at));
}

EvidencePusher ProgramTest::pusher(const std::string& name) const {
  return EvidencePusher(registry->url(), name);
}

void ProgramTest::attach_scan(const std::string& name, TimePoint finished_at) const {
  pusher(name).attach_attestations(image(name).amd64(), {attestation(name, finished_at)});
}

std::string ProgramTest::report(const std::string& name, TimePoint finished_at) const {
  return trivy_report(host + "/" + name, image(name).amd64(), finished_at).dump();
}

std::string ProgramTest::workload_document(const std::vector<std::string>& names,
                                           const std::string& source) const {
  const std::string now = format_rfc3339(now_of_test());
  json containers = json::array();
  for (const std::string& name : names) {
    const std::string short_name = name.substr(name.rfind('/') + 1);
    containers.push_back({{"id", source + "-" + name},
                          {"namespace", "web"},
                          {"workload", "deployment/" + short_name},
                          {"name", short_name},
                          {"node", "n1"},
                          {"image", reference(name)},
                          {"image_digest", image(name).index().str()},
                          {"platform", "linux/amd64"},
                          {"started_at", now}});
  }
  const json document = {
      {"source", source}, {"observed_at", now}, {"complete", true}, {"containers", containers}};
  return document.dump();
}

void ProgramTest::run_workloads(const std::vector<std::string>& names) const {
  write_file(workloads_path(), workload_document(names));
}

json ProgramTest::list_of(const DaemonProcess& daemon, const std::string& path, const char* key) {
  return daemon.get_json(path).at(key);
}

json ProgramTest::image_of(const DaemonProcess& daemon, const std::string& name) const {
  return daemon.get_json("/api/v1/images/" + digest(name));
}

std::string ProgramTest::state_of(const DaemonProcess& daemon, const std::string& name) const {
  return image_of(daemon, name).value("state", "");
}

json ProgramTest::source_of(const DaemonProcess& daemon, const std::string& source) const {
  const json sources = list_of(daemon, "/api/v1/sources", "sources");
  for (const json& item : sources) {
    if (item.at("name") == source) {
      return item;
    }
  }
  throw std::runtime_error("no source " + source);
}

bool ProgramTest::fires(const std::string& rule, const std::string& name) const {
  return !receiver.messages("firing", rule, digest(name)).empty();
}

std::map<std::string, std::string> ProgramTest::firing_alerts(const DaemonProcess& daemon) const {
  std::map<std::string, std::string> ids;
  const json alerts = list_of(daemon, "/api/v1/alerts?state=firing", "alerts");
  for (const json& alert : alerts) {
    ids[alert.at("rule").get<std::string>() + " " + alert.at("subject").dump()] = alert.at("id");
  }
  return ids;
}

std::string ProgramTest::sql(const std::string& statement) const {
  const CommandResult result =
      run_command({"psql", "-X", "-q", "-t", "-A", "-v", "ON_ERROR_STOP=1", "-c", statement,
                   PostgresServer::shared().conninfo(database)});
  if (result.exit_code != 0) {
    throw std::runtime_error("psql: " + result.output);
  }
  return result.output;
}

CommandResult ProgramTest::client(const DaemonProcess& daemon,
                                  std::vector<std::string> arguments) const {
  std::vector<std::string> command{built_program("scanclock"), "--server", daemon.url()};
  command.insert(command.end(), arguments.begin(), arguments.end());
  return run_command(std::move(command));
}

}  // namespace scanclock
