#include "config/sections.hpp"
#include "config/url_check.hpp"

#include <algorithm>

namespace scanclock {
namespace {

constexpr Duration cycle_min = std::chrono::milliseconds(100);
constexpr Duration blind_after_floor = std::chrono::minutes(10);

void read_docker_url(const Cursor& cursor, WorkloadSettings& workload) {
  const std::optional<std::string> value = cursor.text();
  if (!value) {
    return;
  }
  const std::optional<UrlParts> url = split_url(*value);
  if (!url || url->has_user || url->has_query || url->has_fragment ||
      (url->scheme != "unix" && url->path.size() > 1)) {
    const bool may_show = value->find('@') == std::string::npos;
    cursor.fail((may_show ? "\"" + *value + "\" is" : std::string("is")) +
                    " not the URL of a Docker Engine",
                "write unix:///run/docker.sock or https://host:2376");
    return;
  }
  if (check_plaintext(cursor, url->scheme, url->host, workload.allow_plaintext)) {
    workload.url = *value;
  }
}

void read_docker(MapReader& map, WorkloadSettings& workload) {
  map.boolean("allow_plaintext", workload.allow_plaintext);
  if (const auto url = map.require("url")) {
    read_docker_url(*url, workload);
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

void read_file_source(MapReader& map, WorkloadSettings& workload) {
  if (const auto path = map.require("path")) {
    if (const auto value = path->text()) {
      workload.path =
          value->starts_with('/') ? *value : map.cursor().context().base_dir + "/" + *value;
    }
  }
}

void read_kubernetes(MapReader& map, const Cursor& type) {
  map.find("kubeconfig");
  type.fail("kubernetes is not supported yet by this version",
            "let something write a workload file and use type: file, or POST /api/v1/workloads");
}

WorkloadSettings read_workload(const Cursor& item, UniqueNames& names) {
  MapReader map(item);
  WorkloadSettings workload;
  workload.name = read_name(map);
  names.add(map, "workload", workload.name);
  bool is_known = false;
  if (const auto type = map.require("type")) {
    if (const auto word = type->word({"docker", "file", "kubernetes"})) {
      is_known = true;
      if (*word == 0) {
        read_docker(map, workload);
      } else if (*word == 1) {
        workload.type = WorkloadType::file;
        read_file_source(map, workload);
      } else {
        read_kubernetes(map, *type);
      }
    }
  }
  map.duration("poll_every", workload.poll_every, cycle_min);
  read_environment(map, workload.environment);
  read_filter(map, "namespaces", workload.namespaces);
  read_environment_rules(map, workload.environments);
  read_globs(map, "ignore_images", workload.ignore_images);
  workload.blind_after = std::max(2 * workload.poll_every, Duration(blind_after_floor));
  map.duration("blind_after", workload.blind_after, std::chrono::seconds(1));
  if (is_known) {
    map.finish();
  }
  return workload;
}

}  // namespace

void read_workloads(MapReader& root, UniqueNames& sources,
                    std::vector<WorkloadSettings>& workloads) {
  if (const auto section = root.find("workloads")) {
    for (const Cursor& item : section->items()) {
      workloads.push_back(read_workload(item, sources));
    }
  }
}

}  // namespace scanclock
