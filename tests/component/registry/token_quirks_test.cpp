// Token flows of registries that do not follow the book, and logins that take the long way.
#include "core/runtime/hashing.hpp"
#include "tests/component/registry/client_fixture.hpp"

#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>

namespace scanclock {
namespace {

using namespace std::chrono_literals;

constexpr const char* token_url = "https://auth.registry.test/token";

/// Answers of the registry and of its token server are functions of the test.
class TokenQuirks : public ClientTest {
 protected:
  TokenQuirks() {
    options.credentials.username = "reader";
    options.credentials.password = [] { return std::string("secret"); };
    http.set_handler([this](const HttpRequest& request) -> FakeHttpClient::Answer {
      if (request.url.starts_with(url("/"))) {
        return registry(request);
      }
      token_requests.push_back(request);
      return token_server(request);
    });
  }
  ~TokenQuirks() override {
    if (!config_path_.empty()) {
      std::filesystem::remove(config_path_);
    }
  }

  static HttpResponse challenge(const std::string& value) {
    return with_header(answer(401), "WWW-Authenticate", value);
  }
  HttpResponse token() {
    return json_answer(
        200, R"({"token":"t)" + std::to_string(++tokens_given) + R"(","expires_in":300})");
  }
  bool carries_token(const HttpRequest& request, const std::string& text) const {
    return header_of(request, "Authorization") == "Bearer " + text;
  }
  void use_docker_config(const std::string& text) {
    config_path_ = std::filesystem::path(testing::TempDir()) /
                   ("token-quirks-" + std::to_string(::getpid()) + ".json");
    std::ofstream(config_path_) << text;
    options.credentials = RegistryCredentials();
    options.credentials.docker_config_file = config_path_;
  }
  Result<std::vector<std::string>, RegistryProblem> list(const std::string& repository = "app") {
    return wait(client().list_tags(repository));
  }

  std::function<HttpResponse(const HttpRequest&)> registry;
  std::function<HttpResponse(const HttpRequest&)> token_server = [this](const HttpRequest&) {
    return token();
  };
  int tokens_given = 0;
  std::vector<HttpRequest> token_requests;

