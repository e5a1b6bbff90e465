// Each test is one behaviour of a real registry that no specification mentions.
#include "core/registry/media_types.hpp"
#include "core/runtime/hashing.hpp"
#include "tests/component/registry/poller_fixture.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>

namespace scanclock {
namespace {

using namespace std::chrono_literals;

constexpr const char* sarif = "application/sarif+json";

/// A poller of one repository with one tagged image.
class Quirks : public PollerTest {
 protected:
  using Answer = std::optional<FakeHttpClient::Answer>;

  Quirks() {
    options.repositories.include = {"app"};
    image = registry.push_image("app", "image");
    registry.tag("app", "1.4", image);
  }

  bool tag_is_resolved() const { return world.count("tag 1.4 " + image.str()) > 0; }
  std::size_t reports() const { return world.evidence.size(); }
  static bool is_for(const HttpRequest& request, const char* method, const std::string& part) {
    return request.method == method && request.url.find(part) != std::string::npos;
  }
  std::string referrers_path() const { return "/v2/app/referrers/" + image.str(); }

  Digest image;
};

TEST_F(Quirks, RedHatHeadsCarryNoDigest) {
  registry.intercept = [](const HttpRequest& request) -> Answer {
    return is_for(request, "HEAD", "/manifests/") ? Answer(answer(200)) : std::nullopt;
  };
  start();
  pass(1min);
  EXPECT_TRUE(tag_is_resolved());
}

TEST_F(Quirks, NexusHeadsAreNotFoundAlthoughGetWorks) {
  registry.intercept = [](const HttpRequest& request) -> Answer {
    return is_for(request, "HEAD", "/manifests/") ? Answer(answer(404)) : std::nullopt;
  };
  start();
  pass(1h);
  EXPECT_TRUE(tag_is_resolved());
  EXPECT_EQ(world.count("missing"), 0U);
}

TEST_F(Quirks, HeadIsNotAllowedBehindSomeTokenServers) {
  registry.intercept = [](const HttpRequest& request) -> Answer {
    return is_for(request, "HEAD", "/manifests/") ? Answer(answer(405)) : std::nullopt;
  };
  start();
  pass(1min);
  EXPECT_TRUE(tag_is_resolved());
}

TEST_F(Quirks, AWrongDigestInHeadHidesNoImage) {
  const std::string wrong = sha256("made up").str();
  registry.intercept = [&wrong](const HttpRequest& request) -> Answer {
    return is_for(request, "HEAD", "/manifests/1.4")
               ? Answer(with_header(answer(200), "Docker-Content-Digest", wrong))
               : std::nullopt;
  };
  start();
  pass(1min);
  EXPECT_TRUE(tag_is_resolved());
  EXPECT_EQ(world.count("tag 1.4 " + wrong), 0U);
  EXPECT_EQ(world.count("failed"), 0U);
  // From now on such a HEAD is followed by a GET, so that a moved tag is seen.
  const Digest moved = registry.push_image("app", "moved");
  registry.tag("app", "1.4", moved);
  pass(2 * options.tags_every);
  EXPECT_GE(world.count("tag 1.4 " + moved.str()), 1U);
  EXPECT_EQ(gets("/v2/app/manifests/" + wrong), 1U);
}

TEST_F(Quirks, AWrongDigestInGetIsOverruledByTheBytes) {
  registry.intercept = [this](const HttpRequest& request) -> Answer {
    if (is_for(request, "HEAD", "/manifests/1.4")) {
      return answer(405);
    }
    if (is_for(request, "GET", "/manifests/")) {
      return with_header(registry.own_answer(request), "Docker-Content-Digest",
                         sha256("made up").str());
    }
    return std::nullopt;
  };
  start();
  pass(1min);
  EXPECT_TRUE(tag_is_resolved());
}

TEST_F(Quirks, EcrRefusesPagesOfMoreThanAThousand) {
  registry.intercept = [](const HttpRequest& request) -> Answer {
    const std::size_t at = request.url.find("?n=");
    if (at == std::string::npos || std::stoi(request.url.substr(at + 3)) <= 1000) {
      return std::nullopt;
    }
    return json_answer(400, R"({"errors":[{"code":"UNSUPPORTED","message":"Invalid parameter at )"
                            R"('maxResults' failed to satisfy constraint"}]})");
  };
  start();
  pass(1min);
  EXPECT_TRUE(tag_is_resolved());
}

