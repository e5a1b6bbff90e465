#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>

#include <optional>
#include <string>
#include <vector>

namespace scanclock {

/// Tells which files of a folder were closed by their writers or moved in (inotify(7)). A hint
/// alone: file systems of other hosts tell nothing, and a full queue loses events. I/O thread only.
class SpoolWatch {
 public:
  explicit SpoolWatch(boost::asio::any_io_executor executor) : executor_(std::move(executor)) {}

  /// Begins to watch, unless it does already. `folder` was read a moment ago, so that this does not
  /// block. False when the kernel refuses; the folder is then only looked at now and then.
  bool begin(const std::string& folder);
  bool is_watching() const { return events_.has_value(); }

  /// Names since the last call. Ends watching when the folder itself went away or elsewhere.
  std::vector<std::string> take();

  /// Returns when there is something to take; only while watching.
  boost::asio::awaitable<void> changed();

 private:
  boost::asio::any_io_executor executor_;
  std::optional<boost::asio::posix::stream_descriptor> events_;
};

}  // namespace scanclock