 private:
  std::filesystem::path config_path_;
};

TEST_F(TokenQuirks, AnIdentityTokenIsPosted) {
  use_docker_config(R"({"auths":{"registry.test":{"identitytoken":"refresh me"}}})");
  registry = [this](const HttpRequest& request) {
    return carries_token(request, "t1")
               ? json_answer(200, R"({"tags":[]})")
               : challenge(std::string("Bearer realm=\"") + token_url + "\",service=\"s s\"");
  };
  ASSERT_TRUE(list());
  ASSERT_EQ(token_requests.size(), 1U);
  EXPECT_EQ(token_requests[0].method, "POST");
  EXPECT_EQ(token_requests[0].body,
            "grant_type=refresh_token&client_id=scanclock&service=s%20s&scope=repository%3Aapp%3A"
            "pull&refresh_token=refresh%20me");
  EXPECT_EQ(token_requests[0].url, token_url);
}

class PostIsUnknown : public TokenQuirks, public testing::WithParamInterface<int> {};

TEST_P(PostIsUnknown, SoTheTokenIsAskedForByGet) {
  use_docker_config(R"({"auths":{"registry.test":{"identitytoken":"refresh"}}})");
  registry = [this](const HttpRequest& request) {
    return carries_token(request, "t1")
               ? json_answer(200, R"({"tags":[]})")
               : challenge(std::string("Bearer realm=\"") + token_url + "\"");
  };
  token_server = [this](const HttpRequest& request) {
    return request.method == "POST" ? answer(GetParam()) : token();
  };
  ASSERT_TRUE(list());
  ASSERT_EQ(token_requests.size(), 2U);
  EXPECT_EQ(token_requests[0].body.find("service"), std::string::npos);
  EXPECT_EQ(token_requests[1].method, "GET");
  EXPECT_EQ(header_of(token_requests[1], "Authorization"), "Basic " + base64_encode(":refresh"));
}

INSTANTIATE_TEST_SUITE_P(Statuses, PostIsUnknown, testing::Values(401, 404, 405));

TEST_F(TokenQuirks, AnotherRefusalOfThePostIsFinal) {
  use_docker_config(R"({"auths":{"registry.test":{"identitytoken":"refresh"}}})");
  registry = [](const HttpRequest&) {
    return challenge(std::string("Bearer realm=\"") + token_url + "\"");
  };
  token_server = [](const HttpRequest&) { return answer(400); };
  EXPECT_EQ(list().error().reason, "unauthorized");
  EXPECT_EQ(token_requests.size(), 1U);
}

TEST_F(TokenQuirks, ARealmAloneIsEnough) {
  registry = [this](const HttpRequest& request) {
    return carries_token(request, "t1")
               ? json_answer(200, R"({"tags":[]})")
               : challenge(std::string("Bearer realm=\"") + token_url + "?account=x\"");
  };
  ASSERT_TRUE(list());
  EXPECT_EQ(token_requests.at(0).url,
            std::string(token_url) +
                "?account=x&client_id=scanclock&scope=repository%3Aapp%3Apull&account=reader");
}

TEST_F(TokenQuirks, TheChallengeThatCanBeMetIsFoundAmongOthers) {
  registry = [this](const HttpRequest& request) {
    HttpResponse response = challenge("Negotiate YII+/a==");
    response.headers.emplace_back(
        "www-authenticate",
        std::string("Digest realm=\"r\", nonce=\"n\", Bearer realm=\"") + token_url + "\"");
    return carries_token(request, "t1") ? json_answer(200, R"({"tags":[]})") : response;
  };
  EXPECT_TRUE(list());
}

TEST_F(TokenQuirks, PublicEcrSaysBadRequestForAnExpiredToken) {
  std::string accepted = "t1";
  registry = [this, &accepted](const HttpRequest& request) {
    if (carries_token(request, accepted)) {
      return json_answer(200, R"({"tags":[]})");
    }
    if (!header_of(request, "Authorization").empty()) {
      return json_answer(400, R"({"errors":[{"code":"DENIED","message":)"
                              R"("Your Authorization Token is invalid."}]})");
    }
    return challenge(std::string("Bearer realm=\"") + token_url +
                     "\",service=\"public.ecr.aws\",scope=\"aws\"");
  };
  EXPECT_TRUE(list());
  accepted = "t2";
  EXPECT_TRUE(list());
  EXPECT_EQ(codes, (std::vector<int>{401, 200, 400, 401, 200}));
  accepted = "no other";
  EXPECT_EQ(list().error().reason, "bad_content");
  EXPECT_LE(codes.size(), 11U);
}

TEST_F(TokenQuirks, PublicEcrSaysNothingElseToHead) {
  std::string accepted = "t1";
  const std::string digest = sha256("manifest").str();
  registry = [&](const HttpRequest& request) {
    if (carries_token(request, accepted)) {
      return with_header(answer(200), "Docker-Content-Digest", digest);
    }
    return header_of(request, "Authorization").empty()
               ? challenge(std::string("Bearer realm=\"") + token_url + "\",scope=\"aws\"")
               : answer(400);
  };
  EXPECT_TRUE(wait(client().head_manifest("app", "1")));
  accepted = "t2";
  EXPECT_EQ(wait(client().head_manifest("app", "1"))->str(), digest);
  EXPECT_EQ(http.count("GET", url("/v2/app/manifests/")), 0U);
}

TEST_F(TokenQuirks, PrivateEcrForbidsAnExpiredPasswordWhichIsReadAnew) {
  std::string password = "one";
  std::string accepted = "one";
  options.credentials.username = "AWS";
  options.credentials.password = [&password] { return password; };
  registry = [&accepted](const HttpRequest& request) {
    const std::string sent = header_of(request, "Authorization");
    if (sent.empty()) {
      return challenge("Basic realm=\"https://1.dkr.ecr.test/\",service=\"ecr.amazonaws.com\"");
    }
    return sent == "Basic " + base64_encode("AWS:" + accepted)
               ? json_answer(200, R"({"tags":[]})")
               : json_answer(403, R"({"errors":[{"code":"DENIED","message":"Your authorization )"
                                  R"(token has expired. Reauthenticate and try again."}]})");
  };
  EXPECT_TRUE(list());
  accepted = password = "two";
  clock.advance(io, login_believed);
  EXPECT_TRUE(list());
  accepted = "three";
  clock.advance(io, login_believed);
  EXPECT_EQ(list().error().reason, "forbidden");
  EXPECT_EQ(codes, (std::vector<int>{401, 200, 403, 200, 403}));
}

