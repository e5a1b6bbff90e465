// Plays the attacks of peers' advisories against the real client, over sockets and TLS: whatever a
// registry answers, no byte of the credentials reaches another server.
#include "core/net/dns_resolver.hpp"
#include "core/registry/distribution_client.hpp"
#include "core/registry/media_types.hpp"
#include "core/runtime/hashing.hpp"
#include "tests/support/answers.hpp"
#include "tests/support/run_coroutine.hpp"
#include "tests/support/stub_http_server.hpp"
#include "tests/support/test_certificates.hpp"

#include <boost/asio/io_context.hpp>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

namespace scanclock {
namespace {

const std::string user = "canary-user-3f1a";
const std::string secret = "canary-secret-9b7d";
const std::string bearer = "canary-bearer-c024";

/// How a hostile registry answers. `{self}`, `{evil}` and `{plain}` stand for the addresses of the
/// registry, of another TLS server and of one without TLS.
struct Attack {
  const char* name;
  const char* challenge;
  /// Of manifests and blobs.
  const char* location;
  /// Of lists and referrers.
  const char* link;
  bool token_server_redirects = false;
  bool stranger_demands_a_login = false;
  bool stranger_sends_back = false;
};

constexpr const char* honest = "Bearer realm=\"{self}/token\",service=\"s\"";
constexpr const char* basic = "Basic realm=\"r\"";

const Attack attacks[] = {
    {"RealmElsewhere", "Bearer realm=\"{evil}/token\",service=\"s\"", "", ""},
    {"RealmInPlainText", "Bearer realm=\"{plain}/token\"", "", ""},
    {"RealmWithoutScheme", "Bearer realm=\"//{evil-host}/token\"", "", ""},
    {"RealmWithUserInfo", "Bearer realm=\"https://registry.test@{evil-host}/token\"", "", ""},
    {"RealmThatLooksAlike", "Bearer realm=\"https://registry.test.{evil-host}/token\"", "", ""},
    {"RealmInTheQuery", "Bearer realm=\"{evil}/?{self}/token\"", "", ""},
    {"SecondRealmElsewhere",
     "Bearer service=\"s\", Bearer realm=\"{evil}/token\", Bearer realm=\"{self}/token\"", "", ""},
    {"BasicBesideAnEvilRealm", "Basic realm=\"r\", Bearer realm=\"{evil}/token\"", "", ""},
    {"TokenServerThatRedirects", honest, "", "", true},
    {"RedirectElsewhere", honest, "{evil}/x", ""},
    {"RedirectToPlainText", honest, "{plain}/x", ""},
    {"RedirectWithoutScheme", honest, "//{evil-host}/x", ""},
    {"RedirectWithUserInfo", honest, "https://registry.test@{evil-host}/x", ""},
    {"RedirectToADemand", honest, "{evil}/x", "", false, true},
    {"RedirectThereAndBack", honest, "{evil}/x", "", false, false, true},
    {"RedirectOfABasicLogin", basic, "{evil}/x", ""},
    {"RedirectOfABasicLoginToADemand", basic, "{evil}/x", "", false, true},
    {"LinkElsewhere", honest, "", "<{evil}/v2/next>; rel=\"next\""},
    {"LinkInPlainText", honest, "", "<{plain}/v2/next>; rel=\"next\""},
    {"LinkWithoutScheme", honest, "", "<//{evil-host}/v2/next>; rel=next"},
    {"LinkWithUserInfo", honest, "", "<https://registry.test@{evil-host}/>; rel=\"next\""},
    {"LinkOfABasicLogin", basic, "", "<{evil}/v2/next>; rel=\"next\""},
    {"EverythingElsewhere", "Bearer realm=\"{evil}/token\"", "{evil}/x",
     "<{evil}/v2/next>; rel=\"next\""},
};

class Canary : public testing::TestWithParam<Attack> {
 protected:
  Canary() {
    const auto files = authority_.issue(
        "both", "DNS:registry.test,DNS:evil.test,DNS:*.evil.test,DNS:registry.test.evil.test");
    HttpServerOptions tls;
    tls.listen = "127.0.0.1:0";
    tls.tls.cert_file = files.cert_file;
    tls.tls.key_file = files.key_file;
    registry_ = std::make_unique<StubHttpServer>(io_, clock_, tls);
    evil_ = std::make_unique<StubHttpServer>(io_, clock_, tls);
    plain_ = std::make_unique<StubHttpServer>(io_, clock_);
    registry_->on("/", [this](const HttpServerRequest& request) { return as_registry(request); });
    registry_->on("/token", [this](const HttpServerRequest&) { return as_token_server(); });
    for (StubHttpServer* stranger : {evil_.get(), plain_.get()}) {
      stranger->on("/", [this](const HttpServerRequest&) { return as_stranger(); });
    }
  }

