#include "core/net/url.hpp"

#include <gtest/gtest.h>

namespace scanclock {
namespace {

TEST(UrlParse, TakesApartAnAbsoluteUrl) {
  const auto url = parse_url("HTTPS://Registry.Example:5000/v2/a%2Fb/tags?n=100&last=x");
  ASSERT_TRUE(url);
  EXPECT_EQ(url->scheme, "https");
  EXPECT_EQ(url->host, "registry.example");
  EXPECT_EQ(url->port, 5000);
  EXPECT_EQ(url->target, "/v2/a%2Fb/tags?n=100&last=x");
  EXPECT_EQ(url->origin(), "https://registry.example:5000");
  EXPECT_EQ(url->authority(), "registry.example:5000");
}

TEST(UrlParse, TheSchemesOwnPortIsLeftOut) {
  const struct {
    const char* text;
    std::uint16_t port;
    const char* origin;
  } cases[] = {{"http://a", 80, "http://a"},
               {"https://a:443/", 443, "https://a"},
               {"https://a:80/", 80, "https://a:80"},
               {"http://a:/x", 80, "http://a"},
               {"http://[2001:DB8::1]:8080/x", 8080, "http://[2001:db8::1]:8080"}};
  for (const auto& item : cases) {
    const auto url = parse_url(item.text);
    ASSERT_TRUE(url) << item.text;
    EXPECT_EQ(url->port, item.port) << item.text;
    EXPECT_EQ(url->origin(), item.origin);
  }
  EXPECT_EQ(parse_url("http://[::1]/")->host, "::1");
  EXPECT_EQ(parse_url("http://10.0.0.1.example:8/x")->host, "10.0.0.1.example");
  EXPECT_EQ(parse_url("http://a?q=1")->target, "/?q=1");
}

TEST(UrlParse, RefusesWhatItCannotSendAsItStands) {
  for (const char* text : {"",
                           "a",
                           "//a/b",
                           "ftp://a/",
                           "unix:/run/x",
                           "http://",
                           "http:///x",
                           "http://user@a/",
                           "http://user:secret@a/",
                           "http://a/#part",
                           "http://a:0/",
                           "http://a:65536/",
                           "http://a:x/",
                           "http://a:8x/",
                           "http://a:1:2/",
                           "http://[::1]x/",
                           "http://[fe80::1%25eth0]/",
                           "http://a b/",
                           "http://a/b c",
                           "http://a/\r\nX: y",
                           "http://a/\n",
                           "http://a\r\n/",
                           "http://a/%zz",
                           "http://a%0d%0a/",
                           "http://[::1/"}) {
    EXPECT_FALSE(parse_url(text)) << text;
  }
}

TEST(UrlLoopback, KnowsNamesAndAddresses) {
  for (const char* text :
       {"http://localhost/", "http://127.0.0.1/", "http://127.8.9.1/", "http://[::1]/"}) {
    EXPECT_TRUE(parse_url(text)->is_loopback()) << text;
  }
  for (const char* text : {"http://localhost.example/", "http://10.0.0.1/", "http://[::2]/",
                           "http://127.0.0.1.example/"}) {
    EXPECT_FALSE(parse_url(text)->is_loopback()) << text;
  }
}

TEST(UrlResolve, FollowsRfc3986Section54) {
  const auto base = parse_url("http://a/b/c/d;p?q");
  ASSERT_TRUE(base);
  const struct {
    const char* reference;
    const char* result;
  } cases[] = {{"g", "http://a/b/c/g"},      {"./g", "http://a/b/c/g"},
               {"g/", "http://a/b/c/g/"},    {"/g", "http://a/g"},
               {"//g", "http://g/"},         {"?y", "http://a/b/c/d;p?y"},
               {"g?y", "http://a/b/c/g?y"},  {"g#s", "http://a/b/c/g"},
               {"", "http://a/b/c/d;p?q"},   {".", "http://a/b/c/"},
               {"..", "http://a/b/"},        {"../g", "http://a/b/g"},
               {"../..", "http://a/"},       {"../../g", "http://a/g"},
               {"../../../g", "http://a/g"}, {"/./g", "http://a/g"},
               {"/../g", "http://a/g"},      {"https://other:1/x", "https://other:1/x"}};
  for (const auto& item : cases) {
    const auto resolved = resolve_url(*base, item.reference);
    ASSERT_TRUE(resolved) << item.reference;
    EXPECT_EQ(to_string(*resolved), item.result) << item.reference;
  }
  EXPECT_FALSE(resolve_url(*base, "ftp://x/"));
  EXPECT_FALSE(resolve_url(*base, "/a\r\nb"));
}

TEST(UrlResolve, KeepsTheQueryOfARegistrysLink) {
  const auto base = parse_url("https://registry.example/v2/team/app/tags/list?n=2");
  const auto next = resolve_url(*base, "/v2/team/app/tags/list?last=v1.0%2Bbuild&n=2");
  ASSERT_TRUE(next);
  EXPECT_EQ(to_string(*next),
            "https://registry.example/v2/team/app/tags/list?last=v1.0%2Bbuild&n=2");
}

TEST(PercentCoding, RoundTripsAnyBytes) {
  EXPECT_EQ(percent_encode("a/b c~d-e.f_g+"), "a%2Fb%20c~d-e.f_g%2B");
  std::string all;
  for (int byte = 0; byte < 256; ++byte) {
    all.push_back(static_cast<char>(byte));
  }
  EXPECT_EQ(percent_decode(percent_encode(all)), all);
  EXPECT_FALSE(percent_decode("%"));
  EXPECT_FALSE(percent_decode("%4"));
  EXPECT_FALSE(percent_decode("%xy"));
}

TEST(ParseQuery, DecodesAndKeepsTheFirstOfARepeatedName) {
  const auto query = parse_query("image=a%2Fb%3A1&x=&flag&image=second&a+b=c+d&&=empty");
  EXPECT_EQ(query.at("image"), "a/b:1");
  EXPECT_EQ(query.at("x"), "");
  EXPECT_EQ(query.at("flag"), "");
  EXPECT_EQ(query.at("a b"), "c d");
  EXPECT_EQ(query.at(""), "empty");
  EXPECT_TRUE(parse_query("").empty());
}

}  // namespace
}  // namespace scanclock
