#include "daemon/spool_source.hpp"

#include "core/runtime/hashing.hpp"
#include "core/runtime/log.hpp"

#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/multiple_exceptions.hpp>

#include <algorithm>
#include <utility>

namespace scanclock {
namespace {

constexpr std::string_view spool_log = "spool";
constexpr Duration unchanged_min = std::chrono::seconds(1);
/// Events come in bursts: a folder with many files is looked at once for all of them.
constexpr Duration gather_wait = std::chrono::milliseconds(100);
/// As many hex digits of a content's digest as tell files of one name apart.
constexpr std::size_t content_hex_digits = 12;

struct HashedFile {
  std::shared_ptr<const std::string> bytes;
  Digest digest;
};

Result<HashedFile, SpoolProblem> read_and_hash(const std::string& folder, const SpoolEntry& entry) {
  auto read = read_spool_file(folder, entry);
  if (!read) {
    return read.error();
  }
  HashedFile file;
  file.bytes = std::move(*read);
  file.digest = file.bytes ? sha256(*file.bytes) : Digest();
  return file;
}

std::string content_of(const Digest& digest) {
  const std::string text = digest.str();
  return text.substr(text.find(':') + 1, content_hex_digits);
}

std::string refusal_text(const HandedOutcome& outcome, const Digest& digest, TimePoint now) {
  return "reason: " + std::string(to_string(outcome.reason.value_or(Rejection::malformed))) +
         "\ndetail: " + outcome.detail + "\ndigest: " + digest.str() +
         "\nrecorded: " + (outcome.evidence ? "yes" : "no") + "\nread_at: " + format_rfc3339(now) +
         "\n";
}

std::string unfit_text(const SpoolEntry& entry, TimePoint now) {
  return "reason: unfit\ndetail: it is " + entry.unfit +
         ", not a file with a report\nrecorded: no\nread_at: " + format_rfc3339(now) + "\n";
}

}  // namespace

SpoolSource::SpoolSource(SpoolOptions options, Surroundings surroundings)
    : options_(std::move(options)),
      surroundings_(std::move(surroundings)),
      settling_(std::max(options_.poll_every, unchanged_min)),
      watch_(surroundings_.executor) {}

asio::awaitable<void> SpoolSource::run() {
  while (true) {
    co_await look();
    surroundings_.engine.sources().next_poll(options_.name,
                                             surroundings_.clock.now() + options_.poll_every);
    co_await rest();
  }
}

asio::awaitable<void> SpoolSource::look() {
  surroundings_.engine.sources().requested(options_.name);
  // Events from before the listing are about what it will show.
  for (const std::string& name : watch_.take()) {
    settling_.closed(name);
  }
  SpoolProblem problem;
  std::vector<SpoolEntry> entries;
  std::vector<SpoolEntry> whole;
  try {
    auto work = [folder = options_.path] { return list_spool(folder); };
    auto listed = co_await surroundings_.pool.run(std::move(work));
    if (!listed) {
      problem = listed.error();
    } else {
      entries = std::move(*listed);
      whole = settling_.whole(entries, surroundings_.clock.monotonic(), surroundings_.clock.now());
    }
    for (SpoolEntry& entry : whole) {
      SpoolProblem trouble = co_await take(std::move(entry));
      const bool is_stuck = trouble.reason == "not_stored";
      if (problem.reason.empty()) {
        problem = std::move(trouble);
      }
      if (is_stuck) {
        // One report at a time is kept in memory while the database is away.
        break;
      }
    }
  } catch (const PoolBusyError& busy) {
    problem = SpoolProblem("overloaded", "read " + options_.path + ": " + busy.what());
  }
  std::erase_if(taken_, [&entries](const auto& item) {
    return std::none_of(entries.begin(), entries.end(),
                        [&item](const SpoolEntry& entry) { return entry.name == item.first; });
  });
  note(problem, entries.size());
}

/// Hands the entry in and moves it away. Without a problem it may still stand there, for the next
/// look: changed while it was read.
asio::awaitable<SpoolProblem> SpoolSource::take(SpoolEntry entry) {
  const auto known = taken_.find(entry.name);
  if (known != taken_.end() && known->second.identity == entry.identity) {
    Taken again = known->second;
    co_return co_await move_away(std::move(entry), std::move(again));
  }
  Taken taken;
  taken.identity = entry.identity;
  if (!entry.unfit.empty()) {
    log::warning(spool_log, "{}: refused {}: it is {}", options_.name, entry.name, entry.unfit);
    surroundings_.telemetry.source_error(options_.name, "unfit");
    taken.content = std::to_string(entry.identity.inode);
    taken.refusal = unfit_text(entry, surroundings_.clock.now());
    co_return co_await move_away(std::move(entry), std::move(taken));
  }
  auto work = [folder = options_.path, entry] { return read_and_hash(folder, entry); };
  auto content = co_await surroundings_.pool.run(std::move(work));
  if (!content) {
    co_return content.error();
  }
  if (!content->bytes) {
    co_return SpoolProblem();
  }
  const Digest digest = content->digest;
  HandedReport report;
  report.bytes = std::move(content->bytes);
  report.source = options_.name;
  report.origin = EvidenceOrigin::spool;
  const HandedOutcome outcome = co_await surroundings_.intake.hand_in(std::move(report));
  if (outcome.kind == HandedOutcome::Kind::not_stored) {
    co_return SpoolProblem("not_stored", "the database does not take changes at the moment; " +
                                             options_.path + "/" + entry.name +
                                             " is handed in again");
  }
  taken.content = content_of(digest);
  if (outcome.kind == HandedOutcome::Kind::refused) {
    const auto reason = to_string(outcome.reason.value_or(Rejection::malformed));
    log::warning(spool_log, "{}: refused {}: {} ({})", options_.name, entry.name, reason,
                 outcome.detail);
    surroundings_.telemetry.source_error(options_.name, std::string(reason));
    taken.refusal = refusal_text(outcome, digest, surroundings_.clock.now());
  }
  co_return co_await move_away(std::move(entry), std::move(taken));
}

asio::awaitable<SpoolProblem> SpoolSource::move_away(SpoolEntry entry, Taken taken) {
  taken_[entry.name] = taken;
  auto work = [folder = options_.path, entry, taken] {
    return file_spool_entry(folder, entry, taken.content, taken.refusal);
  };
  auto moved = co_await surroundings_.pool.run(std::move(work));
  if (!moved) {
    co_return moved.error();
  }
  taken_.erase(entry.name);
  co_return SpoolProblem();
}

void SpoolSource::note(const SpoolProblem& problem, std::size_t waiting) {
  SourceBook& sources = surroundings_.engine.sources();
  const SourceStatus* status = sources.find(options_.name);
  if (problem.reason.empty()) {
    if (status != nullptr && status->failing_since && status->last_success_at) {
      log::info(spool_log, "{} can be used again", options_.name);
    }
    sources.answered(options_.name, waiting, surroundings_.clock.now());
    if (!watch_.begin(options_.path) && !std::exchange(told_of_watch_, true)) {
      log::info(spool_log, "{}: the system tells of no changes in {}; it is looked at every {}",
                options_.name, options_.path, format_duration(options_.poll_every));
    }
  } else {
    if (status != nullptr && status->reason != problem.reason) {
      log::warning(spool_log, "{} cannot be used: {}", options_.name, problem.message);
    }
    surroundings_.telemetry.source_error(options_.name, problem.reason);
    sources.failed(options_.name, problem.reason, problem.message, surroundings_.clock.now());
  }
  surroundings_.engine.wake();
}

asio::awaitable<void> SpoolSource::rest() {
  using namespace asio::experimental::awaitable_operators;
  if (!watch_.is_watching()) {
    co_await surroundings_.clock.sleep(options_.poll_every);
    co_return;
  }
  bool cancelled = false;
  std::size_t first = 1;
  try {
    const auto outcome =
        co_await (watch_.changed() || surroundings_.clock.sleep(options_.poll_every));
    first = outcome.index();
  } catch (const asio::multiple_exceptions&) {
    // Both ended with an error, which only cancellation makes them do.
    cancelled = true;
  }
  if (cancelled) {
    throw boost::system::system_error(asio::error::operation_aborted);
  }
  if (first == 0) {
    co_await surroundings_.clock.sleep(std::min(gather_wait, options_.poll_every));
  }
}

}  // namespace scanclock
