#include "core/registry/challenge.hpp"
#include "core/registry/origin_guard.hpp"
#include "tests/fuzz/fuzzing.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace {

using namespace scanclock;
using fuzzing::require;

std::string quoted(std::string_view value) {
  std::string text = "\"";
  for (const char c : value) {
    if (c == '"' || c == '\\') {
      text.push_back('\\');
    }
    text.push_back(c);
  }
  return text + "\"";
}

std::string printed(const std::vector<Challenge>& challenges) {
  std::string text;
  for (const Challenge& challenge : challenges) {
    text += (text.empty() ? "" : ", ") + challenge.scheme;
    const char* separator = " ";
    for (const auto& [name, value] : challenge.parameters) {
      text += separator + name + "=" + quoted(value);
      separator = ", ";
    }
  }
  return text;
}

/// Whatever a server demands, credentials go to its own owner and never in the clear.
void require_credentials_stay_home(const AuthDemand& demand) {
  const Url registry = *parse_url("https://registry.shop.example");
  const Url asked = *parse_url("https://registry.shop.example/v2/cart/manifests/1.4");
  const UrlVerdict verdict = judge_url(UrlUse::token_server, registry, asked, demand.realm);
  require(!verdict.gets_credentials || verdict.url, "what gets credentials may be asked");
  require(!verdict.url || verdict.url->scheme == "https", "nothing goes from https to http");
  require(!verdict.gets_credentials || in_same_domain(registry.host, verdict.url->host),
          "credentials stay with the owner of the registry");
  require(verdict.gets_credentials || !verdict.refusal.empty(), "a refusal is explained");
}

}  // namespace

// Each line of the input is one WWW-Authenticate header.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view text = fuzzing::text_of(data, size);
  std::vector<HttpHeader> headers;
  while (!text.empty()) {
    headers.emplace_back("WWW-Authenticate", std::string(fuzzing::take_line(text)));
    const auto challenges = parse_challenges(headers.back().value);
    const std::string again = printed(challenges);
    require(again.size() > challenge_bytes_max || parse_challenges(again) == challenges,
            "printed challenges read as themselves");
  }
  if (const auto demand = demand_of(headers)) {
    require(demand->scheme == AuthDemand::Scheme::basic || !demand->realm.empty(),
            "a bearer demand names its realm");
    require_credentials_stay_home(*demand);
  }
  return 0;
}
