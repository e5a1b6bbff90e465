#pragma once

#include "core/domain/alert.hpp"
#include "core/domain/digest_graph.hpp"
#include "core/domain/history.hpp"
#include "core/domain/records.hpp"
#include "core/domain/silence.hpp"
#include "core/domain/source.hpp"

#include <cstddef>
#include <deque>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace scanclock {

struct EvidenceRow {
  Evidence evidence;
  /// Kept for the API and the assessor; stored once a digest.
  std::string bytes;
};

struct DecisionRow {
  EvidenceKey evidence;
  std::string policy;
  int policy_version = 1;
  Decision decision;
  TimePoint decided_at;
};

/// Everything that one step of the engine learned and concluded; stored in one transaction, so
/// that an alert and its cause stand or fall together. Storing the same set twice changes nothing.
struct ChangeSet {
  std::vector<Manifest> manifests;
  /// Stored fields only: digest and the first_ times.
  std::vector<ImageRecord> images;
  std::vector<std::pair<Digest, Location>> locations;
  std::vector<TagChange> tags;
  std::vector<EvidenceRow> evidence;
  std::vector<DecisionRow> decisions;
  /// What is about single containers is taken from the front, of hundreds of thousands.
  std::deque<StoredContainer> containers;
  std::deque<PrintedImageChange> printed_images;
  std::deque<VerdictChange> verdicts;
  std::vector<ObservationChange> observations;
  std::vector<CoverageInterval> coverage;
  std::vector<Alert> alerts;
  std::vector<AlertEvent> alert_events;
  std::vector<OutboxMessage> messages;
  std::vector<AlertGroup> alert_groups;
  /// New ones, and known ones as they are now.
  std::vector<Silence> silences;
  std::vector<Acknowledgement> acknowledgements;

  bool empty() const;
  /// Whether anything in it is about single containers.
  bool has_bulk() const;
  /// Appends `later`, which happened after this.
  void append(ChangeSet later);
  /// Takes everything out, but of what is about single containers only the oldest `bulk_rows_max`
  /// of each kind: a first look at a large cluster is stored in several transactions.
  ChangeSet take_front(std::size_t bulk_rows_max);
};

/// What the daemon remembers when it starts.
struct Snapshot {
  std::vector<Manifest> manifests;
  /// With the newest recorded observation of each.
  std::vector<ImageRecord> images;
  std::vector<std::pair<Digest, Location>> locations;
  /// The present target of every tag.
  std::vector<TagChange> tags;
  std::vector<Evidence> evidence;
  /// Newest decision of every evidence, policy and version.
  std::vector<DecisionRow> decisions;
  /// Containers that have not ended, with the newest recorded verdict of each.
  std::vector<StoredContainer> containers;
  /// The newest interval of every source.
  std::vector<CoverageInterval> coverage;
  /// Firing alerts, those that ended within the last day, and those of whose end a receiver was not
  /// told yet.
  std::vector<Alert> alerts;
  /// Groups that were told of something within the retention.
  std::vector<AlertGroup> alert_groups;
  /// Those that have not ended.
  std::vector<Silence> silences;
  /// The newest of every firing alert.
  std::vector<Acknowledgement> acknowledgements;
};

}  // namespace scanclock
