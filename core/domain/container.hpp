#pragma once

#include "core/domain/container_id.hpp"
#include "core/domain/history.hpp"
#include "core/domain/intern_pool.hpp"
#include "core/domain/optional_time.hpp"
#include "core/domain/workload.hpp"

#include <cstddef>
#include <map>
#include <set>
#include <string>
#include <vector>

namespace scanclock {

using ContainerLabels = std::map<std::string, std::string>;

/// Where a container runs, as far as all containers of a workload have it alike.
struct ContainerPlace {
  Interned<std::string> source;
  Interned<std::string> namespace_name;
  std::string workload;
  Interned<ContainerLabels> labels;

  auto operator<=>(const ContainerPlace&) const = default;
};

/// What was printed about a container's image; the fields are those of ContainerObservation.
struct ContainerImage {
  std::string image;
  std::vector<Digest> digests;
  std::vector<Digest> pullable;
  std::vector<std::string> repositories;
  std::string image_id;
  Interned<Platform> platform;
  bool assumed = false;
  /// What a runtime printed for the same container ID before and does not print now, sorted
  /// (reference R7). Nothing that was assumed.
  std::vector<Digest> earlier;

  auto operator<=>(const ContainerImage&) const = default;
};

/// What a ContainerPlace or a ContainerImage is looked for by, before there is one.
struct SeenPlace {
  const std::string& source;
  const ContainerObservation& seen;

  friend bool operator==(const ContainerPlace& place, const SeenPlace& like);
  friend bool operator==(const SeenPlace& like, const ContainerPlace& place) {
    return place == like;
  }
};
struct SeenImage {
  const ContainerObservation& seen;
  const std::vector<Digest>& earlier;

  friend bool operator==(const ContainerImage& image, const SeenImage& like);
  friend bool operator==(const SeenImage& like, const ContainerImage& image) {
    return image == like;
  }
};

struct HashContainerPart {
  std::size_t operator()(const ContainerPlace& place) const;
  std::size_t operator()(const SeenPlace& like) const;
  std::size_t operator()(const ContainerImage& image) const;
  std::size_t operator()(const SeenImage& like) const;
  std::size_t operator()(const ContainerLabels& labels) const;
  std::size_t operator()(const Platform& platform) const;
  std::size_t operator()(const std::string& text) const { return std::hash<std::string>()(text); }
};

/// Keeps once what many containers have alike.
struct ContainerPools {
  Interned<ContainerPlace> place_of(const std::string& source, const ContainerObservation& seen);
  Interned<ContainerImage> image_of(const ContainerObservation& seen,
                                    const std::vector<Digest>& earlier);

  InternPool<ContainerPlace, HashContainerPart> places;
  InternPool<ContainerImage, HashContainerPart> images;
  InternPool<ContainerLabels, HashContainerPart> labels;
  InternPool<Platform, HashContainerPart> platforms;
  /// Names of sources, namespaces, nodes, containers, environments and owners.
  InternPool<std::string, HashContainerPart> texts;
};

/// A container instance, as far as it is stored: some 250 000 of them are in memory.
struct StoredContainer {
  StoredContainer() = default;
  /// `history`: every digest that a runtime has printed for the container ID.
  StoredContainer(const std::string& source, const ContainerObservation& seen,
                  const std::set<Digest>& history, ContainerPools& pools);
  /// For few containers: shares nothing.
  StoredContainer(const std::string& source, const ContainerObservation& seen,
                  const std::set<Digest>& history = {});

  /// Replaces all that the source says. Digests that a runtime printed before become `earlier`.
  void set_observation(const std::string& source, const ContainerObservation& seen,
                       ContainerPools& pools);
  /// Whether `seen` says just what is known.
  bool says(const ContainerObservation& seen) const;

  ContainerKey key() const { return {*place->source, id}; }
  const std::string& source() const { return *place->source; }
  const std::string& namespace_name() const { return *place->namespace_name; }
  const std::string& workload() const { return place->workload; }
  const ContainerLabels& labels() const { return *place->labels; }
  const std::string& name() const { return *shared_name; }
  /// The reference the user wrote, as printed.
  const std::string& image() const { return printed->image; }
  const std::vector<Digest>& digests() const { return printed->digests; }
  const Platform& platform() const { return *printed->platform; }
  /// A copy, put together anew: for single containers.
  ContainerObservation observation() const;
  /// Every digest that a runtime has ever printed for the container ID.
  std::set<Digest> digest_history() const;

  Interned<ContainerPlace> place;
  Interned<ContainerImage> printed;
  Interned<std::string> shared_name;
  Interned<std::string> node;
  OptionalTime started_at;
  TimePoint first_seen_at;
  TimePoint last_seen_at;
  /// Set when a complete list no longer had it, or an event told of its end.
  OptionalTime ended_at;
  /// The conclusion that the record holds at present.
  Recorded recorded;
  ContainerId id;
  /// Nobody saw it end: an operator said that its source is gone for good.
  bool end_confirmed = false;
};

}  // namespace scanclock
