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
  const bool stated = std::find(inner.begin(), inner.end(), report.subject_config) == inner.end();
  if (!report.subject_config.empty() && stated) {
    named.push_back(report.subject_config);
  }
  return named;
}

/// What one document says that it is about.
struct Claim {
  std::vector<Digest> digests;
  /// The image ID among them, where it has one: a scanner computes it from what it scanned, while
  /// repository digests are what somebody once pulled.
  Digest config;
  /// Content keys of the known images that it names by manifest or config.
  std::set<Digest> contents;
  /// One report cannot be about two images.
  bool contradictory = false;

  /// Where it names images, it speaks about those alone, even when it names an index, too.
  std::vector<Digest> decisive() const {
    return contents.empty() ? digests : std::vector<Digest>(contents.begin(), contents.end());
  }
};

std::set<Digest> images_named(const DigestGraph& graph, const std::vector<Digest>& digests) {
  std::set<Digest> contents;
  for (const Digest& digest : digests) {
    if (graph.is_image(digest) || !graph.images_with_config(digest).empty()) {
      contents.insert(graph.content_key(digest));
    }
  }
  return contents;
}

Claim claim_of(const DigestGraph& graph, std::vector<Digest> digests, const Digest& config) {
  Claim claim;
  claim.contents = images_named(graph, digests);
  if (!config.empty() && std::find(digests.begin(), digests.end(), config) != digests.end()) {
    claim.config = config;
    const std::set<Digest> scanned = images_named(graph, {config});
    claim.contradictory = !scanned.empty() && claim.contents != scanned;
  }
  claim.digests = std::move(digests);
  return claim;
}

/// Of the evidence as a whole; where it names nothing, of the place where it is attached.
Claim outer_claim(const Evidence& evidence, const DigestGraph& graph) {
  std::vector<Digest> named = named_subjects(evidence.report);
  if (named.empty()) {
    named.push_back(evidence.attached_to);
  }
  return claim_of(graph, std::move(named), evidence.report.subject_config);
}

/// Of the report inside an attestation.
Claim inner_claim(const Evidence& evidence, const DigestGraph& graph) {
  Claim claim = claim_of(graph, evidence.report.inner_subjects, evidence.report.subject_config);
  claim.contradictory = claim.contradictory || claim.contents.size() > 1;
  return claim;
}

bool any_related(const DigestGraph& graph, const std::vector<Digest>& left,
                 const std::vector<Digest>& right) {
  return std::any_of(left.begin(), left.end(), [&](const Digest& one) {
    return std::any_of(right.begin(), right.end(),
                       [&](const Digest& other) { return graph.related(one, other); });
  });
}

/// A report about another image must not pass because somebody attached it here or wrapped it in
/// an attestation that names this image.
std::optional<Decision> check_subject(const Evidence& evidence, const DigestGraph& graph) {
  const ScanReport& report = evidence.report;
  const bool names_something = !named_subjects(report).empty();
  if (!names_something && evidence.attached_to.empty()) {
    return rejected(Rejection::no_subject, "the report names no image digest");
  }
  const Claim outer = outer_claim(evidence, graph);
  if (outer.contradictory) {
    return rejected(Rejection::wrong_subject,
                    "the report names different images: " + listed(outer.digests));
  }
  if (names_something && !evidence.attached_to.empty() &&
      !any_related(graph, outer.decisive(), {evidence.attached_to})) {
    return rejected(Rejection::wrong_subject, "the report is about " + listed(outer.digests) +
                                                  ", attached to " +
                                                  evidence.attached_to.short_form());
  }
  if (report.inner_subjects.empty()) {
    return std::nullopt;
  }
  const Claim inner = inner_claim(evidence, graph);
  if (inner.contradictory || !any_related(graph, inner.decisive(), outer.decisive())) {
    return rejected(Rejection::wrong_subject, "the attestation is about " + listed(outer.digests) +
                                                  ", the report inside it about " +
                                                  listed(inner.digests));
  }
  return std::nullopt;
}

