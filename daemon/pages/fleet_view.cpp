#include "daemon/pages/fleet_page.hpp"
#include "daemon/pages/page_parts.hpp"

#include <numeric>

namespace scanclock {
namespace {

std::string counted(std::size_t count, const char* one, const char* many) {
  return grouped_number(count) + " " + (count == 1 ? one : many);
}

std::size_t bad_in_production(const Forecast& forecast) {
  for (const ForecastGroup& group : forecast.by_environment.groups) {
    if (group.name == production_environment) {
      return group.overdue + group.never_scanned;
    }
  }
  return 0;
}

void say_what_is_wrong(FleetAnswer& answer, const FleetView& view, const Forecast& forecast) {
  if (forecast.overdue.count > 0) {
    answer.why.push_back(counted(forecast.overdue.count, "running image is", "running images are") +
                         " past the window.");
  }
  if (forecast.never_scanned.count > 0) {
    answer.why.push_back(
        counted(forecast.never_scanned.count, "running image has", "running images have") +
        " no accepted scan.");
  }
  const std::size_t bad = forecast.overdue.count + forecast.never_scanned.count;
  const std::size_t production = bad_in_production(forecast);
  if (bad > production) {
    answer.why.push_back(grouped_number(production) + " of them in production.");
  }
  if (view.unjoined() > 0) {
    answer.why.push_back(counted(view.unjoined(), "container runs", "containers run") +
                         " an image that cannot be told.");
  }
}

struct SourceCounts {
  std::size_t all = 0;
  std::size_t blind = 0;
  std::size_t unasked = 0;
  std::size_t failing = 0;
  std::size_t workloads = 0;
};

SourceCounts count_sources(const SourceBook& sources, TimePoint now) {
  SourceCounts counts;
  for (const SourceStatus& source : sources.all()) {
    ++counts.all;
    counts.workloads += source.kind == SourceKind::workload ? 1 : 0;
    if (!source.failing_since) {
      continue;
    }
    if (sources.is_blind(source.name, now)) {
      ++counts.blind;
    } else if (source.reason == "not_asked_yet") {
      ++counts.unasked;
    } else {
      ++counts.failing;
    }
  }
  return counts;
}

}  // namespace

FleetView::FleetView(TimePoint now) : forecast_(ForecastQuestion(), now) {}

void FleetView::add(const Inventory& inventory, const ImageRecord& image) {
  FleetCount& count = images_[static_cast<std::size_t>(image.state)];
  ++count.known;
  count.running += image.running ? 1 : 0;
  forecast_.add(inventory, image);
}

void FleetView::add(const SourceBook& sources, const ContainerRecord& container) {
  if (container.ended_at) {
    return;
  }
  if (container.ignored()) {
    ++ignored_;
    return;
  }
  ++containers_[static_cast<std::size_t>(container.verdict())];
  const SourceStatus* source = sources.find(container.source());
  unobserved_ += source == nullptr || source->failing_since ? 1 : 0;
}

std::size_t FleetView::containers() const {
  return std::accumulate(containers_.begin(), containers_.end(), std::size_t{0});
}

std::size_t FleetView::unjoined() const {
  return containers(Verdict::ambiguous) + containers(Verdict::conflict) +
         containers(Verdict::unresolved);
}

FleetAnswer answer_of(const FleetView& view, const Forecast& forecast, const SourceBook& sources,
                      TimePoint now) {
  using Word = FleetAnswer::Word;
  const SourceCounts counts = count_sources(sources, now);
  FleetAnswer answer;
  say_what_is_wrong(answer, view, forecast);
  if (!answer.why.empty()) {
    answer.word = Word::no;
  } else if (counts.blind > 0 || counts.unasked > 0) {
    answer.word = Word::unknown;
  } else if (counts.workloads == 0) {
    answer.word = Word::unknown;
    answer.why.emplace_back("No source tells what runs.");
  } else if (counts.failing > 0) {
    answer.word = Word::doubtful;
  } else {
    answer.word = view.containers() == 0 ? Word::nothing_runs : Word::yes;
  }
  if (counts.blind > 0) {
    answer.why.push_back(
        counted(counts.blind, "source of ", "sources of ") + grouped_number(counts.all) +
        (counts.blind == 1 ? " is" : " are") +
        " blind: what it would show is not known, and what it showed last is believed.");
  }
  if (counts.unasked > 0) {
    answer.why.push_back(counted(counts.unasked, "source has", "sources have") +
                         " not answered since the daemon started.");
  }
  if (counts.failing > 0) {
    answer.why.push_back(counted(counts.failing, "source does", "sources do") +
                         " not answer at the moment.");
  }
  if (forecast.unbound > 0) {
    answer.why.push_back(counted(forecast.unbound, "running image is", "running images are") +
                         " bound by no policy.");
  }
  return answer;
}

}  // namespace scanclock
