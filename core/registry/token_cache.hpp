#pragma once

#include "core/domain/time.hpp"

#include <compare>
#include <cstddef>
#include <map>
#include <optional>
#include <string>

namespace scanclock {

/// Tokens are renewed this long before they expire.
inline constexpr Duration token_early_renewal = std::chrono::seconds(5);
inline constexpr std::size_t tokens_max = 4096;

struct TokenKey {
  TokenKey() = default;
  std::string realm;
  std::string service;
  std::string scope;
  /// The namespace whose login it was given for, where namespaces have logins of their own.
  std::string account;

  auto operator<=>(const TokenKey&) const = default;
};

/// Bearer tokens until shortly before they expire. Pure: `now` is monotonic time, so that a step
/// of the wall clock neither expires nor revives one.
class TokenCache {
 public:
  std::optional<std::string> find(const TokenKey& key, Duration now) const;
  void keep(const TokenKey& key, std::string token, Duration lifetime, Duration now);
  /// Forgets the token if it is still the one under the key: another coroutine may have renewed it.
  void drop(const TokenKey& key, const std::string& token);
  std::size_t size() const { return tokens_.size(); }

 private:
  struct Entry {
    std::string token;
    Duration renew_at{0};
  };
  std::map<TokenKey, Entry> tokens_;
};

}  // namespace scanclock
