#include "alerts/rules.hpp"
#include "daemon/embedded_documents.hpp"
#include "daemon/pages/html.hpp"
#include "daemon/pages/markdown.hpp"
#include "daemon/pages/page_answer.hpp"
#include "daemon/pages/page_assets.hpp"
#include "daemon/pages/runbook_page.hpp"
#include "daemon/pages/source_list.hpp"
#include "tests/unit/daemon/pages/page_world.hpp"

#include <cmath>
#include <regex>

namespace scanclock {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using testing::HasSubstr;
using testing::Not;

TEST(HtmlText, LosesWhatMeansSomethingAndWhatDeceives) {
  const std::pair<std::string, std::string> cases[] = {
      {"a<b>&\"'", "a&lt;b&gt;&amp;&quot;&#39;"},
      {"bell\a", "bell\uFFFD"},
      {"right\u202Eto left", "right\uFFFDto left"},
      {"zero\u200Bwidth", "zero\uFFFDwidth"},
      {"half\xe2\x82", "half\uFFFD\uFFFD"},
      {"over\xc0\xafling", "over\uFFFD\uFFFDling"},
      {"surrogate\xed\xa0\x80", "surrogate\uFFFD\uFFFD\uFFFD"},
      {"größe 日本 🐳\n", "größe 日本 🐳\n"},
  };
  for (const auto& [given, escaped] : cases) {
    EXPECT_EQ(html_escaped(given), escaped);
  }
}

TEST(PageFaults, AreFound) {
  const std::string good =
      "<!DOCTYPE html>\n<html lang=\"en\"><head><title>t</title></head><body>"
      "<a href=\"#main\">skip</a><header></header><main id=\"main\"><h1>t</h1>BODY</main>"
      "<footer></footer></body></html>";
  const auto faults_of = [&](const std::string& body) {
    std::string page = good;
    page.replace(page.find("BODY"), 4, body);
    return page_faults(page);
  };
  EXPECT_THAT(faults_of(""), testing::IsEmpty());
  for (const char* body :
       {"<h3>skips</h3>", "<a href=\"/\"></a>", "<input name=\"q\"/>", "<p style=\"x\"></p>",
        "<p onclick=\"x\"></p>", "<script></script>", "<p id=\"main\"></p>",
        "<div aria-labelledby=\"nobody\"></div>", "<div tabindex=\"0\"><table></table></div>",
        "<a href=\"//evil.example/\">x</a>", "<a href=\"javascript:x\">x</a>"}) {
    EXPECT_THAT(faults_of(body), Not(testing::IsEmpty())) << body;
  }
  for (const char* body : {"<p>", "</p>", "<p a=b></p>", "&nbsp;", "<p a=\"1\" a=\"2\"></p>"}) {
    EXPECT_THROW(faults_of(body), std::runtime_error) << body;
  }
}

TEST(Markdown, OfOurDocumentsIsRead) {
  const std::string html =
      render_markdown(
          "## First Rule\n\nOne `co<de>` and **strong\nwords**, [a link](/images) and\n"
          "[evil](javascript:x).\n\n- item\n  goes on\n- [next](runbooks/ScanclockDown.md)\n\n"
          "1. one\n2. two\n\n```sh\nmake & <run>\n```\n\n| a | b |\n|---|---|\n| c | `d` |\n")
          .str();
  EXPECT_THAT(html, HasSubstr("<h2 id=\"first-rule\">First Rule</h2>"));
  EXPECT_THAT(html, HasSubstr("<code>co&lt;de&gt;</code> and <strong>strong words</strong>"));
  EXPECT_THAT(html, HasSubstr("<a href=\"/images\">a link</a> and evil."));
  EXPECT_THAT(html, HasSubstr("<li>item goes on</li><li><a href=\"#scanclockdown\">next</a></li>"));
  EXPECT_THAT(html, HasSubstr("<ol><li>one</li><li>two</li></ol>"));
  EXPECT_THAT(html, HasSubstr("<code>make &amp; &lt;run&gt;\n</code></pre>"));
  EXPECT_THAT(html, HasSubstr("<th scope=\"col\">a</th>"));
  EXPECT_THAT(html, HasSubstr("<td><code>d</code></td>"));
}

using RunbookPage = PageTest;

TEST_F(RunbookPage, HasEveryRuleUnderTheAnchorThatItsAlertsName) {
  const EmbeddedFile documents[] = {
      {"OPERATIONS.md",
       "# Before\n\nnot shown\n\n# Runbook\n\n- [it](runbooks/ScanclockScanOverdue.md)\n"},
      {"ScanclockDown.md", "# ScanclockDown\n\n## Meaning\n\nDown.\n"},
      {"ScanclockScanOverdue.md", "# ScanclockScanOverdue\n\n## Meaning\n\nScan `it`.\n"}};
  const std::string html =
      checked(render_runbook(frame(PageSection::runbook, "Runbook"), documents));
  EXPECT_THAT(html, HasSubstr("<h2 id=\"" + runbook_anchor("ScanclockScanOverdue") + "\">"));
  EXPECT_THAT(html, HasSubstr("<h3 id=\"scanclockscanoverdue-meaning\">"));
  EXPECT_THAT(html, HasSubstr("<h3 id=\"scanclockdown-meaning\">"));
  EXPECT_THAT(html, HasSubstr("href=\"#scanclockscanoverdue\""));
  EXPECT_THAT(html, Not(HasSubstr("not shown")));
}

TEST_F(RunbookPage, OfTheProgramHasEveryRule) {
  const std::string html =
      checked(render_runbook(frame(PageSection::runbook, "Runbook"), embedded_documents()));
  for (const alerts::RuleText& rule : alerts::rule_texts()) {
    EXPECT_THAT(html, HasSubstr("id=\"" + runbook_anchor(rule.rule) + "\"")) << rule.rule;
  }
}

TEST(CoverageGaps, AreWhereNobodyWatched) {
  const TimePoint noon = SimClock::default_start();
  const auto at = [&](int minute) { return noon + minutes(minute); };
  const auto watched = [&](int from, int to) {
    return CoverageInterval{"s", SourceKind::registry, at(from), at(to)};
  };
  EXPECT_EQ(coverage_gaps({watched(0, 60)}, at(0), at(60), true), std::vector<CoverageGap>());
  EXPECT_EQ(coverage_gaps({watched(0, 20), watched(30, 60)}, at(0), at(60), true),
            (std::vector<CoverageGap>{{at(20), at(30)}}));
  EXPECT_EQ(coverage_gaps({watched(0, 40), watched(10, 20)}, at(0), at(60), false),
            (std::vector<CoverageGap>{{at(40), at(60)}}));
  EXPECT_EQ(coverage_gaps({watched(0, 40)}, at(0), at(60), true), std::vector<CoverageGap>())
      << "it answers now; the record is behind";
  EXPECT_EQ(coverage_gaps({}, at(0), at(60), true), (std::vector<CoverageGap>{{at(0), at(60)}}))
      << "no interval, no coverage";
}

class SourcePage : public PageTest {
 protected:
  std::string page(bool history_is_cut = false) {
    SourceMembers members;
    for (const auto& [digest, image] : world.inventory.images()) {
      members.add(image);
    }
    SourceListInput input{members, world.sources, coverage, history_is_cut};
    return checked(render_source_list(frame(PageSection::sources, "Sources"), input));
  }

