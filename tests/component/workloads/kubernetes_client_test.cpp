#include "core/workloads/kubernetes_client.hpp"

#include "tests/support/answers.hpp"
#include "tests/support/raw_server.hpp"
#include "tests/support/run_coroutine.hpp"
#include "tests/support/stub_http_server.hpp"
#include "tests/support/test_certificates.hpp"

#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>
#include <fstream>
#include <memory>
#include <string>

namespace scanclock {
namespace {

using ProblemKind = KubernetesProblemKind;
using std::chrono::seconds;

/// A client in real time against servers on its own io_context.
class KubernetesClientTest : public testing::Test {
 protected:
  KubernetesClientTest() : pool_(2, 8), server_(io_, clock_) {
    std::string pattern = (std::filesystem::temp_directory_path() / "kube-XXXXXX").string();
    folder_ = ::mkdtemp(pattern.data());
    access_.name = "context \"test\"";
    access_.server = server_.url("");
    access_.token = "hunter2";
  }
  ~KubernetesClientTest() override {
    pool_.stop();
    std::filesystem::remove_all(folder_);
  }

  std::string write(const std::string& name, const std::string& text) {
    std::ofstream(folder_ / name) << text;
    return folder_ / name;
  }

  void connect() {
    auto credentials = std::make_unique<KubernetesCredentials>(
        access_, clock_, pool_, [this](HttpClientOptions options) {
          return std::shared_ptr<HttpClient>(
              make_http_client(clock_, make_dns_resolver(clock_), std::move(options)));
        });
    client_ = std::make_unique<KubernetesClient>(std::move(credentials), clock_);
  }

  Result<std::string, KubernetesProblem> list(KubernetesQuery query = {}) {
    return run(io_,
               client_->list("/api/v1/pods", std::move(query), std::string(kubernetes_plain_json)));
  }
  Result<std::unique_ptr<HttpStream>, KubernetesProblem> watch() {
    KubernetesQuery query;
    query.emplace_back("watch", "1");
    return run(
        io_, client_->watch("/api/v1/pods", std::move(query), std::string(kubernetes_plain_json)));
  }
  KubernetesProblem problem_of_list() {
    const auto page = list();
    if (page) {
      ADD_FAILURE() << "answered " << *page;
      return {};
    }
    EXPECT_EQ(page.error().message.find("hunter2"), std::string::npos) << page.error().message;
    return page.error();
  }

