#include "core/domain/forecast.hpp"

#include <algorithm>
#include <tuple>
#include <utility>

namespace scanclock {
namespace {

bool is_nearer(const ImageRecord* left, const ImageRecord* right) {
  return std::tie(left->deadline_at, left->digest) < std::tie(right->deadline_at, right->digest);
}

bool is_bound(const ImageRecord& image) {
  return std::any_of(image.standings.begin(), image.standings.end(),
                     [](const PolicyStanding& standing) { return standing.bound; });
}

bool passes(const std::string& wanted, const std::vector<std::string_view>& values) {
  return wanted.empty() || std::find(values.begin(), values.end(), wanted) != values.end();
}

void keep_once(std::vector<std::string_view>& values) {
  std::sort(values.begin(), values.end());
  values.erase(std::unique(values.begin(), values.end()), values.end());
}

/// The first ones of `counts`.
template <class Counts, class CountOf>
std::size_t sum_of_days(const Counts& counts, int days, const CountOf& count_of) {
  const auto end = std::min(counts.size(), static_cast<std::size_t>(std::max(days, 0)));
  std::size_t sum = 0;
  for (std::size_t day = 0; day < end; ++day) {
    sum += count_of(counts[day]);
  }
  return sum;
}

/// Every image may stand in a namespace of its own: only those that are listed are put in order.
template <class Groups>
ForecastGroups in_order(Groups& groups) {
  using Rank = std::tuple<std::ptrdiff_t, std::ptrdiff_t, std::string_view, ForecastGroup*>;
  std::vector<Rank> ranks;
  ranks.reserve(groups.size());
  for (auto& [name, group] : groups) {
    ranks.emplace_back(-static_cast<std::ptrdiff_t>(group.overdue + group.never_scanned),
                       -static_cast<std::ptrdiff_t>(group.due_within(forecast_days_max)), name,
                       &group);
  }
  const std::size_t listed = std::min(ranks.size(), forecast_groups_max);
  std::partial_sort(ranks.begin(), ranks.begin() + static_cast<std::ptrdiff_t>(listed),
                    ranks.end());
  ForecastGroups result;
  result.left_out = ranks.size() - listed;
  for (std::size_t index = 0; index < listed; ++index) {
    const auto& [bad, due, name, group] = ranks[index];
    group->name = name;
    result.groups.push_back(std::move(*group));
  }
  return result;
}

}  // namespace

std::size_t ForecastGroup::due_within(int days_count) const {
  return sum_of_days(days, days_count, [](std::size_t count) { return count; });
}

std::size_t Forecast::due_within(int days_count) const {
  return sum_of_days(days, days_count, [](const ForecastImages& day) { return day.count; });
}

ForecastCount::ForecastCount(ForecastQuestion question, TimePoint now)
    : question_(std::move(question)) {
  question_.days = std::clamp(question_.days, 1, forecast_days_max);
  question_.images_max = std::min(question_.images_max, forecast_images_max);
  forecast_.at = now;
  forecast_.first_day = std::chrono::floor<std::chrono::days>(now);
  forecast_.days.resize(static_cast<std::size_t>(question_.days));
}

int ForecastCount::fate_of(const ImageRecord& image) const {
  if (image.state == State::never_scanned) {
    return never_scanned;
  }
  // An image is compliant up to and including its deadline.
  if (image.deadline_at < forecast_.at) {
    return overdue;
  }
  const auto day = std::chrono::floor<std::chrono::days>(image.deadline_at) - forecast_.first_day;
  return day.count() < question_.days ? static_cast<int>(day.count()) : static_cast<int>(later);
}

void ForecastCount::note(Groups& groups, std::string_view name, int fate) {
  auto found = groups.find(name);
  if (found == groups.end()) {
    found = groups.emplace(name, ForecastGroup()).first;
    found->second.days.resize(forecast_.days.size());
  }
  ForecastGroup& group = found->second;
  ++group.images;
  switch (fate) {
    case overdue:
      ++group.overdue;
      break;
    case never_scanned:
      ++group.never_scanned;
      break;
    case later:
      ++group.later;
      break;
    default:
      ++group.days[static_cast<std::size_t>(fate)];
  }
}

void ForecastCount::keep_nearest(ForecastImages& images, const ImageRecord& image) const {
  ++images.count;
  // A heap with the farthest of the kept ones on top.
  std::vector<const ImageRecord*>& kept = images.nearest;
  if (kept.size() < question_.images_max) {
    kept.push_back(&image);
    std::push_heap(kept.begin(), kept.end(), is_nearer);
  } else if (!kept.empty() && is_nearer(&image, kept.front())) {
    std::pop_heap(kept.begin(), kept.end(), is_nearer);
    kept.back() = &image;
    std::push_heap(kept.begin(), kept.end(), is_nearer);
  }
}

void ForecastCount::add(const Inventory& inventory, const ImageRecord& image) {
  if (!image.running || (!question_.owner.empty() && image.owner != question_.owner)) {
    return;
  }
  const std::string_view environment =
      image.environment.empty() ? production_environment : std::string_view(image.environment);
  if (!question_.environment.empty() && environment != question_.environment) {
    return;
  }
  image_registries_.clear();
  bool is_at_host = false;
  for (const auto& [key, location] : image.locations) {
    if (!location.removed_at) {
      image_registries_.push_back(key.registry);
      is_at_host = is_at_host || location.host == question_.registry;
    }
  }
  image_namespaces_.clear();
  for (const ImageGroup* group : inventory.groups_of(image.digest)) {
    for (const auto& [place, workload] : group->workloads) {
      if (!workload.ignored() && !workload.members.empty()) {
        image_namespaces_.push_back(*place->namespace_name);
      }
    }
  }
  if (image_namespaces_.empty() ||
      (!is_at_host && !passes(question_.registry, image_registries_)) ||
      !passes(question_.namespace_name, image_namespaces_)) {
    return;
  }
  if (!is_bound(image)) {
    ++forecast_.unbound;
    return;
  }
  const int fate = fate_of(image);
  ++forecast_.images;
  if (fate == later) {
    ++forecast_.later;
  } else {
    keep_nearest(fate == overdue         ? forecast_.overdue
                 : fate == never_scanned ? forecast_.never_scanned
                                         : forecast_.days[static_cast<std::size_t>(fate)],
                 image);
  }
  keep_once(image_registries_);
  keep_once(image_namespaces_);
  note(owners_, image.owner, fate);
  note(environments_, environment, fate);
  for (const std::string_view registry : image_registries_) {
    note(registries_, registry, fate);
  }
  for (const std::string_view name : image_namespaces_) {
    note(namespaces_, name, fate);
  }
}

Forecast ForecastCount::take() {
  const auto sort = [](ForecastImages& images) {
    std::sort_heap(images.nearest.begin(), images.nearest.end(), is_nearer);
  };
  sort(forecast_.overdue);
  sort(forecast_.never_scanned);
  std::for_each(forecast_.days.begin(), forecast_.days.end(), sort);
  forecast_.by_registry = in_order(registries_);
  forecast_.by_owner = in_order(owners_);
  forecast_.by_environment = in_order(environments_);
  forecast_.by_namespace = in_order(namespaces_);
  return std::move(forecast_);
}

Forecast forecast(const Inventory& inventory, const ForecastQuestion& question, TimePoint now) {
  ForecastCount count(question, now);
  for (const auto& [digest, image] : inventory.images()) {
    count.add(inventory, image);
  }
  return count.take();
}

std::string format_date(std::chrono::sys_days day) {
  return format_rfc3339(TimePoint(day)).substr(0, 10);
}

}  // namespace scanclock
