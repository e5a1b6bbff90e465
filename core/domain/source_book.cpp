#include "core/domain/source_book.hpp"

#include <algorithm>
#include <utility>

namespace scanclock {
namespace {

/// Answers that lie further apart than this prove no watching in between, even when no failure was
/// reported: the host may have slept. Slow cycles must pass, so it is generous.
Duration silence_max(const SourceStatus& status) {
  return std::max<Duration>(2 * status.blind_after, std::chrono::hours(1));
}

}  // namespace

void SourceBook::configure(const std::string& name, SourceKind kind, Duration blind_after,
                           TimePoint now) {
  const bool is_new = !entries_.contains(name);
  SourceStatus& status = entries_[name].status;
  status.name = name;
  status.kind = kind;
  status.blind_after = blind_after;
  if (is_new || status.unattended) {
    // A source that never answers must become blind, too.
    status.failing_since = status.failing_since.value_or(now);
    status.reason = "not_asked_yet";
    status.detail.clear();
    status.unattended = false;
  }
}

void SourceBook::leave_unattended(const std::string& name, Duration blind_after, TimePoint now) {
  configure(name, SourceKind::workload, blind_after, now);
  failed(name, "unattended",
         "no entry of the settings names it, and nothing was pushed for it since; what it showed "
         "last is still believed to run",
         now);
  SourceStatus& status = entries_[name].status;
  status.unattended = true;
  status.next_poll_at.reset();
}

void SourceBook::describe(const std::string& name, std::string_view type) {
  const auto found = entries_.find(name);
  if (found != entries_.end()) {
    found->second.status.type = type;
  }
}

void SourceBook::limit_view(const std::string& name,
                            std::optional<std::set<std::string>> namespaces) {
  const auto found = entries_.find(name);
  if (found != entries_.end()) {
    found->second.status.namespaces = std::move(namespaces);
  }
}

void SourceBook::note_limits(const std::string& name, const std::string& limits) {
  const auto found = entries_.find(name);
  if (found != entries_.end()) {
    found->second.status.limits = limits;
  }
}

void SourceBook::note_silence(TimePoint now) {
  for (auto& [name, entry] : entries_) {
    const SourceStatus& status = entry.status;
    if (status.type != pushed_source_type || status.failing_since || !status.last_success_at ||
        now - *status.last_success_at < status.blind_after) {
      continue;
    }
    const TimePoint last = *status.last_success_at;
    failed(name, "silent", "nothing was pushed for it since " + format_rfc3339(last), last);
  }
}

void SourceBook::restore(const std::vector<CoverageInterval>& newest) {
  for (const CoverageInterval& interval : newest) {
    const auto entry = entries_.find(interval.source);
    if (entry != entries_.end()) {
      entry->second.status.last_success_at = interval.to;
    }
  }
}

void SourceBook::answered(const std::string& name, std::uint64_t seen, TimePoint now) {
  const auto found = entries_.find(name);
  if (found == entries_.end()) {
    return;
  }
  Entry& entry = found->second;
  const bool was_failing = entry.status.failing_since.has_value();
  entry.status.failing_since.reset();
  entry.status.reason.clear();
  entry.status.detail.clear();
  entry.status.unattended = false;
  entry.status.last_success_at = now;
  entry.status.seen = seen;
  const bool silent = entry.interval && now - entry.interval->to > silence_max(entry.status);
  if (silent && entry.interval->to != entry.written_to) {
    pending_.push_back(*entry.interval);
  }
  if (!entry.interval || was_failing || silent) {
    entry.interval = CoverageInterval{name, entry.status.kind, now, now};
    entry.written_to.reset();
  }
  entry.interval->to = now;
  if (!entry.written_to || now - *entry.written_to >= coverage_write_min) {
    entry.written_to = now;
    pending_.push_back(*entry.interval);
  }
}

void SourceBook::failed(const std::string& name, const std::string& reason,
                        const std::string& detail, TimePoint now) {
  const auto found = entries_.find(name);
  if (found == entries_.end()) {
    return;
  }
  Entry& entry = found->second;
  if (!entry.status.failing_since) {
    entry.status.failing_since = now;
    if (entry.interval && entry.interval->to != entry.written_to) {
      pending_.push_back(*entry.interval);
    }
  }
  entry.status.reason = reason;
  entry.status.detail = detail;
  entry.status.last_failure = SourceFailure{now, reason, detail};
}

void SourceBook::requested(const std::string& name) {
  const auto found = entries_.find(name);
  if (found != entries_.end()) {
    ++found->second.status.requests;
  }
}

void SourceBook::next_poll(const std::string& name, TimePoint at) {
  const auto found = entries_.find(name);
  if (found != entries_.end()) {
    found->second.status.next_poll_at = at;
  }
}

void SourceBook::cycle_ended(const std::string& name, const RequestCycle& cycle) {
  const auto found = entries_.find(name);
  if (found != entries_.end()) {
    found->second.status.last_cycle = cycle;
  }
}

bool SourceBook::awaits_first_answer(SourceKind kind, TimePoint now) const {
  return std::any_of(entries_.begin(), entries_.end(), [&](const auto& entry) {
    return entry.second.status.kind == kind && !entry.second.interval &&
           !is_blind(entry.first, now);
  });
}

bool SourceBook::is_blind(const std::string& name, TimePoint now) const {
  const SourceStatus* status = find(name);
  return status != nullptr && status->failing_since &&
         now - *status->failing_since >= status->blind_after;
}

std::optional<TimePoint> SourceBook::next_change_at(TimePoint now) const {
  std::optional<TimePoint> next;
  for (const auto& [name, entry] : entries_) {
    if (!entry.status.failing_since) {
      continue;
    }
    const TimePoint at = *entry.status.failing_since + entry.status.blind_after;
    if (at > now && (!next || at < *next)) {
      next = at;
    }
  }
  return next;
}

const SourceStatus* SourceBook::find(const std::string& name) const {
  const auto found = entries_.find(name);
  return found == entries_.end() ? nullptr : &found->second.status;
}

std::vector<SourceStatus> SourceBook::all() const {
  std::vector<SourceStatus> statuses;
  for (const auto& [name, entry] : entries_) {
    statuses.push_back(entry.status);
  }
  return statuses;
}

std::vector<CoverageInterval> SourceBook::take_coverage() { return std::exchange(pending_, {}); }

}  // namespace scanclock
