#pragma once

#include "alerts/silence_book.hpp"
#include "core/domain/alert.hpp"
#include "core/domain/inventory.hpp"
#include "core/domain/ports.hpp"
#include "core/domain/source_book.hpp"
#include "daemon/pages/page_frame.hpp"

#include <string>
#include <vector>

namespace scanclock {

/// Of the history and the notifications of an alert; the newest are shown.
inline constexpr std::size_t alert_history_max = 200;

struct AlertPageInput {
  const Inventory& inventory;
  const SourceBook& sources;
  const alerts::SilenceBook& silences;
  /// Newest first.
  std::vector<AlertEvent> events;
  std::vector<Acknowledgement> acknowledgements;
  std::vector<NotificationRecord> notifications;
  /// The record could not be read: what is shown is what the daemon has in memory.
  bool history_is_cut = false;
};

/// The page at `/alerts/{id}`, which every message links to: what is wrong and since when, what to
/// do, how the image stands now and where it runs, the alert's history and who was told. It stays
/// when the alert has ended.
std::string render_alert_page(PageFrame frame, const AlertPageInput& input, const Alert& alert);

std::string render_unknown_alert_page(PageFrame frame, bool history_is_cut);

}  // namespace scanclock
