#include "core/workloads/kubernetes_credentials.hpp"

#include "core/runtime/task_group.hpp"
#include "tests/support/fake_http_client.hpp"
#include "tests/support/run_coroutine.hpp"
#include "tests/support/sim_clock.hpp"

#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>
#include <fstream>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

namespace scanclock {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;

/// Files in a folder of their own, a clock of our own, and clients that only remember what they
/// were made of.
class KubernetesCredentialsTest : public testing::Test {
 protected:
  KubernetesCredentialsTest() : pool_(2, 8) {
    std::string pattern = (std::filesystem::temp_directory_path() / "credentials-XXXXXX").string();
    folder_ = ::mkdtemp(pattern.data());
    access_.name = "context \"prod\"";
    access_.server = "https://api.example";
  }
  ~KubernetesCredentialsTest() override {
    pool_.stop();
    std::filesystem::remove_all(folder_);
  }

  std::string write(const std::string& name, const std::string& text) {
    std::ofstream(folder_ / "new") << text;
    std::filesystem::rename(folder_ / "new", folder_ / name);
    return folder_ / name;
  }

  void make() {
    credentials_ = std::make_unique<KubernetesCredentials>(
        access_, clock_, pool_, [this](HttpClientOptions options) {
          if (options.tls.key_pem == "bad key") {
            throw std::runtime_error("cannot use tls key given as text: key values mismatch");
          }
          made_.push_back(std::move(options));
          return std::make_shared<FakeHttpClient>();
        });
  }

  KubernetesSession session() {
    auto session = run(io_, credentials_->session());
    if (!session) {
      ADD_FAILURE() << session.error();
      return {};
    }
    return *session;
  }
  std::string failure() {
    const auto session = run(io_, credentials_->session());
    return session ? "none" : session.error();
  }
  std::string authorization() {
    const auto headers = session().headers;
    return std::string(find_header(headers, "Authorization").value_or("none"));
  }

  /// A plugin that gives `token-N` at its Nth run, good for `seconds_left` of the fake time.
  void use_plugin(int seconds_left) {
    const auto path = folder_ / "plugin";
    const std::string expires = format_rfc3339(clock_.now() + std::chrono::seconds(seconds_left));
    std::ofstream(path) << "#!/bin/sh\necho run >> " << (folder_ / "runs").string() << "\nexec 3< "
                        << (folder_ / "runs").string()
                        << "\nn=0; while read line <&3; do n=$((n+1)); done\n"
                        << "test -e " << (folder_ / "broken").string() << " && exit 1\n"
                        << R"(echo "{\"kind\":\"ExecCredential\",\"apiVersion\":)"
                        << R"(\"client.authentication.k8s.io/v1\",\"status\":{\"token\":)"
                        << R"(\"token-$n\",\"expirationTimestamp\":\")" << expires << R"(\"}}")"
                        << "\n";
    std::filesystem::permissions(path, std::filesystem::perms::owner_all);
    access_.exec.emplace();
    access_.exec->api_version = "client.authentication.k8s.io/v1";
    access_.exec->command = path;
  }

