#pragma once

#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace scanclock {

/// PEM, given in place or as the absolute path of the file that holds it; what is given in place
/// wins.
struct KubernetesMaterial {
  KubernetesMaterial() = default;
  std::string pem;
  std::string file;

  bool empty() const { return pem.empty() && file.empty(); }
};

/// Acting as somebody else (Kubernetes reference, "User impersonation"); an empty user: as
/// ourselves.
struct KubernetesImpersonation {
  KubernetesImpersonation() = default;
  std::string user;
  std::string uid;
  std::vector<std::string> groups;
  std::map<std::string, std::vector<std::string>> extra;
};

/// A program that prints credentials (client.authentication.k8s.io).
struct KubernetesExec {
  KubernetesExec() = default;
  /// `client.authentication.k8s.io/v1` or `/v1beta1`.
  std::string api_version;
  /// Absolute.
  std::string command;
  std::vector<std::string> arguments;
  /// Names and values that it gets beyond PATH, LANG and HOME; values may be secrets.
  std::vector<std::pair<std::string, std::string>> environment;
  /// The program wants to know the cluster.
  bool provide_cluster_info = false;
  /// What the file says about getting the program, on one line.
  std::string install_hint;
};

/// How one cluster's API server is reached and what proves who we are: what a kubeconfig or a pod's
/// service account says, checked. It holds secrets: nothing prints it but `name`, `server`,
/// `tls_server_name` and the paths.
struct KubernetesAccess {
  KubernetesAccess() = default;
  /// Where it came from, for messages: `context "prod" of /etc/scanclock/prod.kubeconfig`.
  std::string name;
  /// `https://host:port`, with a path where the server has one, without a trailing slash.
  std::string server;
  /// Named in the handshake and demanded of the certificate instead of the host.
  std::string tls_server_name;
  bool insecure_skip_tls_verify = false;
  /// Ask for uncompressed answers.
  bool disable_compression = false;
  /// `http://[user:password@]host:port`.
  std::string proxy_url;
  /// Empty: the system's authorities are trusted; otherwise this alone.
  KubernetesMaterial ca;
  KubernetesMaterial client_certificate;
  KubernetesMaterial client_key;
  /// The file's content wins; the token holds until it was read once.
  std::string token;
  std::string token_file;
  std::string username;
  std::string password;
  KubernetesImpersonation impersonation;
  std::optional<KubernetesExec> exec;
  /// The context's or the service account's own.
  std::string default_namespace;
};

}  // namespace scanclock
