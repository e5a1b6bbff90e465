#include "core/domain/digest_graph.hpp"

#include <algorithm>
#include <set>

namespace scanclock {
namespace {

/// Indexes may nest; a chain deeper than this is nobody's honest image.
constexpr int index_depth_max = 8;

void insert_sorted(std::vector<Digest>& digests, const Digest& digest) {
  const auto at = std::lower_bound(digests.begin(), digests.end(), digest);
  if (at == digests.end() || *at != digest) {
    digests.insert(at, digest);
  }
}

}  // namespace

std::string_view to_string(ManifestKind kind) {
  switch (kind) {
    case ManifestKind::index:
      return "index";
    case ManifestKind::image:
      return "image";
    case ManifestKind::artifact:
      break;
  }
  return "artifact";
}

void DigestGraph::add(Manifest manifest) {
  if (manifests_.contains(manifest.digest)) {
    return;
  }
  for (const ManifestChild& child : manifest.children) {
    insert_sorted(parents_[child.digest], manifest.digest);
  }
  if (manifest.kind == ManifestKind::image && manifest.config_identifies) {
    insert_sorted(images_by_config_[manifest.config], manifest.digest);
  }
  const Digest digest = manifest.digest;
  manifests_.emplace(digest, std::move(manifest));
}

const Manifest* DigestGraph::find(const Digest& digest) const {
  const auto found = manifests_.find(digest);
  return found == manifests_.end() ? nullptr : &found->second;
}

bool DigestGraph::is_image(const Digest& digest) const {
  const Manifest* manifest = find(digest);
  return manifest != nullptr && manifest->kind == ManifestKind::image;
}

std::vector<Digest> DigestGraph::indexes_above(const Digest& manifest) const {
  std::set<Digest> above;
  std::vector<Digest> frontier{manifest};
  for (int depth = 0; depth < index_depth_max && !frontier.empty(); ++depth) {
    std::vector<Digest> next;
    for (const Digest& digest : frontier) {
      const auto parents = parents_.find(digest);
      if (parents == parents_.end()) {
        continue;
      }
      for (const Digest& parent : parents->second) {
        if (above.insert(parent).second) {
          next.push_back(parent);
        }
      }
    }
    frontier = std::move(next);
  }
  return {above.begin(), above.end()};
}

std::vector<Digest> DigestGraph::images_with_config(const Digest& config) const {
  const auto found = images_by_config_.find(config);
  return found == images_by_config_.end() ? std::vector<Digest>() : found->second;
}

std::vector<ManifestChild> DigestGraph::runnable_children(const Digest& index) const {
  std::vector<ManifestChild> runnable;
  std::set<Digest> seen{index};
  std::vector<std::pair<Digest, int>> stack{{index, 0}};
  while (!stack.empty()) {
    const auto [digest, depth] = stack.back();
    stack.pop_back();
    const Manifest* manifest = find(digest);
    if (manifest == nullptr || manifest->kind != ManifestKind::index) {
      continue;
    }
    for (const ManifestChild& child : manifest->children) {
      if (!seen.insert(child.digest).second) {
        continue;
      }
      const Manifest* known = find(child.digest);
      if (known != nullptr && known->kind == ManifestKind::index) {
        if (depth + 1 < index_depth_max) {
          stack.emplace_back(child.digest, depth + 1);
        }
      } else if (child.runnable && (known == nullptr || known->kind == ManifestKind::image)) {
        runnable.push_back(child);
        if (runnable.back().platform.os.empty() && known != nullptr) {
          runnable.back().platform = known->platform;
        }
      }
    }
  }
  return runnable;
}

Digest DigestGraph::content_key(const Digest& image) const {
  const Manifest* manifest = find(image);
  return manifest != nullptr && manifest->kind == ManifestKind::image && manifest->config_identifies
             ? manifest->config
             : image;
}

bool DigestGraph::related(const Digest& left, const Digest& right) const {
  if (left == right || content_key(left) == content_key(right)) {
    return true;
  }
  const auto stands_for = [&](const Digest& digest) {
    std::set<Digest> keys{content_key(digest)};
    for (const Digest& image : images_with_config(digest)) {
      keys.insert(content_key(image));
    }
    for (const ManifestChild& child : runnable_children(digest)) {
      keys.insert(child.digest);
      keys.insert(content_key(child.digest));
    }
    return keys;
  };
  const std::set<Digest> left_keys = stands_for(left);
  const std::set<Digest> right_keys = stands_for(right);
  return std::any_of(left_keys.begin(), left_keys.end(),
                     [&](const Digest& key) { return right_keys.contains(key); });
}

}  // namespace scanclock
