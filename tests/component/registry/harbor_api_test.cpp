#include "core/registry/harbor_api.hpp"

#include "core/net/url.hpp"
#include "core/runtime/hashing.hpp"
#include "tests/component/registry/platform_fixture.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <map>

namespace scanclock {
namespace {

using nlohmann::json;

constexpr const char* harbor_list =
    "https://api.test/api/v2.0/projects/team/repositories/app/artifacts";
constexpr const char* scan_type = "application/vnd.security.vulnerability.report; version=1.1";

/// Harbor's artifact API as its swagger file describes it: lists name parents only, `rel="prev"`
/// comes first, and the overview of an index is made from those of its images.
class HarborTest : public PlatformTest {
 protected:
  HarborTest() {
    platform.credentials.username = "robot$scanclock";
    platform.credentials.password = [] { return "robot-secret"; };
    http.set_handler([this](const HttpRequest& request) { return answer_to(request); });
    api = std::make_unique<HarborApi>(registry, platform, clock, http, world, world, nullptr);
  }

  /// What the fake registry holds.
  json& put(const Digest& image) {
    json artifact;
    artifact["digest"] = image.str();
    artifact["type"] = "IMAGE";
    artifact["manifest_media_type"] = "application/vnd.oci.image.manifest.v1+json";
    artifact["push_time"] = "2026-10-01T08:00:00.000Z";
    artifact["pull_time"] = "2026-10-01T08:00:00.000Z";
    listed.push_back(image);
    return artifacts[image] = std::move(artifact);
  }
  void put_index(const Digest& digest, const std::vector<Digest>& images) {
    json& index = put(digest);
    index["manifest_media_type"] = "application/vnd.oci.image.index.v1+json";
    for (const Digest& image : images) {
      put(image);
      listed.pop_back();
      artifacts[digest]["references"].push_back({{"child_digest", image.str()}});
    }
  }
  void scan(const Digest& image, const std::string& end, const std::string& outcome = "Success",
            int total = 0) {
    json overview;
    overview["report_id"] = image.str() + end + outcome;
    overview["scan_status"] = outcome;
    overview["end_time"] = end;
    overview["summary"]["total"] = total;
    artifacts[image]["scan_overview"][scan_type] = overview;
    for (auto& [parent, artifact] : artifacts) {
      for (const json& child : artifact.value("references", json::array())) {
        if (child["child_digest"] == image.str()) {
          artifact["scan_overview"][scan_type] = overview;
        }
      }
    }
  }

  FakeHttpClient::Answer answer_to(const HttpRequest& request) {
    if (status != 200) {
      return answer(status);
    }
    const std::string rest = request.url.substr(std::string(harbor_list).size());
    if (!request.url.starts_with(harbor_list)) {
      return answer(404);
    }
    if (rest.starts_with("/sha256:")) {
      const std::string name = rest.substr(1, 71);
      const auto found = artifacts.find(Digest::from_trusted(name));
      if (rest.find("/additions/vulnerabilities") != std::string::npos) {
        return json_answer(report_status, report);
      }
      return found == artifacts.end() ? answer(404) : json_answer(200, found->second.dump());
    }
    return page(parse_query(rest.substr(1)));
  }

  HttpResponse page(const std::map<std::string, std::string>& query) {
    const std::size_t number = std::stoul(query.at("page"));
    const std::size_t first = (number - 1) * page_size;
    json body = json::array();
    for (std::size_t i = first; i < std::min(first + page_size, listed.size()); ++i) {
      body.push_back(artifacts.at(listed[i]));
    }
    HttpResponse response =
        with_header(json_answer(200, body.dump()), "X-Total-Count", std::to_string(listed.size()));
    const std::string path =
        "</api/v2.0/projects/team/repositories/app/artifacts?page_size=100&page=";
    std::string links;
    if (number > 1) {
      links = path + std::to_string(number - 1) + R"(>; rel="prev" , )";
    }
    if (first + page_size < listed.size() && has_links) {
      links += path + std::to_string(number + 1) + R"(>; rel="next")";
    }
    return links.empty() ? response : with_header(std::move(response), "Link", links);
  }

  /// How often records were handed over for an image.
  std::size_t records_of(const Digest& image) const {
    return static_cast<std::size_t>(
        std::count_if(world.evidence.begin(), world.evidence.end(), [&](const auto& found) {
          return found.attached_to == image && found.media_type != "application/json";
        }));
  }

