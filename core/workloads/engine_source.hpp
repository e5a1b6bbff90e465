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
#include <memory>
#include <optional>
#include <string>

namespace scanclock {

struct EngineSourceSettings {
  EngineSourceSettings() = default;
  std::string name;
  /// See DockerConnection.
  std::string url;
  Duration poll_every = std::chrono::seconds(30);
  /// How long after an event the list is asked for, so that a burst of them costs one list.
  Duration list_delay = std::chrono::seconds(1);
};

/// The daemon sends nothing while nothing starts or ends; a stream that is silent for this long is
/// opened anew, for its peer might be gone.
inline constexpr Duration docker_stream_idle_max = std::chrono::minutes(15);
/// How long the first list waits for the event stream.
inline constexpr Duration docker_subscription_wait_max = std::chrono::seconds(5);
/// A stream that lived this long was a good one: the next failure waits from the start again.
inline constexpr Duration docker_stream_settled_after = std::chrono::minutes(1);

/// What sources that speak the Docker Engine's protocol have in common: the full list every
/// `poll_every` is the truth; the event stream only makes changes known sooner, so its loss is
/// logged and is no failure of the source.
class EngineSource : public WorkloadSource {
 public:
  ~EngineSource() override;

  const std::string& name() const override { return settings_.name; }
  std::string kind() const override { return to_string(product_); }
  boost::asio::awaitable<void> run(WorkloadSink& sink) override;

  /// One complete view without run(), for those who want no more than that.
  boost::asio::awaitable<Result<WorkloadReport, SourceProblem>> look_once();
  /// The daemon's name of its host, once it was asked; may be empty.
  const std::string& node() const { return connection_.node(); }

 protected:
  /// All must outlive the source; `http` carries the source's certificates. Throws
  /// std::invalid_argument for a URL that is none.
  EngineSource(EngineSourceSettings settings, EngineProduct product, HttpClient& http, Clock& clock,
               BlockingPool& pool);

  /// The version is agreed upon. A report is complete, or there is none.
  virtual boost::asio::awaitable<Result<WorkloadReport, SourceProblem>> look() = 0;
  virtual boost::asio::awaitable<void> apply(DockerEvent event) = 0;
  /// Nobody listened for a while.
  virtual void events_were_missed() {}

  void want_list_within(Duration delay);
  const EngineSourceSettings& settings() const { return settings_; }
  Clock& clock() { return clock_; }
  DockerConnection& connection() { return connection_; }
  /// During run() only.
  WorkloadSink& sink() { return *sink_; }

 private:
  struct Wake;

  boost::asio::awaitable<void> keep_listing();
  boost::asio::awaitable<void> wait_for_list_time();
  boost::asio::awaitable<void> list_once();

  boost::asio::awaitable<void> follow_events();
  boost::asio::awaitable<std::unique_ptr<HttpStream>> subscribe();
  /// Returns why the stream ended.
  boost::asio::awaitable<std::string> read_events(HttpStream& stream);
  void note_stream_end(const std::string& end);

  EngineSourceSettings settings_;
  EngineProduct product_;
  Clock& clock_;
  WorkloadSink* sink_ = nullptr;
  DockerConnection connection_;
  Backoff stream_backoff_;
  std::unique_ptr<Wake> wake_;
  /// Monotonic.
  Duration next_list_at_{0};
  std::optional<std::int64_t> last_event_ns_;
  /// Why there is no event stream, or why the last one ended, as it was logged last.
  std::string stream_problem_;
  std::string stream_end_;
};

}  // namespace scanclock
