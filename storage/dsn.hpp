#pragma once

#include <map>
#include <stdexcept>
#include <string>
#include <string_view>

namespace scanclock {

/// A connection string that libpq cannot read. what() quotes nothing of it.
class DsnError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// What a postgresql:// URL or a keyword string sets, by libpq keyword. Throws DsnError.
std::map<std::string, std::string> parse_conninfo(const std::string& conninfo);

/// One keyword's value, empty when it is not set or the string cannot be read.
std::string conninfo_value(const std::string& conninfo, const std::string& keyword);

/// As keywords, ordered, with `***` for every secret; for logs.
std::string redacted_conninfo(const std::string& conninfo);

/// True when a host may be reached without verified TLS: neither a loopback address nor a Unix
/// socket, and sslmode is not verify-full. Considers all hosts of a list, and PGHOST, PGHOSTADDR
/// and PGSSLMODE where the string is silent. Throws DsnError.
bool is_plaintext_remote(const std::string& conninfo);

/// The PG* environment variables that make libpq's tools connect to the same place, password
/// included, so that it never stands in an argument list. Throws DsnError.
std::map<std::string, std::string> conninfo_environment(const std::string& conninfo,
                                                        const std::string& password);

}  // namespace scanclock
