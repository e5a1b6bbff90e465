#include "storage/pg_protocol.hpp"

#include "core/runtime/log.hpp"
#include "storage/dsn.hpp"

#include <algorithm>
#include <cctype>
#include <new>

namespace scanclock::pg_protocol {
namespace {

std::string milliseconds(Duration duration) {
  return std::to_string(std::chrono::duration_cast<std::chrono::milliseconds>(duration).count());
}

std::string field(const PGresult& result, int code) {
  const char* text = PQresultErrorField(&result, code);
  return text == nullptr ? std::string() : std::string(text);
}

bool is_sqlstate(std::string_view text) {
  return text.size() == 5 && std::all_of(text.begin(), text.end(), [](unsigned char c) {
           return std::isdigit(c) != 0 || std::isupper(c) != 0;
         });
}

}  // namespace

Settings connect_settings(const PgConnectOptions& options, bool session_limits) {
  // A black-holed connection is noticed within 15 s, idle or sending.
  Settings settings{{"keepalives", "1"},           {"keepalives_idle", "6"},
                    {"keepalives_interval", "3"},  {"keepalives_count", "3"},
                    {"tcp_user_timeout", "15000"}, {"dbname", options.conninfo}};
  settings.emplace_back("client_encoding", "UTF8");
  settings.emplace_back("application_name", options.application_name);
  if (!options.password.empty()) {
    settings.emplace_back("password", options.password);
  }
  if (session_limits) {
    settings.emplace_back("options",
                          conninfo_value(options.conninfo, "options") +
                              " -c statement_timeout=" + milliseconds(options.statement_timeout) +
                              " -c lock_timeout=" + milliseconds(options.lock_timeout) +
                              " -c idle_in_transaction_session_timeout=" +
                              milliseconds(options.idle_in_transaction_timeout) +
                              " -c TimeZone=UTC -c DateStyle=ISO");
  }
  return settings;
}

std::shared_ptr<PGconn> start_connect(const Settings& settings) {
  std::vector<const char*> keywords;
  std::vector<const char*> values;
  for (const auto& [keyword, value] : settings) {
    keywords.push_back(keyword.c_str());
    values.push_back(value.c_str());
  }
  keywords.push_back(nullptr);
  values.push_back(nullptr);
  constexpr int expand_dbname = 1;
  PGconn* connection = PQconnectStartParams(keywords.data(), values.data(), expand_dbname);
  if (connection == nullptr) {
    throw std::bad_alloc();
  }
  return std::shared_ptr<PGconn>(connection, PQfinish);
}

std::optional<PgError::Details> failure_of(const PGresult& result) {
  switch (PQresultStatus(&result)) {
    case PGRES_COMMAND_OK:
    case PGRES_TUPLES_OK:
    case PGRES_EMPTY_QUERY:
    case PGRES_SINGLE_TUPLE:
    case PGRES_NONFATAL_ERROR:
      return std::nullopt;
    default:
      break;
  }
  PgError::Details details;
  details.sqlstate = field(result, PG_DIAG_SQLSTATE);
  details.constraint = field(result, PG_DIAG_CONSTRAINT_NAME);
  // The primary message alone: the detail line quotes values.
  details.message = field(result, PG_DIAG_MESSAGE_PRIMARY);
  if (details.message.empty()) {
    details.message = is_copy(result) ? "COPY is not supported" : PQresultErrorMessage(&result);
  }
  details.message = one_line(details.message);
  return details;
}

bool is_copy(const PGresult& result) {
  const auto status = PQresultStatus(&result);
  return status == PGRES_COPY_IN || status == PGRES_COPY_OUT || status == PGRES_COPY_BOTH;
}

std::shared_ptr<PGcancel> cancel_handle(PGconn& connection) {
  PGcancel* handle = PQgetCancel(&connection);
  if (handle == nullptr) {
    throw std::bad_alloc();
  }
  return std::shared_ptr<PGcancel>(handle, PQfreeCancel);
}

void log_notice(void*, const PGresult* result) {
  if (log::enabled(log::Level::debug)) {
    log::debug("storage", "database notice: {}", field(*result, PG_DIAG_MESSAGE_PRIMARY));
  }
}

std::string sqlstate_in(std::string_view report) {
  constexpr std::string_view before = ":  ";
  std::string found;
  for (auto at = report.find(before); at != std::string_view::npos;
       at = report.find(before, at + 1)) {
    const auto rest = report.substr(at + before.size());
    if (rest.size() > 5 && rest[5] == ':' && is_sqlstate(rest.substr(0, 5))) {
      found = std::string(rest.substr(0, 5));
    }
  }
  return found;
}

std::string one_line(std::string_view report) {
  std::string line;
  while (!report.empty()) {
    const auto end = report.find('\n');
    auto part = report.substr(0, end);
    report.remove_prefix(end == std::string_view::npos ? report.size() : end + 1);
    const auto text = part.find_first_not_of(" \t");
    part.remove_prefix(text == std::string_view::npos ? part.size() : text);
    if (part.empty() || part.starts_with("LOCATION:")) {
      continue;
    }
    line += line.empty() ? "" : "; ";
    line += part;
  }
  return line.empty() ? "the connection is gone" : line;
}

bool is_refused_startup_parameter(std::string_view message) {
  return message.find("unsupported startup parameter") != std::string_view::npos;
}

}  // namespace scanclock::pg_protocol
