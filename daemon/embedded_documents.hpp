#pragma once

#include "storage/embedded_files.hpp"

#include <span>

namespace scanclock {

/// docs/OPERATIONS.md and docs/runbooks: the runbook is served to those who were paged.
std::span<const EmbeddedFile> embedded_documents();

}  // namespace scanclock
