#include "core/domain/mail_address.hpp"

#include <algorithm>
#include <cctype>

namespace scanclock {
namespace {

bool is_control(char letter) {
  return static_cast<unsigned char>(letter) < ' ' || letter == '\x7f';
}

std::string_view trimmed_address(std::string_view text) {
  while (!text.empty() && text.front() == ' ') {
    text.remove_prefix(1);
  }
  while (!text.empty() && text.back() == ' ') {
    text.remove_suffix(1);
  }
  return text;
}

/// RFC 5322 section 3.2.3, dot-atom.
bool is_dot_atom(std::string_view text) {
  constexpr std::string_view marks = "!#$%&'*+-/=?^_`{|}~.";
  if (text.empty() || text.front() == '.' || text.back() == '.' ||
      text.find("..") != std::string_view::npos) {
    return false;
  }
  return std::all_of(text.begin(), text.end(), [&](unsigned char letter) {
    return letter < 0x80 && (std::isalnum(letter) != 0 ||
                             marks.find(static_cast<char>(letter)) != std::string_view::npos);
  });
}

bool is_mail_domain(std::string_view text) {
  return is_dot_atom(text) && std::all_of(text.begin(), text.end(), [](unsigned char letter) {
           return std::isalnum(letter) != 0 || letter == '.' || letter == '-';
         });
}

bool is_mail_address(std::string_view text) {
  const std::size_t at = text.rfind('@');
  return text.size() <= mail_address_bytes_max && at != std::string_view::npos &&
         is_dot_atom(text.substr(0, at)) && is_mail_domain(text.substr(at + 1));
}

}  // namespace

std::optional<MailAddress> parse_mail_address(std::string_view text) {
  if (std::any_of(text.begin(), text.end(), is_control)) {
    return std::nullopt;
  }
  MailAddress parsed;
  std::string_view address = trimmed_address(text);
  const std::size_t open = address.find('<');
  if (open != std::string_view::npos) {
    if (address.back() != '>') {
      return std::nullopt;
    }
    std::string_view name = trimmed_address(address.substr(0, open));
    if (name.size() >= 2 && name.front() == '"' && name.back() == '"') {
      name = name.substr(1, name.size() - 2);
    }
    if (name.find_first_of("\"\\<>") != std::string_view::npos) {
      return std::nullopt;
    }
    parsed.name = name;
    address = address.substr(open + 1, address.size() - open - 2);
  }
  if (!is_mail_address(address)) {
    return std::nullopt;
  }
  parsed.address = address;
  return parsed;
}

}  // namespace scanclock
