#include "cli/database_commands.hpp"

#include "cli/database_session.hpp"
#include "cli/run_to_end.hpp"
#include "cli/table.hpp"
#include "storage/backup.hpp"
#include "storage/evidence_chain.hpp"
#include "storage/migrator.hpp"
#include "storage/pg_error.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <ostream>
#include <vector>

namespace scanclock {
namespace {

using nlohmann::json;

/// Runs a command's work and turns the storage room's exceptions into the command's.
template <class Work>
auto with_database_errors(Work work) {
  try {
    return work();
  } catch (const PgError& error) {
    const bool is_gone = error.connection_lost() || error.statement() == "connect";
    throw CommandError(is_gone ? ExitCode::unreachable : ExitCode::internal, error.what());
  } catch (const MigrationError& error) {
    throw CommandError(ExitCode::no, error.what());
  }
}

void print_line(DatabaseContext& context, const json& answer, const std::string& text) {
  context.out << (context.format == OutputFormat::json ? answer.dump(2) : text) << "\n";
}

std::string describe_break(const ChainBreak& place) {
  std::string text = "not intact: month " + place.month + ", row " +
                     std::to_string(place.position) + ": " + place.what;
  const auto line = [&text](const char* name, const std::string& value) {
    text += value.empty() ? "" : std::string("\n  ") + name + ": " + value;
  };
  line("evidence", place.evidence);
  line("expected hash", place.expected_hash);
  line("found hash", place.found_hash);
  return text;
}

std::string state_of(const MigrationStatus& migration) {
  if (!migration.recognized) {
    return "not this program's";
  }
  return migration.applied_at ? "applied" : "pending";
}

}  // namespace

ExitCode run_db_migrate(DatabaseContext context, const DatabaseOptions& options) {
  DatabaseSession session(context.io, context.clock, options.config);
  const int applied = with_database_errors([&] {
    Migrator migrator(session.pool(), context.clock);
    return run_to_end(context.io, migrator.migrate());
  });
  json answer;
  answer["applied"] = applied;
  print_line(
      context, answer,
      applied == 0 ? "nothing to migrate" : "applied " + std::to_string(applied) + " migrations");
  return ExitCode::ok;
}

ExitCode run_db_status(DatabaseContext context, const DatabaseOptions& options) {
  DatabaseSession session(context.io, context.clock, options.config);
  const std::vector<MigrationStatus> migrations = with_database_errors([&] {
    Migrator migrator(session.pool(), context.clock);
    return run_to_end(context.io, migrator.status());
  });
  Table table({"VERSION", "NAME", "STATE", "APPLIED AT"});
  json answer = json::array();
  bool is_current = true;
  for (const MigrationStatus& migration : migrations) {
    const std::string at = migration.applied_at ? format_rfc3339(*migration.applied_at) : "";
    is_current = is_current && migration.recognized && migration.applied_at;
    table.add({std::to_string(migration.version), migration.name, state_of(migration), at});
    json row;
    row["version"] = migration.version;
    row["name"] = migration.name;
    row["state"] = state_of(migration);
    row["applied_at"] = at.empty() ? json() : json(at);
    answer.push_back(std::move(row));
  }
  std::string text = table.text();
  text.pop_back();
  print_line(context, answer, text);
  return is_current ? ExitCode::ok : ExitCode::no;
}

ExitCode run_db_verify(DatabaseContext context, const DatabaseOptions& options) {
  DatabaseSession session(context.io, context.clock, options.config);
  const Result<ChainReport, ChainBreak> report = with_database_errors([&] {
    Migrator migrator(session.pool(), context.clock);
    run_to_end(context.io, migrator.require_current());
    return run_to_end(context.io, verify_evidence_chain(session.pool()));
  });
  json answer;
  answer["intact"] = report.has_value();
  if (report.has_value()) {
    answer["rows"] = report->rows;
    answer["months"] = report->months;
    print_line(context, answer,
               "intact: " + std::to_string(report->rows) + " pieces of evidence in " +
                   std::to_string(report->months) + " months");
    return ExitCode::ok;
  }
  const ChainBreak& place = report.error();
  answer["month"] = place.month;
  answer["position"] = place.position;
  answer["evidence"] = place.evidence.empty() ? json() : json(place.evidence);
  answer["expected_hash"] = place.expected_hash.empty() ? json() : json(place.expected_hash);
  answer["found_hash"] = place.found_hash.empty() ? json() : json(place.found_hash);
  answer["what"] = place.what;
  print_line(context, answer, describe_break(place));
  return ExitCode::no;
}

ExitCode run_db_backup(DatabaseContext context, const DatabaseOptions& options) {
  DatabaseSession session(context.io, context.clock, options.config);
  try {
    backup_database(session.conninfo(), session.password(), options.file);
  } catch (const BackupError& error) {
    throw CommandError(ExitCode::internal, error.what());
  }
  json answer;
  answer["file"] = options.file;
  print_line(context, answer, "written: " + options.file);
  return ExitCode::ok;
}

ExitCode run_db_restore(DatabaseContext context, const DatabaseOptions& options) {
  DatabaseSession session(context.io, context.clock, options.config);
  try {
    restore_database(session.conninfo(), session.password(), options.file);
  } catch (const BackupError& error) {
    throw CommandError(ExitCode::internal, error.what());
  }
  json answer;
  answer["file"] = options.file;
  print_line(context, answer,
             "restored: " + options.file +
                 "\nHINT: run `scanclock db migrate` if the backup is of an older version, then "
                 "start scanclockd");
  return ExitCode::ok;
}

}  // namespace scanclock
