#include "core/net/accept.hpp"

#include <gtest/gtest.h>

namespace scanclock {
namespace {

TEST(AcceptEncoding, GzipIsSentToThoseWhoWantIt) {
  const std::pair<const char*, bool> cases[] = {
      {"gzip", true},
      {"GZIP", true},
      {"x-gzip", true},
      {"deflate, gzip;q=0.5", true},
      {"gzip;q=0", false},
      {"gzip;q=0.0, *", false},
      {"*", true},
      {"*;q=0", false},
      {"identity", false},
      {"identity;q=0, gzip;q=0.001", true},
      {"identity;q=0.8, gzip;q=0.5", false},
      {"identity;q=0.5, gzip;q=0.5", true},
      {"gzip;q=2", false},
      {"gzip;q=many", false},
      {"gzip ; q=1 , br", true},
      {"notgzip", false},
      {"br, gzipped", false},
      {"", false},
      {" , ;q=1,,", false},
  };
  for (const auto& [header, expected] : cases) {
    EXPECT_EQ(wants_gzip(header), expected) << header;
  }
  EXPECT_FALSE(wants_gzip(std::nullopt));
}

TEST(Accept, EntriesHaveTokenVersionAndWeight) {
  const auto entries = parse_accept(
      "application/openmetrics-text;version=1.0.0,Text/Plain; q=0.5; version=\"0.0.4\",*/*;q=.1");
  ASSERT_EQ(entries.size(), 3U);
  EXPECT_EQ(entries[0].token, "application/openmetrics-text");
  EXPECT_EQ(entries[0].version, "1.0.0");
  EXPECT_EQ(entries[0].quality, 1);
  EXPECT_EQ(entries[1].token, "text/plain");
  EXPECT_EQ(entries[1].version, "0.0.4");
  EXPECT_EQ(entries[1].quality, 0.5);
  EXPECT_EQ(entries[2].quality, 0.1);
}

TEST(Accept, ALongHeaderIsReadToALimit) {
  std::string header;
  for (int count = 0; count < 1000; ++count) {
    header += "a/b,";
  }
  EXPECT_EQ(parse_accept(header).size(), accept_entries_max);
}

}  // namespace
}  // namespace scanclock