  asio::io_context io_{1};
  SystemClock clock_;
  BlockingPool pool_;
  StubHttpServer server_;
  std::filesystem::path folder_;
  KubernetesAccess access_;
  std::unique_ptr<KubernetesClient> client_;
};

TEST_F(KubernetesClientTest, AListIsAskedForWithEscapedParametersAndItsBytesAreReturned) {
  server_.on("/api/v1/pods", json_answer(200, R"({"kind":"PodList"})"));
  access_.impersonation.user = "bob";
  connect();
  KubernetesQuery query;
  query.emplace_back("limit", "500");
  query.emplace_back("continue", "eyJ2+/==&x");
  const auto page = list(std::move(query));
  ASSERT_TRUE(page) << page.error().message;
  EXPECT_EQ(*page, R"({"kind":"PodList"})");
  const HttpServerRequest& asked = server_.requests().at(0);
  EXPECT_EQ(asked.method, "GET");
  EXPECT_EQ(asked.target, "/api/v1/pods?limit=500&continue=eyJ2%2B%2F%3D%3D%26x");
  EXPECT_EQ(asked.header("Authorization"), "Bearer hunter2");
  EXPECT_EQ(asked.header("Impersonate-User"), "bob");
  EXPECT_EQ(asked.header("Accept"), "application/json");
  EXPECT_EQ(asked.header("Accept-Encoding"), "gzip");
  EXPECT_EQ(asked.header("User-Agent"), "scanclock");
}

TEST_F(KubernetesClientTest, AServerMayStandUnderAPathAndWantNoCompression) {
  server_.on("/k8s/clusters/c-1/api/v1/pods", json_answer(200, "{}"));
  access_.server += "/k8s/clusters/c-1";
  access_.disable_compression = true;
  connect();
  ASSERT_TRUE(list());
  EXPECT_EQ(server_.requests().at(0).header("Accept-Encoding"), "identity");
}

TEST_F(KubernetesClientTest, AWatchIsAStreamThatIsNotCompressed) {
  server_.on("/api/v1/pods", json_answer(200, "{\"type\":\"ADDED\"}\n"));
  connect();
  const auto stream = watch();
  ASSERT_TRUE(stream) << stream.error().message;
  const auto piece = run(io_, (*stream)->read(seconds(5)));
  ASSERT_TRUE(piece);
  EXPECT_EQ(*piece, "{\"type\":\"ADDED\"}\n");
  EXPECT_EQ(server_.requests().at(0).target, "/api/v1/pods?watch=1");
  EXPECT_FALSE(server_.requests().at(0).header("Accept-Encoding"));
}

TEST_F(KubernetesClientTest, RefusalsAreToldApart) {
  const std::string too_large =
      R"({"kind":"Status","reason":"Timeout","message":"Too large resource version",
          "details":{"causes":[{"reason":"ResourceVersionTooLarge"}],"retryAfterSeconds":1}})";
  const std::string denied =
      R"({"kind":"Status","reason":"Forbidden","message":"pods is forbidden: User \"scanclock\""})";
  const std::tuple<int, std::string, ProblemKind> cases[] = {
      {410, R"({"kind":"Status","reason":"Expired","message":"too old"})", ProblemKind::expired},
      {410, "", ProblemKind::expired},
      {504, too_large, ProblemKind::too_large_resource_version},
      {504, "<html>gateway</html>", ProblemKind::server_error},
      {403, denied, ProblemKind::forbidden},
      {404, "", ProblemKind::not_found},
      {400, R"({"kind":"Status","reason":"BadRequest"})", ProblemKind::invalid},
      {422, "", ProblemKind::invalid},
      {500, "", ProblemKind::server_error},
      {302, "", ProblemKind::unexpected_status},
  };
  connect();
  for (const auto& [status, body, kind] : cases) {
    server_.on("/api/v1/pods", json_answer(status, body));
    const KubernetesProblem listed = problem_of_list();
    EXPECT_EQ(listed.kind, kind) << status;
    EXPECT_EQ(listed.status, status);
    const auto watched = watch();
    ASSERT_FALSE(watched) << status;
    EXPECT_EQ(watched.error().kind, kind) << status;
    EXPECT_EQ(watched.error().message, listed.message);
  }
  server_.on("/api/v1/pods", json_answer(403, denied));
  EXPECT_NE(problem_of_list().message.find("status 403: pods is forbidden: User \"scanclock\""),
            std::string::npos);
  server_.on("/api/v1/pods", json_answer(504, too_large));
  EXPECT_EQ(problem_of_list().retry_after, Duration(seconds(1)));
}

TEST_F(KubernetesClientTest, TooManyRequestsSaysHowLongToWait) {
  connect();
  server_.on("/api/v1/pods", with_header(answer(429), "Retry-After", "7"));
  EXPECT_EQ(problem_of_list().kind, ProblemKind::too_many_requests);
  EXPECT_EQ(problem_of_list().retry_after, Duration(seconds(7)));
  server_.on("/api/v1/pods",
             with_header(answer(429), "Retry-After", "Sun, 06 Nov 1994 08:49:37 GMT"));
  EXPECT_EQ(problem_of_list().retry_after, Duration(0)) << "a date in the past";
}

TEST_F(KubernetesClientTest, ALoginPageIsNoPodList) {
  connect();
  server_.on("/api/v1/pods",
             with_header(answer(200, "<html>"), "Content-Type", "text/html; charset=utf-8"));
  const KubernetesProblem listed = problem_of_list();
  EXPECT_EQ(listed.kind, ProblemKind::unexpected_status);
  EXPECT_NE(listed.message.find("login page"), std::string::npos) << listed.message;
  EXPECT_FALSE(watch());
}

TEST_F(KubernetesClientTest, ARejectedTokenIsReadAgainOnceAndThenReported) {
  access_.token.clear();
  access_.token_file = write("token", "old");
  server_.on("/api/v1/pods", [this](const HttpServerRequest& request) {
    write("token", "new");
    const bool is_known = request.header("Authorization") == "Bearer new";
    return is_known ? json_answer(200, "{}") : json_answer(401, "{}");
  });
  connect();
  const auto page = list();
  ASSERT_TRUE(page) << page.error().message;
  EXPECT_EQ(server_.requests().size(), 2u);
  server_.clear_requests();
  server_.on("/api/v1/pods", json_answer(401, "{}"));
  EXPECT_EQ(problem_of_list().kind, ProblemKind::unauthorized);
  EXPECT_EQ(server_.requests().size(), 2u);
  server_.clear_requests();
  const auto watched = watch();
  ASSERT_FALSE(watched);
  EXPECT_EQ(watched.error().kind, ProblemKind::unauthorized);
  EXPECT_EQ(server_.requests().size(), 2u);
}

