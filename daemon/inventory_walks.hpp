#pragma once

#include "core/domain/inventory.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <optional>
#include <type_traits>

namespace scanclock {

/// What may be done between two pauses, in visits of images or containers that are counted or
/// compared only; each part keeps the I/O thread for a few milliseconds.
inline constexpr int walk_images_at_once = 1000;
inline constexpr int walk_containers_at_once = 1000;
/// Making the JSON of one takes as long as this many such visits.
inline constexpr int json_visits = 50;
/// And counting one for the forecast, which looks at its workloads and their namespaces.
inline constexpr int forecast_visits = 4;
/// Of anything, between two pauses.
inline constexpr std::size_t json_items_at_once = 20;

/// Leaves the I/O thread to whatever waits for it.
inline boost::asio::awaitable<void> let_others_run() {
  const auto executor = co_await boost::asio::this_coro::executor;
  co_await boost::asio::post(executor, boost::asio::use_awaitable);
}

/// What a visit tells the walk.
struct WalkStep {
  /// How many plain visits it was worth.
  int cost = 1;
  /// The walk ends here.
  bool is_last = false;
};

/// A visitor without a result sees everything.
template <class Visit, class Record>
WalkStep walk_step(const Visit& visit, const Record& record) {
  if constexpr (std::is_void_v<std::invoke_result_t<const Visit&, const Record&>>) {
    visit(record);
    return {};
  } else {
    return visit(record);
  }
}

/// Visits every image behind `after`, all without one, and leaves the I/O thread to others now and
/// then. Images that come in meanwhile fall into their places in the map; none leaves it. Await it
/// at once: it refers to its arguments.
template <class Visit>
boost::asio::awaitable<void> walk_images(const Inventory& inventory,
                                         const std::optional<Digest>& after, const Visit& visit) {
  const auto& images = inventory.images();
  int cost = 0;
  for (auto position = after ? images.upper_bound(*after) : images.begin();
       position != images.end(); ++position) {
    const WalkStep step = walk_step(visit, position->second);
    if (step.is_last) {
      co_return;
    }
    cost += step.cost;
    if (cost >= walk_images_at_once) {
      cost = 0;
      co_await let_others_run();
    }
  }
}

/// The same for containers, which may end during a pause: it goes on behind the one it saw last.
template <class Visit>
boost::asio::awaitable<void> walk_containers(const Inventory& inventory,
                                             const std::optional<ContainerKey>& after,
                                             const Visit& visit) {
  const ContainerTable& containers = inventory.containers();
  auto position = after ? containers.behind(*after) : containers.begin();
  int cost = 0;
  while (position != containers.end()) {
    const WalkStep step = walk_step(visit, *position);
    if (step.is_last) {
      co_return;
    }
    cost += step.cost;
    if (cost < walk_containers_at_once) {
      ++position;
      continue;
    }
    cost = 0;
    const ContainerKey last = position->key();
    co_await let_others_run();
    position = containers.behind(last);
  }
}

}  // namespace scanclock
