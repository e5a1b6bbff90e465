#pragma once

#include "core/domain/result.hpp"
#include "core/domain/time.hpp"

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

namespace scanclock {

/// As much as evidence from anywhere (design.md, 6).
inline constexpr std::size_t spool_file_bytes_max = std::size_t{64} << 20;
/// Names of a folder beyond these wait until some are done.
inline constexpr std::size_t spool_entries_max = 10'000;
/// A file that nobody touched for this long is whole, whether or not anybody watched.
inline constexpr Duration spool_quiet_min = std::chrono::minutes(1);

/// Where read reports go, within the folder.
inline constexpr const char* spool_done_folder = "done";
inline constexpr const char* spool_refused_folder = "refused";

/// Why a folder or file cannot be used. `reason` is a metric label: `missing`, `unreadable`,
/// `unwritable`.
struct SpoolProblem {
  SpoolProblem() = default;
  SpoolProblem(std::string problem_reason, std::string problem_message)
      : reason(std::move(problem_reason)), message(std::move(problem_message)) {}
  std::string reason;
  std::string message;
};

/// What tells one content of a name from the next.
struct SpoolIdentity {
  std::uint64_t device = 0;
  std::uint64_t inode = 0;
  std::uint64_t size_bytes = 0;
  /// Nanoseconds since the epoch, as the file system has it.
  std::int64_t modified_ns = 0;

  bool operator==(const SpoolIdentity&) const = default;
};

struct SpoolEntry {
  SpoolEntry() = default;
  std::string name;
  SpoolIdentity identity;
  /// Empty for a regular file within the limit, else what it is instead: `a symbolic link`.
  std::string unfit;
};

/// Everything below blocks: it is for the blocking pool. A folder is given by its path, entries by
/// name; no symbolic link is followed within it.

/// The folder's entries by name, without hidden ones and the two folders for what was read.
Result<std::vector<SpoolEntry>, SpoolProblem> list_spool(const std::string& folder);

/// The content of an entry. Nothing in the pointer when it is not what `entry` says any more.
Result<std::shared_ptr<const std::string>, SpoolProblem> read_spool_file(const std::string& folder,
                                                                         const SpoolEntry& entry);

/// Moves the entry to done/, or to refused/ with NAME.reason.txt beside it when there is a
/// `refusal`. `content` tells files of one name apart: its digest, or anything else that does.
/// A file that was replaced meanwhile stays where it is. False then.
Result<bool, SpoolProblem> file_spool_entry(const std::string& folder, const SpoolEntry& entry,
                                            const std::string& content, const std::string& refusal);

/// Decides which entries are whole. A pure state machine.
class SpoolSettling {
 public:
  /// An entry that changed not at all for `unchanged_for` between two looks is whole.
  explicit SpoolSettling(Duration unchanged_for) : unchanged_for_(unchanged_for) {}

  /// Its writer closed it, or it was moved in.
  void closed(const std::string& name) { closed_.insert(name); }

  /// The names that are whole, in the order of `entries`. `elapsed` is monotonic time, `now` the
  /// wall clock's.
  std::vector<SpoolEntry> whole(const std::vector<SpoolEntry>& entries, Duration elapsed,
                                TimePoint now);

 private:
  struct Seen {
    SpoolIdentity identity;
    Duration since{0};
  };
  Duration unchanged_for_;
  std::map<std::string, Seen> seen_;
  std::set<std::string> closed_;
};

}  // namespace scanclock
