#include "core/registry/origin_guard.hpp"

#include "core/net/address_class.hpp"

#include <boost/asio/ip/address.hpp>

#include <algorithm>
#include <array>
#include <utility>

namespace scanclock {
namespace {

/// Clouds and hosting companies give names below these to strangers. Together with the rule on
/// two-letter domains it does for registries what the Public Suffix List does for browsers.
constexpr std::array<std::string_view, 24> shared_domains{
    "amazonaws.com", "amazonaws.com.cn", "on.aws",        "azurecr.io",
    "azurecr.us",    "azurecr.cn",       "azure.com",     "azurewebsites.net",
    "pkg.dev",       "gcr.io",           "run.app",       "appspot.com",
    "web.app",       "jfrog.io",         "cloudsmith.io", "github.io",
    "gitlab.io",     "herokuapp.com",    "netlify.app",   "vercel.app",
    "workers.dev",   "pages.dev",        "ocir.io",       "digitaloceanspaces.com"};

bool is_below(std::string_view host, std::string_view domain) {
  return host.size() > domain.size() && host.ends_with(domain) &&
         host[host.size() - domain.size() - 1] == '.';
}

/// `co.uk`, `com.au`, `gv.at`: a short second level under a country's domain.
bool is_country_registry(std::string_view domain) {
  constexpr std::size_t second_level_length_max = 3;
  const std::size_t dot = domain.find('.');
  return dot != std::string_view::npos && domain.find('.', dot + 1) == std::string_view::npos &&
         domain.size() - dot - 1 == 2 && dot <= second_level_length_max;
}

/// Everybody can have a name in it.
bool is_open_domain(std::string_view domain) {
  return domain.find('.') == std::string_view::npos || is_country_registry(domain) ||
         std::any_of(shared_domains.begin(), shared_domains.end(), [&](std::string_view shared) {
           return domain == shared || is_below(domain, shared);
         });
}

std::optional<AddressClass> literal_class(const std::string& host) {
  if (host == "localhost" || is_below(host, "localhost")) {
    return AddressClass::loopback;
  }
  boost::system::error_code not_literal;
  const auto address = boost::asio::ip::make_address(host, not_literal);
  return not_literal ? std::nullopt : std::optional(class_of(address));
}

/// Why no request may go to `url`, as far as its text tells.
std::string refusal_of_target(const Url& registry, const Url& base, const Url& url) {
  if (url.scheme != "https" && (registry.scheme == "https" || base.scheme == "https")) {
    return "it leads from https to http";
  }
  // The registry's own host may be asked wherever it stands.
  if (url.host == registry.host) {
    return std::string();
  }
  if (is_disguised_address(url.host)) {
    return "it hides an address in its host name";
  }
  const auto to = literal_class(url.host);
  if (!to) {
    return std::string();
  }
  // A registry with a name may stand anywhere; the client finds out where when it connects.
  const auto by = literal_class(registry.host);
  if (*to == AddressClass::forbidden || (by && !may_lead_to(*by, *to))) {
    return "it leads to " + std::string(describe(*to));
  }
  return std::string();
}

bool belongs_to(const Url& registry, const Url& realm, std::string_view token_server) {
  if (realm.origin() == registry.origin() || realm.origin() == token_server) {
    return true;
  }
  // Plain text reaches no other origin.
  return realm.scheme == "https" && in_same_domain(registry.host, realm.host);
}

}  // namespace

bool in_same_domain(std::string_view registry_host, std::string_view other_host) {
  if (registry_host == other_host || is_below(other_host, registry_host)) {
    return true;
  }
  boost::system::error_code not_literal;
  boost::asio::ip::make_address(std::string(registry_host), not_literal);
  const std::size_t dot = registry_host.find('.');
  if (!not_literal || dot == std::string_view::npos) {
    return false;
  }
  const std::string_view domain = registry_host.substr(dot + 1);
  return !is_open_domain(domain) && (other_host == domain || is_below(other_host, domain));
}

UrlVerdict judge_url(UrlUse use, const Url& registry, const Url& base, std::string_view reference,
                     std::string_view token_server) {
  UrlVerdict verdict;
  std::optional<Url> url = resolve_url(base, reference);
  if (!url) {
    verdict.refusal = "it is malformed, or holds credentials";
    return verdict;
  }
  const bool is_own = url->origin() == registry.origin();
  const bool is_named = use == UrlUse::token_server && url->origin() == token_server;
  if (use == UrlUse::next_page && !is_own) {
    verdict.refusal = "it leads to another server, " + url->origin();
    return verdict;
  }
  if (!is_named) {
    verdict.refusal = refusal_of_target(registry, base, *url);
    if (!verdict.refusal.empty()) {
      return verdict;
    }
  }
  verdict.gets_credentials =
      use == UrlUse::token_server ? belongs_to(registry, *url, token_server) : is_own;
  if (!verdict.gets_credentials) {
    verdict.refusal = url->origin() + " does not belong to " + registry.origin();
  }
  verdict.url = std::move(url);
  return verdict;
}

}  // namespace scanclock
