#pragma once

#include <memory>
#include <string>
#include <vector>

namespace scanclock {

/// Text, or a gzip member of it, that many readers share.
using SharedText = std::shared_ptr<const std::string>;

SharedText share(std::string text);

SharedText pack_piece(const std::string& text);
/// Of one gzip member of our own; throws std::logic_error for anything else.
SharedText expand_piece(const std::string& member);

/// The same for many, in their order. For the pool: they take milliseconds.
std::vector<SharedText> pack_pieces(const std::vector<SharedText>& texts);
std::vector<SharedText> expand_pieces(const std::vector<SharedText>& members);

}  // namespace scanclock
