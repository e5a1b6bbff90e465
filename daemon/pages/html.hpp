#pragma once

#include <string>
#include <string_view>

namespace scanclock {

/// The text with everything that means something in HTML written as a reference, for element
/// content and quoted attributes.
std::string html_escaped(std::string_view text);

}  // namespace scanclock
