#include "daemon/pages/container_list.hpp"
#include "daemon/pages/image_list.hpp"
#include "tests/unit/daemon/pages/page_world.hpp"

#include <algorithm>

namespace scanclock {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using testing::HasSubstr;
using testing::Not;
using Query = std::map<std::string, std::string>;

TEST(TopRows, AreThePageBehindAKeyWhateverTheOrderOfTheCandidates) {
  for (const bool backwards : {false, true}) {
    TopRows<int> rows(3, 10);
    for (int index = 0; index < 20; ++index) {
      rows.add(backwards ? 19 - index : index);
    }
    EXPECT_EQ(rows.matches(), 20U);
    EXPECT_EQ(rows.before(), 11U) << "0 to 10";
    EXPECT_THAT(rows.take(), testing::ElementsAre(11, 12, 13));
  }
}

class ListPages : public PageTest {
 protected:
  std::string images(const Query& query) {
    world.reevaluate();
    ImageListQuestion question;
    EXPECT_FALSE(read_image_list(query, world.inventory, question));
    ImageList list(std::move(question));
    for (const auto& [digest, image] : world.inventory.images()) {
      list.add(image);
    }
    return checked(list.render(frame(PageSection::images), world.inventory));
  }

  std::string containers(const Query& query) {
    world.reevaluate();
    ContainerListQuestion question;
    EXPECT_FALSE(read_container_list(query, question));
    ContainerList list(std::move(question));
    for (const ContainerRecord& container : world.inventory.containers()) {
      list.add(container);
    }
    return checked(list.render(frame(PageSection::containers), world.inventory, world.sources));
  }

  void run_many(std::size_t count) {
    std::vector<ContainerObservation> observed;
    for (std::size_t index = 0; index < count; ++index) {
      std::string id = std::to_string(index);
      id.insert(0, 6 - id.size(), '0');
      observed.push_back(world.container('a', "c" + id));
    }
    world.observe("host-a", observed);
    world.sources.answered("host-a", count, world.now);
  }

  /// Follows the links to the next page and returns the first cells of all rows.
  template <class Get>
  std::vector<std::string> all_rows(const Get& get) {
    std::vector<std::string> found;
    Query query;
    for (int page = 0; page < 20; ++page) {
      const auto root = read_page(get(query));
      for (const PageElement* head : elements(*root, "th")) {
        if (head->attribute("scope") == "row") {
          found.push_back(head->text());
        }
      }
      query.clear();
      for (const PageElement* link : elements(*root, "a")) {
        if (link->attribute("rel") == "next") {
          const std::string href = link->attribute("href");
          query["after"] = unescaped(href.substr(href.find("after=") + 6));
        }
      }
      if (query.empty()) {
        break;
      }
    }
    return found;
  }

