#include "core/registry/link_header.hpp"
#include "core/registry/origin_guard.hpp"
#include "tests/fuzz/fuzzing.hpp"

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

namespace {

using namespace scanclock;
using fuzzing::require;

/// Nothing for relations that would need escapes.
std::string printed(const std::vector<Link>& links) {
  std::string text;
  for (const Link& link : links) {
    text += (text.empty() ? "<" : ", <") + link.target + ">; rel=\"";
    for (const std::string& relation : link.relations) {
      if (relation.find_first_of("\"\\") != std::string::npos) {
        return std::string();
      }
      text += relation + " ";
    }
    text += "\"";
  }
  return text;
}

void require_stays_home(std::string_view target) {
  const Url registry = *parse_url("https://registry.shop.example");
  const Url asked = *parse_url("https://registry.shop.example/v2/cart/tags/list?n=100");
  const UrlVerdict page = judge_url(UrlUse::next_page, registry, asked, target);
  require(!page.url || page.url->origin() == registry.origin(),
          "a list goes on at the registry's origin");
  const UrlVerdict redirect = judge_url(UrlUse::redirect, registry, asked, target);
  require(!redirect.url || redirect.url->scheme == "https", "nothing goes from https to http");
  require(!redirect.gets_credentials || redirect.url->origin() == registry.origin(),
          "a redirect takes no credentials to another origin");
  for (const auto& verdict : {page, redirect}) {
    require(verdict.url || !verdict.refusal.empty(), "a refusal is explained");
    require(!verdict.url || parse_url(to_string(*verdict.url)).has_value(),
            "what may be asked is a whole URL");
    require(!verdict.url || std::none_of(verdict.url->target.begin(), verdict.url->target.end(),
                                         [](unsigned char c) { return c <= ' ' || c == 0x7f; }),
            "a target breaks out of no request line");
  }
}

}  // namespace

// Each line of the input is one Link header.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view text = fuzzing::text_of(data, size);
  std::vector<HttpHeader> headers;
  while (!text.empty()) {
    headers.emplace_back("Link", std::string(fuzzing::take_line(text)));
    const auto links = parse_links(headers.back().value);
    const std::string again = printed(links);
    require(again.empty() || again.size() > link_bytes_max || parse_links(again) == links,
            "printed links read as themselves");
    for (const Link& link : links) {
      require_stays_home(link.target);
    }
  }
  if (const auto next = next_link(headers)) {
    require_stays_home(*next);
  }
  return 0;
}
