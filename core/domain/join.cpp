#include "core/domain/join.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

namespace scanclock {
namespace {

/// How directly a digest names an image; of several images with the same content the one that is
/// named most directly is taken.
enum class Naming { manifest, index_entry, earlier_manifest, config };

/// What the candidate digests of one container stand for.
struct Candidates {
  /// Content key → the image with that content that is named best.
  std::map<Digest, std::pair<Naming, Digest>> proven;
  /// Content keys that an index leaves open; only of indexes whose entries are all known.
  std::vector<std::pair<Digest, std::set<Digest>>> open;
  std::string ambiguity;
  std::set<Digest> unknown;

  void prove(const Digest& content, Naming naming, const Digest& image) {
    const auto [position, is_new] = proven.try_emplace(content, naming, image);
    if (!is_new) {
      position->second = std::min(position->second, std::pair(naming, image));
    }
  }
};

void leave_open(const DigestGraph& graph, const Digest& index,
                const std::vector<ManifestChild>& runnable, Candidates& candidates) {
  std::set<Digest> contents;
  for (const ManifestChild& child : runnable) {
    if (!graph.is_image(child.digest)) {
      return;
    }
    contents.insert(graph.content_key(child.digest));
  }
  candidates.open.emplace_back(index, std::move(contents));
}

/// A node that says `arm` alone may be of any version, and its runtime takes the best one for it;
/// an image that says so is of version 7.
bool may_run_on(const Platform& node, const Platform& offered) {
  if (node.os.empty()) {
    return false;
  }
  if (node.architecture == "arm" && node.variant.empty()) {
    return node.os == offered.os && offered.architecture == "arm";
  }
  return matches(node, offered);
}

void add_index(const DigestGraph& graph, const Digest& index, const Platform& platform,
               Candidates& candidates) {
  const std::vector<ManifestChild> runnable = graph.runnable_children(index);
  std::map<Digest, Digest> fitting;
  bool is_fitting_certain = true;
  for (const ManifestChild& child : runnable) {
    const bool is_only = runnable.size() == 1;
    if (is_only || may_run_on(platform, child.platform)) {
      fitting.try_emplace(graph.content_key(child.digest), child.digest);
    } else if (child.platform.os.empty()) {
      is_fitting_certain = false;
    }
  }
  if (fitting.size() == 1 && is_fitting_certain) {
    const auto& [content, image] = *fitting.begin();
    if (graph.is_image(image)) {
      candidates.prove(content, Naming::index_entry, image);
    } else {
      candidates.unknown.insert(image);
    }
    return;
  }
  leave_open(graph, index, runnable, candidates);
  candidates.ambiguity = "index " + index.short_form() + " has " + std::to_string(fitting.size()) +
                         " entries for platform " +
                         (platform.os.empty() ? "unknown" : to_string(platform)) +
                         (is_fitting_certain ? "" : ", and some whose platform is not known");
}

void add_digest(const DigestGraph& graph, const Digest& digest, const Platform& platform,
                Naming naming, Candidates& candidates) {
  const std::vector<Digest> with_config = graph.images_with_config(digest);
  if (!with_config.empty()) {
    candidates.prove(digest, Naming::config, with_config.front());
    return;
  }
  const Manifest* manifest = graph.find(digest);
  if (manifest == nullptr) {
    candidates.unknown.insert(digest);
  } else if (manifest->kind == ManifestKind::image) {
    candidates.prove(graph.content_key(digest), naming, digest);
  } else if (manifest->kind == ManifestKind::index) {
    add_index(graph, digest, platform, candidates);
  } else {
    candidates.ambiguity = digest.short_form() + " is no image";
  }
}

std::string unresolved_reason(const JoinQuestion& question, const Candidates& candidates) {
  if (question.digests.empty() && candidates.unknown.empty()) {
    return "the runtime gives no digest for " + question.reference;
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
  JoinQuestion question;
  question.platform = container.platform;
  question.digests = container.digests;
  question.earlier = earlier;
  question.reference = container.image;
  return join_digests(graph, question);
}

JoinResult join_digests(const DigestGraph& graph, const JoinQuestion& question) {
  Candidates candidates;
  for (const Digest& digest : question.digests) {
    add_digest(graph, digest, question.platform, Naming::manifest, candidates);
  }
  for (const Digest& digest : question.earlier) {
    add_digest(graph, digest, question.platform, Naming::earlier_manifest, candidates);
  }
  JoinResult result;
  if (candidates.proven.size() > 1) {
    result.outcome = JoinOutcome::conflict;
    result.reason = "the runtime's digests stand for different content:";
    for (const auto& [content, named] : candidates.proven) {
      result.reason += " " + named.second.short_form();
    }
  } else if (candidates.proven.size() == 1) {
    const auto& [content, named] = *candidates.proven.begin();
    for (const auto& [index, contents] : candidates.open) {
      if (!contents.contains(content)) {
        result.outcome = JoinOutcome::conflict;
        result.reason =
            "the runtime's digests stand for different content: " + named.second.short_form() +
            " is not in index " + index.short_form();
        return result;
      }
    }
    result.outcome = JoinOutcome::resolved;
    result.image = named.second;
  } else if (!candidates.ambiguity.empty()) {
    result.outcome = JoinOutcome::ambiguous;
    result.reason = candidates.ambiguity;
  } else {
    result.reason = unresolved_reason(question, candidates);
  }
  return result;
}

}  // namespace scanclock
