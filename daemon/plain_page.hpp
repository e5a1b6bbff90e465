#pragma once

#include "core/net/http_body_source.hpp"
#include "daemon/series_packing.hpp"

#include <memory>
#include <vector>

namespace scanclock {

/// About so much text is expanded for a reader at once: it holds no more than that.
inline constexpr std::size_t plain_step_bytes_max = std::size_t{512} << 10;

/// The page of metrics as text, expanded while it is sent from what is kept compressed.
class PlainPage final : public HttpBodySource {
 public:
  /// With `keeps_texts` what was expanded stays with its piece, for the next reader. Pool and clock
  /// must outlive it.
  PlainPage(BlockingPool& pool, Clock& clock, std::vector<std::shared_ptr<SeriesPiece>> pieces,
            bool keeps_texts);

  std::uint64_t bytes() const override { return bytes_; }
  asio::awaitable<Pieces> next() override;

 private:
  BlockingPool& pool_;
  Clock& clock_;
  std::vector<std::shared_ptr<SeriesPiece>> pieces_;
  bool keeps_texts_;
  std::uint64_t bytes_ = 0;
  std::size_t at_ = 0;
};

}  // namespace scanclock
