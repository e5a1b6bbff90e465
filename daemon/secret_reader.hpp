#pragma once

#include "config/secret.hpp"

#include <functional>
#include <string>

namespace scanclock {

/// Reads the secret anew at each call where it came from a file, for files are rotated; throws
/// std::runtime_error, naming the file, when that fails. An empty function for no secret.
std::function<std::string()> secret_reader(const Secret& secret);

}  // namespace scanclock
