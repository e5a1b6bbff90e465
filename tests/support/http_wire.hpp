#pragma once

#include "core/net/http_types.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace scanclock {

/// A chunk of a chunked body (RFC 9112, section 7.1), for servers of tests that write bytes by
/// themselves.
std::string http_chunk(std::string_view bytes);

/// The request line's target; the header fields of `head` go to `headers`.
std::string split_request_head(const std::string& head, std::vector<HttpHeader>& headers);

}  // namespace scanclock
