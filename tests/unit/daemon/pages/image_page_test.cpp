#include "daemon/pages/image_page.hpp"

#include "daemon/evidence_view.hpp"
#include "daemon/pages/image_timeline.hpp"
#include "tests/unit/daemon/pages/page_world.hpp"

namespace scanclock {
namespace {

using std::chrono::hours;
using testing::HasSubstr;
using testing::Not;

class ImagePage : public PageTest {
 protected:
  ImagePage() { world.add_image('a'); }

  Evidence evidence(const std::string& scanner, TimePoint finished_at) {
    Evidence item;
    item.digest = AlertWorld::digest(static_cast<char>('1' + evidence_count++));
    item.source = "prod";
    item.origin = EvidenceOrigin::referrer;
    item.attached_to = AlertWorld::digest('a');
    item.repository = "team/app";
    item.collected_at = world.now;
    item.report.format = "grype-json";
    item.report.scanner = scanner;
    item.report.finished_at = finished_at;
    item.report.subjects = {AlertWorld::digest('a')};
    return item;
  }

  EvidenceKey add(Evidence item) {
    const EvidenceKey key = key_of(item);
    world.inventory.add_evidence(std::move(item), "bytes", world.now);
    world.reevaluate();
    return key;
  }

  std::string why(const EvidenceKey& key) {
    return why_it_counts(world.inventory, image(), *world.inventory.evidence(key));
  }
  const ImageRecord& image() const { return *world.inventory.image(AlertWorld::digest('a')); }

  std::string page(const std::vector<Alert>& alerts = {}, bool history_is_cut = false) {
    world.reevaluate();
    const ImagePageInput input{world.inventory, world.sources, alerts, history_is_cut};
    return checked(render_image_page(frame(PageSection::images), input, image()));
  }

  std::vector<std::string> kinds(const std::vector<Alert>& alerts = {}) {
    world.reevaluate();
    std::vector<std::string> found;
    for (const auto& event : timeline_of(world.inventory, image(), alerts, world.now)) {
      found.emplace_back(event.kind);
    }
    return found;
  }

