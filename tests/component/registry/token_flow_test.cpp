#include "core/runtime/hashing.hpp"
#include "tests/component/registry/client_fixture.hpp"

#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>

namespace scanclock {
namespace {

using namespace std::chrono_literals;

/// A registry that wants bearer tokens of https://auth.registry.test/token.
class TokenFlow : public ClientTest {
 protected:
  TokenFlow() {
    options.credentials.username = "reader";
    options.credentials.password = [this] { return password; };
    http.set_handler([this](const HttpRequest& request) { return answer_to(request); });
  }

  FakeHttpClient::Answer answer_to(const HttpRequest& request) {
    const std::string authorization = header_of(request, "Authorization");
    if (request.url.starts_with("https://auth.registry.test/")) {
      ++tokens_given;
      token_requests.push_back(request);
      return json_answer(
          token_status, R"({"token":"t)" + std::to_string(tokens_given) + R"(","expires_in":300})");
    }
    if (!accepts_tokens || !authorization.starts_with("Bearer t")) {
      const std::string path = parse_url(request.url)->target;
      const std::string name = path.substr(4, path.find("/tags") - 4);
      const std::string wanted = scope.empty() ? "repository:" + name + ":pull" : scope;
      return with_header(answer(401), "WWW-Authenticate",
                         "Bearer realm=\"" + realm + "\",service=\"s\",scope=\"" + wanted + "\"");
    }
    return json_answer(200, R"({"tags":["a"]})");
  }

  bool list(const std::string& repository) {
    return wait(client().list_tags(repository)).has_value();
  }
  std::string list_reason(const std::string& repository) {
    const auto listed = wait(client().list_tags(repository));
    return listed ? std::string() : listed.error().reason;
  }