  std::map<std::string, std::vector<CoverageInterval>> coverage;
};

TEST_F(SourcePage, PutsWhatDoesNotAnswerFirstWithItsError) {
  world.sources.failed("prod", "unauthorized", "GET /v2/: 401", world.now);
  const std::string html = page();
  EXPECT_LT(html.find("id=\"source-prod\""), html.find("id=\"source-host-a\""));
  EXPECT_THAT(words(html), HasSubstr("unauthorized: GET /v2/: 401"));
  EXPECT_THAT(html, HasSubstr("class=\"badge failing\""));
  world.now += hours(1);
  EXPECT_THAT(page(), HasSubstr("class=\"badge blind\""));
}

TEST_F(SourcePage, KeepsTheLastErrorOfWhatAnswersAgain) {
  world.sources.failed("prod", "timeout", "no answer in 30s", world.now);
  world.sources.answered("prod", 3, world.now + minutes(1));
  const std::string shown = words(page());
  EXPECT_THAT(shown, HasSubstr("Last error timeout: no answer in 30s"));
  EXPECT_THAT(shown, Not(HasSubstr("Problem")));
}

TEST_F(SourcePage, SaysThatAViewIsPartial) {
  world.sources.describe("host-a", "kubernetes");
  EXPECT_THAT(page(), Not(HasSubstr("partial view")));
  world.sources.limit_view("host-a", std::set<std::string>{"pay", "<web>"});
  world.sources.note_limits("host-a", "nodes: forbidden");
  EXPECT_THAT(page(), HasSubstr("partial view, only &lt;web&gt; pay; nodes: forbidden"));
  EXPECT_THAT(words(page()), HasSubstr("kubernetes"));
}

TEST_F(SourcePage, TellsWhenNobodyWatched) {
  coverage["prod"] = {{"prod", SourceKind::registry, world.now - hours(10), world.now - hours(6)},
                      {"prod", SourceKind::registry, world.now - hours(5), world.now}};
  coverage["host-a"] = {{"host-a", SourceKind::workload, world.now - hours(9), world.now}};
  const std::string shown = words(page());
  EXPECT_THAT(shown, HasSubstr("90.0 % of the time since"));
  EXPECT_THAT(shown, HasSubstr("not watched for 1h"));
  EXPECT_THAT(shown, HasSubstr("without a gap"));
  EXPECT_THAT(words(page(true)), HasSubstr("not known: the database does not answer"));
}

TEST_F(SourcePage, EscapesWhatCameFromOutside) {
  world.sources.failed("prod", hostile_text, hostile_text, world.now);
  world.sources.note_limits("host-a", hostile_text);
  EXPECT_THAT(page(), HasSubstr("&lt;script&gt;"));
}

TEST(PageAnswer, LetsABrowserLoadNothingElse) {
  const HttpResponse answer = page_answer("<!DOCTYPE html>", 200);
  const std::string policy(answer.header("Content-Security-Policy").value_or(""));
  for (const char* part : {"default-src 'none'", "style-src 'self'", "frame-ancestors 'none'",
                           "base-uri 'none'", "form-action 'self'"}) {
    EXPECT_THAT(policy, HasSubstr(part));
  }
  EXPECT_THAT(policy, Not(HasSubstr("unsafe")));
  EXPECT_THAT(policy, Not(HasSubstr("script-src")));
  EXPECT_EQ(answer.header("X-Content-Type-Options"), "nosniff");
  EXPECT_EQ(answer.header("Referrer-Policy"), "no-referrer");
  EXPECT_EQ(answer.header("Cache-Control"), "no-store");
}

TEST(PageAnswer, SparesTheStyleThatIsKnown) {
  HttpServerRequest request;
  const HttpResponse first = asset_answer(request, "text/css", "a {}");
  EXPECT_EQ(first.status, 200);
  EXPECT_EQ(first.body, "a {}");
  request.headers.emplace_back("If-None-Match", std::string(*first.header("ETag")));
  EXPECT_EQ(asset_answer(request, "text/css", "a {}").status, 304);
  EXPECT_EQ(asset_answer(request, "text/css", "b {}").status, 200);
}

double luminance(const std::string& colour) {
  double parts[3];
  for (int index = 0; index < 3; ++index) {
    const double value =
        std::stoi(colour.substr(1 + 2 * static_cast<std::size_t>(index), 2), nullptr, 16) / 255.0;
    parts[index] = value <= 0.04045 ? value / 12.92 : std::pow((value + 0.055) / 1.055, 2.4);
  }
  return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2];
}

