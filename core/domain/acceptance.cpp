#include "core/domain/acceptance.hpp"

#include <algorithm>
#include <set>
#include <vector>

namespace scanclock {
namespace {

Decision rejected(Rejection reason, std::string detail) {
  Decision decision;
  decision.reason = reason;
  decision.detail = std::move(detail);
  return decision;
}

std::string listed(const std::vector<Digest>& digests) {
  std::string text;
  for (const Digest& digest : digests) {
    text += (text.empty() ? "" : ", ") + digest.short_form();
  }
  return text;
}

/// Every digest that the evidence as a whole names for what was scanned. What only a report inside
/// an attestation names is not among them: nobody stated it.
std::vector<Digest> named_subjects(const ScanReport& report) {
  std::vector<Digest> named = report.subjects;
  const std::vector<Digest>& inner = report.inner_subjects;
  const bool stated =
      std::find(inner.begin(), inner.end(), report.subject_config) == inner.end();
  if (!report.subject_config.empty() && stated) {
    named.push_back(report.subject_config);
  }
  return named;
}

bool any_related(const DigestGraph& graph, const std::vector<Digest>& digests,
                 const Digest& subject) {
  return std::any_of(digests.begin(), digests.end(),
                     [&](const Digest& digest) { return graph.related(digest, subject); });
}

/// A report about another image must not pass because somebody attached it here or wrapped it in
/// an attestation that names this image.
std::optional<Decision> check_subject(const Evidence& evidence, const DigestGraph& graph) {
  const ScanReport& report = evidence.report;
  const std::vector<Digest> named = named_subjects(report);
  if (named.empty() && evidence.attached_to.empty()) {
    return rejected(Rejection::no_subject, "the report names no image digest");
  }
  if (!named.empty() && !evidence.attached_to.empty() &&
      !any_related(graph, named, evidence.attached_to)) {
    return rejected(Rejection::wrong_subject, "the report is about " + listed(named) +
                                                  ", attached to " +
                                                  evidence.attached_to.short_form());
  }
  if (!report.inner_subjects.empty()) {
    const std::vector<Digest>& outer =
        report.subjects.empty() ? std::vector<Digest>{evidence.attached_to} : report.subjects;
    const bool consistent = std::any_of(outer.begin(), outer.end(), [&](const Digest& subject) {
      return any_related(graph, report.inner_subjects, subject);
    });
    if (!consistent) {
      return rejected(Rejection::wrong_subject, "the attestation is about " + listed(outer) +
                                                    ", the report inside it about " +
                                                    listed(report.inner_subjects));
    }
  }
  return std::nullopt;
}

std::optional<Decision> check_time(const Evidence& evidence, const Policy& policy) {
  const ScanReport& report = evidence.report;
  if (!report.finished_at) {
    return rejected(Rejection::no_time, "the report gives no time for the end of its scan");
  }
  if (*report.finished_at > evidence.collected_at + policy.future_tolerance) {
    return rejected(Rejection::future_dated,
                    "scan end " + format_rfc3339(*report.finished_at) + " lies " +
                        describe_duration(*report.finished_at - evidence.collected_at) +
                        " after its collection");
  }
  return std::nullopt;
}

std::optional<Decision> check_database(const ScanReport& report, const Policy& policy) {
  if (!policy.database_age_max || !report.database_built_at) {
    return std::nullopt;
  }
  const Duration age = *report.finished_at - *report.database_built_at;
  if (age <= *policy.database_age_max) {
    return std::nullopt;
  }
  return rejected(Rejection::database_too_old, "the vulnerability database was " +
                                                   describe_duration(age) +
                                                   " old at scan time, allowed are " +
                                                   format_duration(*policy.database_age_max));
}

bool names(const DigestGraph& graph, const Digest& digest, const Digest& image) {
  const Digest content = graph.content_key(image);
  return digest == image || digest == content || graph.content_key(digest) == content;
}

bool names_any_image(const DigestGraph& graph, const std::vector<Digest>& digests) {
  return std::any_of(digests.begin(), digests.end(), [&](const Digest& digest) {
    return graph.is_image(digest) || !graph.images_with_config(digest).empty();
  });
}

/// Whether a scan of `index` is proven to be one of `image`: by being the only runnable entry, by
/// the report inside an attestation naming it, or by the platform.
Coverage index_coverage(const ScanReport& report, const DigestGraph& graph, const Digest& index,
                        const Digest& image) {
  const std::vector<ManifestChild> runnable = graph.runnable_children(index);
  const auto is_image = [&](const ManifestChild& child) {
    return names(graph, child.digest, image);
  };
  if (std::none_of(runnable.begin(), runnable.end(), is_image)) {
    return Coverage::none;
  }
  const std::vector<Digest>& inner = report.inner_subjects;
  const bool named_inside = std::any_of(inner.begin(), inner.end(), [&](const Digest& digest) {
    return names(graph, digest, image);
  });
  if (runnable.size() == 1 || named_inside) {
    return Coverage::covered;
  }
  if (names_any_image(graph, inner)) {
    return Coverage::none;
  }
  if (!report.platform) {
    return Coverage::platform_unproven;
  }
  std::size_t fitting = 0;
  bool fits_image = false;
  for (const ManifestChild& child : runnable) {
    if (matches(*report.platform, child.platform)) {
      ++fitting;
      fits_image = fits_image || is_image(child);
    }
  }
  if (fits_image && fitting == 1) {
    return Coverage::covered;
  }
  return fits_image ? Coverage::platform_unproven : Coverage::none;
}

}  // namespace

Decision decide(const Evidence& evidence, const Policy& policy, const DigestGraph& graph) {
  const ScanReport& report = evidence.report;
  const bool subject_given_by_place =
      report.defect == Rejection::no_subject && !evidence.attached_to.empty();
  if (report.defect && !subject_given_by_place) {
    return rejected(*report.defect, report.defect_detail);
  }
  if (auto decision = check_time(evidence, policy)) {
    return *decision;
  }
  if (auto decision = check_subject(evidence, graph)) {
    return *decision;
  }
  if (std::find(policy.trust.begin(), policy.trust.end(), evidence.trust) == policy.trust.end()) {
    return rejected(Rejection::untrusted, "trust class " + std::string(to_string(evidence.trust)) +
                                              " is not accepted by policy " + policy.name);
  }
  if (auto decision = check_database(report, policy)) {
    return *decision;
  }
  Decision accepted;
  accepted.accepted = true;
  return accepted;
}

Coverage coverage(const Evidence& evidence, const DigestGraph& graph, const Digest& image) {
  std::vector<Digest> subjects = named_subjects(evidence.report);
  if (subjects.empty()) {
    subjects.push_back(evidence.attached_to);
  }
  for (const Digest& digest : subjects) {
    if (names(graph, digest, image)) {
      return Coverage::covered;
    }
  }
  // A report that names an image by manifest or config speaks about that one alone, even when it
  // names an index, too.
  if (names_any_image(graph, subjects)) {
    return Coverage::none;
  }
  Coverage best = Coverage::none;
  for (const Digest& digest : subjects) {
    best = std::max(best, index_coverage(evidence.report, graph, digest, image));
  }
  return best;
}

}  // namespace scanclock
