#include "core/registry/media_types.hpp"
#include "core/runtime/hashing.hpp"
#include "tests/component/registry/client_fixture.hpp"

namespace scanclock {
namespace {

using namespace std::chrono_literals;

const std::string manifest_text = R"({"schemaVersion":2,"config":{},"layers":[]})";

std::string manifest_url(const std::string& reference) {
  return "https://registry.test/v2/app/manifests/" + reference;
}

HttpResponse typed(std::string_view type, std::string body) {
  return with_header(answer(200, std::move(body)), "Content-Type", std::string(type));
}

struct StatusCase {
  int status;
  const char* reason;
  bool retryable;
};

class UnusableStatus : public ClientTest, public testing::WithParamInterface<StatusCase> {};

TEST_P(UnusableStatus, HasItsReason) {
  http.set_handler([](const HttpRequest&) { return answer(GetParam().status); });
  const auto tags = wait(client().list_tags("app"));
  ASSERT_FALSE(tags);
  EXPECT_EQ(tags.error().reason, GetParam().reason);
  EXPECT_EQ(tags.error().retryable, GetParam().retryable);
  EXPECT_NE(tags.error().message.find(GetParam().status == 401 ? "prod" : "/v2/app/tags/list"),
            std::string::npos);
}

INSTANTIATE_TEST_SUITE_P(
    All, UnusableStatus,
    testing::Values(StatusCase{401, "unauthorized", false}, StatusCase{403, "forbidden", false},
                    StatusCase{404, "not_found", false}, StatusCase{429, "rate_limited", true},
                    StatusCase{500, "server_error", true}, StatusCase{503, "server_error", true},
                    StatusCase{400, "bad_content", false}, StatusCase{302, "bad_content", false}));

class Manifests : public ClientTest {};

TEST_F(Manifests, AreAskedForWithEveryMediaType) {
  http.on("GET", manifest_url("1.4"), typed(oci_manifest_type, manifest_text));
  const auto manifest = wait(client().get_manifest("app", "1.4"));
  ASSERT_TRUE(manifest);
  EXPECT_EQ(manifest->digest, sha256(manifest_text));
  EXPECT_EQ(manifest->media_type, oci_manifest_type);
  const std::string accept = header_of(http.requests().front(), "Accept");
  for (const auto type :
       {oci_index_type, oci_manifest_type, docker_list_type, docker_manifest_type}) {
    EXPECT_NE(accept.find(type), std::string::npos);
  }
}

TEST_F(Manifests, ThatDoNotHashToTheirDigestAreRefused) {
  const std::string digest = sha256("something else").str();
  http.on("GET", manifest_url(digest), typed(oci_manifest_type, manifest_text));
  EXPECT_EQ(wait(client().get_manifest("app", digest)).error().reason, "digest_mismatch");
}

TEST_F(Manifests, InHtmlAreRefused) {
  http.on("GET", manifest_url("a"), typed("text/html; charset=utf-8", "<html>login</html>"));
  http.on("GET", manifest_url("b"), typed(oci_manifest_type, "<html>login</html>"));
  http.on("GET", manifest_url("c"), typed(oci_manifest_type, ""));
  for (const char* tag : {"a", "b", "c"}) {
    EXPECT_EQ(wait(client().get_manifest("app", tag)).error().reason, "bad_content") << tag;
  }
}

TEST_F(Manifests, OverTheLimitAreTooLargeAndCostNoTrust) {
  http.fail("GET", manifest_url("big"), HttpFailureReason::body_too_large);
  for (int i = 0; i < 10; ++i) {
    const auto manifest = wait(client().get_manifest("app", "big"));
    EXPECT_EQ(manifest.error().reason, "too_large");
    EXPECT_FALSE(manifest.error().retryable);
  }
  EXPECT_EQ(http.requests().front().body_bytes_max, manifest_bytes_max);
}

class Head : public ClientTest {
 protected:
  Head() { http.on("GET", manifest_url("1.4"), typed(oci_manifest_type, manifest_text)); }
  const Digest digest = sha256(manifest_text);
};

TEST_F(Head, GivesTheDigestInOneRequest) {
  http.on("HEAD", manifest_url("1.4"),
          with_header(answer(200), "Docker-Content-Digest", digest.str()));
  EXPECT_EQ(*wait(client().head_manifest("app", "1.4")), digest);
  EXPECT_EQ(http.requests().size(), 1U);
}

TEST_F(Head, WithoutAUsableAnswerIsFollowedByGet) {
  for (const HttpResponse& bad :
       {answer(200), with_header(answer(200), "Docker-Content-Digest", ""),
        with_header(answer(200), "Docker-Content-Digest", "sha256:xyz"), answer(404),
        answer(405)}) {
    http.forget("HEAD", manifest_url("1.4"));
    http.on("HEAD", manifest_url("1.4"), bad);
    EXPECT_EQ(*wait(client().head_manifest("app", "1.4")), digest) << bad.status;
  }
}

TEST_F(Head, ByDigestDoesNotBelieveAnotherDigest) {
  http.on("HEAD", manifest_url(digest.str()),
          with_header(answer(200), "Docker-Content-Digest", sha256("x").str()));
  http.on("GET", manifest_url(digest.str()), typed(oci_manifest_type, manifest_text));
  EXPECT_EQ(*wait(client().head_manifest("app", digest.str())), digest);
  EXPECT_EQ(http.count("GET", manifest_url("")), 1U);
}

class Lists : public ClientTest {
 protected:
  void page(const std::string& path, const std::string& body, const std::string& link = "") {
    HttpResponse response = json_answer(200, body);
    if (!link.empty()) {
      response.headers.emplace_back("Link", link);
    }
    http.on("GET", url(path), response);
  }
  const std::string first = "/v2/app/tags/list?n=1000";
};

TEST_F(Lists, FollowRelativeAndAbsoluteLinks) {
  page(first, R"({"tags":["a"]})", R"(</v2/app/tags/list?n=1000&last=a>; rel="next")");
  page("/v2/app/tags/list?n=1000&last=a", R"({"tags":["b"]})",
       R"(<https://registry.test/v2/app/tags/list?token=x>; rel="next")");
  page("/v2/app/tags/list?token=x", R"({"tags":["c"]})",
       R"(</v2/app/tags/list?n=1000>; rel="prev")");
  EXPECT_EQ(*wait(client().list_tags("app")), (std::vector<std::string>{"a", "b", "c"}));
}

TEST_F(Lists, MayBeNull) {
  page(first, R"({"name":"app","tags":null})");
  EXPECT_TRUE(wait(client().list_tags("app"))->empty());
}

TEST_F(Lists, ThatAreNoListsAreRefused) {
  for (const char* body : {"", "[]", "{}", R"({"tags":"a"})", R"({"tags":[1]})", "<html>"}) {
    http.forget("GET", url(first));
    page(first, body);
    EXPECT_EQ(wait(client().list_tags("app")).error().reason, "bad_content") << body;
  }
}

TEST_F(Lists, OnAnotherServerAreNotFollowed) {
  page(first, R"({"tags":["a"]})", R"(<https://evil.test/v2/app/tags/list?n=1>; rel="next")");
  EXPECT_EQ(wait(client().list_tags("app")).error().reason, "bad_content");
  EXPECT_EQ(http.count("GET", "https://evil.test"), 0U);
}

TEST_F(Lists, ThatRepeatAPageAreIncomplete) {
  page(first, R"({"tags":["a"]})", R"(</v2/app/tags/list?n=1000>; rel="next")");
  EXPECT_EQ(wait(client().list_tags("app")).error().reason, "too_many_pages");
}

TEST_F(Lists, ThatNeverEndAreIncomplete) {
  options.max_requests_per_second = 1e6;
  int served = 0;
  http.set_handler([&served](const HttpRequest&) -> FakeHttpClient::Answer {
    return with_header(json_answer(200, R"({"tags":["a"]})"), "Link",
                       "</v2/app/tags/list?page=" + std::to_string(++served) + ">; rel=next");
  });
  EXPECT_EQ(wait(client().list_tags("app")).error().reason, "too_many_pages");
  EXPECT_EQ(static_cast<std::size_t>(served), list_pages_max);
}

TEST_F(Lists, WithAFailingPageAreIncomplete) {
  page(first, R"({"tags":["a"]})", R"(</v2/app/tags/list?n=1000&last=a>; rel="next")");
  http.on("GET", url("/v2/app/tags/list?n=1000&last=a"), answer(500));
  EXPECT_EQ(wait(client().list_tags("app")).error().reason, "server_error");
}

class Redirects : public ClientTest {
 protected:
  Redirects() {
    options.credentials.token = [] { return std::string("proof"); };
  }
  void redirect(const std::string& from, const std::string& to) {
    http.on("GET", from, with_header(answer(307), "Location", to));
  }
  const Digest digest = sha256("blob");
  const std::string blob_url = url("/v2/app/blobs/" + sha256("blob").str());
};

TEST_F(Redirects, ToAnotherOriginCarryNoProof) {
  redirect(blob_url, "https://cdn.test/blob?signature=x");
  http.on("GET", "https://cdn.test/blob?signature=x", answer(200, "blob"));
  EXPECT_EQ(wait(client().get_blob("app", digest, 100))->bytes, "blob");
  EXPECT_EQ(header_of(http.requests().front(), "Authorization"), "Bearer proof");
  EXPECT_EQ(header_of(http.requests().back(), "Authorization"), "");
}

TEST_F(Redirects, ThatReturnCarryNoProofEither) {
  redirect(blob_url, "https://cdn.test/x");
  redirect("https://cdn.test/x", url("/back"));
  http.on("GET", url("/back"), answer(200, "blob"));
  EXPECT_TRUE(wait(client().get_blob("app", digest, 100)));
  EXPECT_EQ(header_of(http.requests().back(), "Authorization"), "");
}

TEST_F(Redirects, WithinTheOriginKeepTheProof) {
  redirect(blob_url, "/other");
  http.on("GET", url("/other"), answer(200, "blob"));
  EXPECT_TRUE(wait(client().get_blob("app", digest, 100)));
  EXPECT_EQ(header_of(http.requests().back(), "Authorization"), "Bearer proof");
}

TEST_F(Redirects, ToPlainHttpAreRefused) {
  redirect(blob_url, "http://cdn.test/x");
  EXPECT_EQ(wait(client().get_blob("app", digest, 100)).error().reason, "bad_content");
  EXPECT_EQ(http.requests().size(), 1U);
}

TEST_F(Redirects, InACircleEnd) {
  redirect(blob_url, blob_url);
  EXPECT_EQ(wait(client().get_blob("app", digest, 100)).error().reason, "bad_content");
  EXPECT_EQ(http.requests().size(), 1U + redirects_max);
}

TEST_F(Redirects, ToAWrongBlobAreFound) {
  redirect(blob_url, "https://cdn.test/x");
  http.on("GET", "https://cdn.test/x", answer(200, "another blob"));
  EXPECT_EQ(wait(client().get_blob("app", digest, 100)).error().reason, "digest_mismatch");
}

class Pacing : public ClientTest {};

TEST_F(Pacing, LeavesTheRegistryAloneForAsLongAsItAsks) {
  http.on("GET", url("/v2/app/tags/list?n=1000"), with_header(answer(429), "Retry-After", "40"));
  EXPECT_FALSE(wait(client().list_tags("app")));
  EXPECT_EQ(wait(client().list_tags("app")).error().reason, "rate_limited");
  clock.advance(io, 37s);
  EXPECT_FALSE(wait(client().list_tags("app")));
  EXPECT_EQ(http.requests().size(), 1U);
  http.forget("GET", url("/v2/app/tags/list?n=1000"));
  http.on("GET", url("/v2/app/tags/list?n=1000"), json_answer(200, R"({"tags":[]})"));
  clock.advance(io, 3s);
  EXPECT_TRUE(wait(client().list_tags("app")));
}

TEST_F(Pacing, StopsAskingARegistryThatIsDown) {
  http.fail("GET", url("/v2/app/tags/list?n=1000"), HttpFailureReason::connect);
  for (int i = 0; i < 50; ++i) {
    EXPECT_EQ(wait(client().list_tags("app")).error().reason, "connect");
  }
  EXPECT_EQ(http.requests().size(), options.failures_to_open);
}

TEST_F(Pacing, KeepsToTheRequestsASecond) {
  options.max_requests_per_second = 10;
  http.on("GET", url("/v2/app/tags/list?n=1000"), json_answer(200, R"({"tags":[]})"));
  const Duration before = clock.monotonic();
  for (int i = 0; i < 21; ++i) {
    EXPECT_TRUE(wait(client().list_tags("app")));
  }
  EXPECT_GE(clock.monotonic() - before, 1900ms);
  EXPECT_LE(clock.monotonic() - before, 2100ms);
}

TEST_F(ClientTest, GivesUpOnATagListOfTooManyBytes) {
  constexpr std::size_t page_bytes = list_bytes_max / 4;
  for (int number = 0; number < 6; ++number) {
    const std::string page = "/v2/app/tags/list?n=1000";
    const std::string at = number == 0 ? page : page + "&last=" + std::to_string(number);
    std::string body = R"({"tags":["v)" + std::to_string(number) + R"("]})";
    body.resize(page_bytes, ' ');
    http.on("GET", url(at),
            with_header(json_answer(200, std::move(body)), "Link",
                        "<" + page + "&last=" + std::to_string(number + 1) + R"(>; rel="next")"));
  }
  const auto tags = wait(client().list_tags("app"));
  ASSERT_FALSE(tags);
  EXPECT_EQ(tags.error().reason, "too_large");
  // Four pages reach the limit, and the one that exceeds it is the last that is fetched.
  EXPECT_EQ(http.count("GET", url("/v2/app/tags/list")), 5U);
}

}  // namespace
}  // namespace scanclock