double contrast(const std::string& left, const std::string& right) {
  const double one = luminance(left);
  const double two = luminance(right);
  return (std::max(one, two) + 0.05) / (std::min(one, two) + 0.05);
}

/// WCAG 2.2, 1.4.3: 4.5:1 for text.
TEST(PageStyle, HasReadableTextInBothSchemes) {
  const std::string style(page_asset("style.css"));
  const auto dark = style.find("prefers-color-scheme: dark");
  ASSERT_NE(dark, std::string::npos);
  for (const std::string& scheme : {style.substr(0, dark), style.substr(dark)}) {
    std::map<std::string, std::string> colours;
    const std::regex definition("--([a-z0-9-]+): (#[0-9a-f]{6});");
    for (std::sregex_iterator found(scheme.begin(), scheme.end(), definition), end; found != end;
         ++found) {
      colours.emplace((*found)[1], (*found)[2]);
    }
    for (const auto& [text, ground] : std::vector<std::pair<std::string, std::string>>{
             {"text", "ground"},       {"quiet", "ground"},      {"link", "ground"},
             {"text", "raised"},       {"quiet", "raised"},      {"link", "raised"},
             {"bad", "bad-ground"},    {"text", "bad-ground"},   {"doubt", "doubt-ground"},
             {"text", "doubt-ground"}, {"link", "doubt-ground"}, {"link", "bad-ground"},
             {"good", "good-ground"},  {"text", "good-ground"},  {"link", "good-ground"},
             {"text", "heat1"},        {"text", "heat2"},        {"text", "heat3"},
             {"text", "heat4"},        {"ground", "link"},       {"quiet", "doubt-ground"}}) {
      ASSERT_TRUE(colours.contains(text) && colours.contains(ground)) << text << " " << ground;
      EXPECT_GE(contrast(colours[text], colours[ground]), 4.5) << text << " on " << ground;
    }
  }
}

}  // namespace
}  // namespace scanclock
