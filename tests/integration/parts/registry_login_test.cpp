// Logins against a real registry that lets nobody in without one.
#include "core/registry/distribution_client.hpp"
#include "tests/support/child_process.hpp"
#include "tests/support/oci_image.hpp"
#include "tests/support/registry_server.hpp"
#include "tests/support/run_coroutine.hpp"

#include <boost/asio/io_context.hpp>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <string_view>

namespace scanclock {
namespace {

/// `secret of the test`, as htpasswd -B writes it.
constexpr const char* htpasswd =
    "reader:$2b$05$abcdefghijklmnopqrstuu95LyQGGdoCER4eJcdZ.L7qa./QGnnUu";
constexpr const char* password = "secret of the test";

class RegistryWithLogin : public ::testing::Test {
 protected:
  void SetUp() override {
    const std::string missing = RegistryServer::unavailable_reason();
    if (!missing.empty()) {
      const char* const ci = std::getenv("CI");
      if (ci != nullptr && std::string_view(ci) == "true") {
        FAIL() << missing;
      }
      GTEST_SKIP() << missing;
    }
    server_ = std::make_unique<RegistryServer>();
    image_.push(server_->url(), "team/app", "1.0");
    server_->demand_login(htpasswd);
    options_.name = "prod";
    options_.url = server_->url();
  }

  /// The digest behind the tag, or why there is none; the statuses of all requests.
  std::string resolve() {
    http_ = make_http_client(clock_, make_dns_resolver(clock_), HttpClientOptions());
    codes_.clear();
    RequestObserver observer = [this](const std::string&, int code, Duration) {
      codes_.push_back(code);
    };
    BlockingPool pool(2, 10);
    DistributionClient client(options_, clock_, *http_, std::move(observer), &pool);
    const auto listed = run(io_, client.list_tags("team/app"));
    if (!listed) {
      return listed.error().reason;
    }
    EXPECT_EQ(*listed, std::vector<std::string>{"1.0"});
    const auto digest = run(io_, client.head_manifest("team/app", "1.0"));
    return digest ? digest->str() : digest.error().reason;
  }

  asio::io_context io_;
  SystemClock clock_;
  TemporaryFolder folder_;
  OciImage image_{"login"};
  std::unique_ptr<RegistryServer> server_;
  std::unique_ptr<HttpClient> http_;
  RegistryOptions options_;
  std::vector<int> codes_;
};

TEST_F(RegistryWithLogin, NobodyIsLetInWithoutOne) {
  EXPECT_EQ(resolve(), "unauthorized");
  EXPECT_EQ(codes_, std::vector<int>{401});
}

TEST_F(RegistryWithLogin, APasswordOfTheSettingsIsEnough) {
  options_.credentials.username = "reader";
  options_.credentials.password = [] { return std::string(password); };
  EXPECT_EQ(resolve(), image_.index().str());
  EXPECT_EQ(codes_, (std::vector<int>{401, 200, 200}));
}

TEST_F(RegistryWithLogin, AWrongPasswordIsTriedOnce) {
  options_.credentials.username = "reader";
  options_.credentials.password = [] { return std::string("another"); };
  EXPECT_EQ(resolve(), "unauthorized");
  EXPECT_EQ(codes_, (std::vector<int>{401, 401}));
}

TEST_F(RegistryWithLogin, ADockerConfigForTheNamespaceIsEnough) {
  const auto file = folder_.path() / "config.json";
  write_file(file, R"({"auths":{")" + server_->host() +
                       R"(":{"username":"reader","password":"wrong"},")" + server_->host() +
                       R"(/team":{"username":"reader","password":")" + password + "\"}}}");
  options_.credentials.docker_config_file = file;
  EXPECT_EQ(resolve(), image_.index().str());
}

TEST_F(RegistryWithLogin, AHelperThatADockerConfigNamesIsEnough) {
  const auto program = folder_.path() / "docker-credential-of-the-test";
  write_file(
      program,
      "#!/bin/sh\nread server\n[ \"$1 $server\" = \"get " + server_->host() +
          "\" ] || exit 1\necho '{\"ServerURL\":\"x\",\"Username\":\"reader\",\"Secret\":\"" +
          password + "\"}'\n");
  std::filesystem::permissions(program, std::filesystem::perms::owner_all);
  const auto file = folder_.path() / "config.json";
  write_file(file, R"({"auths":{},"credsStore":"of-the-test"})");
  options_.credentials.docker_config_file = file;
  EXPECT_EQ(resolve(), "unauthorized");
  EXPECT_TRUE(codes_.empty());
  options_.credentials.helpers_folder = folder_.path();
  EXPECT_EQ(resolve(), image_.index().str());
}

}  // namespace
}  // namespace scanclock
