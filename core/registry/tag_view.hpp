#pragma once

#include "core/domain/digest.hpp"
#include "core/domain/pattern.hpp"

#include <string>
#include <unordered_set>
#include <vector>

namespace scanclock {

/// A complete tag list, sorted out.
struct TagView {
  /// Tags of images that pass the filter.
  std::vector<std::string> tags;
  /// Fallback and attestation tags; cosign's other tags are dropped.
  std::unordered_set<std::string> evidence_tags;
};

TagView sort_tags(std::vector<std::string> listed, const PatternFilter& filter);

/// The subject that an evidence tag names; empty where the tag cuts its digest off.
Digest subject_of_tag(const std::string& evidence_tag);

/// True when every include pattern is a plain repository name, so that no catalog is needed.
bool names_every_repository(const PatternFilter& repositories);

}  // namespace scanclock
