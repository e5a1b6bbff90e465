#include "daemon/series_store.hpp"

#include <algorithm>
#include <functional>

namespace scanclock {
namespace {

constexpr std::size_t containers_a_step = 64;

}  // namespace

bool SeriesStore::ByDeadline::operator()(
    const std::pair<TimePoint, const ImageRecord*>& left,
    const std::pair<TimePoint, const ImageRecord*>& right) const {
  if (left.first != right.first) {
    return left.first < right.first;
  }
  return left.second->digest < right.second->digest;
}

SeriesStore::SeriesStore(const Inventory& inventory, std::size_t images_max)
    : inventory_(inventory), images_max_(std::max<std::size_t>(images_max, 1)) {}

void SeriesStore::touch(const Touched& touched) {
  waiting_containers_.insert(touched.containers.begin(), touched.containers.end());
  if (looks_at_all_) {
    return;
  }
  waiting_.insert(touched.images.begin(), touched.images.end());
  if (waiting_.size() * 2 > inventory_.images().size()) {
    looks_at_all_ = true;
    waiting_.clear();
  }
}

void SeriesStore::begin_round() {
  walks_all_ = std::exchange(looks_at_all_, false);
  walked_ = Digest();
  round_.merge(waiting_);
  waiting_.clear();
  round_containers_.merge(waiting_containers_);
  waiting_containers_.clear();
  block_ = 0;
  member_ = 0;
}

const ImageRecord* SeriesStore::next_image() {
  if (walks_all_) {
    const auto next = inventory_.images().upper_bound(walked_);
    if (next != inventory_.images().end()) {
      walked_ = next->first;
      return &next->second;
    }
    walks_all_ = false;
  }
  while (!round_.empty()) {
    const ImageRecord* image = inventory_.image(*round_.begin());
    round_.erase(round_.begin());
    if (image != nullptr) {
      return image;
    }
  }
  return nullptr;
}

/// Those without an image; the others are counted with theirs.
void SeriesStore::walk_containers() {
  for (std::size_t step = 0; step < containers_a_step; ++step) {
    const auto next = inventory_.containers().behind(walked_container_);
    if (next == inventory_.containers().end()) {
      walks_containers_ = false;
      return;
    }
    walked_container_ = next->key();
    if (next->group != nullptr && next->group->images->image == nullptr) {
      tally_.recount(inventory_, walked_container_);
    }
  }
}

bool SeriesStore::work() {
  if (walks_containers_) {
    walk_containers();
    return true;
  }
  if (!round_containers_.empty()) {
    tally_.recount(inventory_, *round_containers_.begin());
    round_containers_.erase(round_containers_.begin());
    return true;
  }
  if (const ImageRecord* image = next_image()) {
    look_at(*image);
    return true;
  }
  return render();
}

void SeriesStore::look_at(const ImageRecord& image) {
  Entry& entry = entries_[&image];
  tally_.recount(inventory_, image, entry.share);
  place(image, entry);
  if (entry.block != no_block) {
    blocks_[entry.block].dirty = true;
  }
}

void SeriesStore::place(const ImageRecord& image, Entry& entry) {
  if (ranks_) {
    rank(image, entry);
  } else if (!image.running) {
    hide(image);
  } else if (entry.block == no_block && shown_count_ < images_max_) {
    show(image);
  } else if (entry.block == no_block) {
    // One more than there is room for: all are looked at once more, for their order.
    ranks_ = true;
    walks_all_ = true;
    walked_ = Digest();
    rank(image, entry);
  }
}

/// Keeps the images with the nearest deadlines shown.
void SeriesStore::rank(const ImageRecord& image, Entry& entry) {
  if (entry.ranked && (!image.running || entry.deadline_at != image.deadline_at)) {
    const std::pair<TimePoint, const ImageRecord*> place(entry.deadline_at, &image);
    shown_.erase(place);
    left_out_.erase(place);
    entry.ranked = false;
  }
  if (image.running && !entry.ranked) {
    entry.deadline_at = image.deadline_at;
    entry.ranked = true;
    // Among those left out first, from where the nearest come forward.
    left_out_.emplace(entry.deadline_at, &image);
  }
  while (!left_out_.empty() && (shown_.size() < images_max_ ||
                                left_out_.key_comp()(*left_out_.begin(), *shown_.rbegin()))) {
    const auto nearest = *left_out_.begin();
    left_out_.erase(left_out_.begin());
    shown_.insert(nearest);
    show(*nearest.second);
    if (shown_.size() > images_max_) {
      const auto farthest = *shown_.rbegin();
      shown_.erase(farthest);
      left_out_.insert(farthest);
      hide(*farthest.second);
    }
  }
  if (entry.block != no_block && (!entry.ranked || !shown_.contains({entry.deadline_at, &image}))) {
    hide(image);
  }
}

void SeriesStore::show(const ImageRecord& image) {
  Entry& entry = entries_[&image];
  if (entry.block != no_block) {
    return;
  }
  if (roomy_.empty()) {
    roomy_.insert(static_cast<std::uint32_t>(blocks_.size()));
    blocks_.emplace_back();
  }
  const std::uint32_t number = *roomy_.begin();
  ++shown_count_;
  Block& block = blocks_[number];
  block.members.push_back(&image);
  block.dirty = true;
  entry.block = number;
  if (block.members.size() == block_images_max) {
    roomy_.erase(number);
  }
}

void SeriesStore::hide(const ImageRecord& image) {
  Entry& entry = entries_[&image];
  if (entry.block == no_block) {
    return;
  }
  --shown_count_;
  Block& block = blocks_[entry.block];
  std::erase(block.members, &image);
  block.dirty = true;
  roomy_.insert(entry.block);
  entry.block = no_block;
}

bool SeriesStore::render() {
  while (block_ < blocks_.size() && !blocks_[block_].dirty) {
    ++block_;
  }
  if (block_ == blocks_.size()) {
    return false;
  }
  const Block& block = blocks_[block_];
  if (member_ < block.members.size()) {
    workloads_dropped_ += append_image_series(texts_, inventory_, *block.members[member_]);
    ++member_;
  }
  if (member_ >= block.members.size()) {
    finish_block();
  }
  return true;
}

void SeriesStore::finish_block() {
  Block& block = blocks_[block_];
  for (std::size_t family = 0; family < image_families; ++family) {
    std::string& text = texts_[family];
    std::shared_ptr<SeriesPiece>& piece = block.pieces[family];
    const std::size_t hash = std::hash<std::string>{}(text);
    const std::size_t bytes_before = piece ? piece->text_bytes : 0;
    if (text.empty()) {
      piece.reset();
    } else if (!piece || hash != piece->hash || text.size() != bytes_before) {
      piece = std::make_shared<SeriesPiece>();
      piece->hash = hash;
      piece->text_bytes = text.size();
      piece->text = share(text);
      unpacked_.push_back(piece);
      unpacked_bytes_ += text.size();
    }
    text_bytes_ += text.size() - bytes_before;
    text.clear();
  }
  block.workloads_dropped = std::exchange(workloads_dropped_, 0);
  block.dirty = false;
  member_ = 0;
}

std::vector<std::shared_ptr<SeriesPiece>> SeriesStore::take_unpacked() {
  unpacked_bytes_ = 0;
  return std::exchange(unpacked_, {});
}

std::shared_ptr<const SeriesPage> SeriesStore::publish() const {
  auto page = std::make_shared<SeriesPage>();
  std::size_t workloads_dropped = 0;
  for (const Block& block : blocks_) {
    for (std::size_t family = 0; family < image_families; ++family) {
      if (block.pieces[family]) {
        page->families[family].push_back(block.pieces[family]);
      }
    }
    workloads_dropped += block.workloads_dropped;
  }
  MetricText text(MetricFormat::text);
  text.begin("scanclock_image_series_dropped", "gauge",
             "Running images without series of their own, because of the cap.");
  text.sample({}, static_cast<double>(left_out_.size()));
  text.begin("scanclock_workload_series_dropped", "gauge",
             "Workloads without a series of their own, because too many run one image.");
  text.sample({}, static_cast<double>(workloads_dropped));
  tally_.write(text, inventory_.scope());
  page->counts = text.take();
  return page;
}

std::size_t SeriesStore::kept_text_bytes() const {
  std::size_t bytes = 0;
  for (const Block& block : blocks_) {
    for (const std::shared_ptr<SeriesPiece>& piece : block.pieces) {
      bytes += piece && piece->text ? piece->text_bytes : 0;
    }
  }
  return bytes;
}

void SeriesStore::drop_texts() {
  for (Block& block : blocks_) {
    for (const std::shared_ptr<SeriesPiece>& piece : block.pieces) {
      if (piece && piece->gzip) {
        piece->text.reset();
      }
    }
  }
}

}  // namespace scanclock
