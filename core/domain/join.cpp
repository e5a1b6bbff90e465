#include "core/domain/join.hpp"

#include <map>
#include <set>

namespace scanclock {
namespace {

/// What the candidate digests of one container stand for.
struct Candidates {
  /// Content key → an image with that content.
  std::map<Digest, Digest> proven;
  std::string ambiguity;
  std::set<Digest> unknown;
};

void add_index(const DigestGraph& graph, const Digest& index, const Platform& platform,
               Candidates& candidates) {
  std::vector<ManifestChild> fitting;
  const std::vector<ManifestChild> runnable = graph.runnable_children(index);
  for (const ManifestChild& child : runnable) {
    if (runnable.size() == 1 || (!platform.os.empty() && matches(platform, child.platform))) {
      fitting.push_back(child);
    }
  }
  if (fitting.size() == 1) {
    const Digest& image = fitting.front().digest;
    if (graph.is_image(image)) {
      candidates.proven.insert_or_assign(graph.content_key(image), image);
    } else {
      candidates.unknown.insert(image);
    }
    return;
  }
  candidates.ambiguity = "index " + index.short_form() + " has " + std::to_string(fitting.size()) +
                         " entries for platform " +
                         (platform.os.empty() ? "unknown" : to_string(platform));
}

void add_digest(const DigestGraph& graph, const Digest& digest, const Platform& platform,
                Candidates& candidates) {
  const std::vector<Digest> with_config = graph.images_with_config(digest);
  if (!with_config.empty()) {
    candidates.proven.emplace(digest, with_config.front());
    return;
  }
  const Manifest* manifest = graph.find(digest);
  if (manifest == nullptr) {
    candidates.unknown.insert(digest);
  } else if (manifest->kind == ManifestKind::image) {
    candidates.proven.insert_or_assign(graph.content_key(digest), digest);
  } else if (manifest->kind == ManifestKind::index) {
    add_index(graph, digest, platform, candidates);
  } else {
    candidates.ambiguity = digest.short_form() + " is no image";
  }
}

std::string unresolved_reason(const ContainerObservation& container, const Candidates& candidates) {
  if (container.digests.empty()) {
    return "the runtime gives no digest for " + container.image;
  }
  std::string text = "no monitored registry knows";
  for (const Digest& digest : candidates.unknown) {
    text += " " + digest.short_form();
  }
  return text;
}

}  // namespace

JoinResult join_container(const DigestGraph& graph, const ContainerObservation& container,
                          const std::vector<Digest>& earlier) {
  Candidates candidates;
  for (const Digest& digest : container.digests) {
    add_digest(graph, digest, container.platform, candidates);
  }
  for (const Digest& digest : earlier) {
    add_digest(graph, digest, container.platform, candidates);
  }
  JoinResult result;
  if (candidates.proven.size() > 1) {
    result.outcome = JoinOutcome::conflict;
    result.reason = "the runtime's digests stand for different content:";
    for (const auto& [content, image] : candidates.proven) {
      result.reason += " " + image.short_form();
    }
  } else if (candidates.proven.size() == 1) {
    result.outcome = JoinOutcome::resolved;
    result.image = candidates.proven.begin()->second;
  } else if (!candidates.ambiguity.empty()) {
    result.outcome = JoinOutcome::ambiguous;
    result.reason = candidates.ambiguity;
  } else {
    result.reason = unresolved_reason(container, candidates);
  }
  return result;
}

}  // namespace scanclock
