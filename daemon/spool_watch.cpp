#include "daemon/spool_watch.hpp"

#include <boost/asio/use_awaitable.hpp>
#include <unistd.h>

#include <array>
#include <cstring>
#include <sys/inotify.h>

namespace scanclock {

namespace asio = boost::asio;

bool SpoolWatch::begin(const std::string& folder) {
  if (events_) {
    return true;
  }
  const int descriptor = ::inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
  if (descriptor < 0) {
    return false;
  }
  if (::inotify_add_watch(
          descriptor, folder.c_str(),
          IN_CLOSE_WRITE | IN_MOVED_TO | IN_DELETE_SELF | IN_MOVE_SELF | IN_ONLYDIR) < 0) {
    ::close(descriptor);
    return false;
  }
  events_.emplace(executor_, descriptor);
  return true;
}

std::vector<std::string> SpoolWatch::take() {
  std::vector<std::string> names;
  bool is_gone = false;
  // Room for many events of short names, and for one of the longest.
  alignas(inotify_event) std::array<char, 16 * 1024> buffer{};
  while (events_ && !is_gone) {
    const ssize_t got = ::read(events_->native_handle(), buffer.data(), buffer.size());
    if (got <= 0) {
      break;
    }
    for (std::size_t at = 0; at < static_cast<std::size_t>(got);) {
      inotify_event event{};
      std::memcpy(&event, buffer.data() + at, sizeof event);
      if ((event.mask & (IN_CLOSE_WRITE | IN_MOVED_TO)) != 0 && event.len > 0) {
        // Padded with NUL bytes to its length.
        names.emplace_back(buffer.data() + at + sizeof event);
      }
      is_gone = is_gone || (event.mask & (IN_DELETE_SELF | IN_MOVE_SELF | IN_IGNORED)) != 0;
      at += sizeof event + event.len;
    }
  }
  if (is_gone) {
    events_.reset();
  }
  return names;
}

asio::awaitable<void> SpoolWatch::changed() {
  co_await events_->async_wait(asio::posix::stream_descriptor::wait_read, asio::use_awaitable);
}

}  // namespace scanclock
