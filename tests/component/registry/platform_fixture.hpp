#pragma once

#include "core/registry/platform_api.hpp"
#include "tests/component/registry/world.hpp"
#include "tests/support/answers.hpp"
#include "tests/support/fake_http_client.hpp"
#include "tests/support/run_coroutine.hpp"
#include "tests/support/sim_clock.hpp"

#include <boost/asio/io_context.hpp>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace scanclock {

/// A product API in virtual time, with images that the registry's own poller found already.
class PlatformTest : public testing::Test {
 protected:
  PlatformTest() {
    registry.name = "prod";
    registry.url = "https://registry.test";
    registry.host = "registry.test";
    platform.url = "https://api.test";
  }

  static Digest digest(char letter) {
    return Digest::from_trusted("sha256:" + std::string(64, letter));
  }

  /// A manifest that the poller reported; one with children is an index.
  void know(const Digest& manifest, const std::vector<Digest>& children = {}) {
    Manifest known;
    known.digest = manifest;
    known.kind = children.empty() ? ManifestKind::image : ManifestKind::index;
    for (const Digest& child : children) {
      ManifestChild entry;
      entry.digest = child;
      entry.runnable = true;
      known.children.push_back(std::move(entry));
    }
    world.manifest_found(app, std::move(known));
  }

  PlatformAnswer ask(PlatformApi& api, bool fresh = false) {
    return run(io, clock, api.ask(app.repository, world.subjects(app), fresh));
  }

  static std::string header_of(const HttpRequest& request, std::string_view name) {
    return std::string(find_header(request.headers, name).value_or(std::string_view()));
  }

  const RepositoryKey app{"prod", "team/app"};
  asio::io_context io;
  SimClock clock;
  FakeHttpClient http;
  World world;
  RegistryOptions registry;
  PlatformOptions platform;
};

}  // namespace scanclock
