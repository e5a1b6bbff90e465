#include "daemon/api/alerting_bodies.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <initializer_list>
#include <map>
#include <optional>
#include <utility>

namespace scanclock {
namespace {

using nlohmann::json;

/// Takes the fields of one JSON object and keeps the first thing that is wrong with it.
class AlertingBody {
 public:
  AlertingBody(std::string_view text, std::initializer_list<std::string_view> known)
      : object_(json::parse(text, nullptr, false)) {
    if (!object_.is_object()) {
      refuse("the body must be a JSON object");
      object_ = json::object();
    }
    for (const auto& item : object_.items()) {
      if (std::find(known.begin(), known.end(), item.key()) == known.end()) {
        refuse("\"" + item.key() + "\" is not a field of this request");
      }
    }
  }

  const std::optional<BodyProblem>& problem() const { return problem_; }
  void refuse(const std::string& message) {
    if (!problem_) {
      problem_ = BodyProblem{message};
    }
  }

  /// Empty when it is not there.
  std::string text(const char* key) {
    const auto found = object_.find(key);
    if (found == object_.end() || found->is_null()) {
      return "";
    }
    if (!found->is_string()) {
      refuse(std::string(key) + ": expected a text");
      return "";
    }
    std::string text = found->get<std::string>();
    if (text.size() > silence_text_bytes_max) {
      refuse(std::string(key) + ": longer than " + std::to_string(silence_text_bytes_max) +
             " bytes");
    }
    return text;
  }

  std::string required_text(const char* key) {
    std::string found = text(key);
    if (found.find_first_not_of(" \t\r\n") == std::string::npos) {
      refuse(std::string(key) + " is required");
    }
    return found;
  }

  std::optional<TimePoint> time(const char* key) {
    const std::string found = text(key);
    const auto parsed = parse_rfc3339(found);
    if (!found.empty() && !parsed) {
      refuse(std::string(key) + ": expected an RFC 3339 time with a zone");
    }
    return parsed;
  }

  /// When it ends: `expires_at`, or `duration` from `start` on.
  TimePoint expiry(TimePoint start) {
    const auto expires_at = time("expires_at");
    const std::string length = text("duration");
    const auto duration = parse_duration(length);
    if (!length.empty() && !duration) {
      refuse("duration: expected one such as 4h or 2d12h");
    }
    if (expires_at.has_value() == !length.empty()) {
      refuse("either expires_at or duration is required");
      return start;
    }
    const TimePoint end = expires_at ? *expires_at : start + duration.value_or(Duration::zero());
    if (end <= start) {
      refuse("it would end before it begins");
    } else if (end - start > silence_duration_max) {
      refuse("it may last " + format_duration(silence_duration_max) + " at most");
    }
    return end;
  }

  std::vector<LabelMatcher> matchers() {
    std::vector<LabelMatcher> matchers;
    const auto found = object_.find("matchers");
    if (found == object_.end() || !found->is_array() || found->empty()) {
      refuse(R"(matchers: expected a list such as ["severity=\"warning\"", "owner=~\"pay.*\""])");
      return matchers;
    }
    if (found->size() > silence_matchers_max) {
      refuse("matchers: more than " + std::to_string(silence_matchers_max));
      return matchers;
    }
    for (const json& item : *found) {
      auto matcher =
          item.is_string()
              ? parse_matcher(item.get_ref<const std::string&>())
              : Result<LabelMatcher, MatcherProblem>(MatcherProblem{"matchers are texts"});
      if (!matcher) {
        refuse("matchers: " + matcher.error().message);
        continue;
      }
      matchers.push_back(std::move(*matcher));
    }
    return matchers;
  }

 private:
  json object_;
  std::optional<BodyProblem> problem_;
};

}  // namespace

Result<Silence, BodyProblem> parse_silence(std::string_view body, const std::string& principal,
                                           TimePoint now) {
  AlertingBody reader(body,
                      {"matchers", "reason", "author", "starts_at", "expires_at", "duration"});
  Silence silence;
  silence.matchers = reader.matchers();
  silence.reason = reader.required_text("reason");
  silence.author = reader.text("author");
  silence.author = silence.author.empty() ? principal : silence.author;
  silence.created_at = now;
  silence.starts_at = std::max(reader.time("starts_at").value_or(now), now);
  silence.expires_at = reader.expiry(silence.starts_at);
  const std::map<std::string, std::string> no_labels;
  if (!reader.problem() && LabelSelector(silence.matchers).matches(no_labels)) {
    reader.refuse("matchers: at least one must ask for a value, for these match every alert");
  }
  if (reader.problem()) {
    return *reader.problem();
  }
  return silence;
}

Result<Acknowledgement, BodyProblem> parse_acknowledgement(std::string_view body,
                                                           const std::string& principal,
                                                           TimePoint now) {
  AlertingBody reader(body, {"reason", "author", "expires_at", "duration"});
  Acknowledgement taken;
  taken.reason = reader.required_text("reason");
  taken.author = reader.text("author");
  taken.author = taken.author.empty() ? principal : taken.author;
  taken.at = now;
  taken.expires_at = reader.expiry(now);
  if (reader.problem()) {
    return *reader.problem();
  }
  return taken;
}

Result<ReplayRequest, BodyProblem> parse_replay(std::string_view body) {
  AlertingBody reader(body, {"receiver", "since"});
  ReplayRequest request;
  request.receiver = reader.required_text("receiver");
  const auto since = reader.time("since");
  if (!since) {
    reader.refuse("since is required, an RFC 3339 time with a zone");
  }
  if (reader.problem()) {
    return *reader.problem();
  }
  request.since = *since;
  return request;
}

}  // namespace scanclock
