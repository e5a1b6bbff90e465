#include "daemon/spool_folder.hpp"

#include "core/runtime/file_descriptor.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <sys/stat.h>
#include <system_error>
#include <utility>

namespace scanclock {
namespace {

constexpr std::size_t read_piece_bytes = std::size_t{1} << 20;
constexpr mode_t read_folder_mode = 0750;
constexpr mode_t reason_file_mode = 0640;
/// Of one name and one content, moved there again and again.
constexpr int names_tried_max = 1000;

SpoolProblem spool_problem(const char* reason, const std::string& what, int error) {
  return {error == ENOENT ? "missing" : reason,
          what + ": " + std::generic_category().message(error)};
}

int open_folder(const std::string& folder) {
  return ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

SpoolIdentity identity_of(const struct stat& status) {
  SpoolIdentity identity;
  identity.device = status.st_dev;
  identity.inode = status.st_ino;
  identity.size_bytes = static_cast<std::uint64_t>(std::max<off_t>(status.st_size, 0));
  identity.modified_ns =
      std::int64_t{status.st_mtim.tv_sec} * 1'000'000'000 + std::int64_t{status.st_mtim.tv_nsec};
  return identity;
}

std::string unfit_kind(const struct stat& status) {
  if (S_ISLNK(status.st_mode)) {
    return "a symbolic link";
  }
  if (S_ISDIR(status.st_mode)) {
    return "a folder";
  }
  if (S_ISFIFO(status.st_mode)) {
    return "a named pipe";
  }
  if (!S_ISREG(status.st_mode)) {
    return "a device or socket";
  }
  return static_cast<std::uint64_t>(status.st_size) > spool_file_bytes_max
             ? "larger than " + std::to_string(spool_file_bytes_max) + " bytes"
             : "";
}

bool make_read_folder(int folder, const char* name) {
  return ::mkdirat(folder, name, read_folder_mode) == 0 || errno == EEXIST;
}

bool write_reason(int target, const std::string& name, const std::string& text) {
  const FileDescriptor file(::openat(target, name.c_str(),
                                     O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC,
                                     reason_file_mode));
  std::size_t written = 0;
  while (file.is_open() && written < text.size()) {
    const ssize_t wrote = ::write(file.get(), text.data() + written, text.size() - written);
    if (wrote < 0 && errno != EINTR) {
      return false;
    }
    written += static_cast<std::size_t>(std::max<ssize_t>(wrote, 0));
  }
  return file.is_open();
}

/// Moves without replacing what is there. Returns errno, 0 when done.
int move_to(int from, const std::string& name, int to, const std::string& new_name) {
  if (::renameat2(from, name.c_str(), to, new_name.c_str(), RENAME_NOREPLACE) == 0) {
    return 0;
  }
  if (errno != EINVAL && errno != ENOSYS) {
    return errno;
  }
  // A file system of another host cannot do both at once; nobody else writes there.
  struct stat status {};
  if (::fstatat(to, new_name.c_str(), &status, AT_SYMLINK_NOFOLLOW) == 0) {
    return EEXIST;
  }
  return ::renameat(from, name.c_str(), to, new_name.c_str()) == 0 ? 0 : errno;
}

/// The name, or the name with a part of the content's, or that and a number: whatever is free.
std::string candidate_name(const std::string& name, const std::string& content, int attempt) {
  if (attempt == 0) {
    return name;
  }
  return name + "." + content + (attempt == 1 ? "" : "." + std::to_string(attempt));
}

}  // namespace

Result<std::vector<SpoolEntry>, SpoolProblem> list_spool(const std::string& folder) {
  const int opened = open_folder(folder);
  if (opened < 0) {
    return spool_problem("unreadable", "read " + folder, errno);
  }
  DIR* const listing = ::fdopendir(opened);
  if (listing == nullptr) {
    const int error = errno;
    ::close(opened);
    return spool_problem("unreadable", "read " + folder, error);
  }
  std::vector<SpoolEntry> entries;
  errno = 0;
  while (const dirent* const item = ::readdir(listing)) {
    const std::string name = item->d_name;
    struct stat status {};
    if (name.starts_with('.') || name == spool_done_folder || name == spool_refused_folder ||
        ::fstatat(opened, name.c_str(), &status, AT_SYMLINK_NOFOLLOW) != 0) {
      continue;
    }
    SpoolEntry entry;
    entry.name = name;
    entry.identity = identity_of(status);
    entry.unfit = unfit_kind(status);
    entries.push_back(std::move(entry));
    if (entries.size() == spool_entries_max) {
      break;
    }
    errno = 0;
  }
  const int error = entries.size() == spool_entries_max ? 0 : errno;
  ::closedir(listing);
  if (error != 0) {
    return spool_problem("unreadable", "read " + folder, error);
  }
  std::sort(entries.begin(), entries.end(),
            [](const SpoolEntry& left, const SpoolEntry& right) { return left.name < right.name; });
  return entries;
}

Result<std::shared_ptr<const std::string>, SpoolProblem> read_spool_file(const std::string& folder,
                                                                         const SpoolEntry& entry) {
  using Content = std::shared_ptr<const std::string>;
  const std::string path = folder + "/" + entry.name;
  const FileDescriptor file(
      ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY | O_NOFOLLOW));
  if (!file.is_open()) {
    if (errno == ENOENT || errno == ELOOP) {
      return Content();
    }
    return spool_problem("unreadable", "read " + path, errno);
  }
  struct stat status {};
  if (::fstat(file.get(), &status) != 0) {
    return spool_problem("unreadable", "read " + path, errno);
  }
  if (identity_of(status) != entry.identity) {
    return Content();
  }
  auto bytes = std::make_shared<std::string>();
  bytes->reserve(entry.identity.size_bytes + 1);
  while (bytes->size() <= spool_file_bytes_max) {
    const std::size_t held = bytes->size();
    bytes->resize(std::min(held + read_piece_bytes, spool_file_bytes_max + 1));
    const ssize_t got = ::read(file.get(), bytes->data() + held, bytes->size() - held);
    const int error = errno;
    bytes->resize(held + static_cast<std::size_t>(std::max<ssize_t>(got, 0)));
    if (got < 0 && error != EINTR) {
      return spool_problem("unreadable", "read " + path, error);
    }
    if (got == 0) {
      break;
    }
  }
  if (::fstat(file.get(), &status) != 0 || identity_of(status) != entry.identity ||
      bytes->size() != entry.identity.size_bytes) {
    return Content();
  }
  return Content(std::move(bytes));
}

Result<bool, SpoolProblem> file_spool_entry(const std::string& folder, const SpoolEntry& entry,
                                            const std::string& content,
                                            const std::string& refusal) {
  const char* const target_name = refusal.empty() ? spool_done_folder : spool_refused_folder;
  const std::string what = "move " + folder + "/" + entry.name + " to " + target_name;
  const FileDescriptor source(open_folder(folder));
  if (!source.is_open()) {
    return spool_problem("unreadable", "read " + folder, errno);
  }
  if (!make_read_folder(source.get(), target_name)) {
    return spool_problem("unwritable", what, errno);
  }
  const FileDescriptor target(
      ::openat(source.get(), target_name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  if (!target.is_open()) {
    return spool_problem("unwritable", what, errno);
  }
  for (int attempt = 0; attempt < names_tried_max; ++attempt) {
    const std::string name = candidate_name(entry.name, content, attempt);
    const int error = move_to(source.get(), entry.name, target.get(), name);
    if (error == EEXIST) {
      continue;
    }
    if (error != 0) {
      return error == ENOENT ? Result<bool, SpoolProblem>(false)
                             : spool_problem("unwritable", what, error);
    }
    struct stat status {};
    if (entry.unfit.empty() &&
        ::fstatat(target.get(), name.c_str(), &status, AT_SYMLINK_NOFOLLOW) == 0 &&
        identity_of(status) != entry.identity) {
      // A newer file of this name was caught: nobody has read it. Where its name is taken again
      // already, it waits under this one.
      if (move_to(target.get(), name, source.get(), entry.name) != 0) {
        move_to(target.get(), name, source.get(), name + ".again");
      }
      return false;
    }
    if (!refusal.empty() && !write_reason(target.get(), name + ".reason.txt", refusal)) {
      return spool_problem(
          "unwritable", "write " + folder + "/" + target_name + "/" + name + ".reason.txt", errno);
    }
    return true;
  }
  return SpoolProblem("unwritable", what + ": every name is taken");
}

}  // namespace scanclock
