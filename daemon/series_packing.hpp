#pragma once

#include "core/runtime/blocking_pool.hpp"
#include "core/runtime/clock.hpp"

#include <boost/asio/awaitable.hpp>

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

namespace scanclock {

namespace asio = boost::asio;

/// Text, or a gzip member of it, that many readers share.
using SharedText = std::shared_ptr<const std::string>;

SharedText share(std::string text);

/// A part of a page. Its text never changes; which of the two forms is there does, so that it is
/// for the I/O thread only.
struct SeriesPiece {
  SharedText text;
  /// One gzip member.
  SharedText gzip;
  std::size_t text_bytes = 0;
  /// Of the text, to tell whether it is the same again.
  std::size_t hash = 0;
};

/// With both forms.
std::shared_ptr<SeriesPiece> make_whole_piece(std::string text);

SharedText pack_piece(const std::string& text);
/// Of one gzip member of our own; throws std::logic_error for anything else.
SharedText expand_piece(const std::string& member, std::size_t text_bytes);

/// What is there of each piece becomes the other form, on the pool, however busy that is. Gives the
/// new forms in the order of the pieces, and changes nothing by itself.
asio::awaitable<std::vector<SharedText>> pack_on(BlockingPool& pool, Clock& clock,
                                                 std::vector<std::shared_ptr<SeriesPiece>> pieces);
asio::awaitable<std::vector<SharedText>> expand_on(
    BlockingPool& pool, Clock& clock, std::vector<std::shared_ptr<SeriesPiece>> pieces);

}  // namespace scanclock
