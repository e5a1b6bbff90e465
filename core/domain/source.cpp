#include "core/domain/source.hpp"

namespace scanclock {

std::string_view to_string(SourceKind kind) {
  switch (kind) {
    case SourceKind::registry:
      return "registry";
    case SourceKind::workload:
      return "workload";
    case SourceKind::spool:
      break;
  }
  return "spool";
}

}  // namespace scanclock
