#include "storage/backup.hpp"

#include "storage/child_process.hpp"
#include "storage/dsn.hpp"
#include "storage/postgres_binaries.hpp"
#include "storage/queries.hpp"

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
  const auto environment = conninfo_environment(conninfo, password);
  auto script = fs::absolute(file);
  script += ".restoring";
  try {
    // pg_restore --clean drops object by object and fails at the constraints that partitions
    // inherit, so the schema goes as a whole, in the transaction that makes the new one.
    std::vector<std::string> unpack = {"--no-owner", "--file=" + script.string(),
                                       fs::absolute(file).string()};
    run_tool("pg_restore", std::move(unpack), environment, file);
    std::vector<std::string> replace = {"--no-psqlrc",
                                        "--quiet",
                                        "--no-password",
                                        "--single-transaction",
                                        "--set=ON_ERROR_STOP=1",
                                        "--output=/dev/null",
                                        "--command=" + query("DropSchema").text,
                                        "--file=" + script.string()};
    run_tool("psql", std::move(replace), environment, file);
  } catch (...) {
    std::error_code ignored;
    fs::remove(script, ignored);
    throw;
  }
  fs::remove(script);
}

}  // namespace scanclock
