#include "config/kubeconfig_user.hpp"

#include <algorithm>

namespace scanclock {
namespace {

/// A header's value or a program's argument: what has line ends or other controls is neither.
bool is_one_line(const std::string& text) {
  return std::none_of(text.begin(), text.end(),
                      [](unsigned char c) { return c < 0x20 || c == 0x7f; });
}

std::string one_line(const KubeconfigMap& map, std::string_view key) {
  std::string value = map.text(key);
  if (!is_one_line(value)) {
    map.fail(key, "holds line ends or other control characters");
    return {};
  }
  return value;
}

void read_client_certificate(const KubeconfigMap& user, KubernetesAccess& access) {
  access.client_certificate.pem = user.data("client-certificate-data");
  access.client_certificate.file = user.path_text("client-certificate");
  access.client_key.pem = user.data("client-key-data");
  access.client_key.file = user.path_text("client-key");
  const bool has_certificate =
      user.has("client-certificate-data") || user.has("client-certificate");
  const bool has_key = user.has("client-key-data") || user.has("client-key");
  if (has_certificate != has_key) {
    user.fail("",
              has_key ? "has a client-key and no client-certificate"
                      : "has a client-certificate and no client-key",
              "they come together, each as a file or as -data");
  }
}

void read_impersonation(const KubeconfigMap& user, KubernetesImpersonation& as) {
  as.user = one_line(user, "as");
  as.uid = one_line(user, "as-uid");
  as.groups = user.texts("as-groups");
  if (const auto extra = user.map("as-user-extra")) {
    for (const std::string& key : extra->keys()) {
      as.extra[key] = extra->texts(key);
    }
  }
  bool is_clean = std::all_of(as.groups.begin(), as.groups.end(), is_one_line);
  for (const auto& [key, values] : as.extra) {
    is_clean = is_clean && std::all_of(values.begin(), values.end(), is_one_line);
  }
  if (!is_clean) {
    user.fail("as", "holds line ends or other control characters");
  }
  if (as.user.empty() && (!as.uid.empty() || !as.groups.empty() || !as.extra.empty())) {
    user.fail("", "has as-uid, as-groups or as-user-extra and no \"as\"",
              "name the user to act as in \"as\"");
  }
}

void read_exec_environment(const KubeconfigMap& exec, KubernetesExec& program) {
  for (const KubeconfigMap& variable : exec.maps("env")) {
    std::string name = variable.text("name");
    if (name.empty() || name.find('=') != std::string::npos) {
      variable.fail("name", "is no name of an environment variable");
      continue;
    }
    program.environment.emplace_back(std::move(name), variable.text("value"));
  }
}

void read_exec(const KubeconfigMap& exec, bool allow_exec, KubernetesAccess& access) {
  KubernetesExec program;
  program.command = exec.text("command");
  program.api_version = exec.text("apiVersion");
  program.arguments = exec.texts("args");
  program.provide_cluster_info = exec.flag("provideClusterInfo");
  program.install_hint = exec.text("installHint");
  std::replace_if(
      program.install_hint.begin(), program.install_hint.end(),
      [](unsigned char c) { return c < 0x20; }, ' ');
  read_exec_environment(exec, program);
  if (program.command.empty()) {
    exec.fail("command", "is missing");
  } else if (!allow_exec) {
    exec.fail("", "wants to run " + program.command + " for its credentials, which is not allowed",
              "set allow_exec: true beside kubeconfig to run it as the daemon's own user, or give "
              "the user a tokenFile or a client certificate");
  } else if (!program.command.starts_with('/')) {
    exec.fail("command", "\"" + program.command + "\" has no absolute path",
              "write where the program lies; nothing is looked for in $PATH");
  }
  if (program.api_version != "client.authentication.k8s.io/v1" &&
      program.api_version != "client.authentication.k8s.io/v1beta1") {
    exec.fail("apiVersion", "is neither client.authentication.k8s.io/v1 nor its v1beta1",
              "bring the program and its kubeconfig up to date");
  }
  if (exec.text("interactiveMode") == "Always") {
    exec.fail("interactiveMode", "a daemon has no terminal that the program could ask on",
              "use a program that needs nobody to answer it");
  }
  access.exec = std::move(program);
}

}  // namespace

void read_kubeconfig_user(const KubeconfigMap& user, bool allow_exec, KubernetesAccess& access) {
  read_client_certificate(user, access);
  access.token = one_line(user, "token");
  access.token_file = user.path_text("tokenFile");
  access.username = user.text("username");
  access.password = user.text("password");
  read_impersonation(user, access.impersonation);
  if (user.has("auth-provider")) {
    user.fail("auth-provider", "was removed from Kubernetes and is not supported",
              "use a tokenFile, a client certificate or an exec plugin");
  }
  if (const auto exec = user.map("exec")) {
    read_exec(*exec, allow_exec, access);
  }
  const bool has_token = user.has("token") || user.has("tokenFile");
  const bool has_password = user.has("username") || user.has("password");
  const bool has_exec = user.has("exec");
  if (has_token + has_password + has_exec > 1) {
    user.fail("", "has more than one of token, username and exec", "keep one of them");
  }
  if (access.username.find(':') != std::string::npos) {
    user.fail("username", "holds a colon, which no basic login can carry");
  }
}

}  // namespace scanclock