std::optional<Decision> check_time(const Evidence& evidence, const Policy& policy) {
  const ScanReport& report = evidence.report;
  if (!report.finished_at || !is_set(*report.finished_at)) {
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

/// Where a key is bound, evidence whose signature fails it counts under no policy: whoever wrote it
/// pretended to be somebody else.
std::optional<Decision> check_signature(const Evidence& evidence, const TrustGround& ground) {
  if (evidence.signature != SignatureState::failed || !has_bound_key(ground)) {
    return std::nullopt;
  }
  return rejected(Rejection::bad_signature, evidence.signature_detail);
}

std::optional<Decision> check_database(const ScanReport& report, const Policy& policy) {
  if (!policy.database_age_max || !report.database_built_at || !is_set(*report.database_built_at)) {
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

bool is_known(const DigestGraph& graph, const Digest& digest) {
  return graph.find(digest) != nullptr || !graph.images_with_config(digest).empty();
}

/// True when the claim's image ID is that of another image than `image`, one that nobody has seen.
bool denies_by_config(const Claim& claim, const DigestGraph& graph, const Digest& image) {
  const Manifest* manifest = graph.find(image);
  return !claim.config.empty() && !is_known(graph, claim.config) && manifest != nullptr &&
         !manifest->config.empty() && manifest->config != claim.config;
}

/// Whether a scan of `index` is proven to be one of `image`: by being the only runnable entry or by
/// the platform.
Coverage index_coverage(const std::optional<Platform>& platform, const DigestGraph& graph,
                        const Digest& index, const Digest& image) {
  const Digest content = graph.content_key(image);
  const std::vector<ManifestChild> runnable = graph.runnable_children(index);
  const auto is_image = [&](const ManifestChild& child) {
    return graph.content_key(child.digest) == content;
  };
  if (std::none_of(runnable.begin(), runnable.end(), is_image)) {
    return Coverage::none;
  }
  if (std::all_of(runnable.begin(), runnable.end(), is_image)) {
    return Coverage::covered;
  }
  if (!platform) {
    return Coverage::platform_unproven;
  }
  bool others = false;
  bool fits_image = false;
  for (const ManifestChild& child : runnable) {
    const bool fits = matches(*platform, child.platform);
    // An entry of which no platform is known may be the one that was scanned.
    others = others || ((fits || child.platform.os.empty()) && !is_image(child));
    fits_image = fits_image || (fits && is_image(child));
  }
  if (fits_image && !others) {
    return Coverage::covered;
  }
  return fits_image ? Coverage::platform_unproven : Coverage::none;
}

Coverage claim_coverage(const Claim& claim, const std::optional<Platform>& platform,
                        const DigestGraph& graph, const Digest& image) {
  if (claim.contradictory) {
    return Coverage::none;
  }
  if (!claim.contents.empty()) {
    return claim.contents.contains(graph.content_key(image)) ? Coverage::covered : Coverage::none;
  }
  if (denies_by_config(claim, graph, image)) {
    return Coverage::none;
  }
  Coverage best = Coverage::none;
  for (const Digest& digest : claim.digests) {
    best = std::max(best, index_coverage(platform, graph, digest, image));
  }
  return best;
}

}  // namespace

Decision decide(const Evidence& evidence, const Policy& policy, const DigestGraph& graph,
                const TrustGround& ground) {
  const ScanReport& report = evidence.report;
  const bool subject_given_by_place =
      report.defect == Rejection::no_subject && !evidence.attached_to.empty();
  if (report.defect && !subject_given_by_place) {
    return rejected(*report.defect, report.defect_detail);
  }
  if (auto decision = check_signature(evidence, ground)) {
    return *decision;
  }
  if (auto decision = check_time(evidence, policy)) {
    return *decision;
  }
  if (auto decision = check_subject(evidence, graph)) {
    return *decision;
  }
  if (auto objection = find_trust_objection(evidence, policy, ground)) {
    return rejected(Rejection::untrusted, std::move(*objection));
  }
  if (auto decision = check_database(report, policy)) {
    return *decision;
  }
  Decision accepted;
  accepted.accepted = true;
  return accepted;
}

Coverage coverage(const Evidence& evidence, const DigestGraph& graph, const Digest& image) {
  const std::optional<Platform>& platform = evidence.report.platform;
  const Coverage outer = claim_coverage(outer_claim(evidence, graph), platform, graph, image);
  if (evidence.report.inner_subjects.empty()) {
    return outer;
  }
  const Coverage inner = claim_coverage(inner_claim(evidence, graph), platform, graph, image);
  // What is inside may prove the platform of what is outside, but neither may speak of another
  // image.
  return std::min(outer, inner) == Coverage::none ? Coverage::none : std::max(outer, inner);
}

}  // namespace scanclock
