#pragma once

#include "core/domain/time.hpp"
#include "daemon/pages/html.hpp"

#include <string>

namespace scanclock {

enum class PageSection { fleet, images, containers, alerts, sources, notifications, runbook };

struct PageFrame {
  PageFrame(PageSection own_section, std::string own_title, TimePoint own_now)
      : section(own_section), title(std::move(own_title)), now(own_now) {}

  PageSection section;
  /// The heading, and with the product's name the title.
  std::string title;
  TimePoint now;
  /// Why the newest commit failed: what the page shows may be lost by a restart.
  std::string storage_failure;
  /// False for a page below the one that the navigation names.
  bool is_section_page = true;
};

/// A whole page: navigation with a link to skip it, the heading, `content` and the footer.
std::string whole_page(const PageFrame& frame, const Html& content);

/// A page that only says something, such as that there is no such image.
std::string message_page(const PageFrame& frame, const Html& message);

}  // namespace scanclock
