#pragma once

#include <boost/asio/ip/address.hpp>

#include <string_view>

namespace scanclock {

/// How near an address is. Whoever stands at one of them can anyhow reach what is farther away, so
/// that the order says whose word may lead us where: a server on the Internet names no host of the
/// private network, one in the private network names no service of this machine.
enum class AddressClass {
  /// On the Internet.
  global,
  /// In a private network: RFC 1918, RFC 4193, RFC 6598 and other blocks that are not routed.
  private_network,
  /// This machine.
  loopback,
  /// Link-local, where clouds keep the credentials of the machine, unspecified and multicast:
  /// nobody's word leads there.
  forbidden,
};

/// Addresses that carry an IPv4 address inside (mapped, NAT64, 6to4) are of its class.
AddressClass class_of(const boost::asio::ip::address& address);

/// Whether a server at an address of class `by` may name a target of class `to`.
bool may_lead_to(AddressClass by, AddressClass to);

/// `a private network`, for messages.
std::string_view describe(AddressClass address_class);

/// True for host names that a resolver reads as an IPv4 address although they are not written as
/// one: `2130706433`, `0x7f.1`, `127.1`, `010.0.0.1`.
bool is_disguised_address(std::string_view host);

}  // namespace scanclock
