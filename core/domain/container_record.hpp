#pragma once

#include "core/domain/container.hpp"
#include "core/domain/join.hpp"
#include "core/domain/records.hpp"

#include <boost/container/flat_map.hpp>
#include <boost/intrusive/list.hpp>

#include <algorithm>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>

namespace scanclock {

struct WorkloadGroup;
struct ImageGroup;

/// What holds the containers of a workload group together.
using GroupLink =
    boost::intrusive::list_member_hook<boost::intrusive::link_mode<boost::intrusive::normal_link>>;

/// A container in memory: what is stored of it, and its place among others. There are 250 000 of
/// them: whatever many have alike is interned, or stands in their group.
struct ContainerRecord : StoredContainer {
  explicit ContainerRecord(const ContainerId& own_id) { id = own_id; }
  ContainerRecord(const ContainerRecord&) = delete;
  ContainerRecord& operator=(const ContainerRecord&) = delete;

  const JoinResult& join() const;
  Verdict verdict() const;
  /// For people: why the verdict is no better, or that the image was assumed.
  std::string reason() const;
  std::optional<TimePoint> deadline_at() const;
  bool assumed() const;
  const std::string& environment() const;
  const std::string& owner() const;
  bool ignored() const;

  bool concluded = false;
  /// The look in which it was seen last.
  std::uint32_t look = 0;
  OptionalTime unresolved_since;
  /// Kept by the inventory. Nothing for one that has ended.
  WorkloadGroup* group = nullptr;
  GroupLink link;
};

/// Where workloads run, as far as alerts and counts ask: the same for many of them.
struct Quarter {
  Interned<std::string> source;
  Interned<std::string> environment;
  Interned<std::string> owner;
  /// An ignored image or an excluded namespace.
  bool ignored = false;

  auto operator<=>(const Quarter&) const = default;
};

/// How much of an image group is in a quarter.
struct QuarterCount {
  std::uint32_t workloads = 0;
  std::uint32_t containers = 0;
};

using Quarters = std::map<Quarter, QuarterCount>;

/// Containers of one image group in one workload. What follows from both is kept once.
struct WorkloadGroup {
  using Members = boost::intrusive::list<
      ContainerRecord,
      boost::intrusive::member_hook<ContainerRecord, GroupLink, &ContainerRecord::link>>;

  const std::string& environment() const { return *quarter->first.environment; }
  const std::string& owner() const { return *quarter->first.owner; }
  /// An ignored image or an excluded namespace.
  bool ignored() const { return quarter->first.ignored; }

  ImageGroup* images = nullptr;
  Interned<ContainerPlace> place;
  /// Of its images' quarters; nothing before it is placed.
  Quarters::value_type* quarter = nullptr;
  Members members;
};

/// Containers about whose image the same was printed: they are joined all at once.
struct ImageGroup {
  Interned<ContainerImage> printed;
  /// Of the reference as printed; empty where it is none.
  std::string host;
  std::string repository;
  std::map<Interned<ContainerPlace>, WorkloadGroup> workloads;
  /// Environments and namespaces of the workloads, of which an image that runs everywhere has tens
  /// of thousands, with how many are there.
  using Whereabouts = std::pair<Interned<std::string>, Interned<std::string>>;
  boost::container::flat_map<Whereabouts, std::uint32_t> whereabouts;
  Quarters quarters;
  /// The earliest start that any member ever told.
  OptionalTime earliest_start;
  /// Not later than the begin of what is unresolved here; nothing where nothing was concluded to
  /// be.
  OptionalTime unresolved_from;

  /// Derived by Inventory::reevaluate.
  JoinResult join;
  /// No digest that a runtime printed: the image is the one that the reference is taken to mean
  /// (reference R11).
  bool assumed = false;
  /// Assumed, and nobody knows what the tag named when the containers started.
  bool doubtful = false;
  /// Of `join.image`.
  const ImageRecord* image = nullptr;

  /// The same for all members.
  Verdict verdict() const;
  /// A member is unresolved since then.
  void note_unresolved(TimePoint since) {
    unresolved_from = unresolved_from ? std::min(*unresolved_from, since) : since;
  }
};

}  // namespace scanclock
