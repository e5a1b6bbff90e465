#include "core/registry/link_header.hpp"

#include <gtest/gtest.h>

namespace scanclock {
namespace {

std::optional<std::string> next_of(std::string value) {
  return next_link({HttpHeader("Link", std::move(value))});
}

TEST(LinkHeader, NamesTheNextPage) {
  EXPECT_EQ(next_of(R"(</v2/a/tags/list?last=z&n=50>; rel="next")"), "/v2/a/tags/list?last=z&n=50");
  EXPECT_EQ(next_of("<https://r.example/v2/_catalog?last=q>; rel=next"),
            "https://r.example/v2/_catalog?last=q");
}

TEST(LinkHeader, MayNameThePreviousPageFirst) {
  EXPECT_EQ(next_of(R"(</p?page=1>; rel="prev" , </p?page=3>; rel="next")"), "/p?page=3");
  EXPECT_EQ(next_of(R"(</p?page=1>; rel="prev")"), std::nullopt);
}

TEST(LinkHeader, KeepsCommasAndSemicolonsOfTheTarget) {
  EXPECT_EQ(next_of(R"(</p?a=1,2;3>; title="x, </y>; rel=\"next\""; rel="last next")"),
            "/p?a=1,2;3");
}

TEST(LinkHeader, MayComeSeveralTimesAndInAnyCase) {
  EXPECT_EQ(next_link({HttpHeader("link", "</a>; rel=prev"), HttpHeader("LINK", "</b>; REL=NEXT")}),
            "/b");
}

TEST(LinkHeader, CountsOnlyTheFirstRelation) {
  EXPECT_EQ(next_of("</a>; rel=prev; rel=next"), std::nullopt);
}

TEST(LinkHeader, WithoutBracketsOrRelationIsNoLink) {
  EXPECT_EQ(next_of("/a; rel=next"), std::nullopt);
  EXPECT_EQ(next_of("</a>"), std::nullopt);
  EXPECT_EQ(next_of("</a; rel=next"), std::nullopt);
  EXPECT_EQ(next_of("</a>b>; rel=next"), std::nullopt) << "a bracket ends the target";
  EXPECT_EQ(next_of(""), std::nullopt);
}

TEST(LinkHeader, OfExcessiveLengthIsIgnored) {
  EXPECT_EQ(next_of("</" + std::string(link_bytes_max, 'a') + ">; rel=next"), std::nullopt);
}

}  // namespace
}  // namespace scanclock