TEST_F(Quirks, ARegistrySetToSmallerPagesRefusesAThousand) {
  registry.intercept = [](const HttpRequest& request) -> Answer {
    return request.url.find("?n=1000") == std::string::npos
               ? std::nullopt
               : Answer(json_answer(400, R"({"errors":[{"code":"PAGINATION_NUMBER_INVALID"}]})"));
  };
  start();
  pass(2h);
  EXPECT_TRUE(tag_is_resolved());
  EXPECT_GE(world.count("registry answered"), 8U);
  EXPECT_EQ(http.count("GET", FakeRegistry::url("/v2/app/tags/list?n=1000")), 1U);
}

TEST_F(Quirks, QuayGoesOnWithItsOwnCursorAndIgnoresLast) {
  for (int i = 0; i < 120; ++i) {
    registry.tag("app", "v" + std::to_string(1000 + i), image);
  }
  registry.intercept = [](const HttpRequest& request) -> Answer {
    if (!is_for(request, "GET", "/tags/list")) {
      return std::nullopt;
    }
    const std::size_t cursor = request.url.find("next_page=gAAAA");
    const int page = cursor == std::string::npos ? 0 : std::stoi(request.url.substr(cursor + 15));
    nlohmann::json tags = nlohmann::json::array();
    for (int i = page * 50; i < std::min(page * 50 + 50, 120); ++i) {
      tags.push_back("v" + std::to_string(1000 + i));
    }
    HttpResponse response =
        json_answer(200, nlohmann::json{{"name", "app"}, {"tags", tags}}.dump());
    if (page < 2) {
      response.headers.emplace_back("Link", "</v2/app/tags/list?n=50&next_page=gAAAA" +
                                                std::to_string(page + 1) + "%3D>; rel=\"next\"");
    }
    return response;
  };
  start();
  pass(1min);
  EXPECT_EQ(world.count("listed app 120"), 1U);
}

TEST_F(Quirks, QuayCallsAnUnknownSubjectInvalid) {
  registry.intercept = [this](const HttpRequest& request) -> Answer {
    return is_for(request, "GET", referrers_path())
               ? Answer(json_answer(404, R"({"errors":[{"code":"MANIFEST_INVALID"}]})"))
               : std::nullopt;
  };
  start();
  pass(1min);
  EXPECT_EQ(world.count("answered " + image.str()), 1U);
  // The API is there all the same: the next round asks it again.
  registry.intercept = nullptr;
  registry.attach("app", image, sarif, "report");
  pass(options.evidence_every * 9 / 8);
  EXPECT_EQ(reports(), 1U);
}

TEST_F(Quirks, GhcrLeadsReferrersToAWebPage) {
  registry.put_fallback("app", image, {registry.attach("app", image, sarif, "by tag")});
  registry.intercept = [this](const HttpRequest& request) -> Answer {
    return is_for(request, "GET", referrers_path())
               ? Answer(with_header(answer(303), "Location", "https://github.com/login"))
               : std::nullopt;
  };
  start();
  pass(1min);
  EXPECT_EQ(http.count("GET", "https://github.com"), 0U);
  EXPECT_EQ(reports(), 1U);
  EXPECT_EQ(world.count("answered " + image.str()), 1U);
}

TEST_F(Quirks, GoogleShowsItsLoginPageForReferrers) {
  registry.put_fallback("app", image, {registry.attach("app", image, sarif, "by tag")});
  registry.intercept = [this](const HttpRequest& request) -> Answer {
    return is_for(request, "GET", referrers_path())
               ? Answer(with_header(answer(200, "<!doctype html><title>Sign in"), "Content-Type",
                                    "text/html; charset=utf-8"))
               : std::nullopt;
  };
  start();
  pass(1min);
  EXPECT_EQ(reports(), 1U);
  EXPECT_EQ(world.count("answered " + image.str()), 1U);
}

TEST_F(Quirks, GitlabAnswersTheFallbackTagWithTheSubjectItself) {
  const Digest index = registry.push_index("app", {image});
  registry.tag("app", "1.5", index);
  registry.tag("app", index.referrers_tag(), index);
  registry.has_referrers_api = false;
  start();
  pass(1min);
  EXPECT_EQ(world.count("answered " + index.str()), 1U);
  EXPECT_EQ(reports(), 0U);
  // Nor are the index's children fetched as if they referred to it.
  EXPECT_EQ(world.count("manifest " + index.str()), 1U);
}

