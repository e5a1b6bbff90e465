#include "core/domain/container_table.hpp"

#include <algorithm>
#include <new>
#include <stdexcept>
#include <utility>

namespace scanclock {
namespace {

/// 4 kB: moving half of it at an insertion costs less than a miss of the cache.
constexpr std::size_t piece_entries_max = 512;

}  // namespace

std::uint32_t ContainerStore::add(const ContainerId& id) {
  if (free_.empty()) {
    const auto begin = static_cast<std::uint32_t>(blocks_.size() * block_records);
    blocks_.push_back(std::make_unique<Room[]>(block_records));
    for (std::uint32_t number = block_records; number > 0; --number) {
      free_.push_back(begin + number - 1);
    }
  }
  const std::uint32_t number = free_.back();
  ::new (&blocks_[number / block_records][number % block_records]) ContainerRecord(id);
  free_.pop_back();
  return number;
}

void ContainerStore::remove(std::uint32_t number) {
  free_.push_back(number);
  at(number).~ContainerRecord();
}

ContainerRecord& ContainerStore::at(std::uint32_t number) const {
  Room& room = blocks_[number / block_records][number % block_records];
  return *std::launder(reinterpret_cast<ContainerRecord*>(&room));  // NOLINT: made in add()
}

ContainerOrder::Iterator& ContainerOrder::Iterator::operator++() {
  if (++place_ == order_->pieces_[piece_].size()) {
    ++piece_;
    place_ = 0;
  }
  return *this;
}

bool ContainerOrder::is_before(const Entry& entry, std::uint32_t key, const ContainerId& id) const {
  return entry.key != key ? entry.key < key : store_->at(entry.record).id < id;
}

ContainerOrder::Iterator ContainerOrder::lower_bound(const ContainerId& id) const {
  const std::uint32_t key = id.sort_key();
  const auto piece = std::lower_bound(
      pieces_.begin(), pieces_.end(), id,
      [&](const Piece& left, const ContainerId&) { return is_before(left.back(), key, id); });
  if (piece == pieces_.end()) {
    return end();
  }
  const auto entry = std::lower_bound(
      piece->begin(), piece->end(), id,
      [&](const Entry& left, const ContainerId&) { return is_before(left, key, id); });
  return {*this, static_cast<std::size_t>(piece - pieces_.begin()),
          static_cast<std::size_t>(entry - piece->begin())};
}

ContainerRecord& ContainerOrder::insert(Iterator position, const ContainerId& id) {
  std::size_t piece = position.piece_;
  std::size_t place = position.place_;
  if (piece == pieces_.size()) {
    // Behind all others: what comes in order fills its pieces.
    if (pieces_.empty() || pieces_.back().size() == piece_entries_max) {
      pieces_.emplace_back();
    }
    piece = pieces_.size() - 1;
    place = pieces_.back().size();
  } else if (pieces_[piece].size() == piece_entries_max) {
    split(piece);
    if (place > pieces_[piece].size()) {
      place -= pieces_[piece].size();
      ++piece;
    }
  }
  const std::uint32_t number = store_->add(id);
  Piece& entries = pieces_[piece];
  entries.insert(entries.begin() + static_cast<std::ptrdiff_t>(place), {id.sort_key(), number});
  ++size_;
  return store_->at(number);
}

void ContainerOrder::split(std::size_t piece) {
  Piece& full = pieces_[piece];
  const auto middle = full.begin() + static_cast<std::ptrdiff_t>(full.size() / 2);
  Piece upper(middle, full.end());
  full.erase(middle, full.end());
  pieces_.insert(pieces_.begin() + static_cast<std::ptrdiff_t>(piece) + 1, std::move(upper));
}

void ContainerOrder::erase(Iterator position) {
  Piece& entries = pieces_[position.piece_];
  store_->remove(entries[position.place_].record);
  entries.erase(entries.begin() + static_cast<std::ptrdiff_t>(position.place_));
  --size_;
  if (entries.empty()) {
    pieces_.erase(pieces_.begin() + static_cast<std::ptrdiff_t>(position.piece_));
  } else {
    merge_small(position.piece_);
  }
}

/// Half-empty pieces must not become many in a source whose containers come and go.
void ContainerOrder::merge_small(std::size_t piece) {
  const std::size_t next = piece + 1;
  if (next == pieces_.size() ||
      pieces_[piece].size() + pieces_[next].size() > piece_entries_max / 2) {
    return;
  }
  pieces_[piece].insert(pieces_[piece].end(), pieces_[next].begin(), pieces_[next].end());
  pieces_.erase(pieces_.begin() + static_cast<std::ptrdiff_t>(next));
}

void ContainerOrder::clear() {
  for (const Piece& entries : pieces_) {
    for (const Entry& entry : entries) {
      store_->remove(entry.record);
    }
  }
  pieces_.clear();
  size_ = 0;
}

ContainerTable::Iterator::Iterator(const Sources& sources, Sources::const_iterator source)
    : sources_(&sources), source_(source) {
  if (source_ != sources.end()) {
    position_ = source_->second.begin();
    skip_ended_sources();
  }
}

ContainerTable::Iterator::Iterator(const Sources& sources, Sources::const_iterator source,
                                   OfSource::Iterator position)
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

ContainerTable::~ContainerTable() {
  for (auto& [source, containers] : sources_) {
    containers.clear();
  }
}

ContainerTable::Iterator ContainerTable::behind(const ContainerKey& key) const {
  const auto source = sources_.lower_bound(key.source);
  if (source == sources_.end() || source->first != key.source) {
    return {sources_, source};
  }
  OfSource::Iterator position = source->second.lower_bound(key.id);
  if (position != source->second.end() && position->id == key.id) {
    ++position;
  }
  return {sources_, source, position};
}

const ContainerRecord& ContainerTable::at(const ContainerKey& key) const {
  const ContainerRecord* record = find(key.source, key.id);
  if (record == nullptr) {
    throw std::out_of_range("no container " + key.id.str() + " of source " + key.source);
  }
  return *record;
}

const ContainerRecord* ContainerTable::find(std::string_view source, const ContainerId& id) const {
  const OfSource* containers = of(source);
  if (containers == nullptr) {
    return nullptr;
  }
  const auto found = containers->lower_bound(id);
  return found == containers->end() || found->id != id ? nullptr : &*found;
}

ContainerRecord* ContainerTable::find(std::string_view source, const ContainerId& id) {
  const ContainerRecord* record = std::as_const(*this).find(source, id);
  return record == nullptr ? nullptr : &writable(*record);
}

const ContainerTable::OfSource* ContainerTable::of(std::string_view source) const {
  const auto found = sources_.find(source);
  return found == sources_.end() ? nullptr : &found->second;
}

std::pair<ContainerRecord&, bool> ContainerTable::get(const std::string& source,
                                                      const ContainerId& id) {
  OfSource& containers = sources_.try_emplace(source, *store_).first->second;
  const auto position = containers.lower_bound(id);
  if (position != containers.end() && position->id == id) {
    return {writable(*position), false};
  }
  ++size_;
  return {containers.insert(position, id), true};
}

void ContainerTable::erase(const ContainerRecord& record) {
  const auto source = sources_.find(record.source());
  if (source == sources_.end()) {
    return;
  }
  const auto position = source->second.lower_bound(record.id);
  if (position != source->second.end() && &*position == &record) {
    source->second.erase(position);
    --size_;
  }
}

}  // namespace scanclock
