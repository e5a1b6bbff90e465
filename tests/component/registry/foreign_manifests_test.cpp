#include "core/registry/foreign_manifests.hpp"

#include "tests/component/registry/fake_registry.hpp"
#include "tests/component/registry/world.hpp"
#include "tests/support/answers.hpp"
#include "tests/support/sim_clock.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <gtest/gtest.h>

namespace scanclock {
namespace {

constexpr const char* foreign_host = "registry.test";

class ForeignManifestsTest : public testing::Test {
 protected:
  ForeignManifestsTest() {
    asio::co_spawn(
        io, foreign.run(),
        asio::bind_cancellation_slot(stop.slot(), [this](std::exception_ptr) { running = false; }));
  }
  ~ForeignManifestsTest() override {
    stop.emit(asio::cancellation_type::terminal);
    clock.run_while(
        io, [this] { return running; }, std::chrono::minutes(10));
  }

  asio::io_context io;
  SimClock clock;
  FakeHttpClient http;
  FakeRegistry registry{http};
  World world;
  std::vector<Digest> learned;
  ForeignManifests foreign{io.get_executor(), clock, http, world, [this](Manifest manifest) {
                             learned.push_back(manifest.digest);
                             world.manifests.emplace(manifest.digest, std::move(manifest));
                           }};
  asio::cancellation_signal stop;
  bool running = true;
};

TEST_F(ForeignManifestsTest, LearnsAnIndexWithItsImagesAndAsksForNoEvidence) {
  const Digest image = registry.push_image("team/app", "one");
  const Digest index = registry.push_index("team/app", {image});
  registry.attach("team/app", image, "application/sarif+json", "{}");
  foreign.ask(foreign_host, "team/app", index);
  clock.advance(io, std::chrono::minutes(1));
  EXPECT_EQ(learned, (std::vector<Digest>{image, index})) << "the image before what lists it";
  EXPECT_TRUE(world.manifests.at(image).config_identifies);
  EXPECT_TRUE(world.evidence.empty());
  EXPECT_TRUE(world.log.empty()) << "nothing counts as seen in a registry";
  for (const HttpRequest& request : http.requests()) {
    EXPECT_EQ(request.url.find("referrers"), std::string::npos) << request.url;
    EXPECT_EQ(request.url.find("tags/list"), std::string::npos) << request.url;
  }
}

TEST_F(ForeignManifestsTest, AsksOnceAnHourForWhatItDidNotGet) {
  const Digest missing = registry.push_image("other/app", "nowhere");
  foreign.ask(foreign_host, "team/app", missing);
  clock.advance(io, std::chrono::minutes(1));
  const std::size_t asked = http.requests().size();
  EXPECT_GT(asked, 0U);
  foreign.ask(foreign_host, "team/app", missing);
  clock.advance(io, std::chrono::minutes(1));
  EXPECT_EQ(http.requests().size(), asked);
  clock.advance(io, std::chrono::hours(1));
  foreign.ask(foreign_host, "team/app", missing);
  clock.advance(io, std::chrono::minutes(1));
  EXPECT_GT(http.requests().size(), asked);
  EXPECT_TRUE(learned.empty());
}

TEST_F(ForeignManifestsTest, AsksNothingAboutWhatIsKnown) {
  const Digest image = registry.push_image("team/app", "one");
  Manifest known;
  known.digest = image;
  world.manifests.emplace(image, known);
  foreign.ask(foreign_host, "team/app", image);
  clock.advance(io, std::chrono::minutes(1));
  EXPECT_TRUE(http.requests().empty());
}

}  // namespace
}  // namespace scanclock
