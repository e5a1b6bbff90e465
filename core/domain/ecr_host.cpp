#include "core/domain/ecr_host.hpp"

#include <algorithm>
#include <cctype>

namespace scanclock {
namespace {

bool is_account(std::string_view text) {
  constexpr std::size_t account_digits = 12;
  return text.size() == account_digits &&
         std::all_of(text.begin(), text.end(),
                     [](unsigned char letter) { return std::isdigit(letter) != 0; });
}

bool is_region(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](unsigned char letter) {
    return std::isalnum(letter) != 0 || letter == '-';
  });
}

}  // namespace

std::optional<EcrHost> parse_ecr_host(std::string_view host) {
  const std::string_view account = host.substr(0, host.find('.'));
  std::string_view rest = host.substr(account.size());
  bool is_known = false;
  for (const std::string_view prefix :
       {".dkr.ecr.", ".dkr.ecr-fips.", ".dkr-ecr.", ".dkr-ecr-fips."}) {
    if (rest.starts_with(prefix)) {
      rest.remove_prefix(prefix.size());
      is_known = true;
      break;
    }
  }
  if (!is_known || !is_account(account)) {
    return std::nullopt;
  }
  for (const std::string_view suffix : {".amazonaws.com.cn", ".amazonaws.com", ".on.aws"}) {
    if (rest.ends_with(suffix)) {
      rest.remove_suffix(suffix.size());
      return is_region(rest) ? std::optional(EcrHost{std::string(account), std::string(rest)})
                             : std::nullopt;
    }
  }
  return std::nullopt;
}

std::string ecr_endpoint(const std::string& region, bool fips) {
  return std::string("https://") + (fips ? "ecr-fips." : "api.ecr.") + region + ".amazonaws.com" +
         (region.starts_with("cn-") ? ".cn" : "");
}

}  // namespace scanclock
