#pragma once

#include "core/domain/result.hpp"

#include <iosfwd>
#include <string>
#include <string_view>

namespace scanclock {

inline constexpr std::size_t secret_bytes_max = std::size_t{64} << 10;

/// A password, token or key. Nothing prints it: streams and to_string give `<secret>`; only
/// reveal() hands the text out, for the one place that sends it.
class Secret {
 public:
  Secret() = default;
  /// A value written into the settings file itself; `file` is empty.
  /// With a `file`, the value is what the file held when the settings were loaded.
  explicit Secret(std::string value, std::string file = {});

  bool empty() const { return value_.empty(); }
  const std::string& reveal() const { return value_; }
  /// Absolute or base-relative path that the value came from, so that it can be read again when it
  /// was rotated; empty for an inline value.
  const std::string& file() const { return file_; }

  bool operator==(const Secret&) const = default;

 private:
  std::string value_;
  std::string file_;
};

std::string to_string(const Secret& secret);
std::ostream& operator<<(std::ostream& stream, const Secret& secret);

/// Why a secret could not be read: names the file and the cause.
struct SecretFileError {
  std::string message;
};

/// Reads a secret's file without its trailing line ends. Fails when the file is missing,
/// unreadable, empty, or larger than secret_bytes_max. Blocks: not for the I/O thread.
Result<Secret, SecretFileError> read_secret(const std::string& file);

/// Where a file named in the settings lies: an absolute path is itself; a relative one is that in
/// `$CREDENTIALS_DIRECTORY` (systemd.exec(5), LoadCredential=) if it exists there, else that
/// relative to `base_dir`.
std::string locate_file(std::string_view name, const std::string& base_dir);

}  // namespace scanclock
