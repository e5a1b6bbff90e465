#include "cli/json_fields.hpp"
#include "cli/render.hpp"
#include "cli/table.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <string_view>
#include <tuple>
#include <vector>

namespace scanclock {
namespace {

using nlohmann::json;

constexpr std::array<std::string_view, 4> states = {"never_scanned", "overdue", "due_soon",
                                                    "fresh"};
constexpr std::array<std::string_view, 8> verdicts = {
    "unresolved",    "conflict", "ambiguous", "platform_unproven",
    "never_scanned", "overdue",  "expiring",  "compliant"};
constexpr std::array<std::string_view, 3> severities = {"critical", "warning", "none"};
constexpr std::array<std::string_view, 4> source_statuses = {"blind", "failing", "unknown", "ok"};

/// Place in the order from worst to best; a word of a newer server counts as worst.
template <std::size_t Size>
int rank_of(const std::array<std::string_view, Size>& order, const std::string& word) {
  const auto found = std::find(order.begin(), order.end(), word);
  return found == order.end() ? -1 : static_cast<int>(found - order.begin());
}

/// The array's elements, stably sorted by what `key` makes of each.
template <class Key>
std::vector<const json*> sorted(const json& array, Key key) {
  std::vector<const json*> items;
  if (array.is_array()) {
    for (const json& item : array) {
      items.push_back(&item);
    }
  }
  std::stable_sort(items.begin(), items.end(), [&key](const json* left, const json* right) {
    return key(*left) < key(*right);
  });
  return items;
}

TimePoint deadline_of(const json& item) {
  return time_of(item, "deadline_at").value_or(TimePoint::max());
}

/// `ok`, `not asked yet`, `unknown: timeout`; containers carry the word alone.
std::string observation_text(const json& observation) {
  if (observation.is_string()) {
    return in_words(observation.get<std::string>());
  }
  const std::string status = in_words(text_of(observation, "status"));
  const std::string reason = text_of(observation, "reason");
  return reason.empty() ? status : status + ": " + reason;
}

/// `host/repository:tag`, and how many more names there are.
std::string image_name(const json& image) {
  std::string first;
  std::size_t names = 0;
  for (const json& location : field_of(image, "locations")) {
    if (!field_of(location, "removed_at").is_null()) {
      continue;
    }
    std::string host = text_of(location, "host");
    host = host.empty() ? text_of(location, "registry") : host;
    const json& tags = field_of(location, "tags");
    names += std::max<std::size_t>(tags.size(), 1);
    if (first.empty()) {
      first = host + "/" + text_of(location, "repository");
      if (tags.is_array() && !tags.empty() && tags.front().is_string()) {
        first += ":" + tags.front().get<std::string>();
      }
    }
  }
  if (first.empty()) {
    const json& others = field_of(image, "names");
    if (others.is_array() && !others.empty() && others.front().is_string()) {
      first = others.front().get<std::string>();
      names = others.size();
    }
  }
  return names > 1 ? first + " (+" + std::to_string(names - 1) + " more)" : first;
}

/// What was never scanned is not late with a scan: its deadline is the moment from which it has
/// been out of order.
std::string deadline_text(const json& item, const std::string& state, TimePoint now) {
  const auto time = time_of(item, "deadline_at");
  return (state == "never_scanned" || state == "platform_unproven") && time && *time < now
             ? "since " + describe_duration(now - *time)
             : describe_deadline(field_of(item, "deadline_at"), now);
}

std::string subject_of(const json& alert) {
  const json& labels = field_of(alert, "labels");
  for (const char* const key : {"image", "source", "digest"}) {
    const std::string text = text_of(labels, key);
    if (!text.empty()) {
      return short_digest(text);
    }
  }
  return short_digest(text_of(alert, "subject"));
}

}  // namespace

std::string render_images(const json& images, TimePoint now) {
  Table table({"STATE", "DEADLINE", "LAST SCAN", "SCANNER", "TRUST", "RUNS", "OBSERVED", "PLATFORM",
               "OWNER", "DIGEST", "IMAGE"});
  const auto order = sorted(images, [](const json& image) {
    // What does not run endangers nobody yet: it stands below everything that does.
    return std::tuple(!flag_of(image, "running"), rank_of(states, text_of(image, "state")),
                      deadline_of(image), text_of(image, "digest"));
  });
  for (const json* const image : order) {
    const json& scan = field_of(*image, "last_scan");
    table.add(
        {in_words(text_of(*image, "state")), deadline_text(*image, text_of(*image, "state"), now),
         describe_moment(field_of(scan, "finished_at"), now), text_of(scan, "scanner"),
         text_of(scan, "trust"), flag_of(*image, "running") ? "yes" : "no",
         observation_text(field_of(*image, "observation")), text_of(*image, "platform"),
         text_of(*image, "owner"), short_digest(text_of(*image, "digest")), image_name(*image)});
  }
  return table.empty() ? "no images\n" : table.text();
}

std::string render_containers(const json& containers, TimePoint now) {
  Table table({"VERDICT", "DEADLINE", "SOURCE", "NAMESPACE", "WORKLOAD", "CONTAINER", "OWNER",
               "DIGEST", "IMAGE", "REASON"});
  const auto order = sorted(containers, [](const json& container) {
    return std::tuple(rank_of(verdicts, text_of(container, "verdict")), deadline_of(container),
                      text_of(container, "source"), text_of(container, "namespace"),
                      text_of(container, "workload"), text_of(container, "name"));
  });
  for (const json* const container : order) {
    const std::string resolved = text_of(*container, "resolved_digest");
    const std::string verdict = text_of(*container, "verdict");
    table.add({verdict.empty() ? "not recorded" : in_words(verdict),
               deadline_text(*container, text_of(*container, "verdict"), now),
               text_of(*container, "source"), text_of(*container, "namespace"),
               text_of(*container, "workload"), text_of(*container, "name"),
               text_of(*container, "owner"),
               short_digest(resolved.empty() ? text_of(*container, "image_digest") : resolved),
               text_of(*container, "image"), text_of(*container, "reason")});
  }
  return table.empty() ? "no containers\n" : table.text();
}

bool is_firing(const json& alert) {
  return text_of(alert, "state") == "firing" && text_of(alert, "severity") != "none";
}

std::string render_alerts(const json& alerts, TimePoint now) {
  Table table({"STATE", "SEVERITY", "RULE", "SUBJECT", "POLICY", "STARTED", "ENDED", "QUIET", "ID",
               "SUMMARY"});
  const auto order = sorted(alerts, [](const json& alert) {
    return std::tuple(
        text_of(alert, "state") != "firing", rank_of(severities, text_of(alert, "severity")),
        time_of(alert, "started_at").value_or(TimePoint::max()), text_of(alert, "id"));
  });
  for (const json* const alert : order) {
    const json& ended = field_of(*alert, "ended_at");
    std::string end = ended.is_null() ? "" : describe_moment(ended, now);
    const std::string reason = text_of(*alert, "resolved_reason");
    end += reason.empty() ? "" : " (" + in_words(reason) + ")";
    table.add({text_of(*alert, "state"), text_of(*alert, "severity"), text_of(*alert, "rule"),
               subject_of(*alert), text_of(*alert, "policy"),
               describe_moment(field_of(*alert, "started_at"), now), end, quiet_text(*alert),
               text_of(*alert, "id"), text_of(field_of(*alert, "annotations"), "summary")});
  }
  return table.empty() ? "no alerts\n" : table.text();
}

namespace {

/// Why it does not answer, and what it may not see although it does.
std::string problem_of_source(const json& source) {
  std::string text = text_of(source, "reason");
  const json& namespaces = field_of(source, "partial_view");
  if (namespaces.is_array()) {
    text += std::string(text.empty() ? "" : "; ") + "sees only";
    for (const json& name : namespaces) {
      text += name.is_string() ? " " + name.get<std::string>() : "";
    }
  }
  const std::string limits = text_of(source, "limits");
  return text + (text.empty() || limits.empty() ? "" : "; ") + limits;
}

}  // namespace

std::string render_sources(const json& sources, TimePoint now) {
  Table table({"STATUS", "SOURCE", "KIND", "LAST SUCCESS", "NEXT POLL", "SEEN", "REASON"});
  const auto order = sorted(sources, [](const json& source) {
    return std::tuple(rank_of(source_statuses, text_of(source, "status")), text_of(source, "kind"),
                      text_of(source, "name"));
  });
  for (const json* const source : order) {
    const json& next = field_of(*source, "next_poll_at");
    table.add({in_words(text_of(*source, "status")), text_of(*source, "name"),
               text_of(*source, "kind"), describe_moment(field_of(*source, "last_success_at"), now),
               next.is_null() ? "" : describe_moment(next, now), text_of(*source, "seen"),
               problem_of_source(*source)});
  }
  return table.empty() ? "no sources\n" : table.text();
}

}  // namespace scanclock
