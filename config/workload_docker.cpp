#include "config/url_check.hpp"
#include "config/value_check.hpp"
#include "config/workload_types.hpp"

namespace scanclock {
namespace {

/// Whose URL it is, and what to write instead of a wrong one.
struct EngineWords {
  const char* what;
  const char* hint;
};

void read_engine_url(const Cursor& cursor, const EngineWords& words, WorkloadSettings& workload) {
  const std::optional<std::string> value = cursor.text();
  if (!value) {
    return;
  }
  const std::optional<UrlParts> url = split_url(*value);
  if (!url || url->has_user || url->has_query || url->has_fragment ||
      (url->scheme != "unix" && url->path.size() > 1)) {
    const bool may_show = value->find('@') == std::string::npos;
    cursor.fail(
        (may_show ? "\"" + *value + "\" is" : std::string("is")) + " not the URL of " + words.what,
        words.hint);
    return;
  }
  if (check_plaintext(cursor, url->scheme, url->host, workload.allow_plaintext)) {
    workload.url = *value;
  }
}

void read_engine(MapReader& map, const EngineWords& words, WorkloadSettings& workload) {
  map.boolean("allow_plaintext", workload.allow_plaintext);
  if (const auto url = map.require("url")) {
    read_engine_url(*url, words, workload);
  }
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

}  // namespace

void read_docker_workload(MapReader& map, WorkloadSettings& workload) {
  read_engine(map, {"a Docker Engine", "write unix:///run/docker.sock or https://host:2376"},
              workload);
}

void read_podman_workload(MapReader& map, WorkloadSettings& workload) {
  read_engine(map,
              {"a Podman service",
               "write unix:///run/podman/podman.sock, or unix:///run/user/UID/podman/podman.sock "
               "for a user's own"},
              workload);
}

void read_swarm_workload(MapReader& map, WorkloadSettings& workload) {
  read_engine(map, {"a Swarm manager", "write unix:///run/docker.sock or https://manager:2376"},
              workload);
}

}  // namespace scanclock
