#pragma once

#include "core/domain/registry_ports.hpp"
#include "core/net/http_client.hpp"
#include "core/runtime/blocking_pool.hpp"
#include "core/runtime/clock.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/experimental/channel.hpp>

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <tuple>

namespace scanclock {

/// More questions than this are dropped: they come again with the next look at what runs.
inline constexpr std::size_t foreign_questions_max = 10'000;
/// The same question is not asked again before.
inline constexpr Duration foreign_retry_after = std::chrono::hours(1);

/// Fetches manifests of images that run from registries which no entry of the settings monitors, so
/// that their content can be told and joined to the same content elsewhere. Only where the settings
/// allow it, for whoever starts a container chooses the host that is asked. Without a login, by
/// HTTPS alone, by digest alone, two requests a second to a host, and no evidence is asked for.
/// I/O thread only.
class ForeignManifests {
 public:
  /// Takes a checked manifest, what an index lists before the index.
  using Learn = std::function<void(Manifest)>;

  ForeignManifests(asio::any_io_executor executor, Clock& clock, HttpClient& http,
                   const RegistryKnowledge& knowledge, Learn learn, BlockingPool* pool = nullptr);
  ~ForeignManifests();
  ForeignManifests(const ForeignManifests&) = delete;
  ForeignManifests& operator=(const ForeignManifests&) = delete;

  /// `host` as image references name it. Does nothing for what is known or was asked lately.
  void ask(const std::string& host, const std::string& repository, const Digest& digest);

  /// Works until cancelled. Once only.
  asio::awaitable<void> run();

 private:
  struct Host;
  using Question = std::tuple<std::string, std::string, Digest>;
  using Signal = asio::experimental::channel<void(boost::system::error_code)>;

  asio::awaitable<void> answer(Question question);
  Host& host_of(const std::string& name);

  Clock& clock_;
  HttpClient& http_;
  const RegistryKnowledge& knowledge_;
  Learn learn_;
  BlockingPool* pool_;
  Signal wakeup_;
  std::deque<Question> waiting_;
  std::map<Question, TimePoint> asked_;
  std::map<std::string, std::unique_ptr<Host>> hosts_;
};

}  // namespace scanclock
