#include "daemon/pages/alert_page.hpp"

#include "alerts/alert_subject.hpp"
#include "alerts/rules.hpp"
#include "core/domain/views.hpp"
#include "daemon/pages/alert_list.hpp"
#include "daemon/pages/container_list.hpp"
#include "daemon/pages/image_page.hpp"
#include "daemon/pages/notification_list.hpp"
#include "daemon/pages/page_parts.hpp"
#include "daemon/pages/runbook_page.hpp"

#include <algorithm>
#include <utility>

namespace scanclock {
namespace {

std::string annotation_of_alert(const Alert& alert, const char* name) {
  const auto found = alert.annotations.find(name);
  return found == alert.annotations.end() ? std::string() : found->second;
}

Html subject_fact(const AlertPageInput& input, const Alert& alert, const ImageRecord* image) {
  const std::string& subject = alert.key.subject;
  Html html("<span class=\"long\">");
  if (image != nullptr) {
    return html.add(image_name(input.inventory, *image)).add("</span>");
  }
  if (input.sources.find(subject) != nullptr) {
    return html.add(link_to(source_path(subject), subject)).add("</span>");
  }
  if (alert.key.rule == alerts::rule_image_unresolved ||
      alert.key.rule == alerts::rule_unmonitored_registry) {
    const std::string path = path_with("/containers", {{"q", subject}});
    return html.add(link_to(path, subject)).add("</span>");
  }
  return html.text(subject).add("</span>");
}

Html alert_facts(const AlertPageInput& input, const Alert& alert, const ImageRecord* image,
                 TimePoint now) {
  Facts facts;
  Html state = badge(to_string(alert.severity));
  facts.fact("State", state.add(" ").add(alert_standing(alert, input.silences, now)));
  facts.fact("About", subject_fact(input, alert, image));
  facts.fact("Since", moment(alert.started_at, now));
  if (alert.ended_at) {
    facts.fact("Ended", moment(*alert.ended_at, now));
  }
  if (const auto deadline = parse_rfc3339(annotation_of_alert(alert, "deadline_at"))) {
    facts.fact("Deadline then", moment(*deadline, now));
  }
  facts.fact("Policy", alert.key.policy).fact("Environment", alert.environment);
  const std::string contact = contact_of(input.inventory.scope(), alert.owner);
  facts.fact("Owner", alert.owner + (contact.empty() ? "" : ", " + contact));
  facts.fact("Clusters", annotation_of_alert(alert, "clusters"));
  facts.fact("Observation", annotation_of_alert(alert, "observation"));
  const std::string path = "/runbook#" + runbook_anchor(alert.key.rule);
  facts.fact("Rule", link_to(path, alert.key.rule));
  return facts.fact("Alert id", alert.id).html();
}

Html advice_section(const Alert& alert) {
  Html html("<section aria-labelledby=\"do\"><h2 id=\"do\">What to do</h2>");
  for (const char* name : {"description", "remediation"}) {
    if (const std::string text = annotation_of_alert(alert, name); !text.empty()) {
      html.add("<p class=\"advice\">").text(text).add("</p>");
    }
  }
  html.add("<p>").add(
      link_to("/runbook#" + runbook_anchor(alert.key.rule), "Runbook of " + alert.key.rule));
  html.add("</p>");
  if (alert.firing) {
    html.add("<p>Say that you have taken it: <code class=\"command\">scanclock ack ")
        .text(alert.id);
    html.add(" --for 4h --reason …</code></p>");
  }
  return html.add("</section>\n");
}

Html image_now_section(const AlertPageInput& input, const ImageRecord& image,
                       const std::string& policy, TimePoint now) {
  Html html("<section aria-labelledby=\"now\"><h2 id=\"now\">The image now</h2>");
  Facts facts;
  facts.fact("Image", image_name(input.inventory, image));
  facts.fact("State", image_state(input.inventory, image));
  facts.fact("Deadline", moment(image.deadline_at, now));
  facts.fact("Runs", image.running ? "yes" : "no");
  const EvidenceRecord* scan =
      image.last_scan ? input.inventory.evidence(*image.last_scan) : nullptr;
  if (scan == nullptr) {
    facts.fact("Last scan", "no accepted scan");
  } else {
    Html when = moment(scan->evidence.report.finished_at, now, "unknown");
    facts.fact("Last scan", when.add(" by ").text(scan->evidence.report.scanner));
  }
  if (const auto rejected = alerts::rejected_latest(input.inventory, image, policy)) {
    Html why = plain(spoken_word(to_string(rejected->reason)));
    facts.fact("Newest rejected", why.add(", collected ").add(moment(rejected->at, now)));
  }
  html.add(facts.html()).add("<p>");
  html.add(link_to(image_path(image.digest), "Its timeline and evidence"));
  return html.add("</p></section>\n");
}

Html where_section(const AlertPageInput& input, const Alert& alert, const ImageRecord* image,
                   TimePoint now) {
  std::vector<const ContainerRecord*> containers =
      alerts::containers_of(input.inventory, alert, image);
  if (containers.empty() && image == nullptr) {
    return {};
  }
  const std::size_t all = containers.size();
  containers.resize(std::min(all, page_containers_max));
  const std::string caption = grouped_number(all) + (all == 1 ? " container" : " containers") +
                              (all > containers.size() ? ", the worst of them" : "");
  Html html("<section aria-labelledby=\"where\"><h2 id=\"where\">Where it runs</h2>");
  html.add(container_table(caption, input.sources, containers, now, "Nothing runs it now."));
  return html.add("</section>\n");
}

struct HistoryItem {
  TimePoint at;
  std::string_view kind;
  Html what;
};

Html acknowledged_item(const Acknowledgement& taken, TimePoint now) {
  Html html = badge("acknowledged");
  html.add(" by ").text(taken.author).add(" until ").add(moment(taken.expires_at, now));
  html.add("<small>").text(taken.reason).add("</small>");
  if (taken.ended_at) {
    html.add("<small>taken back ").add(moment(*taken.ended_at, now)).add("</small>");
  }
  return html;
}

Html alert_history_section(const AlertPageInput& input, TimePoint now) {
  std::vector<HistoryItem> items;
  for (const AlertEvent& event : input.events) {
    Html what = badge(to_string(event.kind));
    what.add(" ").text(event.reason).add("<small>event ");
    what.number(static_cast<std::uint64_t>(event.sequence)).add("</small>");
    items.push_back({event.at, to_string(event.kind), std::move(what)});
  }
  for (const Acknowledgement& taken : input.acknowledgements) {
    items.push_back({taken.at, "acknowledged", acknowledged_item(taken, now)});
  }
  std::stable_sort(items.begin(), items.end(),
                   [](const auto& left, const auto& right) { return left.at > right.at; });
  Html html("<section aria-labelledby=\"history\"><h2 id=\"history\">History</h2>");
  if (items.empty()) {
    html.add("<p class=\"none\">Nothing is recorded yet.</p>");
  } else {
    html.add("<p>The newest first.</p><ol class=\"timeline\" reversed=\"reversed\">\n");
    for (const HistoryItem& item : items) {
      html.add("<li").attribute("class", item.kind).add("><p class=\"when\">");
      html.add(moment(item.at, now)).add("</p><div>").add(item.what).add("</div></li>\n");
    }
    html.add("</ol>");
  }
  return html.add("</section>\n");
}

Html told_section(const AlertPageInput& input, const Alert& alert, TimePoint now) {
  Html html("<section aria-labelledby=\"told\"><h2 id=\"told\">Who was told</h2>");
  html.add(notification_table("messages", "The newest message first", input.notifications,
                              alert_history_max, now,
                              "No message about it is in the ledger. Alertmanagers are told "
                              "every minute and do not stand there."));
  html.add("<p>");
  html.add(link_to(path_with("/notifications", {{"alert", alert.id}}), "In the ledger"));
  return html.add("</p></section>\n");
}

Html label_section(const Alert& alert) {
  Html html("<details><summary>Labels and annotations</summary>");
  Table table("labels", "Labels identify the alert, annotations describe it",
              {"Name", "Value", "Kind"});
  for (const auto& [name, value] : alert.labels) {
    table.row().cell(name).cell(value).cell("label");
  }
  for (const auto& [name, value] : alert.annotations) {
    table.row().cell(name).cell(value).cell("annotation");
  }
  return html.add(table.html("It has none.")).add("</details>\n");
}

}  // namespace

std::string render_alert_page(PageFrame frame, const AlertPageInput& input, const Alert& alert) {
  const TimePoint now = frame.now;
  frame.title = summary_of(alert);
  frame.is_section_page = false;
  const ImageRecord* image = alerts::image_of(input.inventory, alert);
  Html content;
  if (input.history_is_cut) {
    content.add(
        "<p class=\"note doubt\" role=\"status\">The database does not answer: history and "
        "notifications are missing here. What is shown is what the daemon knows.</p>\n");
  }
  content.add(alert_facts(input, alert, image, now)).add(advice_section(alert));
  if (image != nullptr) {
    content.add(image_now_section(input, *image, alert.key.policy, now));
  }
  content.add(where_section(input, alert, image, now));
  content.add(alert_history_section(input, now)).add(told_section(input, alert, now));
  content.add(label_section(alert));
  return whole_page(frame, content);
}

std::string render_unknown_alert_page(PageFrame frame, bool history_is_cut) {
  frame.title = history_is_cut ? "Alert cannot be looked up" : "No such alert";
  frame.is_section_page = false;
  Html message;
  message.add(history_is_cut
                  ? Markup("It does not fire now and did not end within a day; what is older "
                           "stands in the database, which does not answer. Try again in a moment. ")
                  : Markup("No alert has this id, or it is past the retention of the record. "));
  message.add("<a href=\"/alerts\">Alerts that fire</a>");
  return message_page(frame, message);
}

}  // namespace scanclock
