#pragma once

#include "alerts/silence_book.hpp"
#include "core/domain/alert.hpp"
#include "daemon/image_filter.hpp"
#include "daemon/pages/page_frame.hpp"

#include <map>
#include <optional>
#include <string>
#include <tuple>
#include <vector>

namespace scanclock {

/// The gravest first, then the oldest.
using AlertRank = std::tuple<int, TimePoint, std::string>;

/// What the parameters of `/alerts` ask for; an empty text matches all.
struct AlertListQuestion {
  AlertListQuestion() = default;
  std::string text;
  std::string rule;
  std::string owner;
  std::optional<Severity> severity;
  std::optional<AlertRank> after;
};

/// Reads `q`, `rule`, `owner`, `severity` and `after`.
std::optional<FilterRefusal> read_alert_list(const std::map<std::string, std::string>& query,
                                             AlertListQuestion& question);

/// The page at `/alerts`: what fires, who has taken or silenced it, the silences themselves, and
/// what ended within a day.
std::string render_alert_list(PageFrame frame, const AlertListQuestion& question,
                              const std::vector<const Alert*>& alerts,
                              const alerts::SilenceBook& silences);

/// `firing` or `resolved`, and whether somebody silenced or took it.
Html alert_standing(const Alert& alert, const alerts::SilenceBook& silences, TimePoint now);

}  // namespace scanclock
