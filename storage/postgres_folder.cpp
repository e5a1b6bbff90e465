#include "storage/postgres_folder.hpp"

#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <sstream>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <system_error>

namespace scanclock {
namespace {

namespace fs = std::filesystem;

// The last byte of sun_path is the closing zero.
constexpr std::size_t socket_path_bytes_max = sizeof(sockaddr_un::sun_path) - 1;
constexpr std::string_view socket_name = "/.s.PGSQL.5432";
constexpr std::size_t log_tail_bytes_max = 2000;
constexpr auto owner_only = fs::perms::owner_all;

void make_private_folder(const fs::path& folder, const std::optional<UserIdentity>& identity) {
  if (fs::exists(folder)) {
    return;
  }
  fs::create_directories(folder);
  fs::permissions(folder, owner_only);
  if (identity && ::chown(folder.c_str(), identity->uid, identity->gid) != 0) {
    throw EmbeddedPostgresError("the owner of " + folder.string() +
                                " cannot be set: " + std::generic_category().message(errno));
  }
}

std::string first_line(const fs::path& file) {
  std::ifstream stream(file);
  std::string line;
  std::getline(stream, line);
  return line;
}

}  // namespace

std::optional<fs::path> first_impassable(const fs::path& path, const UserIdentity& identity) {
  fs::path walked;
  for (const auto& part : fs::absolute(path).lexically_normal()) {
    walked /= part;
    struct stat info {};
    if (::stat(walked.c_str(), &info) != 0) {
      return std::nullopt;
    }
    const mode_t needed = info.st_uid == identity.uid   ? S_IXUSR
                          : info.st_gid == identity.gid ? S_IXGRP
                                                        : S_IXOTH;
    if ((info.st_mode & needed) == 0) {
      return walked;
    }
  }
  return std::nullopt;
}

void PostgresFolder::check_socket_length() const {
  const auto path = fs::absolute(socket()).string() + std::string(socket_name);
  if (path.size() > socket_path_bytes_max) {
    throw EmbeddedPostgresError("the path of the database socket, " + path + ", has " +
                                std::to_string(path.size()) + " bytes; a socket's address holds " +
                                std::to_string(socket_path_bytes_max) +
                                "\nHINT: set database.embedded.data_dir to a shorter path");
  }
}

std::optional<UserIdentity> PostgresFolder::identity() const {
  if (::geteuid() != 0) {
    return std::nullopt;
  }
  struct stat info {};
  if (::stat(data().c_str(), &info) == 0 && info.st_uid != 0) {
    return UserIdentity{info.st_uid, info.st_gid};
  }
  for (const char* name : {"postgres", "nobody"}) {
    if (const auto user = find_user(name); user && user->uid != 0) {
      return user;
    }
  }
  throw EmbeddedPostgresError(
      "PostgreSQL refuses to run as root, and there is no user postgres or nobody\n"
      "HINT: run scanclockd as a user of its own");
}

void PostgresFolder::prepare(const std::optional<UserIdentity>& identity) const {
  make_private_folder(root_, identity);
  make_private_folder(socket(), identity);
  if (!identity) {
    return;
  }
  if (const auto blocked = first_impassable(socket(), *identity)) {
    throw EmbeddedPostgresError(
        "the database's user, uid " + std::to_string(identity->uid) + ", may not pass " +
        blocked->string() + "\nHINT: chmod o+x " + blocked->string() +
        ", or set database.embedded.data_dir to a folder whose parents everybody may pass");
  }
}

PostgresFolderLock::~PostgresFolderLock() { ::close(descriptor_); }

std::shared_ptr<const PostgresFolderLock> PostgresFolder::lock() const {
  const auto file = root_ / "lock";
  const int descriptor = ::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, S_IRUSR | S_IWUSR);
  if (descriptor < 0) {
    throw EmbeddedPostgresError(file.string() +
                                " cannot be opened: " + std::generic_category().message(errno));
  }
  auto held = std::make_shared<const PostgresFolderLock>(descriptor);
  if (::flock(descriptor, LOCK_EX | LOCK_NB) != 0) {
    throw EmbeddedPostgresError(
        "another process uses the database in " + root_.string() +
        "\nHINT: stop the other scanclockd, or give each its own database.embedded.data_dir");
  }
  return held;
}

