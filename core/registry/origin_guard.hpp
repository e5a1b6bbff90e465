#pragma once

#include "core/net/url.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace scanclock {

/// How a server named a URL.
enum class UrlUse {
  /// `realm` of a Bearer challenge: gets the credentials.
  token_server,
  /// Location of a manifest or blob: gets a request without credentials.
  redirect,
  /// Link to the next page of a list or of referrers.
  next_page,
};

/// What may be done with a URL that a server named.
struct UrlVerdict {
  /// Nothing when it may not be asked.
  std::optional<Url> url;
  /// Authorization or credentials may go there. For a token server of an anonymous login there are
  /// none, so that it may be asked all the same.
  bool gets_credentials = false;
  /// Why not: of the URL, or else of the credentials.
  std::string refusal;
};

/// Judges `reference`, which may be relative to `base`, the URL that was asked. Credentials go to
/// the registry's own origin and, those for tokens, to a token server that belongs to it: the same
/// host, a host in the same domain, or `token_server`, the origin that the settings name. Nothing
/// goes from https to http, and nothing to an address nearer to us than the registry's own where
/// both are written as addresses; names are judged after their resolution, by the HTTP client
/// (HttpRequest::led_by_host). Lists go on at the registry's origin alone. Pure.
///
/// The holes that this closes are those of peers: CVE-2020-15157, CVE-2019-10214, CVE-2025-51471,
/// CVE-2026-33540, CVE-2026-48978, CVE-2026-49349, CVE-2026-50151 and GHSA-vh4v-2xq2-g5cg.
UrlVerdict judge_url(UrlUse use, const Url& registry, const Url& base, std::string_view reference,
                     std::string_view token_server = std::string_view());

/// True when both hosts belong to one owner as far as names tell: equal, one below the other, or
/// neighbours below a domain that is not open to everybody (`co.uk`, `azurecr.io`).
bool in_same_domain(std::string_view registry_host, std::string_view other_host);

}  // namespace scanclock
