#include "daemon/pages/source_list.hpp"

#include "daemon/pages/page_parts.hpp"

#include <algorithm>
#include <iterator>

namespace scanclock {
namespace {

/// The record is written at most once a minute; shorter gaps than this are not told apart from it.
constexpr Duration gap_min = 2 * coverage_write_min;
constexpr std::size_t gaps_shown = 5;
constexpr int strip_width = 350;

Duration length_of(const std::vector<CoverageGap>& gaps) {
  Duration sum{0};
  for (const CoverageGap& gap : gaps) {
    sum += gap.to - gap.from;
  }
  return sum;
}

/// Rounded down, so that a hundred says that there was no gap.
std::string share_text(Duration watched, Duration all) {
  const auto tenths = all.count() > 0 ? watched.count() * 1000 / all.count() : 0;
  return std::to_string(tenths / 10) + "." + std::to_string(tenths % 10) + " %";
}

/// A picture of the same for those who see it; the text beside it says it, too.
Html coverage_strip(const std::vector<CoverageGap>& gaps, TimePoint from, TimePoint to) {
  const auto place = [&](TimePoint time) {
    return std::to_string((time - from).count() * strip_width / (to - from).count());
  };
  Html html(
      "<svg class=\"strip\" viewBox=\"0 0 350 10\" preserveAspectRatio=\"none\" "
      "aria-hidden=\"true\" focusable=\"false\">"
      "<rect class=\"watched\" width=\"350\" height=\"10\"></rect>");
  std::string drawn;
  for (const CoverageGap& gap : gaps) {
    const auto width = (gap.to - gap.from).count() * strip_width / (to - from).count();
    // One that comes and goes has more gaps than the strip has room for.
    if (width <= 1 && place(gap.from) == drawn) {
      continue;
    }
    drawn = place(gap.from);
    html.add("<rect class=\"gap\"").attribute("x", drawn);
    html.attribute("width", std::to_string(std::max<std::int64_t>(width, 1)));
    html.add(" height=\"10\"></rect>");
  }
  return html.add("</svg>");
}

Html coverage_fact(const std::vector<CoverageInterval>& intervals, bool answers_now,
                   TimePoint now) {
  if (intervals.empty()) {
    return Html("never watched in the last 35 days");
  }
  // What was not configured yet was not missed.
  const TimePoint from = std::max(intervals.front().from, now - page_coverage_shown);
  const std::vector<CoverageGap> gaps = coverage_gaps(intervals, from, now, answers_now);
  const Duration all = now - from;
  Html html = plain(share_text(all - length_of(gaps), all));
  html.add(" of the time since ").add(moment(from, now));
  if (gaps.empty()) {
    return html.add(", without a gap").add(coverage_strip(gaps, from, now));
  }
  html.add(coverage_strip(gaps, from, now)).add("<ul class=\"plain\">");
  const std::size_t shown = std::min(gaps.size(), gaps_shown);
  for (std::size_t index = 0; index < shown; ++index) {
    const CoverageGap& gap = gaps[gaps.size() - 1 - index];
    html.add("<li>not watched for ").text(describe_duration(gap.to - gap.from)).add(" until ");
    html.add(gap.to == now ? Html("now") : moment(gap.to, now)).add("</li>");
  }
  html.add("</ul>");
  if (shown < gaps.size()) {
    html.add(" <small>").text(grouped_number(gaps.size() - shown)).add(" older gaps</small>");
  }
  return html;
}

Html failure_fact(const SourceStatus& source, TimePoint now) {
  Html html = plain(source.reason);
  if (!source.detail.empty()) {
    html.add(": <span class=\"long\">").text(source.detail).add("</span>");
  }
  return html.add(" <small>since ").add(moment(*source.failing_since, now)).add("</small>");
}

Html last_failure_fact(const SourceFailure& failure, TimePoint now) {
  Html html = plain(failure.reason);
  if (!failure.detail.empty()) {
    html.add(": <span class=\"long\">").text(failure.detail).add("</span>");
  }
  return html.add(" <small>").add(moment(failure.at, now)).add("</small>");
}

Html view_fact(const SourceStatus& source) {
  Html html;
  if (source.namespaces) {
    html.add("partial view, only");
    for (const std::string& name : *source.namespaces) {
      html.add(" ").text(name);
    }
  }
  if (!source.limits.empty()) {
    html.text(html.empty() ? "" : "; ").text(source.limits);
  }
  return html;
}

Html members_fact(const SourceMembers& members, const SourceStatus& source) {
  const std::string number = grouped_number(members.of(source));
  if (source.kind == SourceKind::registry) {
    return link_to(path_with("/images", {{"registry", source.name}}), number + " images");
  }
  if (source.kind == SourceKind::workload) {
    return link_to(path_with("/containers", {{"source", source.name}}), number + " containers");
  }
  return plain(number);
}

Html cycle_fact(const RequestCycle& cycle, TimePoint now) {
  Html html = plain(grouped_number(cycle.requests()));
  html.add(" requests in ").text(describe_duration(cycle.ended_at - cycle.started_at));
  return html.add(", ended ").add(moment(cycle.ended_at, now));
}

Html source_article(const SourceListInput& input, const SourceStatus& source, TimePoint now) {
  const std::string id = "source-" + source.name;
  const std::string heading = id + "-name";
  Html html("<article class=\"source\"");
  html.attribute("id", id).attribute("aria-labelledby", heading).add("><h2");
  html.attribute("id", heading).add(">").text(source.name).add("</h2>");
  Facts facts;
  facts.fact("Status", source_state(input.sources, source, now));
  if (source.failing_since) {
    facts.fact("Problem", failure_fact(source, now));
  } else if (source.last_failure) {
    facts.fact("Last error", last_failure_fact(*source.last_failure, now));
  }
  if (const Html view = view_fact(source); !view.empty()) {
    facts.fact("View", view);
  }
  facts.fact("Kind", source.type.empty() ? to_string(source.kind) : source.type);
  facts.fact("Last answer", moment(source.last_success_at, now, "never"));
  facts.fact("Next poll", moment(source.next_poll_at, now, "nobody polls it"));
  facts.fact("Shows", members_fact(input.members, source));
  if (source.last_cycle) {
    facts.fact("Last cycle", cycle_fact(*source.last_cycle, now));
  }
  const auto found = input.coverage.find(source.name);
  if (input.history_is_cut) {
    facts.fact("Watched", "not known: the database does not answer");
  } else if (found != input.coverage.end()) {
    facts.fact("Watched", coverage_fact(found->second, !source.failing_since, now));
  }
  return html.add(facts.html()).add("</article>\n");
}

}  // namespace

std::vector<CoverageGap> coverage_gaps(const std::vector<CoverageInterval>& intervals,
                                       TimePoint from, TimePoint to, bool answers_now) {
  std::vector<CoverageGap> gaps;
  TimePoint watched_to = from;
  for (const CoverageInterval& interval : intervals) {
    if (interval.from > watched_to) {
      gaps.push_back({watched_to, std::min(interval.from, to)});
    }
    watched_to = std::max(watched_to, interval.to);
  }
  const bool is_current = answers_now && !intervals.empty();
  if (watched_to < to && !is_current && to - watched_to >= gap_min) {
    gaps.push_back({watched_to, to});
  }
  return gaps;
}

std::string render_source_list(PageFrame frame, const SourceListInput& input) {
  std::vector<SourceStatus> sources = input.sources.all();
  const auto rank = [&](const SourceStatus& source) {
    return !source.failing_since ? 2 : input.sources.is_blind(source.name, frame.now) ? 0 : 1;
  };
  std::stable_sort(sources.begin(), sources.end(),
                   [&](const auto& left, const auto& right) { return rank(left) < rank(right); });
  Html content;
  if (sources.empty()) {
    content.add("<p class=\"none\">No source is configured: nothing is watched.</p>");
  }
  for (const SourceStatus& source : sources) {
    content.add(source_article(input, source, frame.now));
  }
  return whole_page(frame, content);
}

}  // namespace scanclock
