#include "core/domain/digest_graph.hpp"

#include <algorithm>
#include <set>
#include <utility>

namespace scanclock {
namespace {

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
  while (!frontier.empty()) {
    const Digest digest = std::move(frontier.back());
    frontier.pop_back();
    const auto parents = parents_.find(digest);
    if (parents == parents_.end()) {
      continue;
    }
    for (const Digest& parent : parents->second) {
      if (above.insert(parent).second) {
        frontier.push_back(parent);
      }
    }
  }
  return {above.begin(), above.end()};
}

std::vector<Digest> DigestGraph::images_with_config(const Digest& config) const {
  const auto found = images_by_config_.find(config);
  return found == images_by_config_.end() ? std::vector<Digest>() : found->second;
}

/// However deep indexes nest, nothing is left out: an index must not look as if it had one runnable
/// entry only because the others lie deep. A digest that was seen is not entered again, so that
/// even a cycle, which only a broken hash could make, comes to an end.
std::vector<ManifestChild> DigestGraph::runnable_children(const Digest& index) const {
  std::vector<ManifestChild> runnable;
  const Manifest* top = find(index);
  if (top == nullptr || top->kind != ManifestKind::index) {
    return runnable;
  }
  std::set<Digest> seen{index};
  std::vector<std::pair<const Manifest*, std::size_t>> path{{top, 0}};
  while (!path.empty()) {
    const Manifest* parent = path.back().first;
    if (path.back().second == parent->children.size()) {
      path.pop_back();
      continue;
    }
    const ManifestChild& child = parent->children[path.back().second++];
    const Manifest* known = find(child.digest);
    if (known != nullptr && known->kind == ManifestKind::index) {
      if (seen.insert(child.digest).second) {
        path.emplace_back(known, 0);
      }
    } else if (child.runnable && (known == nullptr || known->kind == ManifestKind::image) &&
               seen.insert(child.digest).second) {
      runnable.push_back(child);
      if (runnable.back().platform.os.empty() && known != nullptr) {
        runnable.back().platform = known->platform;
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
