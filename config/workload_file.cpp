#include "config/workload_types.hpp"

namespace scanclock {

void read_file_workload(MapReader& map, WorkloadSettings& workload) {
  if (const auto path = map.require("path")) {
    if (const auto value = path->text()) {
      workload.path =
          value->starts_with('/') ? *value : map.cursor().context().base_dir + "/" + *value;
    }
  }
}

}  // namespace scanclock