  static std::string port_of(const StubHttpServer& server) {
    const std::string address = server.address();
    return address.substr(address.rfind(':'));
  }
  std::string self() const { return "https://registry.test" + port_of(*registry_); }

  std::string filled(std::string text) const {
    const std::pair<std::string, std::string> places[] = {
        {"{self}", self()},
        {"{evil}", "https://evil.test" + port_of(*evil_)},
        {"{evil-host}", "evil.test" + port_of(*evil_)},
        {"{plain}", "http://registry.test" + port_of(*plain_)}};
    for (const auto& [place, value] : places) {
      for (std::size_t at = text.find(place); at != std::string::npos; at = text.find(place)) {
        text.replace(at, place.size(), value);
      }
    }
    return text;
  }

  HttpResponse as_registry(const HttpServerRequest& request) const {
    if (!request.header("Authorization")) {
      return with_header(answer(401), "WWW-Authenticate", filled(GetParam().challenge));
    }
    const bool is_list = request.target.find("/tags/list") != std::string::npos ||
                         request.target.find("_catalog") != std::string::npos;
    if (is_list || request.target.find("/referrers/") != std::string::npos) {
      HttpResponse page = answer(200, R"({"tags":[],"repositories":[],"manifests":[]})");
      page.headers.emplace_back("Content-Type",
                                is_list ? "application/json" : std::string(oci_index_type));
      page.headers.emplace_back("Link", filled(GetParam().link));
      return page;
    }
    return *GetParam().location == '\0'
               ? answer(404)
               : with_header(answer(307), "Location", filled(GetParam().location));
  }

  HttpResponse as_token_server() const {
    return GetParam().token_server_redirects
               ? with_header(answer(307), "Location", filled("{evil}/token"))
               : json_answer(200, R"({"token":")" + bearer + "\"}");
  }

  HttpResponse as_stranger() const {
    if (GetParam().stranger_demands_a_login) {
      return with_header(answer(401), "WWW-Authenticate",
                         filled("Basic realm=\"x\", Bearer realm=\"{evil}/token\""));
    }
    if (GetParam().stranger_sends_back) {
      return with_header(answer(307), "Location", filled("{self}/v2/app/blobs/back"));
    }
    return json_answer(200, R"({"token":"stolen"})");
  }

  void attack(RegistryCredentials credentials) {
    HttpClientOptions http;
    http.tls.ca_file = authority_.ca_file();
    DnsResolver::Lookup lookup = [](const std::string&) {
      return DnsResolver::Addresses(1, asio::ip::make_address("127.0.0.1"));
    };
    const auto client =
        make_http_client(clock_, std::make_shared<DnsResolver>(clock_, std::move(lookup)), http);
    RegistryOptions options;
    options.name = "prod";
    options.url = self();
    options.max_requests_per_second = 10'000;
    options.credentials = std::move(credentials);
    RequestObserver ignore = [](const std::string&, int, Duration) {};
    DistributionClient registry(options, clock_, *client, std::move(ignore), nullptr);
    const Digest digest = sha256("x");
    (void)run(io_, registry.list_tags("app"));
    (void)run(io_, registry.catalog());
    (void)run(io_, registry.head_manifest("app", "1"));
    (void)run(io_, registry.get_manifest("app", digest.str()));
    (void)run(io_, registry.get_blob("app", digest, 1000));
    (void)run(io_, registry.referrers("app", digest));
    EXPECT_FALSE(registry_->requests().empty());
  }

