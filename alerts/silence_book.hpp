#pragma once

#include "core/domain/alert.hpp"
#include "core/domain/label_matcher.hpp"
#include "core/domain/silence.hpp"

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace scanclock::alerts {

/// The silences in force and to come, and who has taken which alert, as a pure state: no clock, no
/// I/O. It says whom telling can wait for; it ends nothing.
class SilenceBook {
 public:
  void restore(const std::vector<Silence>& silences,
               const std::vector<Acknowledgement>& acknowledgements);

  /// Adds a silence, or replaces the one with its id.
  void put(Silence silence);
  void put(Acknowledgement acknowledgement);

  /// The active silence that matches the alert's labels and `rule` and lasts longest.
  const Silence* silence_of(const Alert& alert, TimePoint now) const;
  /// The alert's newest acknowledgement while it is active.
  const Acknowledgement* acknowledgement_of(const std::string& alert_id, TimePoint now) const;

  /// When a silence next starts or ends, or an acknowledgement ends.
  std::optional<TimePoint> next_change_at(TimePoint now) const;

  const Silence* find(const std::string& id) const;
  /// Those that have not ended, nearest end first.
  std::vector<Silence> silences(TimePoint now) const;
  /// Lets go of what is over.
  void forget_ended(TimePoint now);

 private:
  struct Entry {
    Silence silence;
    LabelSelector selector;
  };
  std::map<std::string, Entry> silences_;
  std::map<std::string, Acknowledgement> acknowledgements_;
};

}  // namespace scanclock::alerts
