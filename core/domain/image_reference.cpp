#include "core/domain/image_reference.hpp"

#include <array>

namespace scanclock {
namespace {

constexpr std::size_t repository_characters_max = 255;
constexpr std::size_t tag_characters_max = 128;
constexpr std::array<std::string_view, 2> kubelet_prefixes{"docker-pullable://", "docker://"};

bool is_lower_alphanumeric(char character) {
  return (character >= 'a' && character <= 'z') || (character >= '0' && character <= '9');
}

bool is_repository(std::string_view text) {
  if (text.empty() || text.size() > repository_characters_max ||
      !is_lower_alphanumeric(text.front()) || !is_lower_alphanumeric(text.back())) {
    return false;
  }
  for (std::size_t index = 0; index < text.size(); ++index) {
    const char character = text[index];
    if (character == '/') {
      if (!is_lower_alphanumeric(text[index - 1]) || !is_lower_alphanumeric(text[index + 1])) {
        return false;
      }
    } else if (!is_lower_alphanumeric(character) && character != '.' && character != '_' &&
               character != '-') {
      return false;
    }
  }
  return true;
}

bool is_tag(std::string_view text) {
  if (text.empty() || text.size() > tag_characters_max || text.front() == '.' ||
      text.front() == '-') {
    return false;
  }
  for (const char character : text) {
    if (!is_lower_alphanumeric(character) && !(character >= 'A' && character <= 'Z') &&
        character != '.' && character != '_' && character != '-') {
      return false;
    }
  }
  return true;
}

/// The first component is a host when it could be no Docker Hub namespace (distribution/reference
/// splitDockerDomain).
bool is_host(std::string_view component) {
  return component.find_first_of(".:") != std::string_view::npos || component == "localhost" ||
         component.find_first_of("ABCDEFGHIJKLMNOPQRSTUVWXYZ") != std::string_view::npos;
}

bool is_port(std::string_view text) {
  return !text.empty() && text.size() <= 5 &&
         text.find_first_not_of("0123456789") == std::string_view::npos;
}

/// `registry.example`, `localhost:5000` or `[::1]:5000` (distribution/reference, "domain").
bool is_valid_host(std::string_view text) {
  if (text.starts_with('[')) {
    const auto end = text.find(']');
    return end != std::string_view::npos && end > 1 &&
           text.substr(1, end - 1).find_first_not_of("0123456789abcdefABCDEF:.") ==
               std::string_view::npos &&
           (end + 1 == text.size() || (text[end + 1] == ':' && is_port(text.substr(end + 2))));
  }
  const auto colon = text.find(':');
  if (colon != std::string_view::npos && !is_port(text.substr(colon + 1))) {
    return false;
  }
  const std::string_view name = text.substr(0, colon);
  for (std::size_t index = 0; index < name.size(); ++index) {
    const char character = name[index];
    const bool is_upper = character >= 'A' && character <= 'Z';
    const bool inside = index > 0 && index + 1 < name.size();
    if (!is_lower_alphanumeric(character) && !is_upper &&
        !(inside && (character == '.' || character == '-'))) {
      return false;
    }
  }
  return !name.empty() && name.find("..") == std::string_view::npos;
}

}  // namespace

std::optional<ImageReference> parse_image_reference(std::string_view text) {
  for (const std::string_view prefix : kubelet_prefixes) {
    if (text.starts_with(prefix)) {
      text.remove_prefix(prefix.size());
      break;
    }
  }
  if (text.empty() || Digest::parse(text)) {
    return std::nullopt;
  }
  ImageReference reference;
  if (const auto at = text.find('@'); at != std::string_view::npos) {
    const auto digest = Digest::parse(text.substr(at + 1));
    if (!digest || text.substr(at + 1).find(':') == std::string_view::npos) {
      return std::nullopt;
    }
    reference.digest = *digest;
    text = text.substr(0, at);
  }
  const auto slash = text.find('/');
  if (slash != std::string_view::npos && is_host(text.substr(0, slash))) {
    reference.host = text.substr(0, slash);
    if (!is_valid_host(reference.host)) {
      return std::nullopt;
    }
    text.remove_prefix(slash + 1);
  }
  if (const auto colon = text.rfind(':'); colon != std::string_view::npos) {
    if (!is_tag(text.substr(colon + 1))) {
      return std::nullopt;
    }
    reference.tag = text.substr(colon + 1);
    text = text.substr(0, colon);
  }
  reference.repository = text;
  if (reference.host.empty() || reference.host == "index.docker.io") {
    reference.host = "docker.io";
  }
  if (reference.host == "docker.io" && reference.repository.find('/') == std::string::npos) {
    reference.repository = "library/" + reference.repository;
  }
  if (!is_repository(reference.repository)) {
    return std::nullopt;
  }
  return reference;
}

std::string to_string(const ImageReference& reference) {
  std::string text = reference.host + "/" + reference.repository;
  if (!reference.tag.empty()) {
    text += ":" + reference.tag;
  }
  if (!reference.digest.empty()) {
    text += "@" + reference.digest.str();
  }
  return text;
}

}  // namespace scanclock
