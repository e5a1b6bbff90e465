#include "core/workloads/workload_document.hpp"

#include "core/domain/image_reference.hpp"
#include "core/workloads/bounded_json.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <optional>
#include <unordered_set>

namespace scanclock {
namespace {

using nlohmann::json;
using Kind = WorkloadDocumentFailure::Kind;

/// Leaves the reading of a document at its first error; never leaves this file.
struct Refused {
  WorkloadDocumentFailure failure;
};

[[noreturn]] void refuse(const std::string& path, const std::string& text) {
  throw Refused{
      WorkloadDocumentFailure(Kind::malformed, (path.empty() ? "/" : path) + ": " + text)};
}

/// A key as a part of a JSON pointer (RFC 6901 section 3).
std::string pointer_part(std::string_view key) {
  std::string part;
  for (const char character : key) {
    if (character == '~' || character == '/') {
      part += character == '~' ? "~0" : "~1";
    } else {
      part += character;
    }
  }
  return part;
}

/// Null when the key is absent or null.
const json* find(const json& object, const char* key) {
  const auto found = object.find(key);
  return found == object.end() || found->is_null() ? nullptr : &*found;
}

const json& require(const json& object, const std::string& path, const char* key) {
  const json* found = find(object, key);
  if (found == nullptr) {
    refuse(path + "/" + key, "is required");
  }
  return *found;
}

const std::string& text_of(const json& value, const std::string& path) {
  if (!value.is_string()) {
    refuse(path, std::string("must be a string, not ") + value.type_name());
  }
  const auto& text = value.get_ref<const std::string&>();
  if (text.size() > workload_document_text_bytes_max) {
    refuse(path, "is longer than " + std::to_string(workload_document_text_bytes_max) + " bytes");
  }
  if (text.find('\0') != std::string::npos) {
    refuse(path, "must not hold a NUL character");
  }
  return text;
}

std::string optional_text(const json& object, const std::string& path, const char* key) {
  const json* found = find(object, key);
  return found == nullptr ? std::string() : text_of(*found, path + "/" + key);
}

std::string required_text(const json& object, const std::string& path, const char* key) {
  const std::string& text = text_of(require(object, path, key), path + "/" + key);
  if (text.empty()) {
    refuse(path + "/" + key, "must not be empty");
  }
  return text;
}

TimePoint time_of(const std::string& text, const std::string& path) {
  const auto time = parse_rfc3339(text);
  if (!time) {
    refuse(path, "'" + text + "' is not an RFC 3339 time such as 2026-11-01T12:00:00Z");
  }
  return *time;
}

Digest digest_of(const std::string& text, const std::string& path) {
  const auto digest = Digest::parse(text);
  if (!digest) {
    refuse(path, "'" + text + "' is not a digest such as sha256:<64 hex digits>");
  }
  return *digest;
}

const json& array_of(const json& value, const std::string& path) {
  if (!value.is_array()) {
    refuse(path, std::string("must be an array, not ") + value.type_name());
  }
  return value;
}

void add_digest(std::vector<Digest>& digests, const Digest& digest) {
  if (std::find(digests.begin(), digests.end(), digest) == digests.end()) {
    digests.push_back(digest);
  }
}

std::map<std::string, std::string> labels_of(const json& value, const std::string& path) {
  if (!value.is_object()) {
    refuse(path, std::string("must be an object, not ") + value.type_name());
  }
  if (value.size() > workload_document_labels_max) {
    refuse(path, "has more than " + std::to_string(workload_document_labels_max) + " labels");
  }
  std::map<std::string, std::string> labels;
  for (const auto& [key, label] : value.items()) {
    if (key.find('\0') != std::string::npos) {
      refuse(path, "must not hold a NUL character in a key");
    }
    labels.emplace(key, text_of(label, path + "/" + pointer_part(key)));
  }
  return labels;
}

std::vector<Digest> digests_of(const json& object, const std::string& path,
                               const std::string& image) {
  std::vector<Digest> digests;
  if (const std::string text = optional_text(object, path, "image_digest"); !text.empty()) {
    add_digest(digests, digest_of(text, path + "/image_digest"));
  }
  if (const json* all = find(object, "image_digests")) {
    const std::string all_path = path + "/image_digests";
    for (std::size_t i = 0; i < array_of(*all, all_path).size(); ++i) {
      const std::string element_path = all_path + "/" + std::to_string(i);
      add_digest(digests, digest_of(text_of((*all)[i], element_path), element_path));
    }
  }
  if (const auto reference = parse_image_reference(image);
      reference && !reference->digest.empty()) {
    add_digest(digests, reference->digest);
  }
  if (const auto bare = Digest::parse(image)) {
    add_digest(digests, *bare);
  }
  return digests;
}

/// Of the container's digests, so that a slip does not name one that nothing else says.
std::vector<Digest> pullable_of(const json& object, const std::string& path,
                                const std::vector<Digest>& digests) {
  std::vector<Digest> pullable;
  const json* all = find(object, "pullable");
  if (all == nullptr) {
    return pullable;
  }
  const std::string all_path = path + "/pullable";
  for (std::size_t i = 0; i < array_of(*all, all_path).size(); ++i) {
    const std::string element_path = all_path + "/" + std::to_string(i);
    const Digest digest = digest_of(text_of((*all)[i], element_path), element_path);
    if (std::find(digests.begin(), digests.end(), digest) == digests.end()) {
      refuse(element_path, "is none of the container's digests");
    }
    add_digest(pullable, digest);
  }
  return pullable;
}

ContainerObservation container_of(const json& object, const std::string& path) {
  if (!object.is_object()) {
    refuse(path, std::string("must be an object, not ") + object.type_name());
  }
  ContainerObservation container;
  container.id = required_text(object, path, "id");
  container.namespace_name = optional_text(object, path, "namespace");
  container.workload = optional_text(object, path, "workload");
  container.name = optional_text(object, path, "name");
  container.node = optional_text(object, path, "node");
  container.image = optional_text(object, path, "image");
  container.digests = digests_of(object, path, container.image);
  if (container.image.empty() && container.digests.empty()) {
    refuse(path, "needs image or image_digest");
  }
  container.pullable = pullable_of(object, path, container.digests);
  if (const json* labels = find(object, "labels")) {
    container.labels = labels_of(*labels, path + "/labels");
  }
  if (const json* repositories = find(object, "repositories")) {
    const std::string all_path = path + "/repositories";
    for (std::size_t i = 0; i < array_of(*repositories, all_path).size(); ++i) {
      container.repositories.push_back(
          text_of((*repositories)[i], all_path + "/" + std::to_string(i)));
    }
  }
  if (const std::string text = optional_text(object, path, "platform"); !text.empty()) {
    const auto platform = parse_platform(text);
    if (!platform) {
      refuse(path + "/platform", "'" + text + "' is not os/architecture[/variant]");
    }
    container.platform = *platform;
    container.platform.os_version = optional_text(object, path, "os_version");
  }
  if (const std::string text = optional_text(object, path, "started_at"); !text.empty()) {
    const TimePoint started_at = time_of(text, path + "/started_at");
    container.started_at = is_set(started_at) ? std::optional(started_at) : std::nullopt;
  }
  return container;
}

std::string source_of(const json& document, std::string_view expected) {
  if (expected.empty()) {
    return required_text(document, "", "source");
  }
  const std::string source = optional_text(document, "", "source");
  if (!source.empty() && source != expected) {
    throw Refused{WorkloadDocumentFailure(
        Kind::wrong_source,
        "/source: is '" + source + "', but the source is named '" + std::string(expected) + "'")};
  }
  return std::string(expected);
}

TimePoint observed_at_of(const json& document, TimePoint now) {
  const TimePoint observed_at = time_of(required_text(document, "", "observed_at"), "/observed_at");
  if (!is_set(observed_at)) {
    refuse("/observed_at", "is not set");
  }
  if (observed_at > now + workload_document_future_max) {
    throw Refused{WorkloadDocumentFailure(
        Kind::future_dated, "/observed_at: " + format_rfc3339(observed_at) + " is more than " +
                                describe_duration(workload_document_future_max) +
                                " in the future; it is " + format_rfc3339(now) +
                                " here: the clock of the source is ahead, or this one behind")};
  }
  return observed_at;
}

WorkloadReport report_of(const json& document, TimePoint now, std::string_view expected_source) {
  if (!document.is_object()) {
    refuse("", std::string("must be an object, not ") + document.type_name());
  }
  WorkloadReport report;
  report.source = source_of(document, expected_source);
  report.observed_at = observed_at_of(document, now);
  const json& complete = require(document, "", "complete");
  if (!complete.is_boolean()) {
    refuse("/complete", std::string("must be a boolean, not ") + complete.type_name());
  }
  report.complete = complete.get<bool>();
  const json& containers = array_of(require(document, "", "containers"), "/containers");
  if (containers.size() > workload_document_containers_max) {
    refuse("/containers",
           "has more than " + std::to_string(workload_document_containers_max) + " entries");
  }
  std::unordered_set<std::string> ids;
  report.containers.reserve(containers.size());
  for (std::size_t i = 0; i < containers.size(); ++i) {
    const std::string path = "/containers/" + std::to_string(i);
    report.containers.push_back(container_of(containers[i], path));
    if (!ids.insert(report.containers.back().id).second) {
      refuse(path + "/id", "'" + report.containers.back().id + "' is there twice");
    }
  }
  return report;
}

void put_text(json& object, const char* key, const std::string& text) {
  if (!text.empty()) {
    object[key] = text;
  }
}

json document_of(const ContainerObservation& container) {
  json object{{"id", container.id}};
  put_text(object, "namespace", container.namespace_name);
  put_text(object, "workload", container.workload);
  put_text(object, "name", container.name);
  put_text(object, "node", container.node);
  put_text(object, "image", container.image);
  put_text(object, "platform", to_string(container.platform));
  put_text(object, "os_version", container.platform.os_version);
  if (!container.labels.empty()) {
    object["labels"] = container.labels;
  }
  if (!container.digests.empty()) {
    object["image_digest"] = container.digests.front().str();
  }
  if (container.digests.size() > 1) {
    json& all = object["image_digests"] = json::array();
    for (const Digest& digest : container.digests) {
      all.push_back(digest.str());
    }
  }
  if (!container.pullable.empty()) {
    json& all = object["pullable"] = json::array();
    for (const Digest& digest : container.pullable) {
      all.push_back(digest.str());
    }
  }
  if (!container.repositories.empty()) {
    object["repositories"] = container.repositories;
  }
  if (container.started_at) {
    object["started_at"] = format_rfc3339(*container.started_at);
  }
  return object;
}

}  // namespace

std::string reason_of(WorkloadDocumentFailure::Kind kind) {
  switch (kind) {
    case Kind::malformed:
      break;
    case Kind::wrong_source:
      return "wrong_source";
    case Kind::future_dated:
      return "future_dated";
  }
  return "malformed";
}

Result<WorkloadReport, WorkloadDocumentFailure> parse_workload_document(
    std::string_view bytes, TimePoint now, std::string_view expected_source) {
  JsonLimits limits;
  limits.bytes_max = workload_document_bytes_max;
  limits.depth_max = workload_document_depth_max;
  limits.refuse_duplicate_keys = true;
  const auto document = parse_bounded_json(bytes, limits);
  if (!document) {
    return WorkloadDocumentFailure(Kind::malformed, document.error().message);
  }
  try {
    return report_of(*document, now, expected_source);
  } catch (const Refused& refused) {
    return refused.failure;
  }
}

json workload_document(const WorkloadReport& report) {
  json containers = json::array();
  for (const ContainerObservation& container : report.containers) {
    containers.push_back(document_of(container));
  }
  return json{{"source", report.source},
              {"observed_at", format_rfc3339(report.observed_at)},
              {"complete", report.complete},
              {"containers", std::move(containers)}};
}

}  // namespace scanclock
