#include "config/value_check.hpp"
#include "config/workload_types.hpp"
#include "core/domain/ecs_endpoint.hpp"

#include <algorithm>
#include <cctype>

namespace scanclock {
namespace {

bool is_aws_region(const std::string& text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](unsigned char letter) {
    return std::islower(letter) != 0 || std::isdigit(letter) != 0 || letter == '-';
  });
}

void read_ecs_place(MapReader& map, WorkloadSettings& workload) {
  bool fips = false;
  map.boolean("fips", fips);
  if (const auto region = map.require("region")) {
    const std::string name = region->text().value_or("");
    if (is_aws_region(name)) {
      workload.ecs.region = name;
    } else if (!name.empty()) {
      region->fail("\"" + name + "\" is no region", "such as us-east-1 or us-gov-west-1");
    }
  }
  if (const auto url = map.find("url")) {
    UrlRule rule;
    rule.allow_plaintext = workload.allow_plaintext;
    workload.url = read_http_url(*url, rule).value_or("");
    if (fips) {
      map.cursor().fail("\"fips\" chooses the default url, and there is a \"url\"");
    }
  } else if (!workload.ecs.region.empty()) {
    workload.url = ecs_endpoint(workload.ecs.region, fips);
  }
}

void read_ecs_credentials(MapReader& map, EcsWorkloadSettings& ecs) {
  const auto cursor = map.require("credentials");
  if (!cursor) {
    return;
  }
  MapReader inner(*cursor);
  const bool has_key = read_secret_setting(inner, "access_key_id", ecs.access_key_id);
  const bool has_secret = read_secret_setting(inner, "secret_access_key", ecs.secret_access_key);
  read_secret_setting(inner, "session_token", ecs.session_token);
  if (cursor->is_map() && (!has_key || !has_secret)) {
    cursor->fail("access_key_id and secret_access_key_file are both needed",
                 "access_key_id_file is read anew, too, where the keys are temporary");
  }
  inner.finish();
}

}  // namespace

void read_ecs_workload(MapReader& map, WorkloadSettings& workload) {
  map.boolean("allow_plaintext", workload.allow_plaintext);
  read_ecs_place(map, workload);
  read_workload_tls(map, workload);
  read_ecs_credentials(map, workload.ecs);
  if (const auto clusters = map.find("clusters")) {
    for (const Cursor& item : clusters->text_items()) {
      workload.ecs.clusters.push_back(item.text().value_or(""));
    }
    if (workload.ecs.clusters.empty()) {
      clusters->fail("names no cluster", "leave it out to see all of the region");
    }
  }
}

}  // namespace scanclock
