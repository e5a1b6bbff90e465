#include "core/domain/source.hpp"

namespace scanclock {

std::string_view to_string(SourceKind kind) {
  return kind == SourceKind::registry ? "registry" : "workload";
}

}  // namespace scanclock
