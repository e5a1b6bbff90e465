#include "core/workloads/file_source.hpp"

#include "core/runtime/file_descriptor.hpp"
#include "core/runtime/hashing.hpp"
#include "core/workloads/workload_document.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <sys/stat.h>
#include <system_error>
#include <utility>

namespace scanclock {
namespace {

constexpr std::size_t read_piece_bytes = std::size_t{256} << 10;

/// What a pool thread brings back from the file.
struct FileView {
  Digest content;
  WorkloadReport report;
};

SourceProblem unreadable(const std::string& path, int error) {
  return SourceProblem(error == ENOENT ? "missing" : "unreadable",
                       "read " + path + ": " + std::generic_category().message(error));
}

/// A FIFO or a device in the file's place must not hold a pool thread: opening does not block, and
/// only a regular file is read.
Result<std::string, SourceProblem> read_file(const std::string& path) {
  const FileDescriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
  if (file.get() < 0) {
    return unreadable(path, errno);
  }
  struct stat status {};
  if (::fstat(file.get(), &status) != 0) {
    return unreadable(path, errno);
  }
  if (!S_ISREG(status.st_mode)) {
    return SourceProblem("unreadable", "read " + path + ": not a regular file");
  }
  std::string bytes;
  while (true) {
    const std::size_t held = bytes.size();
    bytes.resize(held + read_piece_bytes);
    const ssize_t got = ::read(file.get(), bytes.data() + held, read_piece_bytes);
    if (got < 0 && errno != EINTR) {
      return unreadable(path, errno);
    }
    bytes.resize(held + static_cast<std::size_t>(got > 0 ? got : 0));
    if (bytes.size() > workload_document_bytes_max) {
      return SourceProblem("malformed", "read " + path + ": larger than " +
                                            std::to_string(workload_document_bytes_max) + " bytes");
    }
    if (got == 0) {
      return bytes;
    }
  }
}

Result<FileView, SourceProblem> read_view(const std::string& path, const std::string& source,
                                          TimePoint now) {
  const auto bytes = read_file(path);
  if (!bytes) {
    return bytes.error();
  }
  auto report = parse_workload_document(*bytes, now, source);
  if (!report) {
    return SourceProblem(reason_of(report.error().kind),
                         "read " + path + ": " + report.error().message);
  }
  return FileView{sha256(*bytes), std::move(*report)};
}

}  // namespace

FileViewJudge::Outcome FileViewJudge::judge(const Digest& content, TimePoint observed_at,
                                            TimePoint now) {
  if (observed_at + blind_after_ < now) {
    return Outcome::stale;
  }
  if (reported_at_ && observed_at < *reported_at_) {
    return Outcome::older;
  }
  if (reported_at_ && content == reported_content_) {
    return Outcome::unchanged;
  }
  reported_content_ = content;
  reported_at_ = observed_at;
  return Outcome::report;
}

FileSource::FileSource(FileSourceSettings settings, Clock& clock, BlockingPool& pool)
    : settings_(std::move(settings)), clock_(clock), pool_(pool), judge_(settings_.blind_after) {}

asio::awaitable<void> FileSource::look(WorkloadSink& sink) {
  const TimePoint now = clock_.now();
  auto work = [path = settings_.path, source = settings_.name, now] {
    return read_view(path, source, now);
  };
  sink.request_made(settings_.name);
  SourceProblem problem;
  try {
    auto view = co_await pool_.run(std::move(work));
    if (!view) {
      problem = view.error();
    } else {
      const TimePoint observed_at = view->report.observed_at;
      switch (judge_.judge(view->content, observed_at, now)) {
        case FileViewJudge::Outcome::report:
          sink.workloads_observed(std::move(view->report));
          break;
        case FileViewJudge::Outcome::unchanged:
          break;
        case FileViewJudge::Outcome::stale:
          problem = SourceProblem("stale", settings_.path + ": observed_at " +
                                               format_rfc3339(observed_at) + " is " +
                                               describe_duration(now - observed_at) + " ago");
          break;
        case FileViewJudge::Outcome::older:
          problem = SourceProblem("stale", settings_.path + ": observed_at " +
                                               format_rfc3339(observed_at) +
                                               " is before that of the view read last");
          break;
      }
    }
  } catch (const PoolBusyError& busy) {
    problem = SourceProblem("overloaded", "read " + settings_.path + ": " + busy.what());
  }
  if (!problem.reason.empty()) {
    judge_.reading_failed();
    sink.workload_source_failed(settings_.name, problem);
  }
}

asio::awaitable<void> FileSource::run(WorkloadSink& sink) {
  while (true) {
    co_await look(sink);
    sink.next_poll_scheduled(settings_.name, clock_.now() + settings_.poll_every);
    co_await clock_.sleep(settings_.poll_every);
  }
}

}  // namespace scanclock
