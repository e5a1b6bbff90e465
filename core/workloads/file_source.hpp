#pragma once

#include "core/runtime/blocking_pool.hpp"
#include "core/runtime/clock.hpp"
#include "core/workloads/workload_source.hpp"

#include <boost/asio/awaitable.hpp>

#include <cstddef>
#include <memory>
#include <optional>
#include <string>

namespace scanclock {

struct FileSourceSettings {
  FileSourceSettings() = default;
  std::string name;
  std::string path;
  Duration poll_every = std::chrono::seconds(30);
  /// A view observed longer ago than this is a failure `stale`, however often the file is read.
  Duration blind_after = std::chrono::minutes(10);
};

/// Decides what a file's content is worth. Reading an old file again is no fresh view: only what
/// the producer observed later, or a corrected content, is reported. A pure state machine.
class FileViewJudge {
 public:
  enum class Outcome { report, unchanged, stale, older };

  explicit FileViewJudge(Duration blind_after) : blind_after_(blind_after) {}

  /// `content` identifies the bytes, `observed_at` is what they say.
  Outcome judge(const Digest& content, TimePoint observed_at, TimePoint now);

  /// A reading failed: the content reported last is reported once more when it is back, so that
  /// the failure ends.
  void reading_failed() { reported_content_ = Digest(); }

 private:
  Duration blind_after_;
  Digest reported_content_;
  std::optional<TimePoint> reported_at_;
};

/// Reads a workload file (workload_document.hpp) every `poll_every`. Producers should replace the
/// file by rename(2), so that no half of it is ever read. Failures: `missing`, `unreadable`,
/// `malformed`, `wrong_source`, `stale`, `overloaded`.
class FileSource final : public WorkloadSource {
 public:
  /// All must outlive the source.
  FileSource(FileSourceSettings settings, Clock& clock, BlockingPool& pool);

  const std::string& name() const override { return settings_.name; }
  std::string kind() const override { return "file"; }
  boost::asio::awaitable<void> run(WorkloadSink& sink) override;

  /// One reading; what run() does every period.
  boost::asio::awaitable<void> look(WorkloadSink& sink);

 private:
  FileSourceSettings settings_;
  Clock& clock_;
  BlockingPool& pool_;
  FileViewJudge judge_;
};

}  // namespace scanclock
