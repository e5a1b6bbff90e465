#include "core/registry/media_types.hpp"
#include "core/runtime/hashing.hpp"
#include "tests/component/registry/client_fixture.hpp"

namespace scanclock {
namespace {

using namespace std::chrono_literals;

class Referrers : public ClientTest {
 protected:
  std::string path() const { return url("/v2/app/referrers/" + subject.str()); }
  static HttpResponse index(const std::vector<std::string>& digests) {
    std::string entries;
    for (const std::string& digest : digests) {
      entries += (entries.empty() ? "" : ",") + (R"({"digest":")" + digest + R"(","size":1})");
    }
    return with_header(answer(200, R"({"manifests":[)" + entries + "]}"), "Content-Type",
                       std::string(oci_index_type));
  }
  Result<ReferrersAnswer, RegistryProblem> ask() {
    return wait(client().referrers("app", subject));
  }
  const Digest subject = sha256("image");
};

TEST_F(Referrers, AreReadFromAllPages) {
  http.on("GET", path(),
          with_header(index({sha256("a").str()}), "Link",
                      "</v2/app/referrers/" + subject.str() + "?page=2>; rel=\"next\""));
  http.on("GET", path() + "?page=2", index({sha256("b").str()}));
  const auto answer = ask();
  ASSERT_TRUE(answer);
  EXPECT_TRUE(answer->supported);
  EXPECT_EQ(answer->manifests.size(), 2U);
}

TEST_F(Referrers, WithAMissingPageAreAFailure) {
  http.on("GET", path(), with_header(index({}), "Link", "<?page=2>; rel=\"next\""));
  http.on("GET", path() + "?page=2", json_answer(404, "{}"));
  EXPECT_EQ(ask().error().reason, "not_found");
}

TEST_F(Referrers, AreUnsupportedWhereTheAnswerIsNoIndex) {
  for (const HttpResponse& response :
       {answer(404, "404 page not found"), json_answer(200, "{}"), answer(405), answer(406),
        with_header(answer(303), "Location", "https://github.com/x"),
        with_header(answer(200, "<html>"), "Content-Type", "text/html")}) {
    http.forget("GET", path());
    http.on("GET", path(), response);
    clock.advance(io, options.referrers_probe_every);
    const auto answer = ask();
    ASSERT_TRUE(answer) << response.status;
    EXPECT_FALSE(answer->supported) << response.status;
  }
}

TEST_F(Referrers, AreProbedAgainWhenTheAnswerExpires) {
  http.on("GET", path(), answer(404, "404 page not found"));
  http.on("GET", path(), index({sha256("a").str()}));
  EXPECT_FALSE(ask()->supported);
  clock.advance(io, 59min);
  EXPECT_FALSE(ask()->supported);
  EXPECT_EQ(http.requests().size(), 1U);
  clock.advance(io, 2min);
  EXPECT_TRUE(ask()->supported);
}

TEST_F(Referrers, ThatAnsweredLatelyDoNotVanishBehindALoginPage) {
  http.on("GET", path(), index({}));
  http.on("GET", path(), with_header(answer(200, "<html>"), "Content-Type", "text/html"));
  EXPECT_TRUE(ask()->supported);
  clock.advance(io, 23h);
  EXPECT_EQ(ask().error().reason, "bad_content");
  clock.advance(io, 1h);
  EXPECT_FALSE(ask()->supported);
}

TEST_F(Referrers, OfAnUnknownNameSayNothingAboutTheApi) {
  http.on("GET", path(), json_answer(404, R"({"errors":[{"code":"NAME_UNKNOWN"}]})"));
  http.on("GET", path(), json_answer(400, R"({"errors":[{"code":"MANIFEST_INVALID"}]})"));
  http.on("GET", path(), index({}));
  EXPECT_FALSE(ask()->supported);
  EXPECT_FALSE(ask()->supported);
  EXPECT_TRUE(ask()->supported);
}

TEST_F(Referrers, ThatCannotBeAskedAreAFailure) {
  for (const int status : {403, 429, 500, 503}) {
    http.forget("GET", path());
    http.on("GET", path(), answer(status));
    EXPECT_FALSE(ask()) << status;
    clock.advance(io, 1h);
  }
}

TEST_F(Referrers, WithDamagedEntriesAreAFailure) {
  http.on("GET", path(), index({"nonsense"}));
  EXPECT_EQ(ask().error().reason, "bad_content");
}

}  // namespace
}  // namespace scanclock
