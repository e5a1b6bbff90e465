#include "config/kubeconfig_map.hpp"

#include <openssl/evp.h>

#include <algorithm>
#include <filesystem>
#include <utility>

namespace scanclock {
namespace {

/// Nothing for what is no base64.
std::optional<std::string> decode_base64(std::string text) {
  std::erase_if(text, [](char c) { return c == '\n' || c == '\r'; });
  if (text.size() % 4 != 0 || text.find_first_of(" \t\v\f-") != std::string::npos) {
    return std::nullopt;
  }
  const std::size_t digits = std::min(text.find('='), text.size());
  const std::size_t padding = text.size() - digits;
  std::string bytes(text.size() / 4 * 3, '\0');
  const int size = EVP_DecodeBlock(reinterpret_cast<unsigned char*>(bytes.data()),
                                   reinterpret_cast<const unsigned char*>(text.data()),
                                   static_cast<int>(text.size()));
  if (padding > 2 || text.find_first_not_of('=', digits) != std::string::npos || size < 0) {
    return std::nullopt;
  }
  bytes.resize(static_cast<std::size_t>(size) - padding);
  return bytes;
}

}  // namespace

KubeconfigMap::KubeconfigMap(std::shared_ptr<const KubeconfigSource> source, YamlNode::Pointer node,
                             std::string path)
    : source_(std::move(source)), node_(std::move(node)), path_(std::move(path)) {}

YamlNode::Pointer KubeconfigMap::value_of(std::string_view key) const {
  for (const auto& [name, value] : node_->entries) {
    if (name->text == key) {
      const bool is_absent = value->kind == YamlNode::Kind::null ||
                             (value->kind == YamlNode::Kind::scalar && value->text.empty());
      return is_absent ? nullptr : value;
    }
  }
  return nullptr;
}

void KubeconfigMap::fail(std::string_view key, const std::string& message,
                         const std::string& hint) const {
  const YamlNode::Pointer value = value_of(key);
  std::string where = path_;
  if (!key.empty()) {
    where += (where.empty() ? "" : ".") + std::string(key);
  }
  source_->errors->push_back(SettingsError{source_->file, value ? value->mark : node_->mark,
                                           (where.empty() ? "" : where + ": ") + message, hint});
}

void KubeconfigMap::fail_kind(std::string_view key, std::string_view wanted) const {
  fail(key, "expected " + std::string(wanted));
}

std::string KubeconfigMap::text(std::string_view key) const {
  const YamlNode::Pointer value = value_of(key);
  if (!value) {
    return {};
  }
  if (value->kind != YamlNode::Kind::scalar || value->text.find('\0') != std::string::npos) {
    fail_kind(key, "a text");
    return {};
  }
  return value->text;
}

bool KubeconfigMap::flag(std::string_view key) const {
  const std::string value = text(key);
  if (!value.empty() && value != "true" && value != "false") {
    fail_kind(key, "true or false");
  }
  return value == "true";
}

std::vector<std::string> KubeconfigMap::texts(std::string_view key) const {
  std::vector<std::string> found;
  const YamlNode::Pointer value = value_of(key);
  if (!value) {
    return found;
  }
  const bool is_list = value->kind == YamlNode::Kind::sequence;
  for (const YamlNode::Pointer& item : value->items) {
    if (item->kind == YamlNode::Kind::scalar && item->text.find('\0') == std::string::npos) {
      found.push_back(item->text);
    }
  }
  if (!is_list || found.size() != value->items.size()) {
    fail_kind(key, "a list of texts");
  }
  return found;
}

std::optional<KubeconfigMap> KubeconfigMap::map(std::string_view key) const {
  const YamlNode::Pointer value = value_of(key);
  if (!value) {
    return std::nullopt;
  }
  if (value->kind != YamlNode::Kind::map) {
    fail_kind(key, "a map");
    return std::nullopt;
  }
  return KubeconfigMap(source_, value, (path_.empty() ? "" : path_ + ".") + std::string(key));
}

std::vector<KubeconfigMap> KubeconfigMap::maps(std::string_view key) const {
  std::vector<KubeconfigMap> found;
  const YamlNode::Pointer value = value_of(key);
  if (!value) {
    return found;
  }
  const std::string path = (path_.empty() ? "" : path_ + ".") + std::string(key);
  for (const YamlNode::Pointer& item : value->items) {
    if (item->kind == YamlNode::Kind::map) {
      found.emplace_back(source_, item, path + "[" + std::to_string(found.size()) + "]");
    }
  }
  if (value->kind != YamlNode::Kind::sequence || found.size() != value->items.size()) {
    fail_kind(key, "a list of maps");
  }
  return found;
}

std::vector<std::string> KubeconfigMap::keys() const {
  std::vector<std::string> names;
  for (const auto& entry : node_->entries) {
    names.push_back(entry.first->text);
  }
  return names;
}

std::string KubeconfigMap::path_text(std::string_view key) const {
  const std::string name = text(key);
  if (name.empty()) {
    return {};
  }
  return (std::filesystem::path(source_->file).parent_path() / name).string();
}

std::string KubeconfigMap::data(std::string_view key) const {
  const std::string encoded = text(key);
  if (encoded.empty()) {
    return {};
  }
  auto bytes = decode_base64(encoded);
  if (!bytes || bytes->empty()) {
    fail(key, "is not base64", "write it on one line, as `base64 -w0 FILE` prints it");
    return {};
  }
  return std::move(*bytes);
}

}  // namespace scanclock
