// What a hostile or broken answer may cost: its cap in bytes and half a minute for its image, and
// nothing for other images.
#include "core/registry/evidence_candidates.hpp"
#include "core/registry/evidence_discovery.hpp"
#include "core/registry/media_types.hpp"
#include "core/runtime/hashing.hpp"
#include "tests/component/registry/client_fixture.hpp"
#include "tests/component/registry/poller_fixture.hpp"

#include <nlohmann/json.hpp>

namespace scanclock {
namespace {

using namespace std::chrono_literals;

constexpr const char* sarif = "application/sarif+json";
constexpr Duration cost_max = 31s;

/// A registry that never ends some of its answers.
class SlowRegistry : public PollerTest {
 protected:
  SlowRegistry() {
    options.repositories.include = {"app"};
    http.set_async_handler([this](HttpRequest request) { return answer_to(std::move(request)); });
  }

  asio::awaitable<FakeHttpClient::Answer> answer_to(HttpRequest request) {
    for (const std::string& part : slow) {
      if (request.url.find(part) != std::string::npos) {
        ++slow_requests;
        co_await clock.sleep(request.timeout);
        co_return FakeHttpClient::failure(HttpFailureReason::timeout, "no answer");
      }
    }
    co_return registry.own_answer(request);
  }

  /// Virtual time until the world is told so.
  Duration time_until(const std::string& line) {
    const Duration before = clock.monotonic();
    EXPECT_TRUE(clock.run_while(
        io, [&] { return world.count(line) == 0; }, 1h))
        << line;
    return clock.monotonic() - before;
  }

  std::vector<std::string> slow;
  int slow_requests = 0;
};

TEST_F(SlowRegistry, CostsAnImageHalfAMinuteHoweverMuchEvidenceItLists) {
  const Digest victim = registry.push_image("app", "victim");
  const Digest other = registry.push_image("app", "other");
  registry.tag("app", "victim", victim);
  registry.tag("app", "other", other);
  for (int i = 0; i < 50; ++i) {
    const std::string report = "report " + std::to_string(i);
    registry.attach("app", victim, sarif, report);
    slow.push_back("/blobs/" + sha256(report).str());
  }
  registry.attach("app", other, sarif, "good report");
  start();
  EXPECT_LE(time_until("failed " + victim.str() + " timeout"), cost_max);
  EXPECT_EQ(slow_requests, 1);
  EXPECT_EQ(world.count("answered " + other.str()), 1U);
  EXPECT_EQ(world.count("answered " + victim.str()), 0U);
}

TEST_F(SlowRegistry, CostsAnIndexHalfAMinuteHoweverManyImagesItLists) {
  std::vector<Digest> children;
  for (int i = 0; i < 100; ++i) {
    children.push_back(registry.push_image("app", "child " + std::to_string(i)));
    slow.push_back("/manifests/" + children.back().str());
  }
  const Digest index = registry.push_index("app", children);
  const Digest other = registry.push_image("app", "other");
  registry.tag("app", "index", index);
  registry.tag("app", "other", other);
  start();
  EXPECT_LE(time_until("failed " + children.back().str() + " timeout"), cost_max);
  EXPECT_EQ(slow_requests, 1);
  EXPECT_EQ(world.count("answered " + other.str()), 1U);
}

TEST_F(SlowRegistry, KeepsNoOtherImageWaitingForLong) {
  options.max_concurrency = 2;
  std::vector<Digest> images;
  for (int i = 0; i < 40; ++i) {
    images.push_back(registry.push_image("app", std::to_string(i)));
    registry.tag("app", "v" + std::to_string(i), images.back());
  }
  slow = {"/referrers/" + images[7].str(), "/manifests/v13"};
  start();
  pass(2min);
  std::size_t answered = 0;
  for (const Digest& image : images) {
    answered += world.count("answered " + image.str()) > 0 ? 1 : 0;
  }
  EXPECT_EQ(answered, images.size() - 2);
}

/// Answers that never end by themselves, asked for directly.
class EndlessAnswer : public ClientTest {
 protected:
  /// Every page is of this size and names another one.
  void serve_pages(const std::string& content_type, const std::string& list, std::size_t bytes) {
    http.set_handler([this, content_type, list, bytes](const HttpRequest&) {
      HttpResponse page = answer(200, "{\"" + list + "\":[]" + std::string(bytes, ' ') + "}");
      page.headers.emplace_back("Content-Type", content_type);
      page.headers.emplace_back("Link", "<?page=" + std::to_string(++pages) + ">; rel=\"next\"");
      return page;
    });
  }
  std::size_t pages = 0;
};

TEST_F(EndlessAnswer, OfReferrersIsTooLargeInTheEnd) {
  serve_pages(std::string(oci_index_type), "manifests", manifest_bytes_max / 2);
  EXPECT_EQ(wait(client().referrers("app", sha256("x"))).error().reason, "too_large");
  EXPECT_LE(pages * (manifest_bytes_max / 2), referrers_bytes_max + manifest_bytes_max);
}

TEST_F(EndlessAnswer, OfEmptyPagesHasTooManyOfThem) {
  options.max_requests_per_second = 10'000;
  serve_pages("application/json", "tags", 0);
  EXPECT_EQ(wait(client().list_tags("app")).error().reason, "too_many_pages");
  EXPECT_EQ(pages, list_pages_max);
}

/// Evidence whose manifest does not tell the truth about itself.
class HostileEvidence : public ClientTest {
 protected:
  HostileEvidence() {
    options.max_requests_per_second = 10'000;
    image = registry.push_image("app", "image");
  }

