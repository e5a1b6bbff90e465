#include "core/registry/image_fetcher.hpp"

#include "core/registry/image_config.hpp"

#include <utility>

namespace scanclock {
namespace {

RegistryProblem bad_content(const RepositoryKey& repository, const Digest& digest,
                            std::string cause) {
  RegistryProblem problem;
  problem.reason = "bad_content";
  problem.retryable = false;
  problem.message = repository.repository + "@" + digest.str() + ": " + std::move(cause);
  return problem;
}

}  // namespace

ImageFetcher::ImageFetcher(DistributionClient& client, RegistrySink& sink,
                           const RegistryKnowledge& knowledge, EvidenceDiscovery& evidence)
    : client_(client), sink_(sink), knowledge_(knowledge), evidence_(evidence) {}

void ImageFetcher::fail(Fetching& fetching, const Digest& digest, RegistryProblem problem) {
  sink_.evidence_failed(fetching.repository, digest, problem);
  if (!fetching.problem) {
    fetching.problem = std::move(problem);
  }
}

bool ImageFetcher::is_complete(const Digest& digest) const { return complete_below(digest, 0); }

bool ImageFetcher::complete_below(const Digest& digest, int depth) const {
  const Manifest* known = knowledge_.manifest(digest);
  if (known == nullptr || depth > index_depth_max) {
    return known != nullptr;
  }
  for (const ManifestChild& child : known->children) {
    if (child.runnable && !complete_below(child.digest, depth + 1)) {
      return false;
    }
  }
  return true;
}

asio::awaitable<std::optional<RegistryProblem>> ImageFetcher::ensure(RepositoryKey repository,
                                                                     Digest digest) {
  Fetching fetching;
  fetching.repository = std::move(repository);
  Platform unknown;
  co_await ensure_one(fetching, std::move(digest), std::move(unknown), 0);
  co_return std::move(fetching.problem);
}

asio::awaitable<void> ImageFetcher::ensure_one(Fetching& fetching, Digest digest, Platform platform,
                                               int depth) {
  if (fetching.problem && fetching.problem->reason == "timeout") {
    // One answer that does not come is all that an image may cost in time.
    RegistryProblem late = *fetching.problem;
    fail(fetching, digest, std::move(late));
    co_return;
  }
  // Two tags of one image are often met at the same time.
  FairGate::Pass pass = co_await gates_.enter(digest.str());
  if (const Manifest* known = knowledge_.manifest(digest)) {
    Manifest copy = *known;
    co_await take_known(fetching, std::move(copy), depth);
    co_return;
  }
  auto fetched = co_await client_.get_manifest(fetching.repository.repository, digest.str());
  if (!fetched) {
    if (fetched.error().reason == "not_found") {
      // A sparse index lists what was never copied here.
      sink_.manifest_missing(fetching.repository, digest);
    } else {
      fail(fetching, digest, fetched.error());
    }
    co_return;
  }
  auto manifest = parse_manifest(digest, fetched->media_type, fetched->bytes);
  if (!manifest) {
    fail(fetching, digest, bad_content(fetching.repository, digest, manifest.error()));
    co_return;
  }
  if (manifest->kind == ManifestKind::index) {
    Manifest copy = *manifest;
    co_await ensure_children(fetching, std::move(copy), depth);
    sink_.manifest_found(fetching.repository, std::move(*manifest));
  } else if (manifest->kind == ManifestKind::image) {
    co_await take_image(fetching, std::move(*manifest), std::move(platform));
  } else {
    auto problem = co_await evidence_.take_artifact(fetching.repository, std::move(*fetched),
                                                    std::move(*manifest));
    if (problem) {
      fail(fetching, digest, std::move(*problem));
    }
  }
}

/// Known from another repository, or from before: nothing is fetched, but it stands here, too.
asio::awaitable<void> ImageFetcher::take_known(Fetching& fetching, Manifest manifest, int depth) {
  if (manifest.kind == ManifestKind::index) {
    Manifest copy = manifest;
    co_await ensure_children(fetching, std::move(copy), depth);
  }
  sink_.manifest_found(fetching.repository, std::move(manifest));
}

asio::awaitable<void> ImageFetcher::ensure_children(Fetching& fetching, Manifest index, int depth) {
  if (depth >= index_depth_max) {
    co_return;
  }
  for (const ManifestChild& child : index.children) {
    if (child.runnable) {
      co_await ensure_one(fetching, child.digest, child.platform, depth + 1);
    }
  }
}

asio::awaitable<void> ImageFetcher::take_image(Fetching& fetching, Manifest manifest,
                                               Platform platform) {
  const auto blob = co_await client_.get_blob(fetching.repository.repository, manifest.config,
                                              image_config_bytes_max);
  if (!blob) {
    // Known without its config, the image could never be joined with what runs.
    fail(fetching, manifest.digest, blob.error());
    co_return;
  }
  const auto config = parse_image_config(blob->bytes);
  if (!config) {
    fail(fetching, manifest.digest,
         bad_content(fetching.repository, manifest.digest, config.error()));
    co_return;
  }
  manifest.platform = config->platform.os.empty() ? platform : config->platform;
  manifest.config_identifies = config->has_layers;
  sink_.manifest_found(fetching.repository, std::move(manifest));
}

}  // namespace scanclock
