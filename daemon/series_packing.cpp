#include "daemon/series_packing.hpp"

#include "core/net/gzip.hpp"

#include <stdexcept>

namespace scanclock {
namespace {

/// Of what a piece expands to; no piece is near it.
constexpr std::size_t piece_bytes_max = std::size_t{1} << 30;

}  // namespace

SharedText share(std::string text) { return std::make_shared<const std::string>(std::move(text)); }

SharedText pack_piece(const std::string& text) { return share(gzip_member(text)); }

SharedText expand_piece(const std::string& member) {
  GzipExpander expander(piece_bytes_max);
  std::string text;
  if (expander.expand(member, text) != GzipExpander::Status::ok || !expander.complete()) {
    throw std::logic_error("a piece of the metrics page does not expand");
  }
  text.shrink_to_fit();
  return share(std::move(text));
}

std::vector<SharedText> pack_pieces(const std::vector<SharedText>& texts) {
  std::vector<SharedText> members;
  members.reserve(texts.size());
  for (const SharedText& text : texts) {
    members.push_back(pack_piece(*text));
  }
  return members;
}

std::vector<SharedText> expand_pieces(const std::vector<SharedText>& members) {
  std::vector<SharedText> texts;
  texts.reserve(members.size());
  for (const SharedText& member : members) {
    texts.push_back(expand_piece(*member));
  }
  return texts;
}

}  // namespace scanclock
