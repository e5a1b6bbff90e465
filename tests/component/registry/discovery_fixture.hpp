#pragma once

#include "core/registry/evidence_discovery.hpp"
#include "tests/component/registry/client_fixture.hpp"
#include "tests/component/registry/fake_registry.hpp"
#include "tests/component/registry/world.hpp"

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace scanclock {

/// Asks about the evidence of one image in a FakeRegistry.
class Discovery : public ClientTest {
 protected:
  Discovery() { image = registry.push_image("app", "image"); }

  std::optional<RegistryProblem> discover(bool list_is_fresh = false) {
    if (!discovery_) {
      discovery_ = std::make_unique<EvidenceDiscovery>(client(), world, world);
    }
    EvidencePlaces places;
    places.list_is_fresh = list_is_fresh;
    places.has_fallback_tag = places.has_attestation_tag = true;
    const RepositoryKey key{"prod", "app"};
    std::vector<EvidencePlaces> all{places};
    return wait(discovery_->discover(key, image, std::move(all)));
  }

  std::vector<std::string> reports() const {
    std::vector<std::string> bytes;
    for (const FoundEvidence& found : world.evidence) {
      bytes.push_back(found.bytes);
    }
    return bytes;
  }

  FakeRegistry registry{http};
  World world;
  Digest image;

 private:
  std::unique_ptr<EvidenceDiscovery> discovery_;
};

}  // namespace scanclock
