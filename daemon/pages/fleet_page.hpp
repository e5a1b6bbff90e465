#pragma once

#include "core/domain/alert.hpp"
#include "core/domain/forecast.hpp"
#include "core/domain/inventory.hpp"
#include "core/domain/source_book.hpp"
#include "daemon/pages/page_frame.hpp"

#include <array>
#include <cstddef>
#include <string>
#include <vector>

namespace scanclock {

/// Rows of the fleet page's tables; the pages behind them have the rest.
inline constexpr std::size_t fleet_rows_max = 10;

/// Images of a state, or containers of a verdict.
struct FleetCount {
  std::size_t known = 0;
  std::size_t running = 0;
};

/// What the page at `/` tells, counted over everything. The caller may pause between additions.
class FleetView {
 public:
  explicit FleetView(TimePoint now);

  void add(const Inventory& inventory, const ImageRecord& image);
  void add(const SourceBook& sources, const ContainerRecord& container);

  const FleetCount& images(State state) const { return images_[static_cast<std::size_t>(state)]; }
  std::size_t containers(Verdict verdict) const {
    return containers_[static_cast<std::size_t>(verdict)];
  }
  /// Live containers that are not ignored.
  std::size_t containers() const;
  /// Those that no image is known for: ambiguous, conflict, unresolved.
  std::size_t unjoined() const;
  std::size_t ignored() const { return ignored_; }
  /// Containers whose source does not answer.
  std::size_t unobserved() const { return unobserved_; }
  ForecastCount& forecast() { return forecast_; }

 private:
  std::array<FleetCount, 4> images_;
  std::array<std::size_t, 8> containers_{};
  std::size_t ignored_ = 0;
  std::size_t unobserved_ = 0;
  ForecastCount forecast_;
};

/// The answer to the one question that everybody has.
struct FleetAnswer {
  enum class Word { no, unknown, doubtful, yes, nothing_runs };
  Word word = Word::unknown;
  /// A sentence each.
  std::vector<std::string> why;
};

/// "Are we in the window?" Nothing is fine while a source is blind or was not asked yet.
FleetAnswer answer_of(const FleetView& view, const Forecast& forecast, const SourceBook& sources,
                      TimePoint now);

struct FleetInput {
  const Inventory& inventory;
  const SourceBook& sources;
  const std::vector<const Alert*>& firing;
};

/// The page at `/`.
std::string render_fleet_page(PageFrame frame, const FleetInput& input, FleetView& view);

/// The breach calendar: how many images pass their deadline on each coming day.
Html breach_calendar(const Forecast& forecast);

}  // namespace scanclock
