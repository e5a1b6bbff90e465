#include "cli/commands.hpp"
#include "cli/render.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <sstream>

namespace scanclock {
namespace {

using nlohmann::json;
using testing::HasSubstr;
using testing::Not;

const std::string image_digest = "sha256:" + std::string(64, 'a');

TimePoint image_now() { return *parse_rfc3339("2026-11-10T12:00:00Z"); }

json image_with_evidence() {
  json accepted = {{"accepted", true},
                   {"why", "counts: the newest accepted scan of the image"},
                   {"evidence_digest", "sha256:" + std::string(64, 'b')},
                   {"finished_at", "2026-11-08T12:00:00Z"},
                   {"collected_at", "2026-11-08T13:00:00Z"},
                   {"scanner", "grype"},
                   {"scanner_version", "0.79"},
                   {"database_age_seconds", 2 * 86400},
                   {"trust", "signed"},
                   {"signature", {{"state", "verified"}, {"detail", "release"}}},
                   {"source", "prod"},
                   {"origin", "referrer"},
                   {"repository", "team/app"},
                   {"attached_to", image_digest},
                   {"subjects", json::array({image_digest})},
                   {"critical", 1},
                   {"high", 0},
                   {"medium", 3},
                   {"low", 0},
                   {"unknown", 0}};
  json rejected = accepted;
  rejected["accepted"] = false;
  rejected["why"] = "rejected by policy strict: no_time (the report gives no time)";
  rejected["finished_at"] = nullptr;
  rejected["database_age_seconds"] = nullptr;
  rejected["scanner"] = "evil\u001b[31m";
  rejected["signature"] = {{"state", "none"}, {"detail", nullptr}};
  rejected["attached_to"] = nullptr;
  rejected["subjects"] = json::array();
  for (const char* severity : {"critical", "medium"}) {
    rejected[severity] = 0;
  }
  return {{"digest", image_digest},
          {"asset_id", "r.example/team/app:1.4"},
          {"state", "fresh"},
          {"deadline_at", "2026-12-08T12:00:00Z"},
          {"running", true},
          {"platform", "linux/amd64"},
          {"observation", {{"status", "ok"}}},
          {"policies", json::array({{{"name", "strict"},
                                     {"version", 2},
                                     {"state", "fresh"},
                                     {"deadline_at", "2026-12-08T12:00:00Z"},
                                     {"bound", true}}})},
          {"locations", json::array({{{"registry", "prod"},
                                      {"host", "r.example"},
                                      {"repository", "team/app"},
                                      {"tags", json::array({"1.4", "latest"})},
                                      {"environment", "production"},
                                      {"entry_at", "2026-11-01T12:00:00Z"},
                                      {"entry_basis", "push_event"},
                                      {"removed_at", nullptr}}})},
          {"evidence", json::array({accepted, rejected})},
          {"containers", json::array()},
          {"alerts", json::array()}};
}

TEST(RenderImage, SaysOfEveryPieceOfEvidenceWhoSaysItAndWhyItCounts) {
  const std::string text = render_image(image_with_evidence(), image_now());
  EXPECT_THAT(text, HasSubstr("r.example/team/app:1.4\n  digest: " + image_digest));
  EXPECT_THAT(text, HasSubstr("counts: the newest accepted scan of the image\n"));
  EXPECT_THAT(text, HasSubstr("rejected by policy strict: no_time (the report gives no time)\n"));
  EXPECT_THAT(text, HasSubstr("prod, referrer, team/app"));
  EXPECT_THAT(text, HasSubstr("verified: release"));
  EXPECT_THAT(text, HasSubstr("1 critical, 3 medium"));
  EXPECT_THAT(text, HasSubstr("attached to"));
  EXPECT_THAT(text, HasSubstr("1.4, latest"));
  EXPECT_THAT(text, HasSubstr("push event"));
}

TEST(RenderImage, SaysUnknownWhereATimeOrAnAgeIsNot) {
  json image = image_with_evidence();
  image["evidence"].erase(0);
  const std::string text = render_image(image, image_now());
  const std::string row = text.substr(text.find("\nrejected") + 1);
  EXPECT_THAT(row.substr(0, row.find("evil")), HasSubstr("unknown"));
  EXPECT_THAT(row.substr(row.find("evil"), row.find("pushed")), HasSubstr("unknown"));
  EXPECT_THAT(text, Not(HasSubstr("\x1b")));
}

TEST(RenderImage, OfALittleKnownImageIsStillATable) {
  const std::string text = render_image(json{{"digest", image_digest}}, image_now());
  EXPECT_THAT(text, HasSubstr("no evidence\n"));
  EXPECT_THAT(text, HasSubstr("no containers\n"));
  EXPECT_THAT(text, HasSubstr("no places\n"));
}

class ImageCommand : public testing::Test {
 protected:
  /// `found` is what the server lists for a digest that is no image's own.
  ExitCode run(const std::string& image, int status, const std::string& body,
               const std::string& found = R"({"images": [], "next": null})") {
    Server server("http://127.0.0.1:1", "",
                  [&](HttpRequest request) -> Result<HttpResponse, HttpFailure> {
                    asked.push_back(request.url);
                    HttpResponse response;
                    const bool is_list = request.url.find("?q=") != std::string::npos;
                    response.status = is_list ? 200 : status;
                    response.body = is_list ? found : body;
                    return response;
                  });
    CommandContext context{server, OutputFormat::table,        out,
                           err,    [] { return image_now(); }, [](Duration) {}};
    try {
      return run_image(context, image);
    } catch (const CommandError& error) {
      return error.code();
    }
  }

  std::vector<std::string> asked;
  std::ostringstream out;
  std::ostringstream err;
};

TEST_F(ImageCommand, AsksForTheDigestThatIsNamed) {
  EXPECT_EQ(run("r.example/team/app@" + image_digest, 200, image_with_evidence().dump()),
            ExitCode::ok);
  EXPECT_EQ(asked, std::vector<std::string>{"http://127.0.0.1:1/api/v1/images/" + image_digest});
  EXPECT_THAT(out.str(), HasSubstr("EVIDENCE\n"));
}

TEST_F(ImageCommand, SaysNoForAnUnknownImage) {
  EXPECT_EQ(run(image_digest, 404, R"({"detail":"no unique image has this digest"})"),
            ExitCode::no);
}

TEST_F(ImageCommand, ShowsTheImagesThatAnIndexStandsFor) {
  json found;
  found["images"] = json::array({image_with_evidence()});
  found["next"] = nullptr;
  EXPECT_EQ(run("sha256:" + std::string(64, 'e'), 404, "{}", found.dump()), ExitCode::ok);
  EXPECT_THAT(out.str(), HasSubstr("r.example/team/app:1.4"));
}

}  // namespace
}  // namespace scanclock