std::optional<int> PostgresFolder::data_major() const {
  const auto line = first_line(data() / "PG_VERSION");
  if (line.empty()) {
    return std::nullopt;
  }
  return std::atoi(line.c_str());
}

PostgresBinaries PostgresFolder::choose_binaries() const {
  const auto newest = newest_postgres_binaries();
  const auto wanted = data_major();
  if (!wanted || *wanted == newest.major) {
    return newest;
  }
  const auto all = find_postgres_binaries();
  const auto fitting = std::find_if(
      all.begin(), all.end(), [&](const PostgresBinaries& one) { return one.major == *wanted; });
  if (fitting != all.end()) {
    return *fitting;
  }
  throw EmbeddedPostgresError(
      "the data in " + data().string() + " was made by PostgreSQL " + std::to_string(*wanted) +
      ", installed is " + std::to_string(newest.major) + "\nHINT: install postgresql-" +
      std::to_string(*wanted) +
      " beside it, make a backup with scanclock db backup, move the folder away, and restore the "
      "backup into a new one");
}

void PostgresFolder::initialize(const PostgresBinaries& binaries,
                                const std::optional<UserIdentity>& identity, bool durable) const {
  if (data_major()) {
    return;
  }
  if (fs::exists(data()) && !fs::is_empty(data())) {
    throw EmbeddedPostgresError(data().string() +
                                " is not empty and holds no PostgreSQL data\nHINT: move it away, "
                                "or set database.embedded.data_dir to another folder");
  }
  // What an interrupted first start left behind never was a database.
  const auto unfinished = root_ / "data.unfinished";
  fs::remove_all(unfinished);
  make_private_folder(unfinished, identity);
  ChildCommand command;
  command.program = binaries.folder / "initdb";
  command.identity = identity;
  // The socket's folder is for its owner alone, so whoever reaches the socket may come in.
  command.arguments = {"--pgdata=" + unfinished.string(),
                       "--username=scanclock",
                       "--encoding=UTF8",
                       "--locale=C.UTF-8",
                       "--data-checksums",
                       "--auth-local=trust",
                       "--auth-host=reject",
                       "--no-instructions"};
  if (!durable) {
    command.arguments.emplace_back("--no-sync");
  }
  const auto outcome = run_child(std::move(command));
  if (outcome.status != 0) {
    throw EmbeddedPostgresError("initdb failed with status " + std::to_string(outcome.status) +
                                ": " + outcome.output);
  }
  if (fs::exists(data())) {
    fs::remove(data());
  }
  fs::rename(unfinished, data());
}

std::optional<pid_t> PostgresFolder::locking_process() const {
  const auto process = std::atoi(first_line(data() / "postmaster.pid").c_str());
  return process > 0 ? std::optional<pid_t>(process) : std::nullopt;
}

/// A postmaster's working directory is its data; a process ID that was given to another program has
/// another one, and a dead process none.
bool PostgresFolder::is_postmaster(pid_t process) const {
  std::error_code failure;
  const auto folder = fs::read_symlink("/proc/" + std::to_string(process) + "/cwd", failure);
  return !failure && folder == fs::canonical(data(), failure);
}

std::optional<pid_t> PostgresFolder::running_postmaster() const {
  const auto process = locking_process();
  return process && is_postmaster(*process) ? process : std::nullopt;
}

void PostgresFolder::disarm_stale_lock() const {
  const auto process = locking_process();
  if (!process || is_postmaster(*process) || (::kill(*process, 0) != 0 && errno == ESRCH)) {
    return;
  }
  // PostgreSQL takes its own parent's process ID for a stale one, but goes on to check that no
  // orphaned backend still uses the shared memory named in the file: hence it is not deleted.
  const auto file = data() / "postmaster.pid";
  std::ifstream stream(file);
  std::string line;
  std::getline(stream, line);
  std::ostringstream rest;
  rest << stream.rdbuf();
  stream.close();
  std::ofstream(file, std::ios::trunc) << ::getpid() << '\n' << rest.str();
}

std::string PostgresFolder::start_log_tail() const {
  std::ifstream stream(start_log());
  std::ostringstream text;
  text << stream.rdbuf();
  auto tail = text.str();
  if (tail.size() > log_tail_bytes_max) {
    tail.erase(0, tail.size() - log_tail_bytes_max);
  }
  while (!tail.empty() && tail.back() == '\n') {
    tail.pop_back();
  }
  return tail;
}

}  // namespace scanclock
