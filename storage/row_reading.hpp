#pragma once

#include "core/domain/digest.hpp"
#include "core/domain/evidence.hpp"
#include "core/domain/platform.hpp"
#include "core/domain/silence.hpp"
#include "storage/pg_result.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace scanclock {

/// Typed columns beside those of PgRow. All throw std::logic_error or std::invalid_argument for a
/// value that this program did not write.
Digest read_digest(const PgRow& row, std::string_view column);
std::vector<Digest> read_digests(const PgRow& row, std::string_view column);

/// The columns os, architecture, variant and os_version.
Platform read_platform(const PgRow& row);

/// A jsonb object of texts.
std::map<std::string, std::string> read_texts(const PgRow& row, std::string_view column);

/// A jsonb object of whole numbers.
std::map<std::string, std::int64_t> read_numbers(const PgRow& row, std::string_view column);

/// The columns of OpenSilences and ListSilences, and of OpenAcknowledgements and
/// ListAcknowledgements.
Silence read_silence(const PgRow& row);
Acknowledgement read_acknowledgement(const PgRow& row);

/// The columns of OpenEvidence and ReadEvidenceChain.
Evidence read_evidence(const PgRow& row);

/// A text that to_string() made of one of `values`.
template <class Enum>
Enum read_enum(const PgRow& row, std::string_view column, std::initializer_list<Enum> values) {
  const auto text = row.text_view(column);
  for (const auto value : values) {
    if (to_string(value) == text) {
      return value;
    }
  }
  throw std::logic_error("unknown value in column " + std::string(column) + ": " +
                         std::string(text) +
                         "\nHINT: was the database written by a newer release?");
}

}  // namespace scanclock