  std::string password = "secret";
  std::string realm = "https://auth.registry.test/token";
  std::string scope;
  bool accepts_tokens = true;
  int token_status = 200;
  int tokens_given = 0;
  std::vector<HttpRequest> token_requests;
};

TEST_F(TokenFlow, AnswersAChallengeWithATokenForItsScope) {
  EXPECT_TRUE(list("team/app"));
  ASSERT_EQ(token_requests.size(), 1U);
  EXPECT_NE(token_requests[0].url.find("service=s"), std::string::npos);
  EXPECT_NE(token_requests[0].url.find("scope=repository%3Ateam%2Fapp%3Apull"), std::string::npos);
  EXPECT_EQ(header_of(token_requests[0], "Authorization"),
            "Basic " + base64_encode("reader:secret"));
  EXPECT_EQ(codes, (std::vector<int>{401, 200}));
}

TEST_F(TokenFlow, KeepsTheTokenUntilShortlyBeforeItExpires) {
  EXPECT_TRUE(list("team/app"));
  EXPECT_TRUE(list("team/app"));
  clock.advance(io, 290s);
  EXPECT_TRUE(list("team/app"));
  EXPECT_EQ(tokens_given, 1);
  clock.advance(io, 6s);
  EXPECT_TRUE(list("team/app"));
  EXPECT_EQ(tokens_given, 2);
  EXPECT_EQ(std::count(codes.begin(), codes.end(), 401), 1);
}

TEST_F(TokenFlow, IsNotDisturbedByAStepOfTheWallClock) {
  EXPECT_TRUE(list("team/app"));
  clock.step_wall_clock(-24h * 365);
  EXPECT_TRUE(list("team/app"));
  EXPECT_EQ(tokens_given, 1);
}

TEST_F(TokenFlow, ExpectsTheSameDemandOfTheNextRepository) {
  EXPECT_TRUE(list("team/app"));
  EXPECT_TRUE(list("team/other"));
  EXPECT_EQ(codes, (std::vector<int>{401, 200, 200}));
  EXPECT_NE(token_requests.at(1).url.find("repository%3Ateam%2Fother%3Apull"), std::string::npos);
}

TEST_F(TokenFlow, KeepsAnOpaqueScopeUnchanged) {
  scope = "aws";
  EXPECT_TRUE(list("team/app"));
  EXPECT_TRUE(list("team/other"));
  EXPECT_EQ(tokens_given, 1);
  EXPECT_NE(token_requests[0].url.find("scope=aws"), std::string::npos);
}

TEST_F(TokenFlow, StopsAfterOneAnswerWhenTheTokenIsRefused) {
  accepts_tokens = false;
  EXPECT_EQ(list_reason("team/app"), "unauthorized");
  EXPECT_EQ(codes, (std::vector<int>{401, 401}));
  EXPECT_EQ(tokens_given, 1);
}

TEST_F(TokenFlow, ReplacesATokenThatTheRegistryNoLongerAccepts) {
  EXPECT_TRUE(list("team/app"));
  accepts_tokens = false;
  EXPECT_EQ(list_reason("team/app"), "unauthorized");
  accepts_tokens = true;
  EXPECT_TRUE(list("team/app"));
  EXPECT_GE(tokens_given, 2);
}

TEST_F(TokenFlow, ReadsThePasswordAnewForEachToken) {
  EXPECT_TRUE(list("team/app"));
  password = "rotated";
  clock.advance(io, 10min);
  EXPECT_TRUE(list("team/app"));
  EXPECT_EQ(header_of(token_requests.back(), "Authorization"),
            "Basic " + base64_encode("reader:rotated"));
}

TEST_F(TokenFlow, SaysThatTheTokenServerRefusedTheLogin) {
  token_status = 401;
  EXPECT_EQ(list_reason("team/app"), "unauthorized");
  clock.advance(io, token_failure_pause);
  token_status = 503;
  EXPECT_EQ(list_reason("team/app"), "server_error");
}

TEST_F(TokenFlow, DoesNotHammerATokenServerThatFails) {
  token_status = 401;
  for (int i = 0; i < 20; ++i) {
    EXPECT_EQ(list_reason("team/app" + std::to_string(i)), "unauthorized");
  }
  EXPECT_EQ(tokens_given, 1);
  clock.advance(io, token_failure_pause);
  token_status = 200;
  EXPECT_TRUE(list("team/app"));
}

TEST_F(TokenFlow, DeniedForOneScopeGoesOnForOthers) {
  token_status = 403;
  EXPECT_EQ(list_reason("team/secret"), "unauthorized");
  token_status = 200;
  EXPECT_TRUE(list("team/app"));
}

TEST_F(TokenFlow, SendsNothingToARealmThatIsNotTrusted) {
  for (const char* untrusted :
       {"http://auth.registry.test/token", "http://registry.test/token", "https://127.0.0.1/token",
        "https://169.254.169.254/token", "ftp://auth.registry.test/",
        "https://user:pw@auth.registry.test/", "https://auth.test/token",
        "https://registry.test.evil.example/token"}) {
    realm = untrusted;
    EXPECT_EQ(list_reason("team/app"), "unauthorized") << untrusted;
  }
  EXPECT_EQ(tokens_given, 0);
  for (const HttpRequest& request : http.requests()) {
    EXPECT_TRUE(header_of(request, "Authorization").empty());
  }
}

TEST_F(TokenFlow, TakesCredentialsFromADockerConfigThatRotates) {
  const auto path = std::filesystem::path(testing::TempDir()) /
                    ("docker-config-" + std::to_string(::getpid()) + ".json");
  const auto write = [&path](const std::string& login) {
    std::ofstream(path) << R"({"auths":{"registry.test":{"auth":")" + base64_encode(login) +
                               R"("}}})";
  };
  options.credentials = RegistryCredentials();
  options.credentials.docker_config_file = path;
  write("AWS:one");
  EXPECT_TRUE(list("team/app"));
  write("AWS:two");
  clock.advance(io, 10min);
  EXPECT_TRUE(list("team/app"));
  EXPECT_EQ(header_of(token_requests.back(), "Authorization"), "Basic " + base64_encode("AWS:two"));
  std::filesystem::remove(path);
  clock.advance(io, 10min);
  EXPECT_EQ(list_reason("team/app"), "unauthorized");
}

/// A registry that wants a user name and a password itself.
class BasicFlow : public ClientTest {
 protected:
  BasicFlow() {
    options.credentials.username = "AWS";
    options.credentials.password = [this] { return password; };
    http.set_handler([this](const HttpRequest& request) -> FakeHttpClient::Answer {
      if (header_of(request, "Authorization") != "Basic " + base64_encode("AWS:" + accepted)) {
        return with_header(answer(401), "WWW-Authenticate", "Basic realm=\"r\"");
      }
      return json_answer(200, R"({"tags":[]})");
    });
  }
  std::string password = "one";
  std::string accepted = "one";
};

TEST_F(BasicFlow, SendsThePasswordAfterTheFirstDemandAtOnce) {
  EXPECT_TRUE(wait(client().list_tags("a")));
  EXPECT_TRUE(wait(client().list_tags("b")));
  EXPECT_EQ(codes, (std::vector<int>{401, 200, 200}));
}

TEST_F(BasicFlow, ReadsThePasswordAnewWhenItIsRefused) {
  EXPECT_TRUE(wait(client().list_tags("a")));
  accepted = password = "two";
  EXPECT_TRUE(wait(client().list_tags("a")));
  EXPECT_EQ(codes, (std::vector<int>{401, 200, 401, 200}));
}

TEST_F(BasicFlow, DoesNotRepeatAPasswordThatWasRefused) {
  EXPECT_TRUE(wait(client().list_tags("a")));
  accepted = "two";
  EXPECT_EQ(wait(client().list_tags("a")).error().reason, "unauthorized");
  EXPECT_EQ(codes, (std::vector<int>{401, 200, 401}));
}

}  // namespace
}  // namespace scanclock
