#include "core/net/address_class.hpp"

#include <algorithm>
#include <array>
#include <cstdint>

namespace scanclock {
namespace {

namespace ip = boost::asio::ip;

struct Block4 {
  std::uint32_t network;
  int bits;
  AddressClass address_class;
};

constexpr std::uint32_t quad(std::uint32_t a, std::uint32_t b, std::uint32_t c, std::uint32_t d) {
  return a << 24 | b << 16 | c << 8 | d;
}

/// IANA IPv4 Special-Purpose Address Registry; the first match decides. Single addresses are
/// metadata services of clouds that do not use link-local ones.
constexpr std::array<Block4, 17> blocks{{
    {quad(0, 0, 0, 0), 8, AddressClass::forbidden},
    {quad(100, 100, 100, 200), 32, AddressClass::forbidden},
    {quad(192, 0, 0, 192), 32, AddressClass::forbidden},
    {quad(168, 63, 129, 16), 32, AddressClass::forbidden},
    {quad(169, 254, 0, 0), 16, AddressClass::forbidden},
    {quad(224, 0, 0, 0), 4, AddressClass::forbidden},
    {quad(240, 0, 0, 0), 4, AddressClass::forbidden},
    {quad(127, 0, 0, 0), 8, AddressClass::loopback},
    {quad(10, 0, 0, 0), 8, AddressClass::private_network},
    {quad(172, 16, 0, 0), 12, AddressClass::private_network},
    {quad(192, 168, 0, 0), 16, AddressClass::private_network},
    {quad(100, 64, 0, 0), 10, AddressClass::private_network},
    {quad(192, 0, 0, 0), 24, AddressClass::private_network},
    {quad(192, 0, 2, 0), 24, AddressClass::private_network},
    {quad(198, 18, 0, 0), 15, AddressClass::private_network},
    {quad(198, 51, 100, 0), 24, AddressClass::private_network},
    {quad(203, 0, 113, 0), 24, AddressClass::private_network},
}};

AddressClass class_of_v4(std::uint32_t address) {
  for (const Block4& block : blocks) {
    if ((address ^ block.network) >> (32 - block.bits) == 0) {
      return block.address_class;
    }
  }
  return AddressClass::global;
}

std::uint32_t v4_at(const ip::address_v6::bytes_type& bytes, std::size_t from) {
  return quad(bytes[from], bytes[from + 1], bytes[from + 2], bytes[from + 3]);
}

bool begins_with(const ip::address_v6::bytes_type& bytes,
                 std::initializer_list<unsigned char> prefix) {
  return std::equal(prefix.begin(), prefix.end(), bytes.begin());
}

AddressClass class_of_v6(const ip::address_v6& address) {
  const auto bytes = address.to_bytes();
  if (address.is_loopback()) {
    return AddressClass::loopback;
  }
  if (address.is_unspecified() || address.is_multicast() || address.is_link_local()) {
    return AddressClass::forbidden;
  }
  if (address.is_v4_mapped() || begins_with(bytes, {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0}) ||
      begins_with(bytes, {0, 0x64, 0xff, 0x9b, 0, 0, 0, 0, 0, 0, 0, 0})) {
    return class_of_v4(v4_at(bytes, 12));
  }
  if (begins_with(bytes, {0x20, 0x02})) {
    return class_of_v4(v4_at(bytes, 2));
  }
  // Amazon's metadata service, fd00:ec2::254.
  if (begins_with(bytes, {0xfd, 0x00, 0x0e, 0xc2})) {
    return AddressClass::forbidden;
  }
  const bool is_unique_local = (bytes[0] & 0xfe) == 0xfc;
  if (is_unique_local || address.is_site_local() || begins_with(bytes, {0x20, 0x01, 0x0d, 0xb8}) ||
      begins_with(bytes, {0, 0x64, 0xff, 0x9b, 0, 1})) {
    return AddressClass::private_network;
  }
  return AddressClass::global;
}

bool is_number(std::string_view part) {
  if (part.starts_with("0x")) {
    return part.size() > 2 &&
           part.find_first_not_of("0123456789abcdef", 2) == std::string_view::npos;
  }
  return !part.empty() && part.find_first_not_of("0123456789") == std::string_view::npos;
}

}  // namespace

AddressClass class_of(const ip::address& address) {
  return address.is_v4() ? class_of_v4(address.to_v4().to_uint()) : class_of_v6(address.to_v6());
}

bool may_lead_to(AddressClass by, AddressClass to) {
  return to != AddressClass::forbidden && to <= by;
}

std::string_view describe(AddressClass address_class) {
  switch (address_class) {
    case AddressClass::global:
      return "the internet";
    case AddressClass::private_network:
      return "a private network";
    case AddressClass::loopback:
      return "this machine";
    case AddressClass::forbidden:
      break;
  }
  return "a link-local or special address";
}

bool is_disguised_address(std::string_view host) {
  boost::system::error_code not_literal;
  ip::make_address(std::string(host), not_literal);
  if (!not_literal) {
    return false;
  }
  if (host.ends_with('.')) {
    host.remove_suffix(1);
  }
  // What resolvers take for a number is decided by its last label (WHATWG URL, "ends in a number").
  const std::size_t dot = host.rfind('.');
  return is_number(dot == std::string_view::npos ? host : host.substr(dot + 1));
}

}  // namespace scanclock
