#pragma once

#include <cstddef>
#include <string>

namespace scanclock::alerts {

/// A notification's key within a receiver's limit in bytes, 64 at least: a longer one is replaced
/// by its hash, so that two keys never become one.
std::string incident_key(const std::string& key, std::size_t bytes_max);

}  // namespace scanclock::alerts
