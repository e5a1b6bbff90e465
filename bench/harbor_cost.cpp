// What a cycle over unchanged images costs in requests to Harbor's API, in virtual time: the
// daemon's own poller and client against an API in memory. Ends with 1 when a cycle costs more than
// design.md section 5 allows.

#include "core/net/url.hpp"
#include "core/registry/harbor_api.hpp"
#include "core/registry/platform_join.hpp"
#include "core/registry/platform_poller.hpp"
#include "tests/component/registry/world.hpp"
#include "tests/support/answers.hpp"
#include "tests/support/fake_http_client.hpp"
#include "tests/support/sim_clock.hpp"

#include <CLI/CLI.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <cstdio>
#include <iomanip>
#include <map>
#include <set>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

namespace scanclock {
namespace {

using nlohmann::json;

constexpr double allowed_share = 0.02;
constexpr int repositories = 50;
/// Of ten images, eight stand alone and two under one index.
constexpr int alone_of_ten = 8;

Digest numbered_digest(int number) {
  std::ostringstream hex;
  hex << std::setw(64) << std::setfill('0') << std::hex << number;
  return Digest::from_trusted("sha256:" + hex.str());
}

/// Harbor's artifact API (goharbor/harbor api/v2.0/swagger.yaml): lists name parents only.
class HarborInMemory {
 public:
  HarborInMemory(FakeHttpClient& http, World& world) : world_(world) {
    http.set_handler([this](const HttpRequest& request) { return answer_to(request); });
  }

  void put_image(const std::string& repository, const Digest& image, bool is_listed) {
    json artifact = artifact_of(image, "application/vnd.oci.image.manifest.v1+json");
    if (is_listed) {
      listed_[repository].push_back(image);
    }
    artifacts_[image] = std::move(artifact);
    know(repository, image, {});
  }
  void put_index(const std::string& repository, const Digest& index,
                 const std::vector<Digest>& images) {
    json artifact = artifact_of(index, "application/vnd.oci.image.index.v1+json");
    for (const Digest& image : images) {
      artifact["references"].push_back({{"child_digest", image.str()}});
      put_image(repository, image, false);
    }
    listed_[repository].push_back(index);
    artifacts_[index] = std::move(artifact);
    know(repository, index, images);
  }

 private:
  static json artifact_of(const Digest& digest, const char* media_type) {
    json overview = {{"report_id", digest.short_form()},
                     {"scan_status", "Success"},
                     {"end_time", "2026-10-30T08:00:00.000Z"},
                     {"summary", {{"total", 0}}}};
    return {{"digest", digest.str()},
            {"type", "IMAGE"},
            {"manifest_media_type", media_type},
            {"push_time", "2026-10-01T08:00:00.000Z"},
            {"scan_overview",
             {{"application/vnd.security.vulnerability.report; version=1.1", overview}}}};
  }

  void know(const std::string& repository, const Digest& digest,
            const std::vector<Digest>& children) {
    Manifest manifest;
    manifest.digest = digest;
    manifest.kind = children.empty() ? ManifestKind::image : ManifestKind::index;
    for (const Digest& child : children) {
      ManifestChild entry;
      entry.digest = child;
      entry.runnable = true;
      manifest.children.push_back(std::move(entry));
    }
    world_.manifest_found({"prod", repository}, std::move(manifest));
  }

  FakeHttpClient::Answer answer_to(const HttpRequest& request) {
    const std::string start = "https://api.test/api/v2.0/projects/team/repositories/";
    const std::string rest = request.url.substr(std::min(start.size(), request.url.size()));
    const std::size_t name_end = rest.find("/artifacts");
    const std::string tail = rest.substr(name_end + std::string("/artifacts").size());
    if (!request.url.starts_with(start) || name_end == std::string::npos) {
      return answer(404);
    }
    if (tail.starts_with('?')) {
      return page(listed_["team/" + rest.substr(0, name_end)], parse_query(tail.substr(1)));
    }
    const auto found = artifacts_.find(Digest::from_trusted(tail.substr(1, 71)));
    return found == artifacts_.end() ? answer(404) : json_answer(200, found->second.dump());
  }

  HttpResponse page(const std::vector<Digest>& all,
                    const std::map<std::string, std::string>& query) {
    const std::size_t size = std::stoul(query.at("page_size"));
    const std::size_t first = (std::stoul(query.at("page")) - 1) * size;
    json body = json::array();
    for (std::size_t i = first; i < std::min(first + size, all.size()); ++i) {
      body.push_back(artifacts_.at(all[i]));
    }
    return with_header(json_answer(200, body.dump()), "X-Total-Count", std::to_string(all.size()));
  }

  World& world_;
  std::map<std::string, std::vector<Digest>> listed_;
  std::map<Digest, json> artifacts_;
};

void fill(HarborInMemory& harbor, int images) {
  int indexes = 0;
  for (int i = 0; i < images; ++i) {
    // Whole tens go to one repository each.
    const std::string repository = "team/app" + std::to_string(i / 10 % repositories);
    if (i % 10 < alone_of_ten) {
      harbor.put_image(repository, numbered_digest(i), true);
    } else if (i % 10 == alone_of_ten) {
      ++indexes;
      harbor.put_index(repository, numbered_digest(images + indexes),
                       {numbered_digest(i), numbered_digest(i + 1)});
    }
  }
}

int report(std::size_t requests, int images, bool as_json) {
  const double share = static_cast<double>(requests) / images;
  if (as_json) {
    const json counted = {{"images", images},
                          {"repositories", repositories},
                          {"requests", requests},
                          {"allowed", allowed_share}};
    std::printf("%s\n", counted.dump().c_str());
  } else {
    std::printf("requests   %zu for %d images: %.4f an image (goal: at most %.2f)\n", requests,
                images, share, allowed_share);
  }
  return requests > 0 && share <= allowed_share ? 0 : 1;
}

int measure(int images, bool as_json) {
  asio::io_context io;
  SimClock clock;
  FakeHttpClient http;
  World world;
  HarborInMemory harbor(http, world);
  fill(harbor, images);
  RegistryOptions registry;
  registry.name = "prod";
  registry.url = "https://registry.test";
  registry.host = "registry.test";
  PlatformOptions platform;
  platform.url = "https://api.test";
  HarborApi api(registry, platform, clock, http, world, world, nullptr);
  PlatformJoin join(world);
  PlatformPoller poller(registry, platform.every, clock, api, join, world);
  asio::cancellation_signal stop;
  bool running = true;
  asio::co_spawn(io, poller.run(),
                 asio::bind_cancellation_slot(stop.slot(),
                                              [&running](std::exception_ptr) { running = false; }));
  constexpr int cycles = 4;
  for (int cycle = 0; cycle < cycles; ++cycle) {
    http.clear_requests();
    clock.advance(io, platform.every);
  }
  const bool is_complete = world.evidence.size() >= static_cast<std::size_t>(images);
  const int result = report(http.requests().size(), images, as_json);
  stop.emit(asio::cancellation_type::terminal);
  clock.run_while(
      io, [&running] { return running; }, std::chrono::minutes(10));
  return is_complete ? result : 2;
}

}  // namespace
}  // namespace scanclock

int main(int argc, char** argv) {
  int images = 10'000;
  bool as_json = false;
  CLI::App app("Counts the requests of a cycle over unchanged images to Harbor's API");
  app.add_option("--images", images, "How many images, whole tens")->check(CLI::PositiveNumber);
  app.add_flag("--json", as_json, "Print the counts for another program");
  CLI11_PARSE(app, argc, argv);
  return scanclock::measure(images, as_json);
}
