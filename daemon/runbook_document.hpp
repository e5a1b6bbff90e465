#pragma once

#include "storage/embedded_files.hpp"

#include <span>
#include <string>

namespace scanclock {

/// The runbook as one document for render_runbook(): what docs/OPERATIONS.md says under `# Runbook`
/// before its list of rules, then every file of docs/runbooks under a heading with the name of its
/// rule, to which `runbook_url` leads.
std::string runbook_document(std::span<const EmbeddedFile> documents);

}  // namespace scanclock