  int evidence_count = 0;
};

TEST_F(ImagePage, ShowsEveryPieceOfEvidenceAndWhyItCountsOrNot) {
  const auto older = add(evidence("old", world.now - hours(50)));
  const auto newest = add(evidence("new", world.now - hours(5)));
  const auto future = add(evidence("future", world.now + hours(5)));
  EXPECT_EQ(why(older), "accepted; a newer scan counts");
  EXPECT_EQ(why(newest), "counts: the newest accepted scan of the image");
  EXPECT_THAT(why(future), HasSubstr("rejected by policy fedramp-30d: future_dated (scan end"));
  const std::string html = page();
  for (const EvidenceKey& key : {older, newest, future}) {
    EXPECT_THAT(html, HasSubstr("/api/v1/evidence/" + key.digest.str() + "/findings"));
    EXPECT_THAT(words(html), HasSubstr(why(key)));
  }
  EXPECT_THAT(html, HasSubstr("<span class=\"badge accepted\">"));
  EXPECT_THAT(html, HasSubstr("<span class=\"badge rejected\">"));
}

TEST_F(ImagePage, SaysThatAnAgeIsNotKnown) {
  Evidence dated = evidence("dated", world.now - hours(5));
  dated.report.database_built_at = *dated.report.finished_at - hours(24 * 3);
  EXPECT_EQ(database_age(dated), hours(24 * 3));
  add(dated);
  add(evidence("undated", world.now - hours(6)));
  const std::string html = page();
  EXPECT_THAT(html, HasSubstr("database of unknown age"));
  EXPECT_THAT(html, HasSubstr("database 3d old"));
}

TEST_F(ImagePage, TellsTheTimeOfAScanOnlyWhereThereIsOne) {
  Evidence timeless = evidence("timeless", world.now);
  timeless.report.finished_at.reset();
  EXPECT_EQ(database_age(timeless), std::nullopt);
  EXPECT_THAT(why(add(timeless)), HasSubstr("no_time"));
  EXPECT_THAT(page(), HasSubstr("<div>unknown <small>collected"));
}

TEST_F(ImagePage, HasATimelineFromTheEntryToTheDeadline) {
  const TimePoint start = world.now;
  world.now += hours(24 * 10);
  add(evidence("first", start + hours(24)));
  Evidence refused = evidence("refused", world.now + hours(9));
  add(refused);
  Alert alert = alert_about('a', "ended", start + hours(30));
  alert.firing = false;
  alert.resolved_reason = "not_running";
  alert.ended_at = start + hours(40);
  EXPECT_THAT(kinds({alert}), testing::ElementsAre("entry", "accepted", "firing", "resolved",
                                                   "rejected", "deadline"));
  const std::string shown = words(page({alert}));
  EXPECT_LT(shown.find("Scan accepted: first"), shown.find("Scan rejected: refused"));
  EXPECT_LT(shown.find("Now"), shown.find("Deadline of policy fedramp-30d"));
  EXPECT_THAT(shown, HasSubstr("ScanclockScanOverdue ends: not running"));
  world.now = start + hours(24 * 32);
  EXPECT_EQ(kinds().back(), "overdue") << "the deadline has passed";
}

TEST_F(ImagePage, CutsALongTimelineAndSaysSo) {
  std::vector<Alert> alerts;
  for (std::size_t index = 0; index < timeline_events_max + 20; ++index) {
    alerts.push_back(alert_about('a', std::to_string(index), world.now - hours(index)));
  }
  const std::string html = page(alerts);
  EXPECT_THAT(words(html), HasSubstr(" older events are left out."));
}

TEST_F(ImagePage, DoubtsAFreshStateWhoseSourcesDoNotAnswer) {
  add(evidence("new", world.now - hours(5)));
  EXPECT_THAT(page(), HasSubstr("class=\"badge fresh\""));
  world.evidence_failed('a', "timeout");
  world.now += hours(24);
  const std::string html = page();
  EXPECT_THAT(html, HasSubstr("class=\"badge doubted\">fresh?"));
}

TEST_F(ImagePage, SaysWhenOldAlertsCannotBeRead) {
  EXPECT_THAT(words(page()), Not(HasSubstr("The database does not answer")));
  EXPECT_THAT(words(page({}, true)), HasSubstr("The database does not answer"));
}

TEST_F(ImagePage, EscapesWhateverCameFromOutside) {
  Evidence item = evidence(hostile_text, world.now - hours(5));
  item.source = hostile_text;
  item.repository = hostile_text;
  item.report.scanner_version = hostile_text;
  item.report.format = hostile_text;
  item.report.defect = Rejection::scan_failed;
  item.report.defect_detail = hostile_text;
  item.signature = SignatureState::failed;
  item.signature_detail = hostile_text;
  add(item);
  ContainerObservation container = world.container('a', "c1");
  container.name = hostile_text;
  container.workload = hostile_text;
  container.namespace_name = hostile_text;
  container.image_id = std::string("docker-pullable://") + hostile_text;
  world.observe("host-a", {container});
  world.inventory.set_tag(AlertWorld::key(), "<tag>", AlertWorld::digest('a'), world.now);
  Alert alert = alert_about('a', hostile_text, world.now);
  alert.annotations["summary"] = hostile_text;
  const std::string html = page({alert});
  EXPECT_THAT(html, Not(HasSubstr("<tag>")));
  EXPECT_THAT(html, HasSubstr("&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;&quot;&amp;"));
}

TEST_F(ImagePage, SaysPerPolicyWhoRefusesWhatAnotherAccepts) {
  Scope scope = AlertWorld::default_scope();
  VersionedPolicy strict;
  strict.policy.name = "strict";
  strict.policy.trust = {Trust::signed_};
  scope.policies.push_back(strict);
  world.inventory.set_scope(scope, world.now);
  const std::string text = why(add(evidence("new", world.now - hours(5))));
  EXPECT_THAT(text, HasSubstr("counts: the newest accepted scan of the image; rejected by policy "
                              "strict: untrusted"));
}

TEST_F(ImagePage, LeadsFromAConfigurationsDigestToItsImage) {
  const std::string config = "sha256:" + std::string(63, 'a') + "0";
  const std::string known =
      checked(render_unknown_image_page(frame(PageSection::images), world.inventory, config));
  EXPECT_THAT(known, HasSubstr("href=\"/images/" + AlertWorld::digest('a').str() + "\""));
  const std::string unknown =
      checked(render_unknown_image_page(frame(PageSection::images), world.inventory, hostile_text));
  EXPECT_THAT(unknown, HasSubstr("No unique image has this digest"));
}

}  // namespace
}  // namespace scanclock
