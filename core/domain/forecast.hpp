#pragma once

#include "core/domain/inventory.hpp"

#include <chrono>
#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace scanclock {

inline constexpr int forecast_days_default = 35;
inline constexpr int forecast_days_max = 400;
/// Images that are named of one day, of the overdue ones and of those never scanned.
inline constexpr std::size_t forecast_images_default = 10;
inline constexpr std::size_t forecast_images_max = 500;
/// Owners, namespaces, … that are listed; those with the most to do come first.
inline constexpr std::size_t forecast_groups_max = 1000;

/// Which running images are counted; an empty text matches all.
struct ForecastQuestion {
  ForecastQuestion() = default;
  /// Name in the settings, or host. A place that the image was removed from does not count.
  std::string registry;
  std::string owner;
  std::string namespace_name;
  std::string environment;
  /// Today, in UTC, is the first; at most forecast_days_max.
  int days = forecast_days_default;
  std::size_t images_max = forecast_images_default;
};

/// Images that share a fate: how many there are, and the nearest of them.
struct ForecastImages {
  std::size_t count = 0;
  /// The earliest deadlines first, at most ForecastQuestion::images_max. They live as long as the
  /// inventory keeps them.
  std::vector<const ImageRecord*> nearest;
};

/// The same for the images of one owner, registry, environment or namespace. An image that has
/// several of them counts in each.
struct ForecastGroup {
  std::string name;
  std::size_t images = 0;
  std::size_t overdue = 0;
  std::size_t never_scanned = 0;
  /// As many as were asked for.
  std::vector<std::size_t> days;
  std::size_t later = 0;

  /// How many pass their deadline in the first `days_count` days, today included.
  std::size_t due_within(int days_count) const;
};

struct ForecastGroups {
  /// The most overdue and never scanned first, then the most that fall due, then by name.
  std::vector<ForecastGroup> groups;
  /// How many more there are than forecast_groups_max.
  std::size_t left_out = 0;
};

/// How many running images pass their deadline on each coming day if nothing is scanned.
struct Forecast {
  TimePoint at;
  /// The day of `at` in UTC.
  std::chrono::sys_days first_day;
  /// All that were counted: overdue, never scanned, of a day, or later.
  std::size_t images = 0;
  ForecastImages overdue;
  ForecastImages never_scanned;
  std::vector<ForecastImages> days;
  /// Their deadlines lie behind the last day.
  std::size_t later = 0;
  /// Running images that no policy binds. They have no deadline that counts, and stand nowhere
  /// else.
  std::size_t unbound = 0;
  ForecastGroups by_registry;
  ForecastGroups by_owner;
  ForecastGroups by_environment;
  ForecastGroups by_namespace;

  std::size_t due_within(int days_count) const;
};

/// Counts images one by one, so that a caller may pause between them: 100 000 images take longer
/// than the I/O thread may be kept. Images of which nothing but ignored containers runs are left
/// out, as alerts leave them out.
class ForecastCount {
 public:
  ForecastCount(ForecastQuestion question, TimePoint now);

  /// Each image once.
  void add(const Inventory& inventory, const ImageRecord& image);
  Forecast take();

 private:
  using Groups = std::map<std::string, ForecastGroup, std::less<>>;

  /// Where an image stands: one of the days from 0 on, or one of these.
  enum Fate : int { overdue = -1, never_scanned = -2, later = -3 };

  int fate_of(const ImageRecord& image) const;
  void note(Groups& groups, std::string_view name, int fate);
  void keep_nearest(ForecastImages& images, const ImageRecord& image) const;

  ForecastQuestion question_;
  Forecast forecast_;
  Groups registries_;
  Groups owners_;
  Groups environments_;
  Groups namespaces_;
  /// Of the image at hand; kept for their memory.
  std::vector<std::string_view> image_registries_;
  std::vector<std::string_view> image_namespaces_;
};

/// All images of the inventory at once.
Forecast forecast(const Inventory& inventory, const ForecastQuestion& question, TimePoint now);

/// `2026-11-22`.
std::string format_date(std::chrono::sys_days day);

}  // namespace scanclock
