#pragma once

#include "core/domain/ports.hpp"
#include "daemon/image_filter.hpp"
#include "daemon/pages/page_frame.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace scanclock {

/// What the parameters of `/notifications` ask for.
struct NotificationListQuestion {
  NotificationListQuestion() = default;
  NotificationFilters filters;
  /// Positions below this; the greatest for the newest page.
  std::int64_t before = INT64_MAX;
};

/// Reads `receiver`, `state`, `alert` and `before`.
std::optional<FilterRefusal> read_notification_list(const std::map<std::string, std::string>& query,
                                                    NotificationListQuestion& question);

struct ReceiverSummary {
  std::string name;
  /// Answered 410.
  bool stopped = false;
  /// Of the newest attempt; empty after a success.
  std::string last_error;
};

struct NotificationListInput {
  /// One more than a page where there are more.
  std::vector<NotificationRecord> records;
  std::vector<OutboxStatistics> queues;
  /// Those that are told through the outbox.
  std::vector<ReceiverSummary> receivers;
  /// The record could not be read.
  bool history_is_cut = false;
};

/// The page at `/notifications`: each receiver with what waits for it, and the ledger of what was
/// told, to whom, when, how often and with which answer.
std::string render_notification_list(PageFrame frame, const NotificationListQuestion& question,
                                     const NotificationListInput& input);

/// Rows as the page of an alert shows them, too. `rows_max` of them at most.
Html notification_table(Markup id, std::string_view caption,
                        const std::vector<NotificationRecord>& records, std::size_t rows_max,
                        TimePoint now, std::string_view empty);

}  // namespace scanclock
