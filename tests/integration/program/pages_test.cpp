// The daemon's own pages, as a person, a browser and a screen reader find them.
#include "tests/integration/program/fleet_test.hpp"

#include <cstdlib>
#include <iostream>

namespace scanclock {
namespace {

using nlohmann::json;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

/// Of axe-core: what keeps people out. WCAG 2.2, A and AA, and its best practices.
constexpr const char* axe_call =
    "axe.run(document, {resultTypes: ['violations']}).then(found => found.violations"
    ".filter(one => one.impact === 'serious' || one.impact === 'critical')"
    ".map(one => one.id + ': ' + one.nodes.map(node => node.html).slice(0, 3).join(' | ')))";

/// axe-core's own file, or why it cannot be had. npm fetches it once into the build's folder.
struct Axe {
  std::string script;
  std::string missing;
};

Axe find_axe() {
  const std::filesystem::path folder = std::filesystem::path(SCANCLOCK_BINARY_DIR) / "axe";
  const std::filesystem::path file = folder / "node_modules" / "axe-core" / "axe.min.js";
  Axe axe;
  if (!std::filesystem::exists(file)) {
    axe.missing = missing_program("npm", "npm");
    if (!axe.missing.empty()) {
      return axe;
    }
    std::filesystem::create_directories(folder);
    const CommandResult fetched =
        run_command({"npm", "install", "--prefix", folder.string(), "--no-save", "--no-audit",
                     "--no-fund", "--ignore-scripts", "axe-core@4"},
                    {}, std::chrono::seconds(90));
    if (fetched.exit_code != 0) {
      axe.missing = "npm cannot fetch axe-core: " + fetched.output.substr(0, 300);
      return axe;
    }
  }
  axe.script = read_text(file);
  return axe;
}

class Pages : public FleetTest {};

TEST_F(Pages, AreServedToBrowsersThatMayLoadNothingElse) {
  DaemonProcess& daemon = start_fleet();
  std::vector<std::string> paths(std::begin(section_pages), std::end(section_pages));
  paths.push_back("/images/" + digest("team/pay"));
  paths.push_back(alert_path_of("ScanclockScanOverdue", "team/pay"));
  for (const std::string& path : paths) {
    const HttpAnswer answer = daemon.get(path);
    EXPECT_EQ(answer.status, 200) << path;
    EXPECT_THAT(answer.header("Content-Type"), HasSubstr("text/html")) << path;
    EXPECT_THAT(answer.header("Content-Security-Policy"), HasSubstr("default-src 'none'")) << path;
    EXPECT_EQ(answer.header("X-Content-Type-Options"), "nosniff") << path;
    EXPECT_EQ(answer.header("Referrer-Policy"), "no-referrer") << path;
    EXPECT_EQ(answer.header("Cache-Control"), "no-store") << path;
    EXPECT_THAT(page_faults(answer.body), IsEmpty()) << path;
    const HttpAnswer head = http_call("HEAD", daemon.url() + path);
    EXPECT_EQ(head.status, 200) << path;
    EXPECT_EQ(head.body, "") << path;
  }
  for (const char* path : {"/style.css", "/icon.svg"}) {
    const HttpAnswer first = daemon.get(path);
    EXPECT_EQ(first.status, 200) << path;
    const HttpAnswer again = http_call("GET", daemon.url() + path, "",
                                       {HttpHeader("If-None-Match", first.header("ETag"))});
    EXPECT_EQ(again.status, 304) << path;
    EXPECT_EQ(again.body, "") << path;
  }
  for (const auto& [path, status] : std::map<std::string, int>{{"/images/nothing", 404},
                                                               {"/alerts/nothing", 404},
                                                               {"/images?state=fine", 400},
                                                               {"/containers?after=x", 400},
                                                               {"/alerts?severity=huge", 400},
                                                               {"/notifications?before=x", 400}}) {
    const HttpAnswer answer = daemon.get(path);
    EXPECT_EQ(answer.status, status) << path;
    EXPECT_THAT(page_faults(answer.body), IsEmpty()) << path;
  }
  const std::string hostile = "%3Cscript%3Ealert(1)%3C/script%3E%22%27";
  for (const char* path : {"/images?q=", "/containers?q=", "/alerts?q=", "/notifications?receiver=",
                           "/images?owner=", "/images?state="}) {
    const HttpAnswer answer = daemon.get(path + hostile);
    EXPECT_THAT(page_faults(answer.body), IsEmpty()) << path;
    EXPECT_THAT(answer.body, Not(HasSubstr("<script"))) << path;
  }
}

TEST_F(Pages, TellWhereTheFleetStands) {
  DaemonProcess& daemon = start_fleet();
  const std::string fleet = words(daemon.get("/"));
  EXPECT_THAT(fleet, HasSubstr("Are we in the window? No."));
  EXPECT_THAT(fleet, HasSubstr("1 running image is past the window."));
  EXPECT_THAT(fleet, HasSubstr("1 running image has no accepted scan."));
  EXPECT_THAT(fleet, HasSubstr("1 source of 3 is blind"));
  EXPECT_THAT(fleet, HasSubstr("Next breach: "));
  EXPECT_THAT(words(daemon.get("/images?state=overdue&running=true")), HasSubstr("1 image"));
  EXPECT_THAT(words(daemon.get("/images?q=team/pay")), HasSubstr("team/pay:1.0"));
  EXPECT_THAT(words(daemon.get("/containers?verdict=overdue")), HasSubstr("1 container"));
  EXPECT_THAT(words(daemon.get("/sources")), HasSubstr("Last answer never"));
  const std::string image = words(daemon.get("/images/" + digest("team/pay")));
  EXPECT_THAT(image, HasSubstr("Scan accepted: trivy"));
  EXPECT_THAT(image, HasSubstr("ScanclockScanOverdue fires"));
  EXPECT_THAT(image, HasSubstr("Deadline of policy fedramp-30d"));
  EXPECT_TRUE(eventually(soon, [&] {
    return words(daemon.get("/notifications?state=delivered")).find("delivered") !=
           std::string::npos;
  }));
}

TEST_F(Pages, OfAnAlertAreWhereItsMessagesLeadHoweverLongAgoItEnded) {
  DaemonProcess& daemon = start_fleet();
  const auto message =
      receiver.messages("firing", "ScanclockScanOverdue", digest("team/pay")).front();
  const std::string url = message.text("url");
  const std::string origin = "https://scanclock.example";
  ASSERT_TRUE(url.starts_with(origin + "/alerts/")) << url;
  const std::string path = url.substr(origin.size());
  EXPECT_THAT(words(daemon.get(path)), HasSubstr("Where it runs"));
  attach_scan("team/pay", now_of_test());
  ASSERT_TRUE(eventually(soon, [&] {
    return !receiver.messages("resolved", "ScanclockScanOverdue", digest("team/pay")).empty();
  }));
  ASSERT_TRUE(eventually(soon, [&] {
    const std::string page = words(daemon.get(path));
    return page.find("resolved scanned") != std::string::npos &&
           page.find("alert resolved") != std::string::npos;
  }));
  EXPECT_EQ(daemon.terminate(), 0);
  sql("UPDATE scanclock.alerts SET ended_at = ended_at - interval '90 days', started_at = "
      "started_at - interval '90 days' WHERE id = '" +
      message.text("id") + "'");
  daemon.start();
  daemon.wait_until_up();
  EXPECT_THAT(daemon.get("/alerts").body, Not(HasSubstr(path))) << "not in memory any more";
  const std::string old = words(daemon.get(path));
  EXPECT_THAT(old, HasSubstr("resolved scanned"));
  EXPECT_THAT(words(daemon.get("/images/" + digest("team/pay"))),
              HasSubstr("ScanclockScanOverdue ends: scanned"));
}

TEST_F(Pages, OfAlertsAreThereWhileTheDatabaseIsAway) {
  DaemonProcess& daemon = start_fleet();
  const std::string path = alert_path_of("ScanclockScanOverdue", "team/pay");
  take_database_down();
  const HttpAnswer alert = daemon.get(path);
  EXPECT_EQ(alert.status, 200);
  EXPECT_THAT(words(alert), HasSubstr("history and notifications are missing here"));
  EXPECT_THAT(words(alert), HasSubstr("Where it runs"));
  EXPECT_EQ(daemon.get("/alerts/nothing").status, 503) << "it may be one of long ago";
  for (const std::string& page :
       {std::string("/"), "/images/" + digest("team/pay"), std::string("/sources"),
        std::string("/notifications"), std::string("/alerts")}) {
    const HttpAnswer answer = daemon.get(page);
    EXPECT_EQ(answer.status, 200) << page;
    EXPECT_THAT(page_faults(answer.body), IsEmpty()) << page;
  }
}

class PagesInABrowser : public Pages {
 protected:
  void SetUp() override {
    const std::string missing = Browser::unavailable_reason();
    if (!missing.empty()) {
      GTEST_SKIP() << missing;
    }
    Pages::SetUp();
  }

