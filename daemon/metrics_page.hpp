#pragma once

#include "alerts/alerting.hpp"
#include "core/domain/ports.hpp"
#include "core/net/http_types.hpp"
#include "core/runtime/blocking_pool.hpp"
#include "core/runtime/clock.hpp"
#include "daemon/engine.hpp"
#include "daemon/metric_text.hpp"
#include "daemon/series_packing.hpp"
#include "daemon/series_store.hpp"
#include "daemon/telemetry.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/experimental/channel.hpp>

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

namespace scanclock {

/// Changes are gathered for so long before their blocks are rendered, unless somebody asks.
inline constexpr Duration series_rest = std::chrono::seconds(5);
/// The same while nobody has asked within reader_kept.
inline constexpr Duration series_rest_unread = std::chrono::minutes(1);
inline constexpr Duration reader_kept = std::chrono::minutes(10);
/// So much text is kept for those who read the plain form; a longer page is expanded for each of
/// them while it is sent.
inline constexpr std::size_t kept_text_bytes_max = std::size_t{32} << 20;
/// A reader waits so long for the newest state, and is shown the last one then.
inline constexpr Duration refresh_wait_max = std::chrono::seconds(2);
/// For the first one of all.
inline constexpr Duration first_page_wait_max = std::chrono::seconds(9);

/// The page of metrics (contract.md, "Metrics"). The series of images are rendered and compressed
/// ahead, in steps that leave the I/O thread to others and on the pool, and only what is compressed
/// is kept; what is left for a reader is a few hundred lines. I/O thread only.
class MetricsPage {
 public:
  /// What it reads; all of it must outlive the page.
  struct Surroundings {
    asio::any_io_executor executor;
    Clock& clock;
    BlockingPool& pool;
    Engine& engine;
    alerts::Alerting& alerting;
    Outbox& outbox;
    Telemetry& telemetry;
  };

  explicit MetricsPage(Surroundings surroundings, std::size_t images_max = image_series_max,
                       std::size_t text_bytes_max = kept_text_bytes_max);

  /// After every step of the engine.
  void touch(const Touched& touched);

  /// Keeps the series up to date, until cancelled.
  asio::awaitable<void> run();

  /// The page in the form that the client asked for by Accept and Accept-Encoding: all series of
  /// one moment. 503 while the first one is made for longer than first_page_wait_max.
  asio::awaitable<HttpResponse> answer(MetricFormat format, bool gzip);

  /// Of the series of images.
  std::size_t kept_text_bytes() const { return store_.kept_text_bytes(); }

 private:
  using Signal = asio::experimental::channel<void(boost::system::error_code)>;
  using Pieces = std::vector<std::shared_ptr<SeriesPiece>>;

  struct Waiter {
    std::uint64_t round = 0;
    std::shared_ptr<Signal> signal;
  };

  asio::awaitable<void> rest();
  asio::awaitable<void> wait_for_wakeup(Duration limit);
  asio::awaitable<void> refresh();
  asio::awaitable<void> pack();
  asio::awaitable<void> wait_for_round();
  asio::awaitable<void> refresh_queues();
  /// Texts are kept for as long as somebody reads them and they are not too many.
  bool keeps_texts() const;
  Duration rest_time() const;
  void release_waiters();
  /// All that is not about single images.
  std::string render_rest(MetricFormat format, const SeriesPage& page) const;
  /// What stands on the page before the rest.
  Pieces series_of(const SeriesPage& page, MetricFormat format) const;
  asio::awaitable<void> give_gzip(HttpResponse& response, Pieces series, std::string rest);
  void give_text(HttpResponse& response, Pieces series, std::string rest);

  Surroundings around_;
  SeriesStore store_;
  std::size_t text_bytes_max_;
  std::shared_ptr<const SeriesPage> page_;
  Signal wakeup_;
  bool hurried_ = false;
  std::uint64_t rounds_begun_ = 0;
  std::uint64_t rounds_done_ = 0;
  Duration rested_since_{0};
  std::optional<Duration> read_at_;
  std::optional<Duration> text_read_at_;
  std::vector<Waiter> waiters_;
  /// As they were seen last, and when.
  std::vector<OutboxStatistics> queues_;
  std::optional<Duration> queues_at_;
  /// What stands before each family of images, by format.
  std::array<std::array<std::shared_ptr<SeriesPiece>, image_families>, 2> headers_;
};

}  // namespace scanclock
