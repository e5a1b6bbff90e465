#include "core/runtime/backoff.hpp"

#include <algorithm>
#include <cmath>

namespace scanclock {
namespace {

// splitmix64 (Steele, Lea, Flood 2014): well mixed from any seed, zero included.
std::uint64_t mix(std::uint64_t value) {
  value = (value ^ (value >> 30)) * 0xbf58476d1ce4e5b9ULL;
  value = (value ^ (value >> 27)) * 0x94d049bb133111ebULL;
  return value ^ (value >> 31);
}

constexpr std::uint64_t golden_gamma = 0x9e3779b97f4a7c15ULL;

}  // namespace

Backoff::Backoff(Limits limits, std::uint64_t seed)
    : limits_(limits),
      random_state_(seed),
      current_us_(static_cast<double>(limits.first.count())) {}

Duration Backoff::next() {
  random_state_ += golden_gamma;
  const double unit = static_cast<double>(mix(random_state_) >> 11) / 9007199254740992.0;
  const double wait = current_us_ * (1.0 + limits_.jitter * (2.0 * unit - 1.0));
  current_us_ = std::min(current_us_ * limits_.factor, static_cast<double>(limits_.max.count()));
  return Duration(std::llround(std::max(wait, 0.0)));
}

void Backoff::reset() { current_us_ = static_cast<double>(limits_.first.count()); }

Duration phase_of(std::string_view key, Duration period) {
  if (period <= Duration::zero()) {
    return Duration::zero();
  }
  // FNV-1a, then mixed: its low bits alone are too regular for neighbouring keys.
  std::uint64_t hash = 0xcbf29ce484222325ULL;
  for (const char byte : key) {
    hash = (hash ^ static_cast<unsigned char>(byte)) * 0x100000001b3ULL;
  }
  return Duration(
      static_cast<Duration::rep>(mix(hash) % static_cast<std::uint64_t>(period.count())));
}

}  // namespace scanclock
