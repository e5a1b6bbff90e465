#pragma once

#include "daemon/pages/page_frame.hpp"

#include <string>
#include <string_view>

namespace scanclock {

/// The page at `/runbook` from a Markdown document: what stands behind `# Runbook`, each `## Rule`
/// with the anchor that `runbook_url` of an alert names.
std::string render_runbook(PageFrame frame, std::string_view document);

/// Of a rule's heading.
std::string runbook_anchor(std::string_view rule);

}  // namespace scanclock