  asio::io_context io_{1};
  SimClock clock_;
  BlockingPool pool_;
  std::filesystem::path folder_;
  KubernetesAccess access_;
  std::vector<HttpClientOptions> made_;
  std::unique_ptr<KubernetesCredentials> credentials_;
};

TEST_F(KubernetesCredentialsTest, AStaticTokenAndABasicLoginAreSentAsTheyAre) {
  access_.token = "static";
  make();
  EXPECT_EQ(authorization(), "Bearer static");
  EXPECT_FALSE(credentials_->reject(session().generation)) << "nothing can change";
  access_.token.clear();
  access_.username = "user";
  access_.password = "pass";
  make();
  EXPECT_EQ(authorization(), "Basic dXNlcjpwYXNz");
}

TEST_F(KubernetesCredentialsTest, AnonymousAccessSendsNothing) {
  make();
  EXPECT_TRUE(session().headers.empty());
}

TEST_F(KubernetesCredentialsTest, ATokenFileIsReadAgainTenSecondsBeforeItsMinuteIsOver) {
  access_.token_file = write("token", " first\n");
  make();
  EXPECT_EQ(authorization(), "Bearer first");
  write("token", "second");
  clock_.advance(io_, seconds(49));
  EXPECT_EQ(authorization(), "Bearer first");
  clock_.advance(io_, seconds(1));
  EXPECT_EQ(authorization(), "Bearer second");
  EXPECT_EQ(made_.size(), 1u) << "a token needs no new client";
}

TEST_F(KubernetesCredentialsTest, ATokenThatWasReadOutlivesItsFileForAWhile) {
  access_.token_file = write("token", "first");
  make();
  EXPECT_EQ(authorization(), "Bearer first");
  std::filesystem::remove(folder_ / "token");
  clock_.advance(io_, minutes(2));
  EXPECT_EQ(authorization(), "Bearer first");
  write("token", "second");
  clock_.advance(io_, kubernetes_reread_after_failure);
  EXPECT_EQ(authorization(), "Bearer second");
}

TEST_F(KubernetesCredentialsTest, WithoutAnyTokenTheFileIsNamed) {
  access_.token_file = folder_ / "absent";
  make();
  EXPECT_NE(failure().find("absent: No such file"), std::string::npos);
  write("absent", "hunter2\nhunter3");
  const std::string said = failure();
  EXPECT_NE(said.find("holds something that is no token"), std::string::npos) << said;
  EXPECT_EQ(said.find("hunter"), std::string::npos) << said;
  write("absent", "good");
  EXPECT_EQ(authorization(), "Bearer good");
  access_.token_file = folder_ / "still-absent";
  access_.token = "until-then";
  make();
  EXPECT_EQ(authorization(), "Bearer until-then") << "the file wins once it is there";
}

TEST_F(KubernetesCredentialsTest, ARejectedTokenIsReadAgainAtOnce) {
  access_.token_file = write("token", "first");
  make();
  const auto rejected = session();
  write("token", "second");
  EXPECT_TRUE(credentials_->reject(rejected.generation));
  EXPECT_EQ(authorization(), "Bearer second");
  write("token", "third");
  EXPECT_TRUE(credentials_->reject(rejected.generation)) << "the same news from another request";
  EXPECT_EQ(authorization(), "Bearer second") << "what is newer than the rejection stays";
}

TEST_F(KubernetesCredentialsTest, CertificatesAreReadAgainEveryFiveMinutesAndMakeANewClient) {
  access_.ca.file = write("ca", "ca 1");
  access_.client_certificate.file = write("cert", "cert 1");
  access_.client_key.pem = "key";
  access_.tls_server_name = "kubernetes";
  access_.proxy_url = "http://proxy.example";
  make();
  const auto first = session();
  ASSERT_EQ(made_.size(), 1u);
  EXPECT_EQ(made_[0].tls.ca_pem, "ca 1");
  EXPECT_EQ(made_[0].tls.cert_pem, "cert 1");
  EXPECT_EQ(made_[0].tls.key_pem, "key");
  EXPECT_EQ(made_[0].tls.server_name, "kubernetes");
  EXPECT_EQ(made_[0].proxy_url, "http://proxy.example");
  clock_.advance(io_, minutes(5));
  EXPECT_EQ(session().http, first.http) << "nothing changed";
  write("cert", "cert 2");
  clock_.advance(io_, minutes(5));
  EXPECT_NE(session().http, first.http);
  EXPECT_EQ(made_.back().tls.cert_pem, "cert 2");
}

TEST_F(KubernetesCredentialsTest, ACertificateThatChangedBeforeItsKeyWaitsForIt) {
  access_.client_certificate.file = write("cert", "cert 1");
  access_.client_key.file = write("key", "key 1");
  make();
  const auto first = session();
  write("cert", "cert 2");
  write("key", "bad key");
  clock_.advance(io_, minutes(5));
  EXPECT_EQ(session().http, first.http);
  write("key", "key 2");
  clock_.advance(io_, kubernetes_reread_after_failure);
  EXPECT_NE(session().http, first.http);
  EXPECT_EQ(made_.back().tls.key_pem, "key 2");
}

TEST_F(KubernetesCredentialsTest, AClientThatCannotBeMadeIsAFailureWithItsCause) {
  access_.client_certificate.pem = "cert";
  access_.client_key.pem = "bad key";
  make();
  EXPECT_EQ(failure(), "context \"prod\": cannot use tls key given as text: key values mismatch");
}

TEST_F(KubernetesCredentialsTest, APluginRunsOnceUntilWhatItGaveExpires) {
  use_plugin(100);
  make();
  EXPECT_EQ(authorization(), "Bearer token-1");
  clock_.advance(io_, seconds(89));
  EXPECT_EQ(authorization(), "Bearer token-1");
  clock_.advance(io_, seconds(1));
  EXPECT_EQ(authorization(), "Bearer token-2");
}

TEST_F(KubernetesCredentialsTest, ARejectedCredentialIsThrownAway) {
  use_plugin(10'000);
  make();
  const auto rejected = session();
  EXPECT_TRUE(credentials_->reject(rejected.generation));
  EXPECT_EQ(authorization(), "Bearer token-2");
}

TEST_F(KubernetesCredentialsTest, APluginThatFailsIsLeftAloneForAWhile) {
  use_plugin(10'000);
  write("broken", "");
  make();
  EXPECT_NE(failure().find("ended with status 1"), std::string::npos);
  std::filesystem::remove(folder_ / "broken");
  EXPECT_NE(failure().find("ended with status 1"), std::string::npos) << "not asked again yet";
  clock_.advance(io_, kubernetes_reread_after_failure);
  EXPECT_EQ(authorization(), "Bearer token-2");
}

TEST_F(KubernetesCredentialsTest, SeveralRequestsShareOneRunOfThePlugin) {
  use_plugin(10'000);
  make();
  std::vector<std::string> seen;
  TaskGroup tasks(io_.get_executor(), [](std::string_view, std::exception_ptr failed) {
    std::rethrow_exception(failed);
  });
  const auto ask = [](KubernetesCredentials& from,
                      std::vector<std::string>& into) -> asio::awaitable<void> {
    const auto given = co_await from.session();
    into.push_back(given ? given->headers.at(0).value : given.error());
  };
  for (int count = 0; count < 5; ++count) {
    tasks.spawn("ask", ask(*credentials_, seen));
  }
  run(io_, tasks.join());
  EXPECT_EQ(seen, std::vector<std::string>(5, "Bearer token-1"));
}

TEST_F(KubernetesCredentialsTest, ACancelledRequestLeavesTheTurnToTheNext) {
  use_plugin(10'000);
  make();
  TaskGroup tasks(io_.get_executor(), [](std::string_view, std::exception_ptr) {});
  const auto ask = [](KubernetesCredentials& from) -> asio::awaitable<void> {
    co_await from.session();
  };
  tasks.spawn("reads", ask(*credentials_));
  tasks.spawn("waits", ask(*credentials_));
  io_.poll();
  run(io_, tasks.stop());
  EXPECT_TRUE(authorization().starts_with("Bearer token-"));
}

TEST(KubernetesImpersonationHeaders, NameUserGroupsAndEscapedExtraKeys) {
  KubernetesImpersonation as;
  EXPECT_TRUE(impersonation_headers(as).empty());
  as.user = "bob";
  as.uid = "u";
  as.groups = {"a", "b"};
  as.extra["example.org/scope%"] = {"x"};
  std::string text;
  for (const HttpHeader& header : impersonation_headers(as)) {
    text += header.name + ": " + header.value + "\n";
  }
  EXPECT_EQ(text,
            "Impersonate-User: bob\nImpersonate-Uid: u\nImpersonate-Group: a\n"
            "Impersonate-Group: b\nImpersonate-Extra-example.org%2Fscope%25: x\n");
}

}  // namespace
}  // namespace scanclock
