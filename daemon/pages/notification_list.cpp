#include "daemon/pages/notification_list.hpp"

#include "daemon/pages/page_parts.hpp"

#include <algorithm>
#include <charconv>
#include <set>
#include <utility>

namespace scanclock {
namespace {

constexpr Markup notifications_path = "/notifications";
/// Alerts of a group that are named; the rest are counted.
constexpr std::size_t grouped_alerts_shown = 5;

std::string notification_parameter(const std::map<std::string, std::string>& query,
                                   const char* name) {
  const auto found = query.find(name);
  return found == query.end() ? std::string() : found->second;
}

std::string kind_of_message(const std::string& type) {
  constexpr std::string_view prefix = "scanclock.";
  std::string text = type.starts_with(prefix) ? type.substr(prefix.size()) : type;
  std::replace(text.begin(), text.end(), '.', ' ');
  return text;
}

Html about_cell(const NotificationRecord& record) {
  Html html;
  if (record.alert_ids.empty()) {
    return link_to(alert_path(record.alert_id), "alert " + record.alert_id);
  }
  const auto all = static_cast<std::size_t>(record.grouped_alerts);
  html.add("group of ").text(grouped_number(all));
  const std::size_t shown = std::min(record.alert_ids.size(), grouped_alerts_shown);
  for (std::size_t index = 0; index < shown; ++index) {
    const std::string& id = record.alert_ids[index];
    html.add(" <small>").add(link_to(alert_path(id), "alert " + id)).add("</small>");
  }
  if (shown < all) {
    html.add(" <small>and ").text(grouped_number(all - shown));
    html.add(" more</small>");
  }
  return html;
}

Html state_cell(const NotificationRecord& record, TimePoint now) {
  Html html = badge(to_string(record.state));
  if (record.finished_at) {
    html.add(" <small>").add(moment(*record.finished_at, now)).add("</small>");
  } else if (record.next_attempt_at) {
    html.add(" <small>next attempt ").add(moment(*record.next_attempt_at, now)).add("</small>");
  }
  return html;
}

Html attempts_cell(const NotificationRecord& record, TimePoint now) {
  Html html = plain_number(record.attempts.size());
  if (!record.attempts.empty()) {
    const NotificationAttempt& last = record.attempts.back();
    html.add(" <small>last ").add(moment(last.at, now)).add(": ");
    html.text(spoken_word(last.outcome));
    if (last.status != 0) {
      html.add(", answer ").number(static_cast<std::uint64_t>(last.status));
    }
    html.add("</small>");
  }
  const bool failed = record.state != NotificationState::delivered;
  if (failed && !record.last_error.empty()) {
    html.add(" <small class=\"long\">").text(record.last_error).add("</small>");
  }
  return html;
}

Html receiver_table(const NotificationListInput& input, TimePoint now) {
  std::set<std::string> names;
  for (const auto& receiver : input.receivers) {
    names.insert(receiver.name);
  }
  for (const OutboxStatistics& queue : input.queues) {
    names.insert(queue.receiver);
  }
  Table table("receivers", "What waits for whom",
              {"Receiver", "State", "Waiting", "Oldest", "Set aside"});
  for (const std::string& name : names) {
    const auto known = std::find_if(input.receivers.begin(), input.receivers.end(),
                                    [&](const auto& receiver) { return receiver.name == name; });
    const auto queue = std::find_if(input.queues.begin(), input.queues.end(),
                                    [&](const auto& item) { return item.receiver == name; });
    const bool has_queue = queue != input.queues.end();
    table.row().cell(link_to(path_with(notifications_path.str(), {{"receiver", name}}), name));
    if (known == input.receivers.end()) {
      table.cell(badge("not_configured"));
    } else {
      Html state = badge(known->stopped ? "stopped" : known->last_error.empty() ? "ok" : "failing");
      state.add(" <small class=\"long\">").text(known->last_error).add("</small>");
      table.cell(state);
    }
    table.cell(plain_number(has_queue ? static_cast<std::uint64_t>(queue->waiting) : 0));
    table.cell(moment(has_queue ? queue->oldest_waiting_at : std::nullopt, now, "none waits"));
    table.cell(plain_number(has_queue ? static_cast<std::uint64_t>(queue->set_aside) : 0));
  }
  return table.html("No receiver that is told through the outbox is configured.");
}

Html notification_form(const NotificationListQuestion& question,
                       const NotificationListInput& input) {
  const NotificationFilters& filters = question.filters;
  std::vector<std::pair<std::string, std::string>> receivers{{"", "any"}};
  for (const auto& receiver : input.receivers) {
    receivers.emplace_back(receiver.name, receiver.name);
  }
  FilterForm form(notifications_path, "Search notifications");
  form.choice("receiver", "Receiver", filters.receiver, receivers);
  form.choice("state", "State", filters.state ? to_string(*filters.state) : "",
              {{"", "any"},
               {"waiting", "waiting"},
               {"delivered", "delivered"},
               {"set_aside", "set aside"}});
  form.text("alert", "Alert id", filters.alert_id);
  return form.html();
}

std::string notifications_before(const NotificationListQuestion& question,
                                 const std::string& before) {
  const NotificationFilters& filters = question.filters;
  return path_with(
      notifications_path.str(),
      {{"receiver", filters.receiver},
       {"state", filters.state ? std::string(to_string(*filters.state)) : std::string()},
       {"alert", filters.alert_id},
       {"before", before}});
}

}  // namespace

std::optional<FilterRefusal> read_notification_list(const std::map<std::string, std::string>& query,
                                                    NotificationListQuestion& question) {
  if (const std::string state = notification_parameter(query, "state"); !state.empty()) {
    question.filters.state = parse_notification_state(state);
    if (!question.filters.state) {
      return FilterRefusal{"state", "waiting, delivered or set_aside"};
    }
  }
  if (const std::string before = notification_parameter(query, "before"); !before.empty()) {
    const auto parsed =
        std::from_chars(before.data(), before.data() + before.size(), question.before);
    if (parsed.ec != std::errc() || parsed.ptr != before.data() + before.size()) {
      return FilterRefusal{"before", "what the link to older ones says"};
    }
  }
  question.filters.receiver = notification_parameter(query, "receiver");
  question.filters.alert_id = notification_parameter(query, "alert");
  return std::nullopt;
}

Html notification_table(Markup id, std::string_view caption,
                        const std::vector<NotificationRecord>& records, std::size_t rows_max,
                        TimePoint now, std::string_view empty) {
  Table table(id, caption, {"Written", "Receiver", "Message", "About", "State", "Attempts"});
  const std::size_t shown = std::min(records.size(), rows_max);
  for (std::size_t index = 0; index < shown; ++index) {
    const NotificationRecord& record = records[index];
    Html message = plain(kind_of_message(record.type));
    message.add(" <small class=\"long\">").text(record.id).add("</small>");
    table.row().cell(moment(record.created_at, now)).cell(record.receiver).cell(message);
    table.cell(about_cell(record)).cell(state_cell(record, now));
    table.cell(attempts_cell(record, now));
  }
  return table.html(empty);
}

std::string render_notification_list(PageFrame frame, const NotificationListQuestion& question,
                                     const NotificationListInput& input) {
  const bool is_newest = question.before == INT64_MAX;
  const std::size_t shown = std::min(input.records.size(), page_rows);
  Html content;
  if (input.history_is_cut) {
    content.add(
        "<p class=\"note doubt\" role=\"status\">The database does not answer: what was told "
        "and what waits cannot be read now.</p>");
  }
  content.add("<section aria-labelledby=\"who\"><h2 id=\"who\">Receivers</h2>");
  content.add(receiver_table(input, frame.now)).add("</section>");
  content.add("<section aria-labelledby=\"ledger\"><h2 id=\"ledger\">Ledger</h2>");
  content.add(notification_form(question, input));
  content.add(notification_table("messages", "The newest first", input.records, page_rows,
                                 frame.now, "Nothing was told yet, or nothing matches."));
  content.add("<nav class=\"paging\" aria-label=\"Pages of notifications\">");
  if (!is_newest) {
    content.add(link_to(notifications_before(question, ""), "The newest")).add(" ");
  }
  if (shown < input.records.size()) {
    const std::string before = std::to_string(input.records[shown - 1].position);
    content.add("<a rel=\"next\"").attribute("href", notifications_before(question, before));
    content.add(">Older ones</a>");
  }
  content.add("</nav></section>\n");
  return whole_page(frame, content);
}

}  // namespace scanclock
