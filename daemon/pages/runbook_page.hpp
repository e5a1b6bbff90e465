#pragma once

#include "daemon/pages/page_frame.hpp"
#include "storage/embedded_files.hpp"

#include <span>
#include <string>
#include <string_view>

namespace scanclock {

/// The page at `/runbook`: what stands behind `# Runbook` of OPERATIONS.md, and then each rule's
/// own document, `RULE.md`, under the anchor that `runbook_url` of an alert names.
std::string render_runbook(PageFrame frame, std::span<const EmbeddedFile> documents);

/// Of a rule's heading.
std::string runbook_anchor(std::string_view rule);

}  // namespace scanclock