  void attach_layers(const nlohmann::json& layers) {
    const nlohmann::json manifest{
        {"schemaVersion", 2},
        {"mediaType", oci_manifest_type},
        {"artifactType", sarif},
        {"config", {{"mediaType", oci_empty_type}, {"digest", sha256("{}").str()}, {"size", 2}}},
        {"layers", layers},
        {"subject", {{"mediaType", oci_manifest_type}, {"digest", image.str()}, {"size", 500}}}};
    registry.put_manifest("app", std::string(oci_manifest_type), manifest.dump());
  }
  nlohmann::json layer(const std::string& bytes, std::uint64_t size) {
    return {
        {"mediaType", sarif}, {"digest", registry.put_blob("app", bytes).str()}, {"size", size}};
  }
  std::optional<RegistryProblem> discover() {
    EvidenceDiscovery discovery(client(), world, world);
    const RepositoryKey key{"prod", "app"};
    std::vector<EvidencePlaces> places(1);
    return wait(discovery.discover(key, image, std::move(places)));
  }
  std::size_t blobs_asked() const { return http.count("GET", FakeRegistry::url("/v2/app/blobs/")); }

  FakeRegistry registry{http};
  World world;
  Digest image;
};

TEST_F(HostileEvidence, InMoreLayersThanAnybodyNeedsIsReadInPartAndSaysSo) {
  nlohmann::json layers = nlohmann::json::array();
  for (std::size_t i = 0; i < evidence_layers_max + 500; ++i) {
    const std::string bytes = "report " + std::to_string(i);
    layers.push_back(layer(bytes, bytes.size()));
  }
  attach_layers(layers);
  EXPECT_EQ(discover()->reason, "too_large");
  EXPECT_EQ(blobs_asked(), evidence_layers_max);
  EXPECT_EQ(world.evidence.size(), evidence_layers_max);
}

TEST_F(HostileEvidence, ThatClaimsToBeSmallIsCutOffEarly) {
  attach_layers(nlohmann::json::array({layer("a", 1)}));
  EXPECT_FALSE(discover());
  for (const HttpRequest& request : http.requests()) {
    EXPECT_LE(request.body_bytes_max, manifest_bytes_max) << request.url;
  }
}

TEST_F(HostileEvidence, WithoutASizeMayBeAsLargeAsAny) {
  nlohmann::json unsized = layer("a", 1);
  unsized.erase("size");
  attach_layers(nlohmann::json::array({unsized}));
  EXPECT_FALSE(discover());
  std::size_t largest = 0;
  for (const HttpRequest& request : http.requests()) {
    largest = std::max(largest, request.body_bytes_max);
  }
  EXPECT_EQ(largest, evidence_bytes_max);
}

TEST_F(HostileEvidence, OverTheCapHidesNoOther) {
  registry.attach("app", image, sarif, "good report");
  attach_layers(nlohmann::json::array({layer("huge", evidence_bytes_max + 1)}));
  EXPECT_EQ(discover()->reason, "too_large");
  ASSERT_EQ(world.evidence.size(), 1U);
  EXPECT_EQ(world.evidence[0].bytes, "good report");
}

}  // namespace
}  // namespace scanclock