TEST_F(Quirks, HarborPutsThePreviousPageFirst) {
  registry.referrers_page_size = 1;
  registry.attach("app", image, sarif, "one");
  registry.attach("app", image, sarif, "two");
  registry.attach("app", image, sarif, "three");
  registry.intercept = [this](const HttpRequest& request) -> Answer {
    if (!is_for(request, "GET", "?page=1")) {
      return std::nullopt;
    }
    HttpResponse page = registry.own_answer(request);
    const auto link = std::find_if(page.headers.begin(), page.headers.end(),
                                   [](const HttpHeader& header) { return header.name == "Link"; });
    link->value = "<" + referrers_path() + "?page=0&page_size=1>; rel=\"prev\" , " + link->value;
    return page;
  };
  start();
  pass(1min);
  EXPECT_EQ(reports(), 3U);
}

TEST_F(Quirks, DockerHubClaimsASubjectWithoutListingReferrers) {
  registry.has_referrers_api = false;
  registry.put_fallback("app", image, {registry.attach("app", image, sarif, "by tag")});
  registry.intercept = [this](const HttpRequest& request) -> Answer {
    if (!is_for(request, "GET", "/manifests/sha256:")) {
      return std::nullopt;
    }
    HttpResponse manifest = registry.own_answer(request);
    return with_header(std::move(manifest), "OCI-Subject", image.str());
  };
  start();
  pass(1min);
  EXPECT_EQ(reports(), 1U);
}

TEST_F(Quirks, AFilterThatIsOnlyClaimedLetsNothingPassUnseen) {
  registry.attach("app", image, "application/vnd.cncf.notary.signature", "signature");
  registry.attach("app", image, sarif, "report");
  registry.intercept = [this](const HttpRequest& request) -> Answer {
    EXPECT_EQ(request.url.find("artifactType"), std::string::npos);
    if (!is_for(request, "GET", referrers_path())) {
      return std::nullopt;
    }
    HttpResponse listed = registry.own_answer(request);
    return with_header(std::move(listed), "OCI-Filters-Applied", "artifactType");
  };
  start();
  pass(1min);
  ASSERT_EQ(reports(), 1U);
  EXPECT_EQ(world.evidence[0].bytes, "report");
}

TEST_F(Quirks, AnEmptySuccessIsNoListOfReferrers) {
  registry.put_fallback("app", image, {registry.attach("app", image, sarif, "by tag")});
  registry.intercept = [this](const HttpRequest& request) -> Answer {
    return is_for(request, "GET", referrers_path()) ? Answer(json_answer(200, "{}")) : std::nullopt;
  };
  start();
  pass(1min);
  EXPECT_EQ(reports(), 1U);
}

TEST_F(Quirks, PatienceMayBeAskedForByAWebPageWithADate) {
  start();
  pass(1min);
  registry.intercept = [](const HttpRequest&) -> Answer {
    return with_header(
        with_header(answer(429, "<html>Too many requests</html>"), "Content-Type", "text/html"),
        "Retry-After", "Sun, 01 Nov 2026 12:30:00 GMT");
  };
  // The clock starts at 12:00, and the tag's turn comes within a quarter of an hour.
  pass(16min);
  registry.intercept = nullptr;
  http.clear_requests();
  pass(*parse_rfc3339("2026-11-01T12:29:59Z") - clock.now());
  EXPECT_TRUE(http.requests().empty());
  pass(2min);
  EXPECT_FALSE(http.requests().empty());
  EXPECT_GE(world.count("registry failed rate_limited"), 1U);
}

TEST_F(Quirks, AnEmptyRepositoryHasNullTags) {
  registry.intercept = [](const HttpRequest& request) -> Answer {
    return is_for(request, "GET", "/tags/list")
               ? Answer(json_answer(200, R"({"name":"app","tags":null})"))
               : std::nullopt;
  };
  start();
  pass(1min);
  EXPECT_EQ(world.count("listed app 0"), 1U);
  EXPECT_EQ(world.count("registry failed"), 0U);
}

TEST_F(Quirks, AnUnknownNameSaysNothingAboutTheReferrersApi) {
  int asked = 0;
  registry.attach("app", image, sarif, "report");
  registry.intercept = [this, &asked](const HttpRequest& request) -> Answer {
    return is_for(request, "GET", referrers_path()) && ++asked == 1
               ? Answer(json_answer(404, R"({"errors":[{"code":"NAME_UNKNOWN"}]})"))
               : std::nullopt;
  };
  start();
  pass(1min);
  EXPECT_EQ(reports(), 0U);
  pass(options.evidence_every * 9 / 8);
  EXPECT_EQ(reports(), 1U);
}

}  // namespace
}  // namespace scanclock