TEST_F(TokenQuirks, NvcrGivesAGoodChallengeOnlyToWhoShowsNoToken) {
  std::string accepted = "t1";
  registry = [this, &accepted](const HttpRequest& request) {
    if (carries_token(request, accepted)) {
      return json_answer(200, R"({"tags":[]})");
    }
    return header_of(request, "Authorization").empty()
               ? challenge(std::string("Bearer realm=\"") + token_url + "\"")
               : challenge("Bearer realm=\"https://nvcr.invalid.test/nothing\"");
  };
  EXPECT_TRUE(list());
  accepted = "t2";
  EXPECT_TRUE(list());
  EXPECT_EQ(codes, (std::vector<int>{401, 200, 401, 401, 200}));
  for (const HttpRequest& request : token_requests) {
    EXPECT_EQ(request.url.find("nvcr.invalid"), std::string::npos);
  }
}

TEST_F(TokenQuirks, ARegistryThatAlwaysDemandsAnotherProofIsAskedFourTimesAtMost) {
  int realms = 0;
  registry = [&realms](const HttpRequest&) {
    return challenge("Bearer realm=\"" + std::string(token_url) + "?r=" + std::to_string(realms++) +
                     "\"");
  };
  EXPECT_EQ(list().error().reason, "unauthorized");
  const std::size_t first = codes.size();
  EXPECT_EQ(list().error().reason, "unauthorized");
  EXPECT_LE(first, 4U);
  EXPECT_LE(codes.size() - first, 4U);
  EXPECT_LE(tokens_given, 4);
}

TEST_F(TokenQuirks, ATokenServerThatAsksForPatienceGetsIt) {
  registry = [](const HttpRequest&) {
    return challenge(std::string("Bearer realm=\"") + token_url + "\"");
  };
  token_server = [](const HttpRequest&) { return with_header(answer(429), "Retry-After", "60"); };
  EXPECT_EQ(list().error().reason, "rate_limited");
  clock.advance(io, 59s);
  EXPECT_EQ(list().error().reason, "rate_limited");
  EXPECT_EQ(token_requests.size(), 1U);
  clock.advance(io, 1s);
  (void)list();
  EXPECT_EQ(token_requests.size(), 2U);
}

TEST_F(TokenQuirks, ATokenAnswerThatIsNoTokenIsNotAskedForAgainAtOnce) {
  registry = [](const HttpRequest&) {
    return challenge(std::string("Bearer realm=\"") + token_url + "\"");
  };
  token_server = [](const HttpRequest&) { return answer(200, "<html>login</html>"); };
  EXPECT_EQ(list().error().reason, "unauthorized");
  EXPECT_EQ(list().error().reason, "unauthorized");
  EXPECT_EQ(token_requests.size(), 1U);
  EXPECT_EQ(token_requests[0].body_bytes_max, token_bytes_max);
}

