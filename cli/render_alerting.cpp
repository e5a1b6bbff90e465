#include "cli/json_fields.hpp"
#include "cli/render.hpp"
#include "cli/table.hpp"

#include <nlohmann/json.hpp>

namespace scanclock {
namespace {

using nlohmann::json;

std::string matchers_text(const json& silence) {
  std::string text;
  for (const json& matcher : field_of(silence, "matchers")) {
    text += std::string(text.empty() ? "" : " ") +
            (matcher.is_string() ? matcher.get<std::string>() : matcher.dump());
  }
  return text;
}

std::string silence_end(const json& silence, TimePoint now) {
  const json& ended = field_of(silence, "ended_at");
  if (!ended.is_null()) {
    return describe_moment(ended, now) + " by " + text_of(silence, "ended_by");
  }
  return describe_moment(field_of(silence, "expires_at"), now);
}

/// `204`, or why it failed; empty before the first answer.
std::string answer_text(const json& attempt) {
  const std::string error = text_of(attempt, "error");
  return error.empty() ? text_of(attempt, "status") : error;
}

std::string newest_answer(const json& message) {
  const json& attempts = field_of(message, "attempts");
  return attempts.is_array() && !attempts.empty() ? answer_text(attempts.back()) : "";
}

std::string state_text(const json& message, TimePoint now) {
  const std::string state = in_words(text_of(message, "state"));
  const auto next = time_of(message, "next_attempt_at");
  return next && *next > now ? state + ", next " + describe_moment(format_rfc3339(*next), now)
                             : state;
}

std::string kind_text(const json& message) {
  constexpr std::string_view prefix = "scanclock.";
  const std::string type = text_of(message, "type");
  return type.starts_with(prefix) ? type.substr(prefix.size()) : type;
}

std::string alerts_text(const json& message) {
  // Of a large group the list names the first alerts only; an older daemon counts none.
  const json& total = field_of(message, "alerts_total");
  const json& ids = field_of(message, "alert_ids");
  const std::uint64_t count = total.is_number_unsigned() ? total.get<std::uint64_t>()
                              : ids.is_array()           ? ids.size()
                                                         : 1;
  return count > 1 ? std::to_string(count) + " alerts" : text_of(message, "alert_id");
}

}  // namespace

std::string render_silences(const json& silences, TimePoint now) {
  Table table({"STATE", "STARTS", "ENDS", "AUTHOR", "MATCHERS", "REASON", "ID"});
  for (const json& silence : silences) {
    table.add({text_of(silence, "state"), describe_moment(field_of(silence, "starts_at"), now),
               silence_end(silence, now), text_of(silence, "author"), matchers_text(silence),
               text_of(silence, "reason"), text_of(silence, "id")});
  }
  return table.empty() ? "no silences\n" : table.text();
}

std::string render_notifications(const json& notifications, TimePoint now) {
  Table table({"STATE", "RECEIVER", "TYPE", "MADE", "TRIES", "ANSWER", "ALERT", "ID"});
  for (const json& message : notifications) {
    table.add({state_text(message, now), text_of(message, "receiver"), kind_text(message),
               describe_moment(field_of(message, "created_at"), now),
               text_of(message, "attempts_made"), newest_answer(message), alerts_text(message),
               text_of(message, "id")});
  }
  return table.empty() ? "no notifications\n" : table.text();
}

std::string render_notification(const json& message, TimePoint now) {
  json one = json::array();
  one.push_back(message);
  Table attempts({"TRY", "AT", "OUTCOME", "ANSWER"});
  for (const json& attempt : field_of(message, "attempts")) {
    attempts.add({text_of(attempt, "number"), text_of(attempt, "at"),
                  in_words(text_of(attempt, "outcome")), answer_text(attempt)});
  }
  return render_notifications(one, now) + "\n" +
         (attempts.empty() ? "not tried yet\n" : attempts.text()) + "\n" + text_of(message, "body");
}

std::string quiet_text(const json& alert) {
  const json& silence = field_of(alert, "silenced_by");
  const json& taken = field_of(alert, "acknowledged");
  std::string text;
  if (silence.is_object()) {
    text = "silenced by " + text_of(silence, "author");
  }
  if (taken.is_object()) {
    text += (text.empty() ? "" : ", ") + ("acknowledged by " + text_of(taken, "author"));
  }
  return text;
}

}  // namespace scanclock