  static std::string unescaped(std::string text) {
    for (std::size_t at = text.find('%'); at != std::string::npos; at = text.find('%', at + 1)) {
      text.replace(at, 3, 1, static_cast<char>(std::stoi(text.substr(at + 1, 2), nullptr, 16)));
    }
    return text;
  }
};

TEST_F(ListPages, PutRunningImagesThatAreBadFirst) {
  for (const char letter : {'a', 'b', 'c', 'd'}) {
    world.add_image(letter);
  }
  world.scan('a', world.now - hours(24));
  world.scan('b', world.now - hours(24 * 40));
  world.scan('c', world.now - hours(24 * 50));
  world.run("ac");
  const std::string shown = images({});
  const auto place = [&](char letter) { return shown.find("1." + std::string(1, letter)); };
  EXPECT_LT(place('c'), place('a')) << "runs and is overdue";
  EXPECT_LT(place('a'), place('b')) << "runs";
  EXPECT_THAT(words(shown), HasSubstr("4 images, the worst first"));
}

TEST_F(ListPages, FilterImagesByEveryParameter) {
  world.add_image('a');
  world.add_image('b');
  world.scan('b', world.now - hours(24));
  world.run("b");
  const std::string due = format_rfc3339(world.now + hours(24 * 29)).substr(0, 10);
  const Query questions[] = {
      {{"q", "team/app:1.b"}},      {{"state", "fresh"}},
      {{"running", "true"}},        {{"due_on", due}},
      {{"q", std::string(9, 'b')}}, {{"state", "fresh"}, {"owner", "payments"}}};
  for (const Query& query : questions) {
    const std::string shown = words(images(query));
    EXPECT_THAT(shown, HasSubstr("1 image")) << query.begin()->first;
    EXPECT_THAT(shown, HasSubstr("team/app:1.b")) << query.begin()->first;
    EXPECT_THAT(shown, Not(HasSubstr("team/app:1.a"))) << query.begin()->first;
  }
  for (const Query& query :
       {Query{{"q", "nothing"}}, Query{{"registry", "other"}}, Query{{"owner", "nobody"}}}) {
    EXPECT_THAT(words(images(query)), HasSubstr("No image matches.")) << query.begin()->first;
  }
  EXPECT_THAT(words(images({{"registry", "prod"}})), HasSubstr("2 images"));
}

TEST_F(ListPages, RefuseWhatTheyCannotUnderstand) {
  ImageListQuestion question;
  for (const auto& [name, value] : Query{{"state", "fine"},
                                         {"running", "maybe"},
                                         {"due_on", "tomorrow"},
                                         {"after", "1.x." + AlertWorld::digest('a').str()}}) {
    const auto refusal = read_image_list({{name, value}}, world.inventory, question);
    ASSERT_TRUE(refusal) << name;
    EXPECT_EQ(refusal->parameter, name);
  }
  ContainerListQuestion asked;
  for (const auto& [name, value] : Query{{"verdict", "fine"}, {"after", "nothing"}}) {
    const auto refusal = read_container_list({{name, value}}, asked);
    ASSERT_TRUE(refusal) << name;
    EXPECT_EQ(refusal->parameter, name);
  }
}

TEST_F(ListPages, ShowEveryContainerOnceOverAllPages) {
  world.add_image('a');
  run_many(2 * page_rows + 50);
  const auto rows = all_rows([&](const Query& query) { return containers(query); });
  EXPECT_EQ(rows.size(), 2 * page_rows + 50);
  EXPECT_THAT(words(containers({})), HasSubstr("1–100 of 250"));
}

TEST_F(ListPages, FilterContainersByEveryParameter) {
  world.add_image('a');
  ContainerObservation pay = world.container('a', "c1");
  pay.name = "pay-api";
  pay.namespace_name = "pay";
  pay.workload = "deployment/pay";
  ContainerObservation web = world.container('a', "c2");
  web.name = "web-front";
  web.namespace_name = "web";
  world.observe("host-a", {pay, web});
  world.sources.answered("host-a", 2, world.now);
  for (const Query& query : {Query{{"q", "pay-api"}}, Query{{"namespace", "pay"}},
                             Query{{"q", "deployment/pay"}}, Query{{"q", "c1"}}}) {
    const std::string shown = words(containers(query));
    EXPECT_THAT(shown, HasSubstr("pay-api")) << query.begin()->second;
    EXPECT_THAT(shown, Not(HasSubstr("web-front"))) << query.begin()->second;
  }
  EXPECT_THAT(words(containers({{"source", "host-a"}, {"verdict", "never_scanned"}})),
              HasSubstr("2 containers"));
  EXPECT_THAT(words(containers({{"source", "host-b"}})), HasSubstr("No container matches."));
  EXPECT_THAT(words(containers({{"verdict", "compliant"}})), HasSubstr("No container matches."));
}

TEST_F(ListPages, DoubtAVerdictWhoseSourceFails) {
  world.add_image('a');
  world.scan('a', world.now - hours(24));
  world.run("a");
  world.sources.answered("host-a", 1, world.now);
  EXPECT_THAT(containers({}), HasSubstr("class=\"badge compliant\""));
  world.sources.failed("host-a", "timeout", "no answer", world.now);
  const std::string shown = containers({});
  EXPECT_THAT(shown, Not(HasSubstr("class=\"badge compliant\"")));
  EXPECT_THAT(words(shown), HasSubstr("compliant? source not observed: timeout"));
}

TEST_F(ListPages, KeepABadVerdictWhoseSourceFails) {
  world.add_image('a');
  world.run("a");
  world.sources.failed("host-a", "timeout", "no answer", world.now);
  const std::string shown = containers({});
  EXPECT_THAT(shown, HasSubstr("class=\"badge never_scanned\""));
  EXPECT_THAT(words(shown), HasSubstr("source not observed: timeout"));
}

TEST_F(ListPages, ShowWhatARuntimePrintedAndWhatIsAssumed) {
  world.add_image('a');
  ContainerObservation container = world.container('a', "c1");
  container.image_id = "docker-pullable://<script>";
  container.assumed = true;
  world.observe("host-a", {container});
  const std::string shown = containers({});
  EXPECT_THAT(shown, HasSubstr("docker-pullable://&lt;script&gt;"));
  EXPECT_THAT(words(shown), HasSubstr("assumed: no runtime printed this digest"));
}

TEST_F(ListPages, ReturnWhatWasAskedEscaped) {
  EXPECT_THAT(images({{"q", hostile_text}, {"owner", hostile_text}}),
              HasSubstr("value=\"&lt;script&gt;"));
  EXPECT_THAT(containers({{"q", hostile_text}, {"namespace", hostile_text}}),
              HasSubstr("value=\"&lt;script&gt;"));
}

TEST_F(ListPages, OfAnEmptyWorldSaySo) {
  EXPECT_THAT(words(images({})), HasSubstr("No image is known yet"));
  EXPECT_THAT(words(containers({})), HasSubstr("No container is known to run."));
}

}  // namespace
}  // namespace scanclock
