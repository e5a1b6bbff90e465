#include "core/domain/image_check.hpp"

#include <algorithm>
#include <set>

namespace scanclock {
namespace {

/// The standing may be as old as the last evaluation, so its deadline is compared with `now`.
Verdict verdict_of(const ImageRecord& image, const PolicyStanding& standing, TimePoint now) {
  if (standing.standing.state <= State::due_soon && now > standing.standing.deadline_at) {
    return Verdict::overdue;
  }
  return verdict_of(standing.standing.state, image.platform_unproven);
}

/// The digest that the reference names, and the registry that knows it.
void resolve(const Inventory& inventory, const ImageReference& reference, ImageCheck& check) {
  for (const RegistryScope& registry : inventory.scope().registries) {
    if (registry.host != reference.host) {
      continue;
    }
    check.registry = registry.name;
    if (!reference.digest.empty()) {
      check.digest = reference.digest;
      return;
    }
    const std::string tag = reference.tag.empty() ? "latest" : reference.tag;
    for (const auto& [name, digest] :
         inventory.tags(RepositoryKey{registry.name, reference.repository})) {
      if (name == tag) {
        check.digest = digest;
        check.resolved_from_tag = true;
        return;
      }
    }
  }
  check.digest = reference.digest;
  check.resolved_from_tag = reference.digest.empty();
}

void judge_image(const ImageRecord& image, CheckedPlatform& item, ImageCheck& check,
                 TimePoint now) {
  const bool any_bound = std::any_of(image.standings.begin(), image.standings.end(),
                                     [](const PolicyStanding& standing) { return standing.bound; });
  if (image.standings.empty()) {
    return;
  }
  item.verdict = Verdict::compliant;
  for (const PolicyStanding& standing : image.standings) {
    if (any_bound && !standing.bound) {
      continue;
    }
    item.verdict = std::max(item.verdict, verdict_of(image, standing, now));
    if (!item.deadline_at || standing.standing.deadline_at < *item.deadline_at) {
      item.deadline_at = standing.standing.deadline_at;
    }
    if (std::find(check.policies.begin(), check.policies.end(), standing.policy) ==
        check.policies.end()) {
      check.policies.push_back(standing.policy);
    }
  }
}

std::vector<ManifestChild> candidates(const Inventory& inventory, const Digest& digest) {
  std::vector<ManifestChild> children = inventory.graph().runnable_children(digest);
  if (children.empty()) {
    for (const Digest& image : inventory.images_of(digest)) {
      children.push_back({image, inventory.graph().find(image)->platform, true});
    }
  }
  return children;
}

}  // namespace

ImageCheck check_image(const Inventory& inventory, const ImageReference& reference,
                       const std::optional<Platform>& platform, Duration min_remaining,
                       TimePoint now) {
  ImageCheck check;
  resolve(inventory, reference, check);
  if (check.digest.empty()) {
    check.reasons.push_back("no monitored registry has " + to_string(reference));
    return check;
  }
  check.pinned_ref = reference.host + "/" + reference.repository + "@" + check.digest.str();
  for (const ManifestChild& child : candidates(inventory, check.digest)) {
    if (platform && !matches(*platform, child.platform)) {
      continue;
    }
    CheckedPlatform item;
    item.platform = child.platform;
    item.digest = child.digest;
    if (const ImageRecord* image = inventory.image(child.digest)) {
      judge_image(*image, item, check, now);
      const Observation::Status status = inventory.observation(*image).status;
      check.observation = check.platforms.empty() ? status : std::max(check.observation, status);
    }
    check.platforms.push_back(std::move(item));
  }
  if (check.platforms.empty()) {
    check.reasons.push_back(platform ? "no entry for platform " + to_string(*platform)
                                     : "the image is not known: it was never seen in a "
                                       "monitored registry");
    return check;
  }
  check.verdict = Verdict::compliant;
  for (const CheckedPlatform& item : check.platforms) {
    check.verdict = std::max(check.verdict, item.verdict);
    if (item.deadline_at && (!check.deadline_at || *item.deadline_at < *check.deadline_at)) {
      check.deadline_at = item.deadline_at;
    }
    if (!may_run(item.verdict)) {
      check.reasons.push_back(to_string(item.platform) + " " + item.digest.short_form() + ": " +
                              std::string(to_string(item.verdict)));
    }
  }
  check.allowed = may_run(check.verdict);
  if (check.allowed && (!check.deadline_at || *check.deadline_at < now + min_remaining)) {
    check.allowed = false;
    check.reasons.push_back("less than " + format_duration(min_remaining) +
                            " remain until the deadline");
  }
  return check;
}

}  // namespace scanclock
