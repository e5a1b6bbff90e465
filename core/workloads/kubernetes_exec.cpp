#include "core/workloads/kubernetes_exec.hpp"

#include "core/net/http_parser.hpp"
#include "core/runtime/child_program.hpp"
#include "core/runtime/hashing.hpp"
#include "core/workloads/bounded_json.hpp"

#include <nlohmann/json.hpp>

#include <map>
#include <utility>
#include <vector>

namespace scanclock {
namespace {

using Credential = Result<KubernetesExecCredential, std::string>;

std::string exec_text(const nlohmann::json& object, const char* name) {
  const auto field = object.find(name);
  return field != object.end() && field->is_string() ? field->get<std::string>() : std::string();
}

/// A variable of the kubeconfig stands in place of ours.
std::vector<std::string> plugin_environment(const KubernetesAccess& access,
                                            std::string_view ca_pem) {
  std::map<std::string, std::string> variables;
  for (const std::string& inherited : inherited_environment({})) {
    const std::size_t end = inherited.find('=');
    variables[inherited.substr(0, end)] = inherited.substr(end + 1);
  }
  for (const auto& [name, value] : access.exec->environment) {
    variables[name] = value;
  }
  variables["KUBERNETES_EXEC_INFO"] = kubernetes_exec_info(access, ca_pem);
  std::vector<std::string> environment;
  for (const auto& [name, value] : variables) {
    environment.push_back(name + "=" + value);
  }
  return environment;
}

}  // namespace

Credential parse_exec_credential(std::string_view output, std::string_view api_version) {
  JsonLimits limits;
  limits.bytes_max = kubernetes_exec_output_bytes_max;
  const auto parsed = parse_bounded_json(output, limits);
  // The parser's own words may repeat a part of the text.
  if (!parsed || !parsed->is_object() || exec_text(*parsed, "kind") != "ExecCredential") {
    return std::string("did not print an ExecCredential in JSON");
  }
  if (exec_text(*parsed, "apiVersion") != api_version) {
    return "printed another apiVersion than " + std::string(api_version);
  }
  const auto status = parsed->find("status");
  if (status == parsed->end() || !status->is_object()) {
    return std::string("printed an ExecCredential without a status");
  }
  KubernetesExecCredential credential;
  credential.token = exec_text(*status, "token");
  credential.certificate_pem = exec_text(*status, "clientCertificateData");
  credential.key_pem = exec_text(*status, "clientKeyData");
  if (credential.certificate_pem.empty() != credential.key_pem.empty()) {
    return std::string("printed one of clientCertificateData and clientKeyData without the other");
  }
  if (credential.token.empty() && credential.certificate_pem.empty()) {
    return std::string("printed neither a token nor a client certificate");
  }
  if (!is_http_field_value(credential.token)) {
    return std::string("printed a token with control characters");
  }
  const std::string expires = exec_text(*status, "expirationTimestamp");
  credential.expires_at = parse_rfc3339(expires);
  if (!expires.empty() && !credential.expires_at) {
    return std::string("printed an expirationTimestamp that is no time");
  }
  return credential;
}

std::string kubernetes_exec_info(const KubernetesAccess& access, std::string_view ca_pem) {
  const KubernetesExec& program = access.exec.value();
  nlohmann::json spec = {{"interactive", false}};
  if (program.provide_cluster_info) {
    nlohmann::json cluster = {{"server", access.server}};
    if (!access.tls_server_name.empty()) {
      cluster["tls-server-name"] = access.tls_server_name;
    }
    if (access.insecure_skip_tls_verify) {
      cluster["insecure-skip-tls-verify"] = true;
    }
    if (!ca_pem.empty()) {
      cluster["certificate-authority-data"] = base64_encode(ca_pem);
    }
    if (!access.proxy_url.empty()) {
      cluster["proxy-url"] = access.proxy_url;
    }
    spec["cluster"] = std::move(cluster);
  }
  const nlohmann::json info = {
      {"apiVersion", program.api_version}, {"kind", "ExecCredential"}, {"spec", spec}};
  return info.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

Credential run_exec_plugin(const KubernetesAccess& access, std::string_view ca_pem) {
  const KubernetesExec& program = access.exec.value();
  const std::string name = "credential plugin " + program.command;
  ChildProgram child;
  child.program = program.command;
  child.arguments = program.arguments;
  child.environment = plugin_environment(access, ca_pem);
  child.time_max = kubernetes_exec_time_max;
  child.output_bytes_max = kubernetes_exec_output_bytes_max;
  const auto end = run_child_program(child);
  const std::string hint =
      program.install_hint.empty() ? std::string() : "\nHINT: " + program.install_hint;
  if (!end) {
    return name + " " + end.error() + hint;
  }
  if (end->status != 0) {
    return name + " ended with status " + std::to_string(end->status) + hint;
  }
  auto credential = parse_exec_credential(end->output, program.api_version);
  if (!credential) {
    return name + " " + credential.error();
  }
  return std::move(*credential);
}

}  // namespace scanclock
