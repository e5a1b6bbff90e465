#include "cli/render.hpp"

#include "cli/json_fields.hpp"
#include "cli/table.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <string_view>
#include <vector>

namespace scanclock {
namespace {

using nlohmann::json;

/// `2 overdue, 1 fresh` in the given order; words that are not in it come first.
std::string tally(const json& array, const char* key, const std::vector<std::string>& order) {
  std::vector<std::pair<std::string, int>> counts;
  for (const std::string& word : order) {
    counts.emplace_back(word, 0);
  }
  for (const json& item : array) {
    const std::string word = text_of(item, key);
    const auto found = std::find_if(counts.begin(), counts.end(),
                                    [&](const auto& count) { return count.first == word; });
    if (found == counts.end()) {
      counts.emplace(counts.begin(), word, 1);
    } else {
      ++found->second;
    }
  }
  std::string text;
  for (const auto& [word, count] : counts) {
    if (count > 0) {
      text += (text.empty() ? "" : ", ") + std::to_string(count) + " " + in_words(word);
    }
  }
  return text.empty() ? "none" : text;
}

json with_running(const json& images, bool running) {
  json chosen = json::array();
  for (const json& image : images) {
    if (flag_of(image, "running") == running) {
      chosen.push_back(image);
    }
  }
  return chosen;
}

std::string tally_alerts(const json& alerts) {
  json firing = json::array();
  for (const json& alert : alerts) {
    if (is_firing(alert)) {
      firing.push_back(alert);
    }
  }
  if (firing.empty()) {
    return "none firing";
  }
  return std::to_string(firing.size()) + " firing (" +
         tally(firing, "severity", {"critical", "warning"}) + ")";
}

/// Platforms come as names or as objects with a platform and a verdict.
std::string joined(const json& array) {
  std::string text;
  for (const json& item : array) {
    std::string word = item.is_string() ? item.get<std::string>() : text_of(item, "platform");
    const std::string verdict = in_words(text_of(item, "verdict"));
    word += verdict.empty() ? "" : " (" + verdict + ")";
    text += (text.empty() ? "" : ", ") + word;
  }
  return text;
}

/// Policies come as names or as objects with a name, a state and a deadline.
std::string policies_text(const json& policies) {
  std::string text;
  for (const json& policy : policies) {
    std::string word = policy.is_string() ? policy.get<std::string>() : text_of(policy, "name");
    const std::string state = in_words(text_of(policy, "state"));
    word += state.empty() ? "" : " (" + state + ")";
    text += (text.empty() ? "" : ", ") + word;
  }
  return text;
}

}  // namespace

std::string describe_deadline(const json& deadline, TimePoint now) {
  if (!deadline.is_string()) {
    return "";
  }
  const auto time = parse_rfc3339(deadline.get<std::string>());
  if (!time) {
    return deadline.get<std::string>();
  }
  return *time >= now ? "due in " + describe_duration(*time - now)
                      : "overdue by " + describe_duration(now - *time);
}

std::string describe_moment(const json& moment, TimePoint now) {
  if (!moment.is_string()) {
    return "never";
  }
  const auto time = parse_rfc3339(moment.get<std::string>());
  if (!time) {
    return moment.get<std::string>();
  }
  return *time > now ? "in " + describe_duration(*time - now)
                     : describe_duration(now - *time) + " ago";
}

std::string render_summary(const json& images, const json& containers, const json& alerts,
                           const json& sources) {
  const std::vector<std::string> states = {"never_scanned", "overdue", "due_soon", "fresh"};
  return "running images: " + tally(with_running(images, true), "state", states) +
         "; other images: " + tally(with_running(images, false), "state", states) +
         "; containers: " +
         tally(containers, "verdict",
               {"unresolved", "conflict", "ambiguous", "platform_unproven", "never_scanned",
                "overdue", "expiring", "compliant"}) +
         "; alerts: " + tally_alerts(alerts) +
         "; sources: " + tally(sources, "status", {"blind", "failing", "unknown", "ok"}) + "\n";
}

std::string render_check(const json& answer, const std::string& image, TimePoint now) {
  std::string text = (flag_of(answer, "allowed") ? "allowed: " : "not allowed: ") + image + "\n";
  const auto line = [&text](const std::string& name, const std::string& value) {
    if (!value.empty()) {
      text += "  " + name + ": " + value + "\n";
    }
  };
  line("verdict", in_words(text_of(answer, "verdict")));
  line("deadline", describe_deadline(field_of(answer, "deadline_at"), now));
  for (const json& reason : field_of(answer, "reasons")) {
    line("reason", reason.is_string() ? reason.get<std::string>() : reason.dump());
  }
  line("digest", text_of(answer, "digest"));
  line("resolved from", text_of(answer, "resolved_from"));
  line("platforms", joined(field_of(answer, "platforms")));
  line("policies", policies_text(field_of(answer, "policies")));
  const json& observation = field_of(answer, "observation");
  const std::string status =
      observation.is_string() ? observation.get<std::string>() : text_of(observation, "status");
  if (status != "ok") {
    const std::string reason = text_of(observation, "reason");
    line("observation", in_words(status) + (reason.empty() ? "" : ": " + reason));
  }
  return text;
}

std::string render_refresh(const json& answer, const std::string& digest) {
  std::string text = "refreshed: " + digest + "\n";
  const json& failures = field_of(answer, "failures");
  if (!failures.empty()) {
    text = "not refreshed: " + digest + "\n";
  }
  text += "  asked: " + joined(field_of(answer, "asked")) + "\n";
  for (const json& failure : failures) {
    text +=
        "  failed: " + (failure.is_string() ? failure.get<std::string>() : failure.dump()) + "\n";
  }
  const json& stored = field_of(answer, "stored");
  if (stored.is_boolean() && !stored.get<bool>()) {
    text += "  not in the database yet\n";
  }
  return text;
}

std::string render_submission(const json& answer, const std::string& name, int status,
                              TimePoint now) {
  if (!flag_of(answer, "accepted")) {
    std::string reason = text_of(answer, "reason");
    reason = reason.empty() ? "status " + std::to_string(status) : in_words(reason);
    const std::string detail = text_of(answer, "detail");
    return "rejected: " + name + ": " + reason + (detail.empty() ? "" : " (" + detail + ")") + "\n";
  }
  const json& scans = field_of(answer, "scans");
  std::string text;
  for (const json& scan : scans) {
    std::string subject = text_of(scan, "subject_digest");
    subject = subject.empty() ? text_of(scan, "digest") : subject;
    text += "accepted: " + name + (subject.empty() ? "" : ": " + short_digest(subject));
    const std::string scanner = text_of(scan, "scanner");
    text += scanner.empty() ? "" : " scanned by " + scanner;
    const json& finished = field_of(scan, "finished_at");
    text += finished.is_null() ? "\n" : ", finished " + describe_moment(finished, now) + "\n";
  }
  return text.empty() ? "accepted: " + name + "\n" : text;
}

}  // namespace scanclock