TEST_F(TokenQuirks, NamespacesUseTheirOwnLogins) {
  use_docker_config(R"({"auths":{"registry.test":{"username":"all","password":"1"},)"
                    R"("registry.test/team":{"username":"team","password":"2"}}})");
  registry = [](const HttpRequest& request) {
    const bool is_team = request.url.find("/v2/team/") != std::string::npos;
    return header_of(request, "Authorization") == (is_team ? "Bearer of team" : "Bearer of all")
               ? json_answer(200, R"({"tags":[]})")
               : challenge(std::string("Bearer realm=\"") + token_url + "\",scope=\"aws\"");
  };
  token_server = [](const HttpRequest& request) {
    const bool is_team = header_of(request, "Authorization") == "Basic " + base64_encode("team:2");
    return json_answer(200, std::string(R"({"token":"of )") + (is_team ? "team\"}" : "all\"}"));
  };
  EXPECT_TRUE(list("team/app"));
  EXPECT_TRUE(list("public/app"));
  EXPECT_TRUE(list("team/other"));
  // The scope is the same for all of them, and the login is not.
  EXPECT_EQ(token_requests.size(), 2U);
}

TEST_F(TokenQuirks, ATokenServerElsewhereMustBeNamedInTheSettings) {
  registry = [this](const HttpRequest& request) {
    return carries_token(request, "t1")
               ? json_answer(200, R"({"tags":[]})")
               : challenge("Bearer realm=\"https://tokens.elsewhere.test/token\"");
  };
  const auto refused = list();
  EXPECT_EQ(refused.error().reason, "unauthorized");
  EXPECT_NE(refused.error().message.find("HINT: "), std::string::npos);
  EXPECT_TRUE(token_requests.empty());
}

TEST_F(TokenQuirks, ATokenServerThatTheSettingsNameGetsTheLogin) {
  options.credentials.token_server = "https://tokens.elsewhere.test";
  registry = [this](const HttpRequest& request) {
    return carries_token(request, "t1")
               ? json_answer(200, R"({"tags":[]})")
               : challenge("Bearer realm=\"https://tokens.elsewhere.test/token\"");
  };
  EXPECT_TRUE(list());
  EXPECT_EQ(header_of(token_requests.at(0), "Authorization"),
            "Basic " + base64_encode("reader:secret"));
}

TEST_F(TokenQuirks, WithoutALoginAnyTokenServerMayBeAsked) {
  options.credentials = RegistryCredentials();
  registry = [this](const HttpRequest& request) {
    return carries_token(request, "t1")
               ? json_answer(200, R"({"tags":[]})")
               : challenge("Bearer realm=\"https://tokens.elsewhere.test/token\"");
  };
  EXPECT_TRUE(list());
  EXPECT_EQ(header_of(token_requests.at(0), "Authorization"), "");
  EXPECT_EQ(token_requests.at(0).led_by_host, "registry.test");
}

/// Each login of a thousand repositories comes of one run of the program.
TEST_F(TokenQuirks, AHelperIsRunOnceForManyTokens) {
  const auto folder =
      std::filesystem::path(testing::TempDir()) / ("token-helper-" + std::to_string(::getpid()));
  std::filesystem::create_directories(folder);
  const auto program = folder / "docker-credential-count";
  std::ofstream(program) << "#!/bin/sh\necho run >> " << (folder / "runs").string()
                         << "\necho '{\"Username\":\"u\",\"Secret\":\"s\"}'\n";
  std::filesystem::permissions(program, std::filesystem::perms::owner_all);
  use_docker_config(R"({"auths":{"registry.test":{}},"credHelpers":{"registry.test":"count"}})");
  registry = [](const HttpRequest& request) {
    return header_of(request, "Authorization").empty()
               ? challenge(std::string("Bearer realm=\"") + token_url + "\"")
               : json_answer(200, R"({"tags":[]})");
  };
  EXPECT_EQ(list().error().reason, "unauthorized") << "no folder is allowed";
  options.credentials.helpers_folder = folder;
  restart_client();
  for (int i = 0; i < 50; ++i) {
    EXPECT_TRUE(list("team/app" + std::to_string(i)));
  }
  EXPECT_EQ(token_requests.size(), 50U);
  EXPECT_EQ(header_of(token_requests.back(), "Authorization"), "Basic " + base64_encode("u:s"));
  std::ifstream runs(folder / "runs");
  EXPECT_LE(
      std::count(std::istreambuf_iterator<char>(runs), std::istreambuf_iterator<char>(), '\n'), 2);
  std::filesystem::remove_all(folder);
}

}  // namespace
}  // namespace scanclock