TEST_F(KubernetesClientTest, AStaticTokenIsNotSentTwice) {
  server_.on("/api/v1/pods", json_answer(401, "{}"));
  connect();
  EXPECT_EQ(problem_of_list().kind, ProblemKind::unauthorized);
  EXPECT_EQ(server_.requests().size(), 1u);
}

TEST_F(KubernetesClientTest, WithoutCredentialsNothingIsAsked) {
  access_.token.clear();
  access_.token_file = folder_ / "absent";
  connect();
  const KubernetesProblem problem = problem_of_list();
  EXPECT_EQ(problem.kind, ProblemKind::unauthorized);
  EXPECT_NE(problem.message.find("absent: No such file"), std::string::npos) << problem.message;
  EXPECT_TRUE(server_.requests().empty());
}

TEST_F(KubernetesClientTest, AServerThatIsGoneIsATransportProblem) {
  connect();
  server_.stop();
  const KubernetesProblem problem = problem_of_list();
  EXPECT_EQ(problem.kind, ProblemKind::transport);
  EXPECT_EQ(problem.transport_reason, "connect");
  EXPECT_EQ(to_source_problem(problem).reason, "connect");
}

TEST_F(KubernetesClientTest, ARefusedWatchThatNeverEndsIsNotWaitedForLong) {
  RawServer stalling(io_, [](RawConnection& connection) -> asio::awaitable<void> {
    co_await connection.read_head();
    co_await connection.write(
        "HTTP/1.1 403 Forbidden\r\nContent-Type: application/json\r\n"
        "Content-Length: 100\r\n\r\n{\"kind\":");
    co_await connection.wait_for_close();
  });
  access_.server = stalling.url("");
  connect();
  const auto watched = watch();
  ASSERT_FALSE(watched);
  EXPECT_EQ(watched.error().kind, ProblemKind::forbidden);
}

std::string pem_of(const std::string& file) {
  std::ifstream stream(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>()};
}

TEST_F(KubernetesClientTest, ARotatedCertificateIsShownByNewConnectionsWhileAnOldWatchGoesOn) {
  TestAuthority authority;
  const auto own = authority.issue("server", "DNS:kubernetes");
  HttpServerOptions options;
  options.listen = "127.0.0.1:0";
  options.tls.cert_file = own.cert_file;
  options.tls.key_file = own.key_file;
  options.tls.client_ca_file = authority.ca_file();
  StubHttpServer tls(io_, clock_, options);
  tls.on("/api/v1/pods", [](const HttpServerRequest& request) {
    return request.header("Authorization") == "Bearer hunter2" ? json_answer(200, "event\n")
                                                               : json_answer(401, "{}");
  });
  const auto first = authority.issue("first", "DNS:first");
  const auto second = authority.issue("second", "DNS:second");
  access_.server = "https://" + tls.address();
  access_.tls_server_name = "kubernetes";
  access_.ca.pem = pem_of(authority.ca_file());
  access_.client_certificate.file = write("cert", pem_of(first.cert_file));
  access_.client_key.file = write("key", pem_of(first.key_file));
  access_.token.clear();
  access_.token_file = write("token", "hunter2");
  connect();
  const auto stream = watch();
  ASSERT_TRUE(stream) << stream.error().message;
  // The 401 makes everything be read anew, so the next client shows the second certificate.
  write("cert", pem_of(second.cert_file));
  write("key", pem_of(second.key_file));
  int answers = 0;
  tls.on("/api/v1/pods", [&answers](const HttpServerRequest&) {
    return answers++ == 0 ? json_answer(401, "{}") : json_answer(200, "{}");
  });
  ASSERT_TRUE(list());
  EXPECT_NE(tls.requests().at(1).peer, tls.requests().at(2).peer) << "another connection";
  const auto piece = run(io_, (*stream)->read(seconds(5)));
  ASSERT_TRUE(piece) << piece.error().message;
  EXPECT_EQ(*piece, "event\n");
}

}  // namespace
}  // namespace scanclock
