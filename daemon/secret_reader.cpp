#include "daemon/secret_reader.hpp"

#include <stdexcept>

namespace scanclock {

std::function<std::string()> secret_reader(const Secret& secret) {
  if (secret.empty()) {
    return {};
  }
  return [secret] {
    if (secret.file().empty()) {
      return secret.reveal();
    }
    auto read = read_secret(secret.file());
    if (!read) {
      throw std::runtime_error(read.error().message);
    }
    return read->reveal();
  };
}

}  // namespace scanclock
