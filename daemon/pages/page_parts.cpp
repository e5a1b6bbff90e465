#include "daemon/pages/page_parts.hpp"

#include "core/domain/views.hpp"
#include "core/net/url.hpp"

#include <algorithm>
#include <chrono>

namespace scanclock {

std::string spoken_word(std::string_view word) {
  std::string text(word);
  std::replace(text.begin(), text.end(), '_', ' ');
  return text;
}

Html moment(TimePoint time) {
  const std::string exact = format_rfc3339(std::chrono::floor<std::chrono::seconds>(time));
  std::string shown = exact.substr(0, exact.size() - 1);
  std::replace(shown.begin(), shown.end(), 'T', ' ');
  Html html("<time");
  html.attribute("datetime", exact).add(">").text(shown).add("</time>");
  return html;
}

std::string distance(TimePoint time, TimePoint now) {
  if (std::chrono::abs(time - now) < std::chrono::seconds(1)) {
    return "now";
  }
  const std::string length = describe_duration(time - now);
  return time >= now ? "in " + length : length + " ago";
}

Html moment(TimePoint time, TimePoint now) {
  Html html = moment(time);
  return html.add(" <span class=\"away\">(").text(distance(time, now)).add(")</span>");
}

Html moment(const std::optional<TimePoint>& time, TimePoint now, std::string_view absent) {
  return time && is_set(*time) ? moment(*time, now) : plain(absent);
}

Html badge(std::string_view word) {
  Html html("<span");
  html.attribute("class", "badge " + std::string(word)).add(">").text(spoken_word(word));
  return html.add("</span>");
}

Html doubted_badge(std::string_view word, std::string_view doubt) {
  Html html("<span class=\"badge doubted\">");
  html.text(spoken_word(word)).add("?</span> <small>").text(doubt).add("</small>");
  return html;
}

Html link_to(const std::string& path, std::string_view text) {
  Html html("<a");
  return html.attribute("href", path).add(">").text(text).add("</a>");
}

std::string image_path(const Digest& digest) { return "/images/" + digest.str(); }

std::string alert_path(const std::string& id) { return "/alerts/" + percent_encode(id); }

std::string source_path(const std::string& name) {
  return "/sources#source-" + percent_encode(name);
}

std::string path_with(std::string_view path,
                      const std::vector<std::pair<std::string, std::string>>& parameters) {
  std::string text(path);
  char separator = '?';
  for (const auto& [name, value] : parameters) {
    if (!value.empty()) {
      text += separator + name + "=" + percent_encode(value);
      separator = '&';
    }
  }
  return text;
}

Html image_name(const Inventory& inventory, const ImageRecord& image) {
  Html html = link_to(image_path(image.digest), asset_id(image));
  html.add(" <small>").text(image.digest.short_form());
  if (const Manifest* manifest = inventory.graph().find(image.digest)) {
    html.add(" ").text(to_string(manifest->platform));
  }
  return html.add("</small>");
}

Html image_state(const Inventory& inventory, const ImageRecord& image) {
  const std::string_view state = to_string(image.state);
  const Observation observation = inventory.observation(image);
  if (observation.status == Observation::Status::ok) {
    return badge(state);
  }
  std::string doubt = observation.status == Observation::Status::not_asked_yet
                          ? "its sources were not asked yet"
                          : "its sources do not answer";
  doubt += observation.reason.empty() ? "" : ": " + observation.reason;
  // What is wrong stays wrong whoever answers; only what is right is in doubt.
  if (image.state == State::overdue || image.state == State::never_scanned) {
    Html html = badge(state);
    return html.add(" <small>").text(doubt).add("</small>");
  }
  return doubted_badge(state, doubt);
}

Html container_verdict(const SourceBook& sources, const ContainerRecord& container) {
  const std::string_view verdict = to_string(container.verdict());
  const SourceStatus* source = sources.find(container.source());
  if (source != nullptr && !source->failing_since) {
    return badge(verdict);
  }
  const std::string doubt =
      "source not observed" + (source == nullptr ? std::string() : ": " + source->reason);
  if (may_run(container.verdict())) {
    return doubted_badge(verdict, doubt);
  }
  Html html = badge(verdict);
  return html.add(" <small>").text(doubt).add("</small>");
}

Html container_image(const ContainerRecord& container) {
  Html html("<span class=\"long\">");
  html.text(container.image()).add("</span>");
  if (const std::string& printed = container.printed->image_id; !printed.empty()) {
    html.add(" <small class=\"long\">").text(printed).add("</small>");
  }
  if (container.assumed()) {
    html.add(" <small>assumed: no runtime printed this digest</small>");
  }
  return html;
}

Html source_state(const SourceBook& sources, const SourceStatus& source, TimePoint now) {
  if (!source.failing_since) {
    return badge("ok");
  }
  if (sources.is_blind(source.name, now)) {
    return badge("blind");
  }
  return badge(source.reason == "not_asked_yet" ? "not_asked_yet" : "failing");
}

std::string summary_of(const Alert& alert) {
  const auto summary = alert.annotations.find("summary");
  return summary == alert.annotations.end() || summary->second.empty()
             ? alert.key.rule + ": " + alert.key.subject
             : summary->second;
}

std::string grouped_number(std::uint64_t number) {
  std::string digits = std::to_string(number);
  for (std::size_t place = digits.size(); place > 3;) {
    place -= 3;
    digits.insert(place, ",");
  }
  return digits;
}

Html list_navigation(const ListPlace& place, Markup label) {
  Html html("<nav class=\"paging\"");
  html.attribute("aria-label", label.str()).add("><p>");
  if (place.shown == 0) {
    html.text(place.matches == 0 ? "None." : "None further.");
  } else {
    html.text(grouped_number(place.before + 1)).add("–");
    html.text(grouped_number(place.before + place.shown)).add(" of ");
    html.text(grouped_number(place.matches));
  }
  html.add("</p>");
  if (!place.first_path.empty()) {
    html.add(link_to(place.first_path, "First page"));
  }
  if (!place.next_path.empty()) {
    html.add(" <a rel=\"next\"").attribute("href", place.next_path).add(">Next page</a>");
  }
  return html.add("</nav>\n");
}

}  // namespace scanclock
