#include "config/value_check.hpp"
#include "config/workload_types.hpp"

namespace scanclock {

void read_workload_tls(MapReader& map, WorkloadSettings& workload) {
  const std::optional<Cursor> tls = map.find("tls");
  if (!tls) {
    return;
  }
  MapReader inner(*tls);
  read_file_setting(inner, "ca_file", workload.tls.ca_file);
  read_file_setting(inner, "cert_file", workload.tls.cert_file);
  read_file_setting(inner, "key_file", workload.tls.key_file);
  if (inner.has("cert_file") != inner.has("key_file")) {
    tls->fail("cert_file and key_file come together");
  }
  inner.finish();
  if (!workload.url.empty() && !workload.url.starts_with("https://")) {
    tls->fail("tls has no use with \"" + workload.url + "\"", "use an https:// URL");
  }
}

}  // namespace scanclock
