#include "core/domain/changes.hpp"

#include <iterator>

namespace scanclock {
namespace {

template <class Row>
void append_rows(std::vector<Row>& rows, std::vector<Row>&& later) {
  rows.insert(rows.end(), std::make_move_iterator(later.begin()),
              std::make_move_iterator(later.end()));
}

}  // namespace

bool ChangeSet::empty() const {
  return manifests.empty() && images.empty() && locations.empty() && tags.empty() &&
         evidence.empty() && decisions.empty() && containers.empty() && coverage.empty() &&
         alerts.empty() && alert_events.empty() && messages.empty();
}

void ChangeSet::append(ChangeSet later) {
  append_rows(manifests, std::move(later.manifests));
  append_rows(images, std::move(later.images));
  append_rows(locations, std::move(later.locations));
  append_rows(tags, std::move(later.tags));
  append_rows(evidence, std::move(later.evidence));
  append_rows(decisions, std::move(later.decisions));
  append_rows(containers, std::move(later.containers));
  append_rows(coverage, std::move(later.coverage));
  append_rows(alerts, std::move(later.alerts));
  append_rows(alert_events, std::move(later.alert_events));
  append_rows(messages, std::move(later.messages));
}

}  // namespace scanclock
