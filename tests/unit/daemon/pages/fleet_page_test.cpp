#include "daemon/pages/fleet_page.hpp"

#include "tests/unit/daemon/pages/page_world.hpp"

namespace scanclock {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using testing::HasSubstr;
using testing::Not;
using Word = FleetAnswer::Word;

constexpr Duration a_day = hours(24);

class FleetPage : public PageTest {
 protected:
  void count(FleetView& view) {
    world.reevaluate();
    for (const auto& [digest, image] : world.inventory.images()) {
      view.add(world.inventory, image);
    }
    for (const ContainerRecord& container : world.inventory.containers()) {
      view.add(world.sources, container);
    }
  }

  FleetAnswer answer() {
    FleetView view(world.now);
    count(view);
    const Forecast forecast = view.forecast().take();
    return answer_of(view, forecast, world.sources, world.now);
  }

  std::string page(const std::vector<const Alert*>& firing = {}) {
    FleetView view(world.now);
    count(view);
    const FleetInput input{world.inventory, world.sources, firing};
    return checked(render_fleet_page(frame(PageSection::fleet, "Fleet"), input, view));
  }

  void run_scanned(char letter, Duration age) {
    world.add_image(letter);
    world.scan(letter, world.now - age);
    world.run(std::string(1, letter));
    world.sources.answered("host-a", 1, world.now);
  }
};

TEST_F(FleetPage, SaysYesOnlyWhenEverySourceAnswersAndAllWasScannedInTime) {
  run_scanned('a', a_day);
  EXPECT_EQ(answer().word, Word::yes);
  EXPECT_THAT(words(page()), HasSubstr("Are we in the window? Yes."));
}

TEST_F(FleetPage, SaysNoForAnImageThatIsLateAndForOneNeverScanned) {
  run_scanned('a', 31 * a_day);
  world.add_image('b');
  world.run("ab");
  const FleetAnswer said = answer();
  EXPECT_EQ(said.word, Word::no);
  EXPECT_THAT(said.why, testing::ElementsAre("1 running image is past the window.",
                                             "1 running image has no accepted scan."));
}

TEST_F(FleetPage, KnowsNothingWhileASourceIsBlindHoweverWellAllLooks) {
  run_scanned('a', a_day);
  world.sources.failed("host-a", "timeout", "no answer", world.now);
  EXPECT_EQ(answer().word, Word::doubtful) << "failing, but not blind yet";
  EXPECT_THAT(words(page()), Not(HasSubstr("window? Yes.")));
  world.now += minutes(10);
  EXPECT_EQ(answer().word, Word::unknown);
  const std::string shown = page();
  EXPECT_THAT(words(shown), HasSubstr("Are we in the window? Not known."));
  EXPECT_THAT(words(shown), HasSubstr("1 source of 2 is blind"));
  EXPECT_THAT(words(shown), HasSubstr("timeout, no answer"));
  EXPECT_THAT(shown, Not(HasSubstr("class=\"tile fresh\""))) << "what is right is in doubt";
  EXPECT_THAT(shown, Not(HasSubstr("class=\"tile compliant\"")));
  EXPECT_THAT(shown, Not(HasSubstr("class=\"answer good\"")));
  EXPECT_THAT(shown, HasSubstr("href=\"/sources#source-host-a\""));
}

TEST_F(FleetPage, KnowsNothingBeforeASourceHasAnswered) {
  run_scanned('a', a_day);
  world.sources.configure("host-b", SourceKind::workload, minutes(10), world.now);
  EXPECT_EQ(answer().word, Word::unknown);
  world.sources.answered("host-b", 0, world.now);
  EXPECT_EQ(answer().word, Word::yes);
}

TEST_F(FleetPage, KnowsNothingWhereNobodyTellsWhatRuns) {
  world.sources.forget("host-a");
  const FleetAnswer said = answer();
  EXPECT_EQ(said.word, Word::unknown);
  EXPECT_THAT(said.why, testing::ElementsAre("No source tells what runs."));
}

TEST_F(FleetPage, SaysNoForAContainerWhoseImageCannotBeTold) {
  run_scanned('a', a_day);
  ContainerObservation stranger = world.container('a', "c9");
  stranger.image = "elsewhere.example/unknown:1";
  stranger.image_id.clear();
  stranger.digests.clear();
  world.observe("host-a", {stranger});
  EXPECT_EQ(answer().word, Word::no);
  EXPECT_THAT(answer().why, testing::Contains("1 container runs an image that cannot be told."));
}

TEST_F(FleetPage, OfAnEmptyFleetClaimsNothing) {
  EXPECT_EQ(answer().word, Word::nothing_runs);
  const std::string shown = words(page());
  EXPECT_THAT(shown, HasSubstr("No alert is firing."));
  EXPECT_THAT(shown, HasSubstr("0 running images pass their deadline in the next 35 days"));
  EXPECT_THAT(shown, HasSubstr("No running image is late or falls due."));
}

TEST_F(FleetPage, HasACalendarWhoseDaysLeadToTheirImages) {
  run_scanned('a', 25 * a_day);
  const std::string day = format_rfc3339(world.now + 5 * a_day).substr(0, 10);
  const std::string shown = page();
  EXPECT_THAT(shown, HasSubstr("href=\"/images?running=true&amp;due_on=" + day + "\""));
  EXPECT_THAT(words(shown), HasSubstr("1 running image passes its deadline in the next 35 days"));
  const auto root = read_page(shown);
  std::size_t days = 0;
  for (const PageElement* cell : elements(*root, "td")) {
    days += cell->attribute("class").starts_with("heat") ? 1 : 0;
  }
  EXPECT_EQ(days, 35U);
}

TEST_F(FleetPage, ListsTheGravestAlertsFirstAndKeepsTheOldAnchors) {
  Alert warning = alert_about('a', "one", world.now - hours(5));
  warning.severity = Severity::warning;
  const Alert late = alert_about('b', "two", world.now - hours(1));
  const Alert later = alert_about('c', "three", world.now - minutes(1));
  const std::string shown = page({&warning, &later, &late});
  EXPECT_LT(shown.find("alert-two"), shown.find("alert-three"));
  EXPECT_LT(shown.find("alert-three"), shown.find("alert-one"));
  EXPECT_THAT(shown, HasSubstr("href=\"/alerts/two\""));
}

TEST_F(FleetPage, SaysThatTheDatabaseTakesNothing) {
  FleetView view(world.now);
  PageFrame broken = frame(PageSection::fleet, "Fleet");
  broken.storage_failure = std::string("disk full: ") + hostile_text;
  const FleetInput input{world.inventory, world.sources, {}};
  const std::string shown = checked(render_fleet_page(broken, input, view));
  EXPECT_THAT(words(shown), HasSubstr("The database does not take changes."));
}

TEST_F(FleetPage, EscapesWhatCameFromOutside) {
  Alert alert = alert_about('a', "id\"><b>", world.now);
  alert.annotations["summary"] = hostile_text;
  world.sources.failed("host-a", hostile_text, hostile_text, world.now);
  const std::string shown = page({&alert});
  EXPECT_THAT(shown, HasSubstr("&lt;script&gt;alert(&#39;x&#39;)"));
}

}  // namespace
}  // namespace scanclock
