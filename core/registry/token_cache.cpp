#include "core/registry/token_cache.hpp"

#include <utility>

namespace scanclock {

std::optional<std::string> TokenCache::find(const TokenKey& key, Duration now) const {
  const auto entry = tokens_.find(key);
  if (entry == tokens_.end() || now >= entry->second.renew_at) {
    return std::nullopt;
  }
  return entry->second.token;
}

void TokenCache::keep(const TokenKey& key, std::string token, Duration lifetime, Duration now) {
  if (tokens_.size() >= tokens_max) {
    std::erase_if(tokens_, [now](const auto& entry) { return now >= entry.second.renew_at; });
  }
  if (tokens_.size() >= tokens_max) {
    tokens_.clear();
  }
  tokens_[key] = Entry{std::move(token), now + lifetime - token_early_renewal};
}

void TokenCache::drop(const TokenKey& key, const std::string& token) {
  const auto entry = tokens_.find(key);
  if (entry != tokens_.end() && entry->second.token == token) {
    tokens_.erase(entry);
  }
}

}  // namespace scanclock
