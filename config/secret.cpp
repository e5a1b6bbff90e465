#include "config/secret.hpp"

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <ostream>
#include <utility>

namespace scanclock {

Secret::Secret(std::string value, std::string file)
    : value_(std::move(value)), file_(std::move(file)) {}

std::string to_string(const Secret& secret) { return secret.empty() ? "" : "<secret>"; }

std::ostream& operator<<(std::ostream& stream, const Secret& secret) {
  return stream << to_string(secret);
}

Result<Secret, SecretFileError> read_secret(const std::string& file) {
  std::error_code ignored;
  if (std::filesystem::is_directory(file, ignored)) {
    return SecretFileError{"cannot read " + file + ": it is a directory"};
  }
  errno = 0;
  std::ifstream stream(file, std::ios::binary);
  if (!stream) {
    return SecretFileError{"cannot read " + file + ": " + std::strerror(errno)};
  }
  // One byte more than allowed tells a full file from one that is too large.
  std::string value(secret_bytes_max + 1, '\0');
  stream.read(value.data(), static_cast<std::streamsize>(value.size()));
  value.resize(static_cast<std::size_t>(stream.gcount()));
  if (stream.bad()) {
    return SecretFileError{"cannot read " + file + ": " + std::strerror(errno)};
  }
  if (value.size() > secret_bytes_max) {
    return SecretFileError{"cannot read " + file + ": larger than 64 KiB, which is no secret"};
  }
  while (!value.empty() && (value.back() == '\n' || value.back() == '\r')) {
    value.pop_back();
  }
  if (value.empty()) {
    return SecretFileError{file + " is empty"};
  }
  return Secret(std::move(value), file);
}

std::string locate_file(std::string_view name, const std::string& base_dir) {
  const std::filesystem::path path(name);
  if (path.is_absolute()) {
    return path.string();
  }
  const char* const credentials = std::getenv("CREDENTIALS_DIRECTORY");
  if (credentials != nullptr && *credentials != '\0') {
    std::filesystem::path candidate = std::filesystem::path(credentials) / path;
    std::error_code ignored;
    if (std::filesystem::exists(candidate, ignored)) {
      return candidate.string();
    }
  }
  return (std::filesystem::path(base_dir) / path).string();
}

}  // namespace scanclock
