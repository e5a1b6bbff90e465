#include "alerts/receivers/incident_key.hpp"

#include "alerts/receivers/plain_text.hpp"
#include "core/runtime/hashing.hpp"

namespace scanclock::alerts {

std::string incident_key(const std::string& key, std::size_t bytes_max) {
  const std::string clean = clean_line(key);
  return clean.size() <= bytes_max && clean == key ? key : std::string(sha256(key).hex());
}

}  // namespace scanclock::alerts
