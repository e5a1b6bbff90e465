#include "core/registry/tag_view.hpp"

#include "core/registry/evidence_candidates.hpp"

#include <algorithm>
#include <utility>

namespace scanclock {

TagView sort_tags(std::vector<std::string> listed, const PatternFilter& filter) {
  TagView view;
  std::unordered_set<std::string> seen;
  for (std::string& tag : listed) {
    const auto kind = evidence_tag_kind(tag);
    if (kind && *kind != EvidenceTagKind::other) {
      view.evidence_tags.insert(std::move(tag));
    } else if (!kind && filter.passes(tag) && seen.insert(tag).second) {
      view.tags.push_back(std::move(tag));
    }
  }
  return view;
}

Digest subject_of_tag(const std::string& evidence_tag) {
  constexpr std::size_t length = 71;
  if (!evidence_tag.starts_with("sha256-") || evidence_tag.size() < length) {
    return Digest();
  }
  return Digest::parse("sha256:" + evidence_tag.substr(7, 64)).value_or(Digest());
}

bool names_every_repository(const PatternFilter& repositories) {
  return !repositories.include.empty() &&
         std::none_of(repositories.include.begin(), repositories.include.end(),
                      [](const std::string& pattern) {
                        return pattern.find_first_of("*?") != std::string::npos;
                      });
}

}  // namespace scanclock
