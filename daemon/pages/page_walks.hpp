#pragma once

#include "core/domain/inventory.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace scanclock {

/// Between two pauses; each keeps the I/O thread for a few milliseconds.
inline constexpr int walk_images_at_once = 4000;
inline constexpr int walk_containers_at_once = 8000;

/// Visits every image and leaves the I/O thread to others now and then. Images that come in
/// meanwhile fall into their places in the map; none leaves it. Await it at once: it refers to its
/// arguments.
template <class Visit>
boost::asio::awaitable<void> walk_images(const Inventory& inventory, const Visit& visit) {
  const auto executor = co_await boost::asio::this_coro::executor;
  int visited = 0;
  for (auto position = inventory.images().begin(); position != inventory.images().end();
       ++position) {
    visit(position->second);
    if (++visited % walk_images_at_once == 0) {
      co_await boost::asio::post(executor, boost::asio::use_awaitable);
    }
  }
}

/// The same for containers, which may end during a pause: it goes on behind the one it saw last.
template <class Visit>
boost::asio::awaitable<void> walk_containers(const Inventory& inventory, const Visit& visit) {
  const auto executor = co_await boost::asio::this_coro::executor;
  const ContainerTable& containers = inventory.containers();
  auto position = containers.begin();
  int visited = 0;
  while (position != containers.end()) {
    visit(*position);
    if (++visited % walk_containers_at_once != 0) {
      ++position;
      continue;
    }
    const ContainerKey last = position->key();
    co_await boost::asio::post(executor, boost::asio::use_awaitable);
    position = containers.behind(last);
  }
}

}  // namespace scanclock
