#pragma once

#include "storage/embedded_files.hpp"

#include <span>
#include <string_view>

namespace scanclock {

/// The style and the icon of the pages, ordered by name.
std::span<const EmbeddedFile> embedded_page_assets();

/// One of them. Throws std::logic_error when there is none of this name.
std::string_view page_asset(std::string_view name);

}  // namespace scanclock
