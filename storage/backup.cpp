#include "storage/backup.hpp"

#include "storage/child_process.hpp"
#include "storage/dsn.hpp"
#include "storage/postgres_binaries.hpp"

#include <unistd.h>

#include <system_error>
#include <utility>
#include <vector>

namespace scanclock {
namespace {

namespace fs = std::filesystem;

void run_tool(const std::string& tool, std::vector<std::string> arguments,
              std::map<std::string, std::string> environment, const fs::path& file) {
  ChildCommand command;
  command.program = newest_postgres_binaries().folder / tool;
  command.arguments = std::move(arguments);
  command.environment = std::move(environment);
  ChildOutcome outcome;
  try {
    outcome = run_child(std::move(command));
  } catch (const std::system_error& error) {
    throw BackupError(tool + " cannot be run: " + error.what() +
                      "\nHINT: install the package postgresql-client");
  }
  if (outcome.status != 0) {
    throw BackupError(tool + " with " + file.string() + " failed with status " +
                      std::to_string(outcome.status) + ": " + outcome.output);
  }
}

}  // namespace

void backup_database(const std::string& conninfo, const std::string& password,
                     const fs::path& file) {
  auto unfinished = fs::absolute(file);
  unfinished += ".unfinished";
  std::vector<std::string> arguments = {"--format=custom", "--schema=scanclock",
                                        "--no-owner",      "--no-privileges",
                                        "--no-password",   "--file=" + unfinished.string()};
  try {
    run_tool("pg_dump", std::move(arguments), conninfo_environment(conninfo, password), file);
    fs::rename(unfinished, file);
  } catch (...) {
    std::error_code ignored;
    fs::remove(unfinished, ignored);
    throw;
  }
}

void restore_database(const std::string& conninfo, const std::string& password,
                      const fs::path& file) {
  auto environment = conninfo_environment(conninfo, password);
  // pg_restore prints a script unless it is told a database; the rest comes from the environment.
  const auto database = environment.find("PGDATABASE");
  std::vector<std::string> arguments = {
      "--clean",
      "--if-exists",
      "--no-owner",
      "--no-password",
      "--single-transaction",
      "--exit-on-error",
      "--dbname=" + (database == environment.end() ? std::string("scanclock") : database->second),
      fs::absolute(file).string()};
  run_tool("pg_restore", std::move(arguments), std::move(environment), file);
}

}  // namespace scanclock
