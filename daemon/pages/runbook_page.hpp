#pragma once

#include <string>
#include <string_view>

namespace scanclock {

/// The page at `/runbook` from a Markdown document: each `## Rule` becomes a heading with the
/// anchor that `runbook_url` of an alert names, the rest stays as it was written. What stands
/// before `# Runbook` is left out.
std::string render_runbook(std::string_view document);

}  // namespace scanclock
