#include "config/kubeconfig.hpp"

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <string_view>
#include <utility>

namespace scanclock {
namespace {

constexpr std::size_t kubeconfig_bytes_max = std::size_t{1} << 20;

/// The bytes of a file; the failure is a cause without the file's name.
Result<std::string, std::string> read_small_file(const std::string& path) {
  std::error_code ignored;
  if (std::filesystem::is_directory(path, ignored)) {
    return Result<std::string, std::string>(boost::system::in_place_error, "it is a directory");
  }
  errno = 0;
  std::ifstream stream(path, std::ios::binary);
  if (!stream) {
    return Result<std::string, std::string>(boost::system::in_place_error, std::strerror(errno));
  }
  // One byte more than allowed tells a full file from one that is too large.
  std::string text(kubeconfig_bytes_max + 1, '\0');
  stream.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<std::size_t>(stream.gcount()));
  if (stream.bad() || text.size() > kubeconfig_bytes_max) {
    return Result<std::string, std::string>(
        boost::system::in_place_error, stream.bad() ? std::strerror(errno) : "larger than 1 MiB");
  }
  return Result<std::string, std::string>(boost::system::in_place_value, std::move(text));
}

/// Checks what an access names, so that a bad file is found by `config check` and not by a cluster
/// that stays dark.
class AccessFiles {
 public:
  explicit AccessFiles(const KubernetesAccess& access) : access_(access) {}

  std::vector<SettingsError> check() {
    check_pem(access_.ca, "certificate authority", "CERTIFICATE");
    check_pem(access_.client_certificate, "client certificate", "CERTIFICATE");
    check_pem(access_.client_key, "client key", "PRIVATE KEY");
    if (!access_.token_file.empty()) {
      const auto token = read_small_file(access_.token_file);
      if (!token) {
        fail("cannot read token file " + access_.token_file + ": " + token.error());
      } else if (token->find_first_not_of(" \t\r\n") == std::string::npos) {
        fail("token file " + access_.token_file + " is empty");
      }
    }
    return std::move(errors_);
  }

 private:
  void fail(std::string message, std::string hint = {}) {
    SettingsError error;
    error.file = access_.name;
    error.message = std::move(message);
    error.hint = std::move(hint);
    errors_.push_back(std::move(error));
  }

  void check_pem(const KubernetesMaterial& material, const std::string& what,
                 std::string_view label) {
    std::string text = material.pem;
    const std::string name =
        material.pem.empty() ? what + " file " + material.file : "the " + what + " data";
    if (material.empty()) {
      return;
    }
    if (material.pem.empty()) {
      auto read = read_small_file(material.file);
      if (!read) {
        fail("cannot read " + name + ": " + read.error());
        return;
      }
      text = std::move(*read);
    }
    const std::size_t begin = text.find("-----BEGIN ");
    const std::size_t end = text.find("-----", begin == std::string::npos ? begin : begin + 11);
    if (begin == std::string::npos || end == std::string::npos ||
        text.find(label, begin) == std::string::npos) {
      fail(name + " holds no " + std::string(label) + " in PEM",
           "it begins with -----BEGIN …" + std::string(label) + "-----");
    }
  }

  const KubernetesAccess& access_;
  std::vector<SettingsError> errors_;
};

KubernetesAccessResult with_checked_files(KubernetesAccess access) {
  auto errors = AccessFiles(access).check();
  if (!errors.empty()) {
    return errors;
  }
  return access;
}

std::string environment_text(const char* name) {
  const char* const value = std::getenv(name);
  return value == nullptr ? std::string() : std::string(value);
}

bool is_service_port(const std::string& text) {
  return !text.empty() && text.size() <= 5 &&
         text.find_first_not_of("0123456789") == std::string::npos && std::stoi(text) > 0 &&
         std::stoi(text) <= 65'535;
}

}  // namespace

KubernetesAccessResult read_kubeconfigs(const std::vector<std::string>& files,
                                        const KubeconfigChoice& choice) {
  std::vector<KubeconfigText> texts;
  std::vector<SettingsError> errors;
  for (const std::string& file : files) {
    auto text = read_small_file(file);
    if (text) {
      texts.push_back(KubeconfigText{file, std::move(*text)});
    } else {
      errors.push_back(SettingsError{file, {}, "cannot read the kubeconfig: " + text.error(), {}});
    }
  }
  if (!errors.empty()) {
    return errors;
  }
  auto access = parse_kubeconfigs(texts, choice);
  return access ? with_checked_files(std::move(*access)) : access;
}

InClusterPlace in_cluster_place() {
  InClusterPlace place;
  place.host = environment_text("KUBERNETES_SERVICE_HOST");
  place.port = environment_text("KUBERNETES_SERVICE_PORT");
  return place;
}

KubernetesAccessResult read_in_cluster_access(const InClusterPlace& place) {
  KubernetesAccess access;
  access.name = "the pod's service account in " + place.folder;
  if (place.host.empty() || !is_service_port(place.port)) {
    SettingsError error;
    error.file = access.name;
    error.message =
        "KUBERNETES_SERVICE_HOST and KUBERNETES_SERVICE_PORT do not say where the API "
        "server is";
    error.hint = "in_cluster: true is for a daemon in a pod; elsewhere give it a kubeconfig";
    return std::vector<SettingsError>(1, error);
  }
  const bool is_v6 = place.host.find(':') != std::string::npos;
  access.server = "https://" + (is_v6 ? "[" + place.host + "]" : place.host) + ":" + place.port;
  access.ca.file = place.folder + "/ca.crt";
  access.token_file = place.folder + "/token";
  if (const auto name = read_small_file(place.folder + "/namespace")) {
    access.default_namespace = name->substr(0, name->find_last_not_of(" \r\n") + 1);
  }
  return with_checked_files(std::move(access));
}

}  // namespace scanclock
