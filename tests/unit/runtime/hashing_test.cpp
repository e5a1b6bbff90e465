#include "core/runtime/hashing.hpp"

#include <gtest/gtest.h>

#include <set>
#include <stdexcept>

namespace scanclock {
namespace {

TEST(Hashing, Sha256OfKnownVectors) {
  // FIPS 180-4, and the empty text
  EXPECT_EQ(sha256("abc").hex(),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(sha256("").hex(), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

TEST(Hashing, ADigestMatchesOnlyItsOwnBytesUnderItsOwnAlgorithm) {
  const auto sha512 = Digest::from_trusted(
      "sha512:ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a2192992a274fc1a836ba"
      "3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f");
  EXPECT_TRUE(digest_matches(sha512, "abc"));
  EXPECT_FALSE(digest_matches(sha512, "abd"));
  EXPECT_TRUE(digest_matches(sha256("abc"), "abc"));
  EXPECT_FALSE(digest_matches(sha256("abc"), "ab"));
  EXPECT_FALSE(digest_matches(Digest(), ""));
}

TEST(Hashing, HmacOfRfc4231TestCase2) {
  const std::string code = hmac_sha256("Jefe", "what do ya want for nothing?");
  EXPECT_EQ(base64_encode(code), "W9zBRr9gdU5qBCQmCJV1x1oAPwidJzmDnexYuWTsOEM=");
}

TEST(Hashing, Base64OfRfc4648Vectors) {
  const std::pair<const char*, const char*> vectors[] = {{"", ""},
                                                         {"f", "Zg=="},
                                                         {"fo", "Zm8="},
                                                         {"foo", "Zm9v"},
                                                         {"foob", "Zm9vYg=="},
                                                         {"fooba", "Zm9vYmE="},
                                                         {"foobar", "Zm9vYmFy"}};
  for (const auto& [plain, encoded] : vectors) {
    EXPECT_EQ(base64_encode(plain), encoded);
    EXPECT_EQ(base64_decode(encoded), plain);
  }
}

TEST(Hashing, Base64IsReadInBothAlphabetsWithAndWithoutPadding) {
  const std::string bytes = "\xfb\xff\xfe";
  EXPECT_EQ(base64_decode("+//+"), bytes);
  EXPECT_EQ(base64_decode("-__-"), bytes);
  EXPECT_EQ(base64_decode("Zg"), "f");
  EXPECT_EQ(base64_decode("Zm8"), "fo");
}

TEST(Hashing, AnythingElseIsNotBase64) {
  for (const char* text :
       {"A", "Zg=", "Zm9v=", "Zg===", "Zm 9v", "Zm9v\n", "Z*==", "=", "Zg==Zg=="}) {
    EXPECT_THROW(base64_decode(text), std::invalid_argument) << text;
  }
}

TEST(Hashing, RandomUuidsAreVersion4AndDiffer) {
  std::set<std::string> seen;
  for (int count = 0; count < 100; ++count) {
    const std::string uuid = random_uuid();
    ASSERT_EQ(uuid.size(), 36u);
    EXPECT_EQ(uuid[8], '-');
    EXPECT_EQ(uuid[13], '-');
    EXPECT_EQ(uuid[14], '4');
    EXPECT_EQ(uuid[18], '-');
    EXPECT_NE(std::string("89ab").find(uuid[19]), std::string::npos);
    EXPECT_EQ(uuid[23], '-');
    EXPECT_TRUE(seen.insert(uuid).second);
  }
}

TEST(Hashing, ConstantTimeComparisonTellsEqualFromUnequal) {
  EXPECT_TRUE(equal_constant_time("secret", "secret"));
  EXPECT_TRUE(equal_constant_time("", ""));
  EXPECT_FALSE(equal_constant_time("secret", "secreT"));
  EXPECT_FALSE(equal_constant_time("secret", "secret1"));
}

}  // namespace
}  // namespace scanclock
