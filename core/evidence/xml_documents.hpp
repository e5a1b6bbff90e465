#pragma once

#include "core/domain/evidence.hpp"

#include <string_view>

namespace scanclock::evidence {

/// Says what an XML (or HTML) document is, by its first bytes: no scan report that counts here is
/// written in it. `text` starts with `<`.
ScanReport refuse_xml(std::string_view text);

}  // namespace scanclock::evidence
