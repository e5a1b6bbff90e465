#pragma once

#include "core/domain/container_id.hpp"
#include "core/domain/workload.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace scanclock {

struct ContainerRecord;

/// A look at a source on its way into the inventory (Inventory::go_on), which takes a large one in
/// pieces: first it finds what the report shows, then what it lacks, then notes what is new or
/// changed, and at last ends what is believed to have ended. Whoever stops in the middle has ended
/// nothing that the report shows.
class WorkloadLook {
 public:
  explicit WorkloadLook(WorkloadReport report) : own_(std::move(report)) {}
  /// `report` must outlive the look.
  explicit WorkloadLook(const WorkloadReport* report) : borrowed_(report) {}

  const WorkloadReport& report() const { return own_ ? *own_ : *borrowed_; }
  /// Not of a borrowed one.
  WorkloadReport take_report() { return std::move(*own_); }
  bool is_done() const { return phase_ == Phase::done; }
  /// Once it is done. False when the report is doubted (rule 8): what it shows counts, what it
  /// lacks has not ended.
  bool is_believed() const { return believed_; }
  /// What the report called unchanged and is not known to run.
  const std::vector<std::string>& untold() const { return untold_; }

 private:
  friend class Inventory;

  enum class Phase { find_shown, mark_unchanged, find_absent, note_shown, judge, end_absent, done };

  std::optional<WorkloadReport> own_;
  const WorkloadReport* borrowed_ = nullptr;
  Phase phase_ = Phase::find_shown;
  std::uint32_t number_ = 0;
  /// Within the phase.
  std::size_t position_ = 0;
  /// The first one of the source that was not compared yet; nothing before the first of all.
  std::optional<ContainerId> walked_;
  /// Of each container of the report; nothing for one that is new.
  std::vector<ContainerRecord*> known_;
  std::vector<ContainerRecord*> absent_;
  std::size_t before_ = 0;
  bool believed_ = true;
  std::vector<std::string> untold_;
};

}  // namespace scanclock
