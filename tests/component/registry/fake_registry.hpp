#pragma once

#include "core/domain/digest.hpp"
#include "tests/support/fake_http_client.hpp"

#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace scanclock {

/// A registry in memory behind a FakeHttpClient: repositories, tags, manifests, blobs and, where
/// switched on, the referrers API.
class FakeRegistry {
 public:
  static constexpr const char* origin = "https://registry.test";

  explicit FakeRegistry(FakeHttpClient& http);

  Digest put_blob(const std::string& repository, const std::string& bytes);
  Digest put_manifest(const std::string& repository, const std::string& type,
                      const std::string& bytes);
  void tag(const std::string& repository, const std::string& tag, const Digest& digest);
  void untag(const std::string& repository, const std::string& tag);
  void remove_manifest(const std::string& repository, const Digest& digest);

  /// An image whose content is told apart by `seed`.
  Digest push_image(const std::string& repository, const std::string& seed);
  /// An index of linux images and an attestation manifest that is nowhere to be had.
  Digest push_index(const std::string& repository, const std::vector<Digest>& images);
  /// An artifact with one layer and a subject; listed by the referrers API.
  Digest attach(const std::string& repository, const Digest& subject,
                const std::string& artifact_type, const std::string& report);
  /// cosign's tag with one layer a statement, in this order.
  Digest attest(const std::string& repository, const Digest& subject,
                const std::vector<std::string>& statements);
  /// The fallback tag as an index of these manifests.
  Digest put_fallback(const std::string& repository, const Digest& subject,
                      const std::vector<Digest>& listed);

  bool has_referrers_api = true;
  bool has_catalog = true;
  std::size_t referrers_page_size = 1000;
  /// Asked before everything else; answers when it returns something.
  std::function<std::optional<FakeHttpClient::Answer>(const HttpRequest&)> intercept;

  /// What it answers by itself, whatever the intercept says: for an intercept that changes that.
  HttpResponse own_answer(const HttpRequest& request) const;

  static std::string url(const std::string& path) { return origin + path; }

 private:
  struct Manifest {
    std::string type;
    std::string bytes;
    Digest subject;
    std::string artifact_type;
  };
  struct Repository {
    std::map<std::string, Digest> tags;
    std::map<Digest, Manifest> manifests;
    std::map<Digest, std::string> blobs;
  };

  FakeHttpClient::Answer answer_to(const HttpRequest& request);
  HttpResponse manifest_answer(const Repository& repository, const std::string& reference,
                               bool head) const;
  HttpResponse referrers_answer(const std::string& name, const std::string& target) const;
  HttpResponse tags_answer(const std::string& name) const;

  std::map<std::string, Repository> repositories_;
};

}  // namespace scanclock
