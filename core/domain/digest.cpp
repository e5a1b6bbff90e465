#include "core/domain/digest.hpp"

#include <stdexcept>
#include <utility>

namespace scanclock {
namespace {

constexpr std::size_t sha256_hex_characters = 64;
constexpr std::size_t sha512_hex_characters = 128;
constexpr std::size_t tag_algorithm_characters_max = 32;
constexpr std::size_t tag_hex_characters_max = 64;
constexpr std::size_t short_hex_characters = 12;

/// Makes hex digits lower case; false when there is anything else. Without branches, for every
/// descriptor of every answer comes by here.
bool lower_hex(char* begin, const char* end) {
  constexpr unsigned lower_bit = 0x20;
  bool is_hex = true;
  for (; begin != end; ++begin) {
    const unsigned byte = static_cast<unsigned char>(*begin);
    const bool is_digit = byte - '0' < 10U;
    const bool is_letter = (byte | lower_bit) - 'a' < 6U;
    is_hex = is_hex & (is_digit | is_letter);
    *begin = static_cast<char>(byte | lower_bit);
  }
  return is_hex;
}

}  // namespace

std::optional<Digest> Digest::parse(std::string_view text) {
  std::string_view algorithm = "sha256";
  std::string_view hex = text;
  if (const auto colon = text.find(':'); colon != std::string_view::npos) {
    algorithm = text.substr(0, colon);
    hex = text.substr(colon + 1);
  }
  const std::size_t expected = algorithm == "sha256"   ? sha256_hex_characters
                               : algorithm == "sha512" ? sha512_hex_characters
                                                       : 0;
  if (expected == 0 || hex.size() != expected) {
    return std::nullopt;
  }
  std::string whole;
  whole.reserve(algorithm.size() + 1 + hex.size());
  whole.append(algorithm).append(1, ':').append(hex);
  if (!lower_hex(whole.data() + algorithm.size() + 1, whole.data() + whole.size())) {
    return std::nullopt;
  }
  Digest digest;
  digest.text_ = Interned<std::string>(std::move(whole));
  return digest;
}

Digest Digest::from_trusted(std::string_view text) {
  auto digest = parse(text);
  if (!digest) {
    throw std::invalid_argument("not a digest: " + std::string(text));
  }
  return std::move(*digest);
}

std::string_view Digest::algorithm() const {
  return std::string_view(str()).substr(0, str().find(':'));
}

std::string_view Digest::hex() const {
  return empty() ? std::string_view() : std::string_view(str()).substr(str().find(':') + 1);
}

std::string Digest::referrers_tag() const {
  return std::string(algorithm().substr(0, tag_algorithm_characters_max)) + "-" +
         std::string(hex().substr(0, tag_hex_characters_max));
}

std::string Digest::short_form() const {
  return empty()
             ? std::string()
             : std::string(algorithm()) + ":" + std::string(hex().substr(0, short_hex_characters));
}

}  // namespace scanclock
