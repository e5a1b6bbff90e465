#pragma once

#include "core/domain/result.hpp"
#include "core/domain/workload.hpp"

#include <nlohmann/json_fwd.hpp>

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>

namespace scanclock {

inline constexpr std::size_t workload_document_bytes_max = std::size_t{32} << 20;
inline constexpr std::size_t workload_document_depth_max = 64;
inline constexpr std::size_t workload_document_containers_max = 200'000;
inline constexpr std::size_t workload_document_labels_max = 256;
/// Of any one string in the document.
inline constexpr std::size_t workload_document_text_bytes_max = std::size_t{16} << 10;
inline constexpr Duration workload_document_future_max = std::chrono::minutes(5);

/// Why a workload document was refused.
struct WorkloadDocumentFailure {
  enum class Kind {
    malformed,
    /// The document speaks for another source than was asked for.
    wrong_source,
    /// observed_at is later than now: the clocks of the source and of this host disagree.
    future_dated,
  };
  WorkloadDocumentFailure() = default;
  WorkloadDocumentFailure(Kind failure_kind, std::string text)
      : kind(failure_kind), message(std::move(text)) {}
  Kind kind = Kind::malformed;
  /// Where, as a JSON pointer (RFC 6901), and what: `/containers/3/id: must not be empty`.
  std::string message;
};

/// `malformed`, `wrong_source`, `future_dated`: the reason in metrics and answers.
std::string reason_of(WorkloadDocumentFailure::Kind kind);

/// Reads the workload file of contract.md ("Configuration", last paragraph):
/// `{"source","observed_at","complete","containers":[{"id","namespace","workload","name","node",
/// "labels","image","image_digest","platform","started_at"}]}`.
///
/// Required: source, observed_at, complete, containers; in each container id and at least one of
/// image and image_digest. Beyond the contract it reads `image_digests`, `pullable`, `repositories`
/// and `os_version` of a container, which workload_document writes. `pullable` are those of the
/// digests that a registry can be asked for; it decides what is asked and nothing else, for the
/// kind of a digest comes from checked bytes only. Null stands for absent in optional fields.
/// Unknown keys are allowed, so that newer producers are understood; wrong types, repeated keys,
/// repeated container ids, and an observed_at later than `now` by more than
/// workload_document_future_max are not.
///
/// With `expected_source` the document may leave its source out, and must otherwise name that one.
///
/// Blocking, up to seconds for the largest documents: for the BlockingPool. Any thread.
Result<WorkloadReport, WorkloadDocumentFailure> parse_workload_document(
    std::string_view bytes, TimePoint now, std::string_view expected_source = {});

/// The report in the same form. Reading it back gives an equal report but for `namespaces` and
/// `unchanged`, and for `image_id` and `assumed` of a container, which no such document says.
nlohmann::json workload_document(const WorkloadReport& report);

}  // namespace scanclock
