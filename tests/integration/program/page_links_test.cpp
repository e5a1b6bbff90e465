// The daemon's own pages as a whole: where their links lead, and how they are used with a keyboard
// and without scripts.
#include "tests/integration/program/fleet_test.hpp"

#include <deque>
#include <functional>
#include <set>

namespace scanclock {
namespace {

using nlohmann::json;
using testing::HasSubstr;

constexpr std::size_t pages_read_max = 400;

class PageLinks : public FleetTest {
 protected:
  /// Reads every page that a link leads to, once, and gives each to `look`.
  void read_all(const DaemonProcess& daemon,
                const std::function<void(const std::string&, const PageElement&)>& look) {
    std::deque<std::string> waiting{"/"};
    std::set<std::string> known{"/"};
    while (!waiting.empty() && known.size() < pages_read_max) {
      const std::string path = waiting.front();
      waiting.pop_front();
      const HttpAnswer answer = daemon.get(path);
      EXPECT_EQ(answer.status, 200) << path;
      if (answer.header("Content-Type").find("text/html") == std::string::npos) {
        continue;
      }
      const auto page = read_page(answer.body);
      look(path, *page);
      for (const PageElement* link : elements(*page, "a")) {
        const std::string target = path_of(link->attribute("href"));
        if (target.starts_with("/") && known.insert(target).second) {
          waiting.push_back(target);
        }
      }
    }
    EXPECT_LT(known.size(), pages_read_max) << "the pages lead on without an end";
  }

  /// Without the fragment, and as a browser sends it.
  static std::string path_of(const std::string& href) { return href.substr(0, href.find('#')); }
};

TEST_F(PageLinks, LeadSomewhereFromEveryPage) {
  DaemonProcess& daemon = start_fleet();
  std::map<std::string, std::set<std::string>> ids;
  std::set<std::pair<std::string, std::string>> fragments;
  read_all(daemon, [&](const std::string& path, const PageElement& page) {
    for (const PageElement* element : elements(page, "")) {
      ids[path].insert(element->attribute("id"));
    }
    for (const PageElement* link : elements(page, "a")) {
      const std::string href = link->attribute("href");
      if (const auto hash = href.find('#'); hash != std::string::npos) {
        fragments.insert({hash == 0 ? path : path_of(href), href.substr(hash + 1)});
      }
    }
  });
  for (const char* path : {"/", "/images", "/containers", "/alerts", "/sources", "/notifications",
                           "/runbook", "/metrics", "/api/v1/openapi.json"}) {
    EXPECT_TRUE(ids.contains(path) || path == std::string("/metrics") ||
                path == std::string("/api/v1/openapi.json"))
        << path << " is led to by no page";
  }
  for (const auto& [path, id] : fragments) {
    EXPECT_TRUE(ids[path].contains(id)) << path << "#" << id;
  }
}

TEST_F(PageLinks, OfTheBreachCalendarLeadToAsManyImagesAsTheySay) {
  DaemonProcess& daemon = start_fleet();
  const auto fleet = read_page(daemon.get("/").body);
  std::size_t days = 0;
  std::size_t images = 0;
  for (const PageElement* link : elements(*fleet, "a")) {
    const std::string href = link->attribute("href");
    if (href.find("due_on=") == std::string::npos) {
      continue;
    }
    ++days;
    const std::string said = link->text();
    images += std::stoul(said);
    EXPECT_THAT(words(daemon.get(href)), HasSubstr(said + " with a deadline on")) << href;
  }
  EXPECT_GE(days, 5U);
  EXPECT_GE(images, days);
}

TEST_F(PageLinks, OfTheStatesLeadToAsManyAsTheySay) {
  DaemonProcess& daemon = start_fleet();
  const auto fleet = read_page(daemon.get("/").body);
  std::size_t tiles = 0;
  for (const PageElement* link : elements(*fleet, "a")) {
    if (link->attribute("class").find("tile") == std::string::npos) {
      continue;
    }
    ++tiles;
    const std::string number = elements(*link, "b").front()->text();
    const bool is_of_images = link->attribute("href").starts_with("/images");
    const std::string things = is_of_images ? " image" : " container";
    const std::string listed = words(daemon.get(link->attribute("href")));
    EXPECT_TRUE(listed.find(" " + number + things) != std::string::npos ||
                (number == "0" && listed.find("No" + things + " matches.") != std::string::npos))
        << link->attribute("href") << " says " << number;
  }
  EXPECT_GE(tiles, 5U);
}

TEST_F(PageLinks, LeadFromAnImageToEverythingInItsTimeline) {
  DaemonProcess& daemon = start_fleet();
  attach_scan("team/old", now_of_test() + 3 * day);
  const std::string path = "/images/" + digest("team/old");
  std::string page;
  EXPECT_TRUE(eventually(soon, [&] {
    page = words(daemon.get(path));
    return page.find("Scan rejected: trivy") != std::string::npos;
  })) << page;
  EXPECT_THAT(page, HasSubstr("Was there when monitoring began"));
  EXPECT_THAT(page, HasSubstr("Scan accepted: trivy"));
  EXPECT_THAT(page, HasSubstr("Deadline of policy fedramp-30d"));
  EXPECT_THAT(words(daemon.get("/images/" + digest("team/batch"))),
              HasSubstr("Not compliant from here on, for want of a scan"));
}

class PagesByKeyboard : public FleetTest {
 protected:
  void SetUp() override {
    const std::string missing = Browser::unavailable_reason();
    if (!missing.empty()) {
      GTEST_SKIP() << missing;
    }
    FleetTest::SetUp();
  }

