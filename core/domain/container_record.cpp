#include "core/domain/container_record.hpp"

#include <algorithm>

namespace scanclock {
namespace {

const std::string no_text;

Verdict verdict_of_outcome(JoinOutcome outcome) {
  switch (outcome) {
    case JoinOutcome::ambiguous:
      return Verdict::ambiguous;
    case JoinOutcome::conflict:
      return Verdict::conflict;
    case JoinOutcome::resolved:
    case JoinOutcome::unresolved:
      break;
  }
  return Verdict::unresolved;
}

}  // namespace

const JoinResult& ContainerRecord::join() const {
  static const JoinResult none;
  return group == nullptr ? none : group->images->join;
}

Verdict ImageGroup::verdict() const {
  if (join.outcome != JoinOutcome::resolved) {
    return verdict_of_outcome(join.outcome);
  }
  if (image == nullptr) {
    return Verdict::unresolved;
  }
  const Verdict verdict = image->judgement.verdict;
  return doubtful ? std::max(verdict, Verdict::ambiguous) : verdict;
}

Verdict ContainerRecord::verdict() const {
  return group == nullptr ? verdict_of_outcome(join().outcome) : group->images->verdict();
}

std::string ContainerRecord::reason() const {
  if (group == nullptr || join().outcome != JoinOutcome::resolved) {
    return join().reason;
  }
  const ImageGroup& images = *group->images;
  if (images.image == nullptr) {
    return "the image is not in a monitored registry";
  }
  const std::string& reason = images.image->judgement.reason;
  if (!images.assumed) {
    return reason;
  }
  const std::string told =
      images.doubtful ? "only its tag tells the image, and what that named when the container "
                        "started is not known: assumed is what it names now"
                      : "the image is assumed from its reference";
  return reason.empty() ? told : told + "; " + reason;
}

std::optional<TimePoint> ContainerRecord::deadline_at() const {
  return group == nullptr || group->images->image == nullptr
             ? std::nullopt
             : group->images->image->judgement.deadline_at;
}

bool ContainerRecord::assumed() const { return group != nullptr && group->images->assumed; }

const std::string& ContainerRecord::environment() const {
  return group == nullptr ? no_text : group->environment();
}

const std::string& ContainerRecord::owner() const {
  return group == nullptr ? no_text : group->owner();
}

bool ContainerRecord::ignored() const { return group != nullptr && group->ignored(); }

}  // namespace scanclock