  const Digest a = digest('a'), b = digest('b'), c = digest('c'), both = digest('e');
  std::map<Digest, json> artifacts;
  std::vector<Digest> listed;
  std::size_t page_size = 100;
  bool has_links = true;
  int status = 200;
  int report_status = 200;
  std::string report = "{}";
  std::unique_ptr<HarborApi> api;
};

TEST_F(HarborTest, HandsOverSuccessfulScansAndPushTimes) {
  know(a);
  know(b);
  put(a);
  put(b);
  scan(a, "2026-10-30T08:00:00.000Z");
  const PlatformAnswer answer = ask(*api);
  EXPECT_FALSE(answer.problem);
  EXPECT_TRUE(answer.failed.empty());
  EXPECT_EQ(records_of(a), 1U);
  EXPECT_EQ(records_of(b), 0U);
  ASSERT_TRUE(world.pushed.contains(a));
  EXPECT_EQ(world.pushed[a].first, *parse_rfc3339("2026-10-01T08:00:00Z"));
  EXPECT_EQ(world.pushed[a].second, EntryBasis::platform_api);
}

TEST_F(HarborTest, AsksAsARobotForVulnerabilityReports) {
  know(a);
  put(a);
  ask(*api);
  ASSERT_EQ(http.requests().size(), 1U);
  const HttpRequest& request = http.requests()[0];
  EXPECT_EQ(request.url, std::string(harbor_list) +
                             "?with_tag=true&with_scan_overview=true&page=1&page_size=100");
  EXPECT_EQ(header_of(request, "Authorization"),
            "Basic " + base64_encode("robot$scanclock:robot-secret"));
  EXPECT_EQ(header_of(request, "X-Accept-Vulnerabilities"),
            "application/vnd.security.vulnerability.report; version=1.1, "
            "application/vnd.scanner.adapter.vuln.report.harbor+json; version=1.0");
}

TEST_F(HarborTest, ReadsEveryPageAlthoughPrevComesFirst) {
  for (const bool links : {true, false}) {
    has_links = links;
    listed.clear();
    http.clear_requests();
    page_size = 1;
    for (const Digest& image : {a, b, c}) {
      know(image);
      put(image);
      scan(image, "2026-10-30T08:00:00.000Z");
    }
    EXPECT_FALSE(ask(*api).problem);
    EXPECT_EQ(http.requests().size(), 3U) << links;
    EXPECT_EQ(world.evidence.size(), 3U);
  }
}

TEST_F(HarborTest, CostsOneRequestForAHundredUnchangedImages) {
  constexpr int count = 250;
  for (int number = 0; number < count; ++number) {
    const Digest image = sha256(std::to_string(number));
    know(image);
    put(image);
    scan(image, "2026-10-30T08:00:00.000Z");
  }
  const Digest child = digest('d');
  know(child);
  know(both, {child});
  put_index(both, {child});
  scan(child, "2026-10-30T08:00:00.000Z");
  ask(*api);
  EXPECT_EQ(world.evidence.size(), count + 1U);
  const std::size_t told = world.count("pushed");
  http.clear_requests();
  ask(*api);
  EXPECT_EQ(http.requests().size(), 3U);
  EXPECT_EQ(world.evidence.size(), count + 1U);
  EXPECT_EQ(world.count("pushed"), told) << "a push time is told once";
}

TEST_F(HarborTest, ReadsTheImagesOfAnIndexOneByOneAndNeverTheIndex) {
  know(a);
  know(b);
  know(both, {a, b});
  put_index(both, {a, b});
  scan(a, "2026-10-30T08:00:00.000Z");
  EXPECT_FALSE(ask(*api).problem);
  EXPECT_EQ(records_of(a), 1U);
  EXPECT_EQ(records_of(b), 0U) << "the index says Success and nobody scanned this one";
  EXPECT_EQ(records_of(both), 0U);
  EXPECT_EQ(http.requests().size(), 3U);
}

TEST_F(HarborTest, ReadsTheImagesOfAnIndexAgainOnlyAfterAChange) {
  know(a);
  know(b);
  know(both, {a, b});
  put_index(both, {a, b});
  ask(*api);
  http.clear_requests();
  ask(*api);
  EXPECT_EQ(http.requests().size(), 1U);
  scan(b, "2026-10-31T08:00:00.000Z");
  ask(*api);
  EXPECT_EQ(http.requests().size(), 4U);
  EXPECT_EQ(records_of(b), 1U);
  ask(*api);
  EXPECT_EQ(http.requests().size(), 5U);
}

TEST_F(HarborTest, KeepsTheLastScanWhileAnotherIsPending) {
  know(a);
  put(a);
  scan(a, "2026-10-30T08:00:00.000Z");
  ask(*api);
  for (const char* pending : {"Pending", "Running", "Error"}) {
    scan(a, "2026-10-31T08:00:00.000Z", pending);
    EXPECT_TRUE(ask(*api).failed.empty());
    EXPECT_EQ(records_of(a), 1U) << pending;
  }
  scan(a, "2026-10-31T08:00:00.000Z");
  ask(*api);
  EXPECT_EQ(records_of(a), 2U);
}

TEST_F(HarborTest, TakesTheReportOfAScanThatFoundSomethingOnce) {
  know(a);
  put(a);
  report =
      R"({"application/vnd.security.vulnerability.report; version=1.1":{"vulnerabilities":[]}})";
  scan(a, "2026-10-30T08:00:00.000Z", "Success", 2);
  ask(*api);
  ASSERT_EQ(world.evidence.size(), 2U);
  EXPECT_EQ(world.evidence[0].bytes, report);
  EXPECT_EQ(world.evidence[0].origin, EvidenceOrigin::platform_api);
  EXPECT_EQ(records_of(a), 1U);
  http.clear_requests();
  ask(*api);
  EXPECT_EQ(http.requests().size(), 1U);
}

TEST_F(HarborTest, CountsAScanWhoseReportIsGoneOrForbidden) {
  know(a);
  put(a);
  report_status = 403;
  scan(a, "2026-10-30T08:00:00.000Z", "Success", 2);
  EXPECT_TRUE(ask(*api).failed.empty());
  EXPECT_EQ(world.evidence.size(), 1U);
}

TEST_F(HarborTest, AsksAgainWhenAReportCouldNotBeHad) {
  know(a);
  put(a);
  report_status = 500;
  scan(a, "2026-10-30T08:00:00.000Z", "Success", 2);
  EXPECT_EQ(ask(*api).failed.at(a).reason, "server_error");
  EXPECT_TRUE(world.evidence.empty());
  report_status = 404;
  EXPECT_TRUE(ask(*api).failed.empty());
  EXPECT_EQ(records_of(a), 1U);
}

TEST_F(HarborTest, AnswersAboutWhatHarborDoesNotHave) {
  know(a);
  EXPECT_TRUE(ask(*api).failed.empty());
  EXPECT_EQ(http.requests().size(), 2U) << "the list, and the one that it lacks";
}

TEST_F(HarborTest, TellsWhyItIsBlind) {
  know(a);
  const std::map<int, std::string> reasons{{401, "unauthorized"}, {403, "forbidden"},
                                           {404, "not_found"},    {302, "bad_content"},
                                           {500, "server_error"}, {429, "rate_limited"}};
  for (const auto& [code, reason] : reasons) {
    status = code;
    const PlatformAnswer answer = ask(*api);
    ASSERT_TRUE(answer.problem) << code;
    EXPECT_EQ(answer.problem->reason, reason);
    EXPECT_EQ(answer.problem->message.find("robot-secret"), std::string::npos);
    clock.advance(io, std::chrono::minutes(1));
  }
}

TEST_F(HarborTest, FollowsNoLinkToAnotherServer) {
  know(a);
  http.set_handler([](const HttpRequest&) {
    return with_header(json_answer(200, "[]"), "Link",
                       R"(<https://evil.test/api/v2.0/artifacts?page=2>; rel="next")");
  });
  EXPECT_EQ(ask(*api).problem->reason, "bad_content");
  EXPECT_EQ(http.count("GET", "https://evil.test"), 0U);
}

TEST_F(HarborTest, EndsAListThatHasNoEnd) {
  know(a);
  http.set_handler([](const HttpRequest& request) {
    return with_header(json_answer(200, "[]"), "Link", "<" + request.url + R"(>; rel="next")");
  });
  EXPECT_EQ(ask(*api).problem->reason, "too_many_pages");
}

TEST_F(HarborTest, RefusesAnotherArtifactThanItAskedFor) {
  know(a);
  artifacts[a] = put(b);
  listed.clear();
  EXPECT_EQ(ask(*api).failed.at(a).reason, "bad_content");
}

}  // namespace
}  // namespace scanclock
