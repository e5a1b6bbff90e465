#pragma once

#include "core/domain/result.hpp"
#include "core/workloads/bounded_json.hpp"
#include "core/workloads/padded_json.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace scanclock {

/// Of one document. A Kubernetes object is at most 1.5 MiB where it is stored, and several times
/// that as JSON with all its managed fields.
inline constexpr std::size_t watch_document_bytes_max = std::size_t{16} << 20;

/// Cuts a stream into its lines, one JSON document each, wherever the pieces that arrive are cut:
/// the watch of the Kubernetes API, and any other application/x-ndjson. Ends of lines may be
/// `\r\n`; blank lines count for nothing. What a line holds is for the parser to judge: lines are
/// found by their end alone, some twenty times as fast as EventFramer finds objects, which may
/// stand without any line end between them. Each byte is looked at once and copied at most twice.
///
///     framer.push(piece);
///     while (auto document = framer.next()) { ... }
///
/// A pure state machine.
class WatchFramer {
 public:
  explicit WatchFramer(std::size_t document_bytes_max = watch_document_bytes_max)
      : document_bytes_max_(document_bytes_max) {}

  /// Takes what arrived. Documents that next() gave before become invalid.
  void push(std::string_view piece);

  /// The next complete document, nothing when more must arrive first; valid until the next push().
  /// After a failure (a document beyond the limit) the stream is lost and must be opened anew; the
  /// failure stays.
  Result<std::optional<PaddedJson>, JsonFailure> next();

  /// To be called at a clean end of the stream, after next() has given nothing: the last document
  /// when no line end stood behind it. It may as well be the first half of one, which its parser
  /// then refuses.
  Result<std::optional<PaddedJson>, JsonFailure> finish();

 private:
  PaddedJson document_at(std::size_t begin, std::size_t end);
  JsonFailure too_large() const;

  std::size_t document_bytes_max_;
  std::string buffer_;
  /// Where the document that next() looks for begins, and how far it was searched for its end.
  std::size_t begin_ = 0;
  std::size_t searched_ = 0;
};

}  // namespace scanclock
