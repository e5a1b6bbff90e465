#include "core/domain/container.hpp"

#include <algorithm>
#include <functional>
#include <string_view>

namespace scanclock {
namespace {

void mix_hash(std::size_t& seed, std::string_view text) {
  seed ^= std::hash<std::string_view>()(text) + 0x9e3779b97f4a7c15U + (seed << 6U) + (seed >> 2U);
}

void mix_digests(std::size_t& seed, const std::vector<Digest>& digests) {
  for (const Digest& digest : digests) {
    mix_hash(seed, digest.str());
  }
  mix_hash(seed, "|");
}

/// The digests of `history` that are not in `digests`; both may be in any order.
std::vector<Digest> digests_beside(const std::set<Digest>& history,
                                   const std::vector<Digest>& digests, bool assumed) {
  std::vector<Digest> earlier;
  for (const Digest& digest : history) {
    if (assumed || std::find(digests.begin(), digests.end(), digest) == digests.end()) {
      earlier.push_back(digest);
    }
  }
  return earlier;
}

ContainerImage printed_by(const ContainerObservation& seen, const std::set<Digest>& history) {
  return {seen.image,    seen.digests,
          seen.pullable, seen.repositories,
          seen.image_id, seen.platform,
          seen.assumed,  digests_beside(history, seen.digests, seen.assumed)};
}

}  // namespace

std::size_t HashContainerPart::operator()(const ContainerPlace& place) const {
  std::size_t seed = 0;
  mix_hash(seed, place.source);
  mix_hash(seed, place.namespace_name);
  mix_hash(seed, place.workload);
  for (const auto& [name, value] : place.labels) {
    mix_hash(seed, name);
    mix_hash(seed, value);
  }
  return seed;
}

std::size_t HashContainerPart::operator()(const ContainerImage& image) const {
  std::size_t seed = image.assumed ? 1 : 0;
  mix_hash(seed, image.image);
  mix_hash(seed, image.image_id);
  mix_digests(seed, image.digests);
  mix_digests(seed, image.earlier);
  mix_hash(seed, image.platform.architecture);
  return seed;
}

StoredContainer::StoredContainer(const std::string& source, const ContainerObservation& seen,
                                 const std::set<Digest>& history, ContainerPools& pools)
    : id(seen.id),
      name(seen.name),
      place(pools.places.intern(
          ContainerPlace{source, seen.namespace_name, seen.workload, seen.labels})),
      printed(pools.images.intern(printed_by(seen, history))),
      node(pools.nodes.intern(seen.node)),
      started_at(seen.started_at) {}

StoredContainer::StoredContainer(const std::string& source, const ContainerObservation& seen,
                                 const std::set<Digest>& history) {
  ContainerPools own;
  *this = StoredContainer(source, seen, history, own);
}

void StoredContainer::set_observation(const std::string& source, const ContainerObservation& seen,
                                      ContainerPools& pools) {
  const std::set<Digest> history = digest_history();
  id = seen.id;
  name = seen.name;
  place =
      pools.places.intern(ContainerPlace{source, seen.namespace_name, seen.workload, seen.labels});
  printed = pools.images.intern(printed_by(seen, history));
  node = pools.nodes.intern(seen.node);
  started_at = seen.started_at;
}

bool StoredContainer::says(const ContainerObservation& seen) const {
  return printed->image == seen.image && printed->digests == seen.digests &&
         printed->assumed == seen.assumed && printed->image_id == seen.image_id &&
         printed->pullable == seen.pullable && printed->repositories == seen.repositories &&
         printed->platform == seen.platform && started_at == seen.started_at && name == seen.name &&
         *node == seen.node && place->namespace_name == seen.namespace_name &&
         place->workload == seen.workload && place->labels == seen.labels;
}

ContainerObservation StoredContainer::observation() const {
  ContainerObservation seen;
  seen.id = id;
  seen.namespace_name = place->namespace_name;
  seen.workload = place->workload;
  seen.name = name;
  seen.node = *node;
  seen.labels = place->labels;
  seen.image = printed->image;
  seen.digests = printed->digests;
  seen.pullable = printed->pullable;
  seen.repositories = printed->repositories;
  seen.platform = printed->platform;
  seen.started_at = started_at;
  seen.image_id = printed->image_id;
  seen.assumed = printed->assumed;
  return seen;
}

std::set<Digest> StoredContainer::digest_history() const {
  std::set<Digest> history(printed->earlier.begin(), printed->earlier.end());
  if (!printed->assumed) {
    history.insert(printed->digests.begin(), printed->digests.end());
  }
  return history;
}

}  // namespace scanclock
