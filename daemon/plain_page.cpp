#include "daemon/plain_page.hpp"

#include <utility>

namespace scanclock {

PlainPage::PlainPage(BlockingPool& pool, Clock& clock,
                     std::vector<std::shared_ptr<SeriesPiece>> pieces, bool keeps_texts)
    : pool_(pool), clock_(clock), pieces_(std::move(pieces)), keeps_texts_(keeps_texts) {
  for (const auto& piece : pieces_) {
    bytes_ += piece->text_bytes;
  }
}

asio::awaitable<HttpBodySource::Pieces> PlainPage::next() {
  Pieces texts;
  std::vector<std::shared_ptr<SeriesPiece>> packed;
  std::vector<std::size_t> places;
  for (std::size_t bytes = 0; at_ < pieces_.size() && bytes < plain_step_bytes_max; ++at_) {
    std::shared_ptr<SeriesPiece> piece = std::move(pieces_[at_]);
    bytes += piece->text_bytes;
    texts.push_back(piece->text);
    if (!piece->text) {
      places.push_back(texts.size() - 1);
      packed.push_back(std::move(piece));
    }
  }
  if (packed.empty()) {
    co_return texts;
  }
  std::vector<SharedText> expanded = co_await expand_on(pool_, clock_, packed);
  for (std::size_t at = 0; at < packed.size(); ++at) {
    if (keeps_texts_) {
      packed[at]->text = expanded[at];
    }
    texts[places[at]] = std::move(expanded[at]);
  }
  co_return texts;
}

}  // namespace scanclock
