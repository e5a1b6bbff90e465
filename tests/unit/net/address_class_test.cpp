#include "core/net/address_class.hpp"

#include <gtest/gtest.h>

namespace scanclock {
namespace {

AddressClass class_of_text(const char* text) {
  return class_of(boost::asio::ip::make_address(text));
}

struct ClassCase {
  const char* address;
  AddressClass expected;
};

TEST(AddressClass, FollowsTheSpecialPurposeRegistries) {
  const ClassCase cases[] = {
      {"93.184.216.34", AddressClass::global},
      {"9.255.255.255", AddressClass::global},
      {"11.0.0.0", AddressClass::global},
      {"172.15.255.255", AddressClass::global},
      {"172.32.0.0", AddressClass::global},
      {"2606:4700::1", AddressClass::global},
      {"10.0.0.1", AddressClass::private_network},
      {"172.16.0.1", AddressClass::private_network},
      {"172.31.255.255", AddressClass::private_network},
      {"192.168.1.1", AddressClass::private_network},
      {"100.64.0.1", AddressClass::private_network},
      {"198.19.0.1", AddressClass::private_network},
      {"fd12:3456::1", AddressClass::private_network},
      {"fec0::1", AddressClass::private_network},
      {"127.0.0.1", AddressClass::loopback},
      {"127.255.255.254", AddressClass::loopback},
      {"::1", AddressClass::loopback},
      {"169.254.169.254", AddressClass::forbidden},
      {"169.254.170.2", AddressClass::forbidden},
      {"100.100.100.200", AddressClass::forbidden},
      {"168.63.129.16", AddressClass::forbidden},
      {"192.0.0.192", AddressClass::forbidden},
      {"0.0.0.0", AddressClass::forbidden},
      {"224.0.0.1", AddressClass::forbidden},
      {"255.255.255.255", AddressClass::forbidden},
      {"::", AddressClass::forbidden},
      {"fe80::1", AddressClass::forbidden},
      {"ff02::1", AddressClass::forbidden},
      {"fd00:ec2::254", AddressClass::forbidden},
  };
  for (const ClassCase& test : cases) {
    EXPECT_EQ(class_of_text(test.address), test.expected) << test.address;
  }
}

TEST(AddressClass, SeesTheAddressInsideAnAddress) {
  EXPECT_EQ(class_of_text("::ffff:127.0.0.1"), AddressClass::loopback);
  EXPECT_EQ(class_of_text("::ffff:169.254.169.254"), AddressClass::forbidden);
  EXPECT_EQ(class_of_text("64:ff9b::a9fe:a9fe"), AddressClass::forbidden);
  EXPECT_EQ(class_of_text("64:ff9b::808:808"), AddressClass::global);
  EXPECT_EQ(class_of_text("2002:7f00:1::"), AddressClass::loopback);
  EXPECT_EQ(class_of_text("::10.0.0.1"), AddressClass::private_network);
}

TEST(AddressClass, LeadsOutwardsOnly) {
  const AddressClass all[] = {AddressClass::global, AddressClass::private_network,
                              AddressClass::loopback, AddressClass::forbidden};
  for (const AddressClass by : all) {
    EXPECT_TRUE(may_lead_to(by, AddressClass::global));
    EXPECT_FALSE(may_lead_to(by, AddressClass::forbidden));
  }
  EXPECT_FALSE(may_lead_to(AddressClass::global, AddressClass::private_network));
  EXPECT_FALSE(may_lead_to(AddressClass::global, AddressClass::loopback));
  EXPECT_TRUE(may_lead_to(AddressClass::private_network, AddressClass::private_network));
  EXPECT_FALSE(may_lead_to(AddressClass::private_network, AddressClass::loopback));
  EXPECT_TRUE(may_lead_to(AddressClass::loopback, AddressClass::loopback));
}

TEST(DisguisedAddress, IsWhatAResolverReadsAsOne) {
  for (const char* host :
       {"2130706433", "0x7f000001", "127.1", "010.0.0.1", "0x7f.0.0.1", "127.0.0.1.", "1.2.3"}) {
    EXPECT_TRUE(is_disguised_address(host)) << host;
  }
  for (const char* host : {"127.0.0.1", "::1", "registry.example", "1.2.3.example", "r2", "0xg"}) {
    EXPECT_FALSE(is_disguised_address(host)) << host;
  }
}

}  // namespace
}  // namespace scanclock
