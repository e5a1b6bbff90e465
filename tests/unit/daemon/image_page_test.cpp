#include "daemon/pages/image_page.hpp"

#include "daemon/evidence_view.hpp"
#include "tests/support/alert_world.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace scanclock {
namespace {

using std::chrono::hours;
using testing::HasSubstr;
using testing::Not;

constexpr const char* hostile = "<script>alert('x')</script>\"&";

class ImagePage : public testing::Test {
 protected:
  ImagePage() { world.add_image('a'); }

  Evidence evidence(const std::string& scanner, TimePoint finished_at) {
    Evidence item;
    item.digest = AlertWorld::digest(static_cast<char>('1' + count++));
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

  std::string page() {
    world.reevaluate();
    const std::vector<Alert> alerts;
    const ImagePageInput input{world.inventory, alerts, world.now};
    return render_image_page(input, image());
  }

  AlertWorld world;
  int count = 0;
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
    EXPECT_THAT(html, HasSubstr("<td>" + why(key) + "</td>"));
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
  EXPECT_THAT(page(), HasSubstr("<td>unknown</td>"));
}

TEST_F(ImagePage, EscapesWhateverCameFromOutside) {
  Evidence item = evidence(hostile, world.now - hours(5));
  item.source = hostile;
  item.repository = hostile;
  item.report.scanner_version = hostile;
  item.report.format = hostile;
  item.report.defect = Rejection::scan_failed;
  item.report.defect_detail = hostile;
  item.signature = SignatureState::failed;
  item.signature_detail = hostile;
  add(item);
  ContainerObservation container = world.container('a', "c1");
  container.name = hostile;
  container.workload = hostile;
  container.namespace_name = hostile;
  world.observe("host-a", {container});
  world.inventory.set_tag(AlertWorld::key(), "<tag>", AlertWorld::digest('a'), world.now);
  const std::string html = page();
  EXPECT_THAT(html, Not(HasSubstr("<script")));
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

}  // namespace
}  // namespace scanclock
