#include "core/domain/history.hpp"

#include <functional>
#include <initializer_list>

namespace scanclock {
namespace {

/// Only compared within one process.
std::uint64_t mark_of_texts(std::initializer_list<std::string_view> texts) {
  std::uint64_t mark = 0x9e3779b97f4a7c15U;
  for (const std::string_view text : texts) {
    mark ^= std::hash<std::string_view>()(text) + 0x9e3779b97f4a7c15U + (mark << 6U) + (mark >> 2U);
  }
  return mark == 0 ? 1 : mark;
}

}  // namespace

std::uint64_t mark_of(const Conclusion& conclusion) {
  return mark_of_texts({to_string(conclusion.verdict), conclusion.image.str(),
                        conclusion.image.empty() ? std::string_view() : conclusion.reason,
                        conclusion.environment, conclusion.owner});
}

std::uint64_t mark_of(const ObservationChange& change) {
  return mark_of_texts({change.status, change.reason});
}

bool prints_other_image(const ContainerObservation& before, const ContainerObservation& now) {
  return before.image_id != now.image_id || before.image != now.image ||
         before.digests != now.digests || before.assumed != now.assumed;
}

}  // namespace scanclock
