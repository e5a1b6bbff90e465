#include "core/domain/changes.hpp"

#include <iterator>
#include <utility>

namespace scanclock {
namespace {

template <class Rows>
void append_rows(Rows& rows, Rows&& later) {
  if (rows.empty()) {
    rows = std::move(later);
    return;
  }
  rows.insert(rows.end(), std::make_move_iterator(later.begin()),
              std::make_move_iterator(later.end()));
}

/// The first `count` rows; takes no longer when there are many more.
template <class Row>
std::deque<Row> take_first_rows(std::deque<Row>& rows, std::size_t count) {
  if (rows.size() <= count) {
    return std::exchange(rows, {});
  }
  const auto border = rows.begin() + static_cast<std::ptrdiff_t>(count);
  std::deque<Row> first(std::make_move_iterator(rows.begin()), std::make_move_iterator(border));
  rows.erase(rows.begin(), border);
  return first;
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
  ChangeSet front;
  front.containers = take_first_rows(containers, bulk_rows_max);
  front.printed_images = take_first_rows(printed_images, bulk_rows_max);
  front.verdicts = take_first_rows(verdicts, bulk_rows_max);
  std::swap(front.containers, containers);
  std::swap(front.printed_images, printed_images);
  std::swap(front.verdicts, verdicts);
  // The rest of a large view stays, all else goes.
  std::swap(front, *this);
  return front;
}

}  // namespace scanclock
