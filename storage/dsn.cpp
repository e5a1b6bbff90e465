#include "storage/dsn.hpp"

#include <libpq-fe.h>

#include <algorithm>
#include <cstdlib>
#include <memory>
#include <vector>

namespace scanclock {
namespace {

struct Option {
  std::string keyword;
  std::string variable;
  std::string value;
  bool secret = false;
};

std::vector<Option> parse(const std::string& conninfo) {
  // libpq's own error text quotes pieces of the string, and so perhaps of a password.
  char* error = nullptr;
  std::unique_ptr<PQconninfoOption, void (*)(PQconninfoOption*)> parsed(
      PQconninfoParse(conninfo.c_str(), &error), PQconninfoFree);
  if (error != nullptr) {
    PQfreemem(error);
  }
  if (!parsed) {
    throw DsnError(
        "the database connection string cannot be read\n"
        "HINT: write postgresql://user@host:port/name?sslmode=verify-full, with special characters "
        "in it percent-encoded");
  }
  std::vector<Option> options;
  for (const PQconninfoOption* option = parsed.get(); option->keyword != nullptr; ++option) {
    if (option->val != nullptr) {
      options.push_back(Option{option->keyword, option->envvar == nullptr ? "" : option->envvar,
                               option->val, std::string_view(option->dispchar) == "*"});
    }
  }
  return options;
}

std::vector<std::string> split_list(const std::string& list) {
  std::vector<std::string> items;
  std::size_t start = 0;
  for (;;) {
    const auto comma = list.find(',', start);
    items.push_back(list.substr(start, comma - start));
    if (comma == std::string::npos) {
      return items;
    }
    start = comma + 1;
  }
}

/// An empty host is the default Unix socket, a slash a socket's folder, `@` an abstract socket.
bool is_local(const std::string& host) {
  if (host.empty() || host.front() == '/' || host.front() == '@' || host == "localhost" ||
      host == "::1") {
    return true;
  }
  return host.starts_with("127.") && host.find_first_not_of("0123456789.") == std::string::npos;
}

std::string or_environment(const std::map<std::string, std::string>& options,
                           const std::string& keyword, const char* variable) {
  const auto found = options.find(keyword);
  if (found != options.end()) {
    return found->second;
  }
  const char* value = std::getenv(variable);
  return value == nullptr ? std::string() : std::string(value);
}

}  // namespace

std::map<std::string, std::string> parse_conninfo(const std::string& conninfo) {
  std::map<std::string, std::string> values;
  for (auto& option : parse(conninfo)) {
    values.emplace(std::move(option.keyword), std::move(option.value));
  }
  return values;
}

std::string conninfo_value(const std::string& conninfo, const std::string& keyword) {
  try {
    const auto values = parse_conninfo(conninfo);
    const auto found = values.find(keyword);
    return found == values.end() ? std::string() : found->second;
  } catch (const DsnError&) {
    return {};
  }
}

std::string redacted_conninfo(const std::string& conninfo) {
  std::vector<Option> options;
  try {
    options = parse(conninfo);
  } catch (const DsnError&) {
    return "(unreadable connection string)";
  }
  std::sort(options.begin(), options.end(),
            [](const Option& left, const Option& right) { return left.keyword < right.keyword; });
  std::string text;
  for (const auto& option : options) {
    text += text.empty() ? "" : " ";
    text += option.keyword + "=" + (option.secret ? "***" : option.value);
  }
  return text;
}

bool is_plaintext_remote(const std::string& conninfo) {
  const auto options = parse_conninfo(conninfo);
  if (or_environment(options, "sslmode", "PGSSLMODE") == "verify-full") {
    return false;
  }
  // A service file may name any host.
  if (!or_environment(options, "service", "PGSERVICE").empty()) {
    return true;
  }
  const auto addresses = or_environment(options, "hostaddr", "PGHOSTADDR");
  const auto hosts =
      split_list(addresses.empty() ? or_environment(options, "host", "PGHOST") : addresses);
  return !std::all_of(hosts.begin(), hosts.end(), is_local);
}

std::map<std::string, std::string> conninfo_environment(const std::string& conninfo,
                                                        const std::string& password) {
  std::map<std::string, std::string> variables;
  for (const auto& option : parse(conninfo)) {
    if (!option.variable.empty()) {
      variables[option.variable] = option.value;
    }
  }
  if (!password.empty()) {
    variables["PGPASSWORD"] = password;
  }
  return variables;
}

}  // namespace scanclock
