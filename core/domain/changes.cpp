#include "core/domain/changes.hpp"

#include <iterator>
#include <utility>

namespace scanclock {
namespace {

template <class Row>
void append_rows(std::vector<Row>& rows, std::vector<Row>&& later) {
  rows.insert(rows.end(), std::make_move_iterator(later.begin()),
              std::make_move_iterator(later.end()));
}

/// Moves what is behind the first `count` rows to the end of `rest`.
template <class Row>
void keep_rows_behind(std::vector<Row>& rows, std::vector<Row>& rest, std::size_t count) {
  if (rows.size() > count) {
    const auto border = rows.begin() + static_cast<std::ptrdiff_t>(count);
    rest.assign(std::make_move_iterator(border), std::make_move_iterator(rows.end()));
    rows.erase(border, rows.end());
  }
}

}  // namespace

bool ChangeSet::empty() const {
  return manifests.empty() && images.empty() && locations.empty() && tags.empty() &&
         evidence.empty() && decisions.empty() && !has_bulk() && observations.empty() &&
         coverage.empty() && alerts.empty() && alert_events.empty() && messages.empty() &&
         alert_groups.empty() && silences.empty() && acknowledgements.empty();
}

bool ChangeSet::has_bulk() const {
  return !containers.empty() || !printed_images.empty() || !verdicts.empty();
}

void ChangeSet::append(ChangeSet later) {
  append_rows(manifests, std::move(later.manifests));
  append_rows(images, std::move(later.images));
  append_rows(locations, std::move(later.locations));
  append_rows(tags, std::move(later.tags));
  append_rows(evidence, std::move(later.evidence));
  append_rows(decisions, std::move(later.decisions));
  append_rows(containers, std::move(later.containers));
  append_rows(printed_images, std::move(later.printed_images));
  append_rows(verdicts, std::move(later.verdicts));
  append_rows(observations, std::move(later.observations));
  append_rows(coverage, std::move(later.coverage));
  append_rows(alerts, std::move(later.alerts));
  append_rows(alert_events, std::move(later.alert_events));
  append_rows(messages, std::move(later.messages));
  append_rows(alert_groups, std::move(later.alert_groups));
  append_rows(silences, std::move(later.silences));
  append_rows(acknowledgements, std::move(later.acknowledgements));
}

ChangeSet ChangeSet::take_front(std::size_t bulk_rows_max) {
  ChangeSet front = std::exchange(*this, ChangeSet());
  keep_rows_behind(front.containers, containers, bulk_rows_max);
  keep_rows_behind(front.printed_images, printed_images, bulk_rows_max);
  keep_rows_behind(front.verdicts, verdicts, bulk_rows_max);
  return front;
}

}  // namespace scanclock
