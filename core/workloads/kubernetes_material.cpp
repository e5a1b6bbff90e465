#include "core/workloads/kubernetes_material.hpp"

#include "core/net/http_parser.hpp"

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <utility>

namespace scanclock {
namespace {

using Text = Result<std::string, std::string>;

Text material_text(std::string text) {
  return Text(boost::system::in_place_value, std::move(text));
}
Text material_failure(std::string cause) {
  return Text(boost::system::in_place_error, std::move(cause));
}

Text read_material_file(const std::string& what, const std::string& path) {
  const std::string begin = "cannot read " + what + " " + path + ": ";
  std::error_code ignored;
  if (std::filesystem::is_directory(path, ignored)) {
    return material_failure(begin + "it is a directory");
  }
  errno = 0;
  std::ifstream file(path, std::ios::binary);
  if (!file) {
    return material_failure(begin + std::strerror(errno));
  }
  // One byte more than allowed tells a full file from one that is too large.
  std::string text(kubernetes_material_bytes_max + 1, '\0');
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<std::size_t>(file.gcount()));
  if (file.bad()) {
    return material_failure(begin + std::strerror(errno));
  }
  if (text.size() > kubernetes_material_bytes_max) {
    return material_failure(begin + "larger than 1 MiB");
  }
  return material_text(std::move(text));
}

Text read_token(const std::string& path) {
  auto read = read_material_file("token file", path);
  if (!read) {
    return read;
  }
  const std::string& text = *read;
  const std::size_t from = text.find_first_not_of(" \t\r\n");
  if (from == std::string::npos) {
    return material_failure("token file " + path + " is empty");
  }
  std::string token = text.substr(from, text.find_last_not_of(" \t\r\n") - from + 1);
  if (token.size() > kubernetes_token_bytes_max || !is_http_field_value(token)) {
    return material_failure("token file " + path + " holds something that is no token");
  }
  return material_text(std::move(token));
}

Text read_pem(const std::string& what, const KubernetesMaterial& material) {
  if (!material.pem.empty() || material.file.empty()) {
    return material_text(material.pem);
  }
  return read_material_file(what, material.file);
}

Result<KubernetesTlsTexts, std::string> read_tls_texts(const KubernetesAccess& access) {
  auto ca = read_pem("certificate authority file", access.ca);
  auto certificate = read_pem("client certificate file", access.client_certificate);
  auto key = read_pem("client key file", access.client_key);
  for (const Text* text : {&ca, &certificate, &key}) {
    if (!*text) {
      return text->error();
    }
  }
  KubernetesTlsTexts texts;
  texts.ca_pem = std::move(*ca);
  texts.certificate_pem = std::move(*certificate);
  texts.key_pem = std::move(*key);
  return texts;
}

}  // namespace

KubernetesMaterialRead read_kubernetes_material(const KubernetesAccess& access,
                                                const KubernetesWanted& wanted) {
  KubernetesMaterialRead read;
  if (wanted.token) {
    read.token.emplace(read_token(access.token_file));
  }
  if (wanted.tls) {
    read.tls.emplace(read_tls_texts(access));
  }
  if (wanted.exec) {
    const auto ca = read_pem("certificate authority file", access.ca);
    read.exec.emplace(run_exec_plugin(access, ca ? *ca : std::string()));
  }
  return read;
}

}  // namespace scanclock
