#include "core/net/sigv4.hpp"

#include "core/net/url.hpp"
#include "core/runtime/hashing.hpp"

#include <gtest/gtest.h>

#include <cstdio>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace scanclock {
namespace {

const TimePoint signed_at = *parse_rfc3339("2015-08-30T12:36:00Z");

/// The key of Amazon's published test vectors (aws-sig-v4-test-suite).
AwsSigner example_signer(const std::string& service) {
  AwsSigner signer;
  signer.access_key_id = "AKIDEXAMPLE";
  signer.secret_access_key = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";
  signer.region = "us-east-1";
  signer.service = service;
  return signer;
}

HttpRequest request_to(const std::string& method, const std::string& url) {
  HttpRequest request;
  request.method = method;
  request.url = url;
  return request;
}

std::string authorization_of(const std::vector<HttpHeader>& headers) {
  return std::string(find_header(headers, "Authorization").value_or(""));
}

std::string signature_of(const AwsSigner& signer, const HttpRequest& request) {
  const std::string value = authorization_of(sign_aws_request(signer, request, signed_at));
  return value.substr(value.rfind('=') + 1);
}

TEST(AwsSignature, OfTheDocumentedListUsersRequestIsThePublishedOne) {
  HttpRequest request =
      request_to("GET", "https://iam.amazonaws.com/?Action=ListUsers&Version=2010-05-08");
  request.headers.emplace_back("Content-Type", "application/x-www-form-urlencoded; charset=utf-8");
  EXPECT_EQ(authorization_of(sign_aws_request(example_signer("iam"), request, signed_at)),
            "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/iam/aws4_request, "
            "SignedHeaders=content-type;host;x-amz-date, "
            "Signature=5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7");
}

TEST(AwsSignature, OfThePublishedTestSuiteIsThePublishedOne) {
  const std::string host = "https://example.amazonaws.com/";
  HttpRequest form = request_to("POST", host);
  form.headers.emplace_back("Content-Type", "application/x-www-form-urlencoded");
  form.body = "Param1=value1";
  HttpRequest blanks = request_to("GET", host);
  blanks.headers.emplace_back("My-Header1", " value1");
  blanks.headers.emplace_back("My-Header2", " \"a   b   c\"  ");
  const std::vector<std::pair<HttpRequest, std::string>> vectors{
      {request_to("GET", host), "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"},
      {request_to("POST", host),
       "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b"},
      {request_to("GET", host + "?Param2=value2&Param1=value1"),
       "b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500"},
      {form, "ff11897932ad3f4e8b18135d722051e5ac45fc38421b1da7b9d196a0fe09473a"},
      {blanks, "acc3ed3afb60bb290fc8d2dd0098b9911fcaa05412b367055dee359757a9c736"}};
  for (const auto& [request, signature] : vectors) {
    EXPECT_EQ(signature_of(example_signer("service"), request), signature) << request.url;
  }
}

TEST(AwsSignature, CarriesAndSignsTheTokenOfASession) {
  AwsSigner signer = example_signer("ecr");
  const HttpRequest request = request_to("POST", "https://api.ecr.us-east-1.amazonaws.com/");
  const std::string without = signature_of(signer, request);
  signer.session_token = "session";
  const auto headers = sign_aws_request(signer, request, signed_at);
  EXPECT_EQ(find_header(headers, "X-Amz-Security-Token").value_or(""), "session");
  EXPECT_EQ(find_header(headers, "X-Amz-Date").value_or(""), "20150830T123600Z");
  EXPECT_NE(authorization_of(headers).find("host;x-amz-date;x-amz-security-token"),
            std::string::npos);
  EXPECT_NE(signature_of(signer, request), without);
}

TEST(AwsSignature, DependsOnEveryPartOfTheRequest) {
  const HttpRequest plain = request_to("POST", "https://example.amazonaws.com/a");
  const std::string base = signature_of(example_signer("service"), plain);
  std::vector<HttpRequest> others(5, plain);
  others[0].method = "GET";
  others[1].url = "https://example.amazonaws.com/b";
  others[2].url = "https://example.amazonaws.cn/a";
  others[3].body = "{}";
  others[4].headers.emplace_back("X-Amz-Target", "x");
  for (const HttpRequest& other : others) {
    EXPECT_NE(signature_of(example_signer("service"), other), base);
  }
}

/// HMAC-SHA256 of `message` by the openssl program; both in hexadecimal, as is the result. Empty
/// where there is no such program.
std::string openssl_hmac(const std::string& key_hex, const std::string& message_hex) {
  std::string escaped;
  for (std::size_t i = 0; i < message_hex.size(); i += 2) {
    escaped += "\\x" + message_hex.substr(i, 2);
  }
  const std::string command = "bash -c \"printf '" + escaped +
                              "' | openssl dgst -sha256 -mac HMAC -macopt hexkey:" + key_hex +
                              " -r\" 2>/dev/null";
  const std::unique_ptr<FILE, int (*)(FILE*)> pipe(popen(command.c_str(), "r"), pclose);
  char text[65] = {};
  return pipe && std::fread(text, 1, 64, pipe.get()) == 64 ? std::string(text) : std::string();
}

std::string hex_text(const std::string& bytes) {
  std::string text;
  for (const char byte : bytes) {
    char digits[3];
    std::snprintf(digits, sizeof(digits), "%02x", static_cast<unsigned>(byte) & 0xffU);
    text += digits;
  }
  return text;
}

TEST(AwsSignature, IsTheChainThatOpensslMakes) {
  std::string key = hex_text("AWS4wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY");
  for (const char* part : {"20150830", "us-east-1", "iam", "aws4_request"}) {
    key = openssl_hmac(key, hex_text(part));
    if (key.empty()) {
      GTEST_SKIP() << "no openssl program";
    }
  }
  // The string to sign as Amazon's documentation prints it.
  const std::string to_sign =
      "AWS4-HMAC-SHA256\n20150830T123600Z\n20150830/us-east-1/iam/aws4_request\n"
      "f536975d06c0309214f805bb90ccff089219ecd68b2577efef23edd43b7e1a59";
  HttpRequest request =
      request_to("GET", "https://iam.amazonaws.com/?Action=ListUsers&Version=2010-05-08");
  request.headers.emplace_back("Content-Type", "application/x-www-form-urlencoded; charset=utf-8");
  EXPECT_EQ(signature_of(example_signer("iam"), request), openssl_hmac(key, hex_text(to_sign)));
}

}  // namespace
}  // namespace scanclock