  static std::string text_of(const HttpServerRequest& request) {
    std::string text = request.method + " " + request.target + "\n";
    for (const HttpHeader& header : request.headers) {
      text += header.name + ": " + header.value + "\n";
    }
    return text + "\n" + request.body;
  }

  void expect_nothing_stolen() const {
    const std::string traces[] = {"canary",
                                  base64_encode(user + ":" + secret),
                                  base64_encode(":" + secret),
                                  base64_encode(user),
                                  base64_encode(secret),
                                  base64_encode(bearer),
                                  "Authorization"};
    for (const StubHttpServer* stranger : {evil_.get(), plain_.get()}) {
      for (const HttpServerRequest& request : stranger->requests()) {
        for (const std::string& trace : traces) {
          EXPECT_EQ(text_of(request).find(trace), std::string::npos) << text_of(request);
        }
      }
    }
  }

  asio::io_context io_;
  SystemClock clock_;
  TestAuthority authority_;
  std::unique_ptr<StubHttpServer> registry_;
  std::unique_ptr<StubHttpServer> evil_;
  std::unique_ptr<StubHttpServer> plain_;
};

TEST_P(Canary, APasswordStaysAtHome) {
  RegistryCredentials credentials;
  credentials.username = user;
  credentials.password = [] { return secret; };
  attack(std::move(credentials));
  expect_nothing_stolen();
}

TEST_P(Canary, ARegistryTokenStaysAtHome) {
  RegistryCredentials credentials;
  credentials.token = [] { return secret; };
  attack(std::move(credentials));
  expect_nothing_stolen();
  // It is sent at once, so that every attack is reached.
  EXPECT_EQ(registry_->requests().front().header("Authorization"), "Bearer " + secret);
}

TEST_P(Canary, AnIdentityTokenStaysAtHome) {
  const auto path = std::filesystem::path(testing::TempDir()) /
                    ("canary-" + std::to_string(::getpid()) + ".json");
  std::ofstream(path) << R"({"auths":{"registry.test)" << port_of(*registry_)
                      << R"(":{"username":")" << user << R"(","identitytoken":")" << secret
                      << "\"}}}";
  RegistryCredentials credentials;
  credentials.docker_config_file = path;
  attack(std::move(credentials));
  expect_nothing_stolen();
  std::filesystem::remove(path);
}

INSTANTIATE_TEST_SUITE_P(Attacks, Canary, testing::ValuesIn(attacks),
                         [](const auto& tested) { return std::string(tested.param.name); });

/// Without an attack the canaries do travel: the tests above could see them.
TEST(CanaryItself, ReachesTheRegistryThatItIsFor) {
  asio::io_context io;
  SystemClock clock;
  StubHttpServer registry(io, clock);
  registry.on("/v2/", [&registry](const HttpServerRequest& request) {
    return request.header("Authorization")
               ? json_answer(200, R"({"tags":[]})")
               : with_header(answer(401), "WWW-Authenticate",
                             "Bearer realm=\"" + registry.url("/token") + "\"");
  });
  registry.on("/token", json_answer(200, R"({"token":")" + bearer + "\"}"));
  const auto http = make_http_client(clock, make_dns_resolver(clock), HttpClientOptions());
  RegistryOptions options;
  options.name = "prod";
  options.url = registry.url("");
  options.credentials.username = user;
  options.credentials.password = [] { return secret; };
  RequestObserver ignore = [](const std::string&, int, Duration) {};
  DistributionClient client(options, clock, *http, std::move(ignore), nullptr);
  EXPECT_TRUE(run(io, client.list_tags("app")));
  ASSERT_EQ(registry.requests().size(), 3U);
  EXPECT_EQ(registry.requests()[1].header("Authorization"),
            "Basic " + base64_encode(user + ":" + secret));
  EXPECT_EQ(registry.requests()[2].header("Authorization"), "Bearer " + bearer);
}

}  // namespace
}  // namespace scanclock
