#include "daemon/metrics_page.hpp"

#include "core/runtime/log.hpp"
#include "core/runtime/with_timeout.hpp"
#include "daemon/daemon_series.hpp"
#include "daemon/plain_page.hpp"
#include "daemon/telemetry_text.hpp"

#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/multiple_exceptions.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <prometheus/registry.h>

#include <algorithm>

namespace scanclock {
namespace {

/// After so much work others have their turn.
constexpr Duration slice_max = std::chrono::milliseconds(2);
/// So much text is rendered before it is compressed, in one piece of the pool's work.
constexpr std::size_t pack_bytes_max = std::size_t{1} << 20;
constexpr Duration first_evaluation_look = std::chrono::milliseconds(50);
constexpr Duration queues_kept = std::chrono::seconds(1);
/// A database that does not answer must not hide everything else.
constexpr Duration queues_wait_max = std::chrono::milliseconds(500);
}  // namespace

MetricsPage::MetricsPage(Surroundings surroundings, std::size_t images_max,
                         std::size_t text_bytes_max)
    : around_(std::move(surroundings)),
      store_(around_.engine.inventory(), images_max),
      text_bytes_max_(text_bytes_max),
      wakeup_(around_.executor, 1),
      rested_since_(around_.clock.monotonic()) {
  for (const MetricFormat format : {MetricFormat::text, MetricFormat::openmetrics}) {
    for (std::size_t family = 0; family < image_families; ++family) {
      const ImageFamily& texts = image_family_texts()[family];
      headers_[static_cast<std::size_t>(format)][family] =
          make_whole_piece(family_header(texts.name, "gauge", texts.help, format));
    }
  }
}

void MetricsPage::touch(const Touched& touched) {
  store_.touch(touched);
  wakeup_.try_send(boost::system::error_code());
}

asio::awaitable<void> MetricsPage::run() {
  // Before it nothing is known to run: an empty page would look like the end of all alerts.
  while (!around_.engine.last_evaluation_at()) {
    co_await wait_for_wakeup(first_evaluation_look);
  }
  while (true) {
    co_await refresh();
    co_await rest();
  }
}

bool MetricsPage::keeps_texts() const {
  return text_read_at_ && around_.clock.monotonic() - *text_read_at_ < reader_kept &&
         store_.text_bytes() <= text_bytes_max_;
}

Duration MetricsPage::rest_time() const {
  const bool is_read = read_at_ && around_.clock.monotonic() - *read_at_ < reader_kept;
  return is_read ? series_rest : series_rest_unread;
}

asio::awaitable<void> MetricsPage::rest() {
  while (!hurried_) {
    const Duration left = rested_since_ + rest_time() - around_.clock.monotonic();
    if (store_.is_stale() && left <= Duration::zero()) {
      co_return;
    }
    co_await wait_for_wakeup(store_.is_stale() ? left : reader_kept);
    if (text_read_at_ && !keeps_texts()) {
      text_read_at_.reset();
      store_.drop_texts();
    }
  }
}

asio::awaitable<void> MetricsPage::wait_for_wakeup(Duration limit) {
  using namespace asio::experimental::awaitable_operators;
  bool cancelled = false;
  try {
    co_await (wakeup_.async_receive(asio::use_awaitable) || around_.clock.sleep(limit));
  } catch (const asio::multiple_exceptions&) {
    // Both ended with an error, which only cancellation makes them do.
    cancelled = true;
  }
  if (cancelled) {
    throw boost::system::system_error(asio::error::operation_aborted);
  }
}

asio::awaitable<void> MetricsPage::refresh() {
  hurried_ = false;
  ++rounds_begun_;
  store_.begin_round();
  Duration slice_end = around_.clock.monotonic() + slice_max;
  while (store_.work()) {
    const bool has_many = store_.unpacked_bytes() >= pack_bytes_max;
    if (!has_many && around_.clock.monotonic() < slice_end) {
      continue;
    }
    auto pause = has_many ? pack() : asio::post(around_.executor, asio::use_awaitable);
    co_await std::move(pause);
    slice_end = around_.clock.monotonic() + slice_max;
  }
  co_await pack();
  page_ = store_.publish();
  ++rounds_done_;
  rested_since_ = around_.clock.monotonic();
  release_waiters();
}

/// The text of what is packed goes unless somebody reads it, so that no page is ever there as text
/// only for being rendered.
asio::awaitable<void> MetricsPage::pack() {
  const Pieces pieces = store_.take_unpacked();
  if (pieces.empty()) {
    co_return;
  }
  std::vector<SharedText> members = co_await pack_on(around_.pool, around_.clock, pieces);
  for (std::size_t at = 0; at < pieces.size(); ++at) {
    pieces[at]->gzip = std::move(members[at]);
    if (!keeps_texts()) {
      pieces[at]->text.reset();
    }
  }
}

void MetricsPage::release_waiters() {
  std::erase_if(waiters_, [this](const Waiter& waiter) {
    if (waiter.round > rounds_done_) {
      return false;
    }
    waiter.signal->try_send(boost::system::error_code());
    return true;
  });
}

/// Until all that was touched before the call is on the page, or the time is up.
asio::awaitable<void> MetricsPage::wait_for_round() {
  using namespace asio::experimental::awaitable_operators;
  const bool needs_another = store_.is_stale();
  const std::uint64_t round = rounds_begun_ + (needs_another ? 1 : 0);
  if (round <= rounds_done_) {
    co_return;
  }
  hurried_ = hurried_ || needs_another;
  wakeup_.try_send(boost::system::error_code());
  auto signal = std::make_shared<Signal>(around_.executor, 1);
  waiters_.push_back({round, signal});
  const Duration limit = page_ ? refresh_wait_max : first_page_wait_max;
  bool cancelled = false;
  try {
    co_await (signal->async_receive(asio::use_awaitable) || around_.clock.sleep(limit));
  } catch (const asio::multiple_exceptions&) {
    // As in wait_for_wakeup().
    cancelled = true;
  }
  std::erase_if(waiters_, [&signal](const Waiter& waiter) { return waiter.signal == signal; });
  if (cancelled) {
    throw boost::system::system_error(asio::error::operation_aborted);
  }
}

/// While the database is away the page shows the queues as they were seen last.
asio::awaitable<void> MetricsPage::refresh_queues() {
  const Duration now = around_.clock.monotonic();
  if (queues_at_ && now - *queues_at_ < queues_kept) {
    co_return;
  }
  queues_at_ = now;
  bool aborted = false;
  try {
    queues_ = co_await with_timeout<std::vector<OutboxStatistics>>(
        around_.clock, around_.outbox.statistics(), queues_wait_max, "counting the queue");
  } catch (const boost::system::system_error& error) {
    aborted = error.code() == asio::error::operation_aborted;
  } catch (const std::exception& error) {
    log::debug("metrics", "the queue cannot be counted: {}", error.what());
  }
  if (aborted) {
    throw boost::system::system_error(asio::error::operation_aborted);
  }
}

std::string MetricsPage::render_rest(MetricFormat format, const SeriesPage& page) const {
  const DaemonSeriesInput input{around_.engine.sources(),
                                around_.alerting.open_counts(),
                                around_.alerting.receivers(),
                                queues_,
                                around_.engine.last_evaluation_at(),
                                around_.clock.now()};
  std::string text = page.counts + render_daemon_series(input, format);
  append_families(text, around_.telemetry.registry()->Collect(), format);
  text += metric_page_end(format);
  return text;
}

MetricsPage::Pieces MetricsPage::series_of(const SeriesPage& page, MetricFormat format) const {
  Pieces pieces;
  for (std::size_t family = 0; family < image_families; ++family) {
    pieces.push_back(headers_[static_cast<std::size_t>(format)][family]);
    pieces.insert(pieces.end(), page.families[family].begin(), page.families[family].end());
  }
  return pieces;
}

asio::awaitable<void> MetricsPage::give_gzip(HttpResponse& response, Pieces series,
                                             std::string rest) {
  Pieces last(1, std::make_shared<SeriesPiece>());
  last.front()->text = share(std::move(rest));
  const auto members = co_await pack_on(around_.pool, around_.clock, std::move(last));
  response.pieces.reserve(series.size() + 1);
  for (const std::shared_ptr<SeriesPiece>& piece : series) {
    response.pieces.push_back(piece->gzip);
  }
  response.pieces.push_back(members.front());
  response.headers.emplace_back("Content-Encoding", "gzip");
}

void MetricsPage::give_text(HttpResponse& response, Pieces series, std::string rest) {
  auto last = std::make_shared<SeriesPiece>();
  last->text_bytes = rest.size();
  last->text = share(std::move(rest));
  series.push_back(std::move(last));
  response.source =
      std::make_shared<PlainPage>(around_.pool, around_.clock, std::move(series), keeps_texts());
}

asio::awaitable<HttpResponse> MetricsPage::answer(MetricFormat format, bool gzip) {
  read_at_ = around_.clock.monotonic();
  if (!gzip) {
    text_read_at_ = read_at_;
  }
  co_await wait_for_round();
  HttpResponse response;
  if (!page_) {
    response.status = 503;
    response.headers.emplace_back("Content-Type", "text/plain; charset=utf-8");
    response.headers.emplace_back("Retry-After", "5");
    response.body = "the first page of metrics is being made\n";
    co_return response;
  }
  co_await refresh_queues();
  std::string rest = render_rest(format, *page_);
  Pieces series = series_of(*page_, format);
  response.status = 200;
  response.headers.emplace_back("Content-Type", std::string(content_type_of(format)));
  response.headers.emplace_back("Vary", "Accept, Accept-Encoding");
  if (gzip) {
    co_await give_gzip(response, std::move(series), std::move(rest));
  } else {
    give_text(response, std::move(series), std::move(rest));
  }
  co_return response;
}

}  // namespace scanclock
