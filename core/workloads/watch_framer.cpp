#include "core/workloads/watch_framer.hpp"

namespace scanclock {
namespace {

/// What one large event leaves behind is given back once it has been read.
constexpr std::size_t kept_capacity_bytes_max = std::size_t{1} << 20;

bool is_blank(char character) { return character == ' ' || character == '\t' || character == '\r'; }

}  // namespace

void WatchFramer::push(std::string_view piece) {
  if (begin_ > 0) {
    // What is left over is a part of one document, and it moves once only.
    buffer_.erase(0, begin_);
    searched_ -= begin_;
    begin_ = 0;
    if (buffer_.capacity() > kept_capacity_bytes_max &&
        buffer_.size() + piece.size() + json_padding_bytes <= kept_capacity_bytes_max) {
      buffer_.shrink_to_fit();
    }
  }
  buffer_.append(piece);
}

Result<std::optional<PaddedJson>, JsonFailure> WatchFramer::next() {
  while (true) {
    const std::size_t end = buffer_.find('\n', searched_);
    searched_ = end == std::string::npos ? buffer_.size() : end;
    if (searched_ - begin_ > document_bytes_max_) {
      searched_ = begin_;
      return too_large();
    }
    if (end == std::string::npos) {
      return std::optional<PaddedJson>();
    }
    const PaddedJson document = document_at(begin_, end);
    begin_ = searched_ = end + 1;
    if (!document.text().empty()) {
      return std::optional<PaddedJson>(document);
    }
  }
}

Result<std::optional<PaddedJson>, JsonFailure> WatchFramer::finish() {
  if (buffer_.size() - begin_ > document_bytes_max_) {
    return too_large();
  }
  const PaddedJson document = document_at(begin_, buffer_.size());
  begin_ = searched_ = buffer_.size();
  return document.text().empty() ? std::optional<PaddedJson>() : std::optional(document);
}

PaddedJson WatchFramer::document_at(std::size_t begin, std::size_t end) {
  while (begin < end && is_blank(buffer_[begin])) {
    ++begin;
  }
  while (begin < end && is_blank(buffer_[end - 1])) {
    --end;
  }
  return PaddedJson::part_of(buffer_, begin, end - begin);
}

JsonFailure WatchFramer::too_large() const {
  return JsonFailure("a document of the stream is larger than " +
                     std::to_string(document_bytes_max_) + " bytes");
}

}  // namespace scanclock
