#include "tests/component/registry/fake_registry.hpp"

#include "core/net/url.hpp"
#include "core/registry/media_types.hpp"
#include "core/runtime/hashing.hpp"
#include "tests/support/answers.hpp"

#include <nlohmann/json.hpp>

namespace scanclock {
namespace {

using nlohmann::json;

json descriptor(const std::string& type, const Digest& digest, std::size_t size) {
  return {{"mediaType", type}, {"digest", digest.str()}, {"size", size}};
}

HttpResponse typed(int status, const std::string& type, std::string body) {
  return with_header(answer(status, std::move(body)), "Content-Type", type);
}

HttpResponse unknown(const char* code) {
  return json_answer(404, json{{"errors", {{{"code", code}}}}}.dump());
}

}  // namespace

FakeRegistry::FakeRegistry(FakeHttpClient& http) {
  http.set_handler([this](const HttpRequest& request) { return answer_to(request); });
}

Digest FakeRegistry::put_blob(const std::string& repository, const std::string& bytes) {
  const Digest digest = sha256(bytes);
  repositories_[repository].blobs[digest] = bytes;
  return digest;
}

Digest FakeRegistry::put_manifest(const std::string& repository, const std::string& type,
                                  const std::string& bytes) {
  const Digest digest = sha256(bytes);
  Manifest manifest{type, bytes, Digest(), std::string()};
  const json body = json::parse(bytes, nullptr, false);
  if (body.is_object() && body.contains("subject")) {
    manifest.subject = Digest::from_trusted(body["subject"]["digest"].get<std::string>());
    manifest.artifact_type = body.value("artifactType", std::string());
  }
  repositories_[repository].manifests[digest] = manifest;
  return digest;
}

void FakeRegistry::tag(const std::string& repository, const std::string& tag,
                       const Digest& digest) {
  repositories_[repository].tags[tag] = digest;
}

void FakeRegistry::untag(const std::string& repository, const std::string& tag) {
  repositories_[repository].tags.erase(tag);
}

void FakeRegistry::remove_manifest(const std::string& repository, const Digest& digest) {
  repositories_[repository].manifests.erase(digest);
}

Digest FakeRegistry::push_image(const std::string& repository, const std::string& seed) {
  const std::string config =
      json{{"os", "linux"},
           {"architecture", "amd64"},
           {"rootfs", {{"type", "layers"}, {"diff_ids", {sha256(seed).str()}}}}}
          .dump();
  const Digest config_digest = put_blob(repository, config);
  const json manifest{
      {"schemaVersion", 2},
      {"mediaType", oci_manifest_type},
      {"config", descriptor(std::string(oci_config_type), config_digest, config.size())},
      {"layers", {descriptor("application/vnd.oci.image.layer.v1.tar+gzip", sha256(seed), 9)}}};
  return put_manifest(repository, std::string(oci_manifest_type), manifest.dump());
}

Digest FakeRegistry::push_index(const std::string& repository, const std::vector<Digest>& images) {
  json entries = json::array();
  for (const Digest& image : images) {
    json entry = descriptor(std::string(oci_manifest_type), image, 500);
    entry["platform"] = {{"os", "linux"}, {"architecture", "amd64"}};
    entries.push_back(entry);
  }
  json attestation = descriptor(std::string(oci_manifest_type), sha256("attestation"), 500);
  attestation["platform"] = {{"os", "unknown"}, {"architecture", "unknown"}};
  entries.push_back(attestation);
  const json index{{"schemaVersion", 2}, {"mediaType", oci_index_type}, {"manifests", entries}};
  return put_manifest(repository, std::string(oci_index_type), index.dump());
}

Digest FakeRegistry::attach(const std::string& repository, const Digest& subject,
                            const std::string& artifact_type, const std::string& report) {
  const json manifest{
      {"schemaVersion", 2},
      {"mediaType", oci_manifest_type},
      {"artifactType", artifact_type},
      {"config", descriptor(std::string(oci_empty_type), put_blob(repository, "{}"), 2)},
      {"layers", {descriptor(artifact_type, put_blob(repository, report), report.size())}},
      {"subject", descriptor(std::string(oci_manifest_type), subject, 500)}};
  return put_manifest(repository, std::string(oci_manifest_type), manifest.dump());
}

Digest FakeRegistry::attest(const std::string& repository, const Digest& subject,
                            const std::vector<std::string>& statements) {
  json layers = json::array();
  for (const std::string& statement : statements) {
    layers.push_back(descriptor(std::string(dsse_envelope_type), put_blob(repository, statement),
                                statement.size()));
  }
  const json manifest{
      {"schemaVersion", 2},
      {"mediaType", oci_manifest_type},
      {"config", descriptor(std::string(oci_config_type), put_blob(repository, "{}"), 2)},
      {"layers", layers}};
  const Digest digest = put_manifest(repository, std::string(oci_manifest_type), manifest.dump());
  tag(repository, subject.referrers_tag() + ".att", digest);
  return digest;
}

Digest FakeRegistry::put_fallback(const std::string& repository, const Digest& subject,
                                  const std::vector<Digest>& listed) {
  json entries = json::array();
  for (const Digest& digest : listed) {
    entries.push_back(descriptor(std::string(oci_manifest_type), digest, 500));
  }
  const json index{{"schemaVersion", 2}, {"mediaType", oci_index_type}, {"manifests", entries}};
  const Digest digest = put_manifest(repository, std::string(oci_index_type), index.dump());
  tag(repository, subject.referrers_tag(), digest);
  return digest;
}

HttpResponse FakeRegistry::manifest_answer(const Repository& repository,
                                           const std::string& reference, bool head) const {
  const auto tagged = repository.tags.find(reference);
  const auto digest = tagged != repository.tags.end() ? std::optional<Digest>(tagged->second)
                                                      : Digest::parse(reference);
  const auto manifest = digest ? repository.manifests.find(*digest) : repository.manifests.end();
  if (manifest == repository.manifests.end()) {
    return unknown("MANIFEST_UNKNOWN");
  }
  HttpResponse response =
      typed(200, manifest->second.type, head ? std::string() : manifest->second.bytes);
  return with_header(std::move(response), "Docker-Content-Digest", digest->str());
}

HttpResponse FakeRegistry::tags_answer(const std::string& name) const {
  const auto repository = repositories_.find(name);
  if (repository == repositories_.end()) {
    return unknown("NAME_UNKNOWN");
  }
  json tags = json::array();
  for (const auto& [tag, digest] : repository->second.tags) {
    tags.push_back(tag);
  }
  return json_answer(200, json{{"name", name}, {"tags", tags}}.dump());
}

HttpResponse FakeRegistry::referrers_answer(const std::string& name,
                                            const std::string& target) const {
  const auto repository = repositories_.find(name);
  if (!has_referrers_api || repository == repositories_.end()) {
    return answer(404, "404 page not found");
  }
  const std::size_t query = target.find("?page=");
  const std::size_t page = query == std::string::npos ? 0 : std::stoul(target.substr(query + 6));
  const auto subject = Digest::parse(target.substr(0, query));
  json entries = json::array();
  std::size_t position = 0;
  for (const auto& [digest, manifest] : repository->second.manifests) {
    if (subject && manifest.subject == *subject && position++ / referrers_page_size == page) {
      json entry = descriptor(manifest.type, digest, manifest.bytes.size());
      entry["artifactType"] = manifest.artifact_type;
      entries.push_back(entry);
    }
  }
  HttpResponse response = typed(
      200, std::string(oci_index_type),
      json{{"schemaVersion", 2}, {"mediaType", oci_index_type}, {"manifests", entries}}.dump());
  if (position > (page + 1) * referrers_page_size) {
    response.headers.emplace_back("Link", "</v2/" + name + "/referrers/" + subject->str() +
                                              "?page=" + std::to_string(page + 1) +
                                              ">; rel=\"next\"");
  }
  return response;
}

FakeHttpClient::Answer FakeRegistry::answer_to(const HttpRequest& request) {
  if (intercept) {
    if (auto answer = intercept(request)) {
      return std::move(*answer);
    }
  }
  return own_answer(request);
}

HttpResponse FakeRegistry::own_answer(const HttpRequest& request) const {
  const std::string target = parse_url(request.url)->target;
  if (target.starts_with("/v2/_catalog")) {
    json names = json::array();
    for (const auto& [name, repository] : repositories_) {
      names.push_back(name);
    }
    return has_catalog ? json_answer(200, json{{"repositories", names}}.dump())
                       : json_answer(404, "{}");
  }
  for (const char* part : {"/manifests/", "/blobs/", "/referrers/", "/tags/list"}) {
    const std::size_t at = target.find(part);
    if (!target.starts_with("/v2/") || at == std::string::npos) {
      continue;
    }
    const std::string name = target.substr(4, at - 4);
    const std::string rest = target.substr(at + std::string_view(part).size());
    const std::string kind = part;
    if (kind == "/tags/list") {
      return tags_answer(name);
    }
    if (kind == "/referrers/") {
      return referrers_answer(name, rest);
    }
    const auto repository = repositories_.find(name);
    if (repository == repositories_.end()) {
      return unknown("NAME_UNKNOWN");
    }
    if (kind == "/manifests/") {
      return manifest_answer(repository->second, rest, request.method == "HEAD");
    }
    const auto digest = Digest::parse(rest);
    const auto blob =
        digest ? repository->second.blobs.find(*digest) : repository->second.blobs.end();
    return blob == repository->second.blobs.end()
               ? unknown("BLOB_UNKNOWN")
               : typed(200, "application/octet-stream", blob->second);
  }
  return answer(404);
}

}  // namespace scanclock