  static std::filesystem::path pictures() {
    return std::filesystem::path(SCANCLOCK_BINARY_DIR) / "pages";
  }
};

/// The pictures are kept in the build's folder, for people to look at.
TEST_F(PagesInABrowser, FitEveryScreenAndKeepNobodyOut) {
  DaemonProcess& daemon = start_fleet();
  const json silence = {{"matchers", {"owner=\"nobody\""}},
                        {"reason", "the scanner is rebuilt"},
                        {"author", "ann"},
                        {"expires_at", format_rfc3339(now_of_test() + day)}};
  EXPECT_EQ(daemon.post("/api/v1/silences", silence.dump(), admin_token).status, 201);
  std::map<std::string, std::string> pages;
  for (const std::string path : section_pages) {
    pages[path == "/" ? "fleet" : path.substr(1)] = path;
  }
  pages["image"] = "/images/" + digest("team/pay");
  pages["alert"] = alert_path_of("ScanclockScanOverdue", "team/pay");
  pages["found"] = "/images?q=team&state=fresh";
  pages["lost"] = "/alerts/nothing";

  const Axe axe = find_axe();
  if (!axe.missing.empty()) {
    std::cout << "axe-core is not asked: " << axe.missing << "\n";
  }
  Browser browser(folder.path());
  std::filesystem::create_directories(pictures());
  for (const auto& [name, path] : pages) {
    for (const int width : {1280, 375}) {
      for (const bool dark : {false, true}) {
        const std::string place = name + "-" + std::to_string(width) + (dark ? "-dark" : "-light");
        browser.open(daemon.url() + path, Viewport{width, 900, dark});
        // A browser complains of every 404, and this is one.
        EXPECT_EQ(browser.complaints().size(), name == "lost" ? 1U : 0U)
            << place << ": " << testing::PrintToString(browser.complaints());
        EXPECT_LE(browser.evaluate("document.documentElement.scrollWidth").get<int>(), width)
            << place << ": the page scrolls sideways";
        if (!axe.script.empty()) {
          browser.evaluate(axe.script + "; null");
          EXPECT_EQ(browser.evaluate(axe_call), json::array()) << place;
        }
        browser.screenshot(pictures() / (place + ".png"));
      }
    }
  }
}

TEST_F(PagesInABrowser, CanBeSearchedWithTheKeyboardAlone) {
  DaemonProcess& daemon = start_fleet();
  Browser browser(folder.path());
  browser.open(daemon.url() + "/images", Viewport());
  // Scripts of a page cannot run under its policy; this is the test's own.
  EXPECT_EQ(browser.evaluate("document.querySelectorAll('script').length"), 0);
  EXPECT_EQ(browser.evaluate("document.querySelector('a').getAttribute('href')"), "#main");
  EXPECT_EQ(browser.evaluate("(() => { const field = document.querySelector('[name=q]');"
                             "field.focus(); field.value = 'team/pay';"
                             "return getComputedStyle(field).outlineStyle; })()"),
            "solid")
      << "what has the focus is seen";
  browser.evaluate(
      "new Promise(done => { setTimeout(done, 0);"
      "document.querySelector('form').requestSubmit(); })");
  ASSERT_TRUE(eventually(soon, [&] {
    return browser.evaluate("location.search").get<std::string>().find("q=team%2Fpay") !=
           std::string::npos;
  }));
  EXPECT_EQ(browser.evaluate("document.querySelectorAll('#images tbody tr').length"), 2)
      << "both platforms";
}

}  // namespace
}  // namespace scanclock
