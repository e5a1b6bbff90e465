#include "daemon/pages/image_timeline.hpp"

#include "daemon/evidence_view.hpp"
#include "daemon/pages/page_parts.hpp"

#include <algorithm>
#include <utility>

namespace scanclock {
namespace {

using Events = std::vector<TimelineEvent>;

void add_event(Events& events, TimePoint at, std::string_view kind, Html what) {
  TimelineEvent event;
  event.at = at;
  event.kind = kind;
  event.what = std::move(what);
  events.push_back(std::move(event));
}

std::string entry_words(EntryBasis basis) {
  switch (basis) {
    case EntryBasis::initial:
      return "Was there when monitoring began";
    case EntryBasis::first_seen:
      return "Came in: seen after a complete list without it";
    case EntryBasis::push_event:
      return "Pushed, by an event of the registry";
    case EntryBasis::platform_api:
      return "Pushed, by the record of the registry product";
  }
  return "Came in";
}

void add_places(Events& events, const ImageRecord& image) {
  for (const auto& [key, location] : image.locations) {
    const std::string name = location.host + "/" + key.repository;
    Html entry;
    entry.text(entry_words(location.entry_basis)).add(": <span class=\"long\">").text(name);
    entry.add("</span>");
    if (!location.environment.empty()) {
      entry.add(" <small>").text(location.environment).add("</small>");
    }
    add_event(events, location.entry_at, "entry", std::move(entry));
    if (location.first_seen_at > location.entry_at) {
      Html seen("First seen by Scanclock in <span class=\"long\">");
      add_event(events, location.first_seen_at, "entry", seen.text(name).add("</span>"));
    }
    if (location.removed_at) {
      Html removed("Removed from <span class=\"long\">");
      add_event(events, *location.removed_at, "entry", removed.text(name).add("</span>"));
    }
  }
  if (image.first_running_at) {
    add_event(events, *image.first_running_at, "entry", Html("First known to run"));
  }
}

struct DatedEvidence {
  TimePoint at;
  bool accepted = false;
  const EvidenceRecord* record = nullptr;
};

/// Accepted scans stand at the time that they finished, which is what counts; rejected ones at
/// the time that they were seen, for what they say of time may be what is wrong with them.
DatedEvidence dated_evidence(const EvidenceRecord& record) {
  const auto& finished_at = record.evidence.report.finished_at;
  DatedEvidence dated;
  dated.record = &record;
  dated.accepted = is_accepted(record) && finished_at;
  dated.at = dated.accepted ? *finished_at : record.evidence.collected_at;
  return dated;
}

Html evidence_event(const Inventory& inventory, const ImageRecord& image,
                    const DatedEvidence& dated, TimePoint now) {
  const Evidence& evidence = dated.record->evidence;
  const ScanReport& report = evidence.report;
  Html what;
  what.add(dated.accepted ? Markup("Scan accepted: ") : Markup("Scan rejected: "));
  what.text(report.scanner.empty() ? std::string_view("unknown scanner")
                                   : std::string_view(report.scanner));
  what.add(", ").text(to_string(present_trust(evidence, inventory.scope().keys)));
  what.add("<small>").text(why_it_counts(inventory, image, *dated.record)).add("</small>");
  if (dated.accepted) {
    what.add("<small>collected ").add(moment(evidence.collected_at, now)).add("</small>");
  } else if (report.finished_at && is_set(*report.finished_at)) {
    what.add("<small>says that it finished ").add(moment(*report.finished_at, now));
    what.add("</small>");
  }
  return what;
}

/// An image may have thousands: older ones than are shown are only dated.
void add_evidence_events(Events& events, const Inventory& inventory, const ImageRecord& image,
                         TimePoint now) {
  std::vector<DatedEvidence> all;
  for (const EvidenceRecord* record : inventory.evidence_of(image.digest)) {
    all.push_back(dated_evidence(*record));
  }
  std::stable_sort(all.begin(), all.end(),
                   [](const auto& left, const auto& right) { return left.at > right.at; });
  for (std::size_t index = 0; index < all.size(); ++index) {
    const DatedEvidence& dated = all[index];
    add_event(events, dated.at, dated.accepted ? "accepted" : "rejected",
              index < timeline_events_max ? evidence_event(inventory, image, dated, now) : Html());
  }
}

void add_alert_events(Events& events, const std::vector<Alert>& alerts) {
  for (const Alert& alert : alerts) {
    Html begins = badge(to_string(alert.severity));
    begins.add(" ").add(link_to(alert_path(alert.id), alert.key.rule)).add(" fires");
    add_event(events, alert.started_at, "firing", std::move(begins));
    if (alert.ended_at) {
      Html ends = link_to(alert_path(alert.id), alert.key.rule);
      ends.add(" ends: ").text(spoken_word(alert.resolved_reason));
      add_event(events, *alert.ended_at, "resolved", std::move(ends));
    }
  }
}

void add_deadlines(Events& events, const ImageRecord& image, TimePoint now) {
  for (const PolicyStanding& standing : image.standings) {
    if (!standing.bound) {
      continue;
    }
    const bool never = standing.standing.state == State::never_scanned;
    Html what;
    what.add(never ? Markup("Not compliant from here on, for want of a scan: policy ")
                   : Markup("Deadline of policy "));
    what.text(standing.policy);
    const bool passed = standing.standing.deadline_at < now;
    add_event(events, standing.standing.deadline_at, passed ? "overdue" : "deadline",
              std::move(what));
  }
}

Html timeline_item(const TimelineEvent& event, TimePoint now) {
  Html html("<li");
  html.attribute("class", event.kind).add("><p class=\"when\">").add(moment(event.at, now));
  return html.add("</p><div>").add(event.what).add("</div></li>\n");
}

}  // namespace

std::vector<TimelineEvent> timeline_of(const Inventory& inventory, const ImageRecord& image,
                                       const std::vector<Alert>& alerts, TimePoint now) {
  Events events;
  add_places(events, image);
  add_evidence_events(events, inventory, image, now);
  add_alert_events(events, alerts);
  add_deadlines(events, image, now);
  std::stable_sort(events.begin(), events.end(),
                   [](const auto& left, const auto& right) { return left.at < right.at; });
  return events;
}

Html timeline(const std::vector<TimelineEvent>& events, TimePoint now) {
  const auto future = std::find_if(events.begin(), events.end(),
                                   [&](const TimelineEvent& event) { return event.at > now; });
  const auto past = static_cast<std::size_t>(future - events.begin());
  const std::size_t left_out = past - std::min(past, timeline_events_max);
  Html html;
  if (left_out > 0) {
    html.add("<p>").text(grouped_number(left_out)).add(" older events are left out.</p>");
  }
  html.add("<ol class=\"timeline\">\n");
  for (auto event = events.begin() + static_cast<std::ptrdiff_t>(left_out); event != future;
       ++event) {
    html.add(timeline_item(*event, now));
  }
  html.add("<li class=\"now\"><p class=\"when\">")
      .add(moment(now))
      .add("</p><div>Now</div></li>\n");
  for (auto event = future; event != events.end(); ++event) {
    html.add(timeline_item(*event, now));
  }
  return html.add("</ol>\n");
}

}  // namespace scanclock
