#pragma once

#include "core/net/http_client.hpp"
#include "core/runtime/backoff.hpp"
#include "core/runtime/blocking_pool.hpp"
#include "core/runtime/clock.hpp"
#include "core/workloads/docker_connection.hpp"
#include "core/workloads/event_framer.hpp"
#include "core/workloads/workload_source.hpp"

#include <boost/asio/awaitable.hpp>

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace scanclock {

struct DockerSourceSettings {
  DockerSourceSettings() = default;
  std::string name;
  /// See DockerConnection.
  std::string url;
  Duration poll_every = std::chrono::seconds(30);
  /// How long after the end of a container the list is asked for, so that a burst of ends costs
  /// one list.
  Duration list_delay = std::chrono::seconds(1);
};

/// The daemon sends nothing while nothing starts or ends; a stream that is silent for this long is
/// opened anew, for its peer might be gone.
inline constexpr Duration docker_stream_idle_max = std::chrono::minutes(15);
/// How long the first list waits for the event stream.
inline constexpr Duration docker_subscription_wait_max = std::chrono::seconds(5);
/// A stream that lived this long was a good one: the next failure waits from the start again.
inline constexpr Duration docker_stream_settled_after = std::chrono::minutes(1);

/// Watches one Docker Engine, or Podman's compatible socket. The full list every `poll_every` is
/// the truth; the event stream only makes starts and ends known sooner, so its loss is logged and
/// is no failure of the source. A report is complete, or there is none: an image that cannot be
/// inspected for another reason than 404 fails the look.
class DockerSource final : public WorkloadSource {
 public:
  /// All must outlive the source; `http` carries the source's certificates. Throws
  /// std::invalid_argument for a URL that is none.
  DockerSource(DockerSourceSettings settings, HttpClient& http, Clock& clock, BlockingPool& pool);
  ~DockerSource() override;

  const std::string& name() const override { return settings_.name; }
  std::string kind() const override { return "docker"; }
  boost::asio::awaitable<void> run(WorkloadSink& sink) override;

 private:
  /// What only an inspection tells.
  struct Inspected {
    std::string image;
    std::optional<TimePoint> started_at;
  };
  struct Wake;
  using Containers = std::vector<DockerContainer>;

  boost::asio::awaitable<void> keep_listing();
  boost::asio::awaitable<void> wait_for_list_time();
  boost::asio::awaitable<void> list_once();
  boost::asio::awaitable<std::optional<SourceProblem>> look();
  boost::asio::awaitable<Result<Containers, SourceProblem>> running_containers();
  boost::asio::awaitable<std::optional<SourceProblem>> refresh_image(std::string image_id);
  void report(TimePoint observed_at, const Containers& containers);
  void want_list_within(Duration delay);

  boost::asio::awaitable<void> follow_events();
  boost::asio::awaitable<std::unique_ptr<HttpStream>> subscribe();
  /// Returns why the stream ended.
  boost::asio::awaitable<std::string> read_events(HttpStream& stream);
  boost::asio::awaitable<void> apply(DockerEvent event);
  boost::asio::awaitable<void> observe_start(std::string container_id);
  ContainerObservation observation_of(const DockerContainer& container) const;

  DockerSourceSettings settings_;
  Clock& clock_;
  WorkloadSink* sink_ = nullptr;
  DockerConnection connection_;
  Backoff stream_backoff_;
  std::unique_ptr<Wake> wake_;
  /// Monotonic.
  Duration next_list_at_{0};
  std::optional<std::int64_t> last_event_ns_;
  /// Why there is no event stream, as it was logged last; empty while there is one.
  std::string stream_problem_;

  /// By image ID and container ID; entries live as long as a running container needs them.
  std::map<std::string, DockerImage> images_;
  std::map<std::string, Inspected> inspected_;
  /// Containers that started while a list was under way: the list may be older than they are.
  std::map<std::string, DockerContainer> started_meanwhile_;
};

}  // namespace scanclock
