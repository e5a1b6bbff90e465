#pragma once

#include "core/domain/container_id.hpp"
#include "core/domain/digest.hpp"
#include "core/domain/interned.hpp"
#include "core/domain/state.hpp"
#include "core/domain/time.hpp"
#include "core/domain/workload.hpp"

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace scanclock {

/// Containers are identified by source and container ID.
struct ContainerKey {
  std::string source;
  ContainerId id;

  auto operator<=>(const ContainerKey&) const = default;
};

/// What the record already says of something: a mark of the content, so that 250 000 containers do
/// not keep their last conclusion twice, and its time. A mark of 0 says that nothing was recorded.
struct Recorded {
  TimePoint at;
  std::uint64_t mark = 0;
};

/// What is told of containers; the same for many of them.
struct Conclusion {
  Verdict verdict = Verdict::unresolved;
  /// The unique image that the container was joined to; empty where it was joined to none.
  Digest image;
  std::string reason;
  std::string environment;
  std::string owner;

  bool operator==(const Conclusion&) const = default;
};

/// From `at` on this was concluded about a container instance. A row is made only when the verdict,
/// the image, the place of the container (environment, owner) or the class of the reason changes.
struct VerdictChange {
  ContainerKey container;
  /// Of the instance: an ID may come back.
  TimePoint first_seen_at;
  TimePoint at;
  Interned<Conclusion> concluded;
};

/// From `at` on the sources answered so for a running image (Observation::Status as text).
struct ObservationChange {
  Digest image;
  TimePoint at;
  std::string status;
  std::string reason;
};

/// Until `until` the runtime printed this for a container instance, and then something else.
struct PrintedImageChange {
  ContainerKey container;
  TimePoint first_seen_at;
  TimePoint until;
  std::string image;
  std::string image_id;
  std::vector<Digest> digests;
  bool assumed = false;
};

/// Never 0. The reason of a container that was joined is its class; that of one that was not names
/// digests which come and go, so that there the verdict alone is.
std::uint64_t mark_of(const Conclusion& conclusion);
std::uint64_t mark_of(const ObservationChange& change);

/// True when a runtime prints the image of one container in another way than before.
bool prints_other_image(const ContainerObservation& before, const ContainerObservation& now);

/// A container as the record knows it for a past moment. What it printed of its image is of that
/// moment; of namespace, workload, node and labels the last is kept.
struct PastContainer {
  ContainerKey key;
  ContainerObservation observation;
  TimePoint first_seen_at;
  std::optional<TimePoint> ended_at;
  /// Nothing where no conclusion was recorded by then; all below is then empty, too.
  std::optional<Conclusion> concluded;
  /// Of the image, at that moment; empty where it was not recorded.
  std::string observation_status;
  std::string observation_reason;
  std::optional<TimePoint> observation_since;
};

/// Empty texts match everything.
struct PastFilters {
  PastFilters() = default;
  std::string source;
  std::string namespace_name;
  std::string owner;
  std::optional<Verdict> verdict;
};

/// A workload source that was not watched at a past moment: what ran there then is not known beyond
/// what was seen before.
struct UnwatchedSource {
  std::string source;
  /// The end of the newest interval that began before the moment; nothing where there is none.
  std::optional<TimePoint> watched_until;
  /// The begin of the next one; nothing where there is none.
  std::optional<TimePoint> watched_again_from;
};

struct PastPage {
  PastPage() = default;
  /// The first moment at which any workload source was watched; nothing before the first look.
  std::optional<TimePoint> begins_at;
  /// What ended before this is deleted: the record of earlier moments is not whole.
  std::optional<TimePoint> purged_before;
  std::vector<UnwatchedSource> unwatched;
  /// Ordered by key, as the database orders it.
  std::vector<PastContainer> containers;
};

}  // namespace scanclock