  /// A page of each kind.
  std::vector<std::string> all_pages() {
    std::vector<std::string> paths(std::begin(section_pages), std::end(section_pages));
    paths.push_back("/images/" + digest("team/pay"));
    paths.push_back(alert_path_of("ScanclockScanOverdue", "team/pay"));
    return paths;
  }
};

/// Everything that can have the focus, in the order of reading.
constexpr const char* number_focusable =
    "[...document.querySelectorAll('a[href], input, select, button, summary, [tabindex=\"0\"]')]"
    ".filter(one => one.checkVisibility()).map((one, at) => { one.dataset.place = at; })"
    ".length";
/// Where the focus is in that order, and whether it is seen.
constexpr const char* focus_of_page =
    "(() => { const one = document.activeElement; const style = getComputedStyle(one);"
    "const box = one.getBoundingClientRect();"
    "return {place: Number(one.dataset.place ?? -1),"
    " seen: style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) > 0"
    " && box.width > 0 && box.height > 0}; })()";
constexpr int tabs_max = 60;

TEST_F(PagesByKeyboard, AreWalkedInTheOrderInWhichTheyAreReadAndShowWhereOneIs) {
  DaemonProcess& daemon = start_fleet();
  Browser browser(folder.path());
  for (const std::string& path : all_pages()) {
    for (const int width : {1280, 375}) {
      browser.open(daemon.url() + path, Viewport{width, 900, false});
      const int count = browser.evaluate(number_focusable);
      ASSERT_GE(count, 9) << path << ": the link to the content, the name, seven sections";
      for (int place = 0; place < std::min(count, tabs_max); ++place) {
        browser.press("Tab");
        const json focus = browser.evaluate(focus_of_page);
        ASSERT_EQ(focus.at("place"), place) << path << " at " << width;
        EXPECT_EQ(focus.at("seen"), true) << path << " at " << width << ", place " << place;
      }
    }
  }
}

TEST_F(PagesByKeyboard, SkipToTheirContent) {
  DaemonProcess& daemon = start_fleet();
  Browser browser(folder.path());
  for (const std::string& path : all_pages()) {
    browser.open(daemon.url() + path, Viewport());
    browser.press("Tab");
    browser.press("Enter");
    EXPECT_TRUE(eventually(soon, [&] {
      return browser.evaluate("document.activeElement.id").get<std::string>() == "main";
    })) << path;
  }
}

TEST_F(PagesByKeyboard, ReadTheSameWithoutScripts) {
  DaemonProcess& daemon = start_fleet();
  Browser browser(folder.path());
  const auto rows_of = [&](const std::string& path) {
    browser.open(daemon.url() + path, Viewport());
    return browser.evaluate(
        "[document.querySelector('h1').innerText,"
        " document.querySelectorAll('main th, main li, main dt, main h2, main p').length]");
  };
  for (const std::string& path : all_pages()) {
    browser.allow_scripts(true);
    const json with = rows_of(path);
    browser.allow_scripts(false);
    EXPECT_EQ(rows_of(path), with) << path;
  }
  // A search is a plain form.
  browser.open(daemon.url() + "/images?q=team/pay", Viewport());
  EXPECT_EQ(browser.evaluate("document.querySelectorAll('#images tbody tr').length"), 2)
      << "both platforms";
}

}  // namespace
}  // namespace scanclock
