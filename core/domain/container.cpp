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

std::size_t hash_of_place(std::string_view source, std::string_view namespace_name,
                          std::string_view workload, const ContainerLabels& labels) {
  std::size_t seed = 0;
  mix_hash(seed, source);
  mix_hash(seed, namespace_name);
  mix_hash(seed, workload);
  return seed ^ HashContainerPart()(labels);
}

template <class Printed>
std::size_t hash_of_image(const Printed& printed, const std::vector<Digest>& earlier) {
  std::size_t seed = printed.assumed ? 1 : 0;
  mix_hash(seed, printed.image);
  mix_hash(seed, printed.image_id);
  mix_digests(seed, printed.digests);
  mix_digests(seed, earlier);
  return seed;
}

/// The digests of `history` that are not printed now.
std::vector<Digest> digests_beside(const std::set<Digest>& history,
                                   const ContainerObservation& seen) {
  std::vector<Digest> earlier;
  for (const Digest& digest : history) {
    if (seen.assumed ||
        std::find(seen.digests.begin(), seen.digests.end(), digest) == seen.digests.end()) {
      earlier.push_back(digest);
    }
  }
  return earlier;
}

}  // namespace

bool operator==(const ContainerPlace& place, const SeenPlace& like) {
  return place.workload == like.seen.workload &&
         *place.namespace_name == like.seen.namespace_name && *place.source == like.source &&
         *place.labels == like.seen.labels;
}

bool operator==(const ContainerImage& image, const SeenImage& like) {
  const ContainerObservation& seen = like.seen;
  return image.image == seen.image && image.digests == seen.digests &&
         image.pullable == seen.pullable && image.repositories == seen.repositories &&
         image.image_id == seen.image_id && *image.platform == seen.platform &&
         image.assumed == seen.assumed && image.earlier == like.earlier;
}

std::size_t HashContainerPart::operator()(const ContainerPlace& place) const {
  return hash_of_place(*place.source, *place.namespace_name, place.workload, *place.labels);
}

std::size_t HashContainerPart::operator()(const SeenPlace& like) const {
  return hash_of_place(like.source, like.seen.namespace_name, like.seen.workload, like.seen.labels);
}

std::size_t HashContainerPart::operator()(const ContainerImage& image) const {
  return hash_of_image(image, image.earlier);
}

std::size_t HashContainerPart::operator()(const SeenImage& like) const {
  return hash_of_image(like.seen, like.earlier);
}

std::size_t HashContainerPart::operator()(const ContainerLabels& labels) const {
  std::size_t seed = 0;
  for (const auto& [name, value] : labels) {
    mix_hash(seed, name);
    mix_hash(seed, value);
  }
  return seed;
}

std::size_t HashContainerPart::operator()(const Platform& platform) const {
  std::size_t seed = 0;
  mix_hash(seed, platform.os);
  mix_hash(seed, platform.architecture);
  mix_hash(seed, platform.variant);
  mix_hash(seed, platform.os_version);
  return seed;
}

Interned<ContainerPlace> ContainerPools::place_of(const std::string& source,
                                                  const ContainerObservation& seen) {
  return places.intern_like(SeenPlace{source, seen}, [&] {
    return ContainerPlace{texts.intern(source), texts.intern(seen.namespace_name), seen.workload,
                          labels.intern(seen.labels)};
  });
}

Interned<ContainerImage> ContainerPools::image_of(const ContainerObservation& seen,
                                                  const std::vector<Digest>& earlier) {
  return images.intern_like(SeenImage{seen, earlier}, [&] {
    return ContainerImage{seen.image,        seen.digests,  seen.pullable,
                          seen.repositories, seen.image_id, platforms.intern(seen.platform),
                          seen.assumed,      earlier};
  });
}

StoredContainer::StoredContainer(const std::string& source, const ContainerObservation& seen,
                                 const std::set<Digest>& history, ContainerPools& pools)
    : place(pools.place_of(source, seen)),
      printed(pools.image_of(seen, digests_beside(history, seen))),
      shared_name(pools.texts.intern(seen.name)),
      node(pools.texts.intern(seen.node)),
      started_at(seen.started_at),
      id(seen.id) {}

StoredContainer::StoredContainer(const std::string& source, const ContainerObservation& seen,
                                 const std::set<Digest>& history) {
  ContainerPools own;
  *this = StoredContainer(source, seen, history, own);
}

void StoredContainer::set_observation(const std::string& source, const ContainerObservation& seen,
                                      ContainerPools& pools) {
  printed = pools.image_of(seen, digests_beside(digest_history(), seen));
  place = pools.place_of(source, seen);
  shared_name = pools.texts.intern(seen.name);
  node = pools.texts.intern(seen.node);
  started_at = seen.started_at;
}

bool StoredContainer::says(const ContainerObservation& seen) const {
  return *printed == SeenImage{seen, printed->earlier} && started_at == seen.started_at &&
         *shared_name == seen.name && *node == seen.node &&
         *place->namespace_name == seen.namespace_name && place->workload == seen.workload &&
         *place->labels == seen.labels;
}

ContainerObservation StoredContainer::observation() const {
  ContainerObservation seen;
  seen.id = id.str();
  seen.namespace_name = *place->namespace_name;
  seen.workload = place->workload;
  seen.name = *shared_name;
  seen.node = *node;
  seen.labels = *place->labels;
  seen.image = printed->image;
  seen.digests = printed->digests;
  seen.pullable = printed->pullable;
  seen.repositories = printed->repositories;
  seen.platform = *printed->platform;
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
