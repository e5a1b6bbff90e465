#include "core/domain/container_record.hpp"

#include <algorithm>
#include <stdexcept>
#include <utility>

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

Verdict ContainerRecord::verdict() const {
  if (group == nullptr || join().outcome != JoinOutcome::resolved) {
    return verdict_of_outcome(join().outcome);
  }
  const ImageGroup& images = *group->images;
  if (images.image == nullptr) {
    return Verdict::unresolved;
  }
  const Verdict verdict = images.image->judgement.verdict;
  return images.doubtful ? std::max(verdict, Verdict::ambiguous) : verdict;
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
  return group == nullptr ? no_text : group->environment;
}

const std::string& ContainerRecord::owner() const {
  return group == nullptr ? no_text : group->owner;
}

bool ContainerRecord::ignored() const { return group != nullptr && group->ignored; }

ContainerTable::Iterator::Iterator(const Sources& sources, Sources::const_iterator source)
    : sources_(&sources), source_(source) {
  if (source_ != sources.end()) {
    position_ = source_->second.begin();
    skip_ended_sources();
  }
}

ContainerTable::Iterator::Iterator(const Sources& sources, Sources::const_iterator source,
                                   OfSource::const_iterator position)
    : sources_(&sources), source_(source), position_(position) {
  skip_ended_sources();
}

void ContainerTable::Iterator::skip_ended_sources() {
  while (source_ != sources_->end() && position_ == source_->second.end()) {
    ++source_;
    if (source_ != sources_->end()) {
      position_ = source_->second.begin();
    }
  }
}

ContainerTable::Iterator& ContainerTable::Iterator::operator++() {
  ++position_;
  skip_ended_sources();
  return *this;
}

bool ContainerTable::Iterator::operator==(const Iterator& other) const {
  return source_ == other.source_ && (source_ == sources_->end() || position_ == other.position_);
}

ContainerTable::Iterator ContainerTable::behind(const ContainerKey& key) const {
  const auto source = sources_.lower_bound(key.source);
  if (source == sources_.end() || source->first != key.source) {
    return {sources_, source};
  }
  return {sources_, source, source->second.upper_bound(std::string_view(key.id))};
}

const ContainerRecord& ContainerTable::at(const ContainerKey& key) const {
  const ContainerRecord* record = find(key.source, key.id);
  if (record == nullptr) {
    throw std::out_of_range("no container " + key.id + " of source " + key.source);
  }
  return *record;
}

const ContainerRecord* ContainerTable::find(std::string_view source, std::string_view id) const {
  const OfSource* containers = of(source);
  if (containers == nullptr) {
    return nullptr;
  }
  const auto found = containers->find(id);
  return found == containers->end() ? nullptr : &*found;
}

ContainerRecord* ContainerTable::find(std::string_view source, std::string_view id) {
  const ContainerRecord* record = std::as_const(*this).find(source, id);
  return record == nullptr ? nullptr : &writable(*record);
}

const ContainerTable::OfSource* ContainerTable::of(std::string_view source) const {
  const auto found = sources_.find(source);
  return found == sources_.end() ? nullptr : &found->second;
}

ContainerRecord& ContainerTable::get(const std::string& source, const std::string& id) {
  OfSource& containers = sources_[source];
  const auto position = containers.lower_bound(std::string_view(id));
  if (position != containers.end() && position->id == id) {
    return writable(*position);
  }
  ++size_;
  return writable(*containers.emplace_hint(position, id));
}

void ContainerTable::erase(const ContainerRecord& record) {
  const auto source = sources_.find(record.source());
  if (source == sources_.end()) {
    return;
  }
  const auto position = source->second.find(std::string_view(record.id));
  if (position != source->second.end()) {
    source->second.erase(position);
    --size_;
  }
}

}  // namespace scanclock
