#include "daemon/pages/image_page.hpp"

#include "core/domain/views.hpp"
#include "daemon/pages/container_list.hpp"
#include "daemon/pages/image_evidence.hpp"
#include "daemon/pages/image_timeline.hpp"
#include "daemon/pages/page_parts.hpp"

#include <algorithm>

namespace scanclock {
namespace {

std::string joined_tags(const std::set<std::string>& tags) {
  std::string text;
  for (const std::string& tag : tags) {
    text += (text.empty() ? "" : ", ") + tag;
  }
  return text;
}

Html deadline_fact(const ImageRecord& image, TimePoint now) {
  Html html = moment(image.deadline_at, now);
  if (image.state == State::never_scanned) {
    html.add(" <small>not compliant from then on, for no scan is accepted</small>");
  }
  return html;
}

Html observation_fact(const Inventory& inventory, const ImageRecord& image, TimePoint now) {
  const Observation observation = inventory.observation(image);
  Html html = badge(to_string(observation.status));
  if (!observation.reason.empty()) {
    html.add(" ").text(observation.reason);
  }
  if (observation.since) {
    html.add(" since ").add(moment(*observation.since, now));
  }
  if (observation.last_success_at) {
    html.add(" <small>last answer ").add(moment(*observation.last_success_at, now));
    html.add("</small>");
  }
  return html;
}

Html last_scan_fact(const Inventory& inventory, const ImageRecord& image, TimePoint now) {
  const EvidenceRecord* scan = image.last_scan ? inventory.evidence(*image.last_scan) : nullptr;
  if (scan == nullptr) {
    return Html("no accepted scan");
  }
  Html html = moment(scan->evidence.report.finished_at, now, "unknown");
  html.add(" by ").text(scan->evidence.report.scanner);
  return html;
}

Html image_facts(const ImagePageInput& input, const ImageRecord& image, TimePoint now) {
  const Inventory& inventory = input.inventory;
  const Manifest* manifest = inventory.graph().find(image.digest);
  Facts facts;
  facts.fact("State", image_state(inventory, image));
  facts.fact("Deadline", deadline_fact(image, now));
  facts.fact("Last scan", last_scan_fact(inventory, image, now));
  facts.fact("Runs", image.running ? "yes" : "no");
  facts.fact("Sources", observation_fact(inventory, image, now));
  facts.fact("Environment", image.environment);
  const std::string contact = contact_of(inventory.scope(), image.owner);
  facts.fact("Owner", image.owner + (contact.empty() ? "" : ", " + contact));
  Html digest("<span class=\"long\">");
  facts.fact("Digest", digest.text(image.digest.str()).add("</span>"));
  if (manifest != nullptr) {
    facts.fact("Platform", to_string(manifest->platform));
    Html config("<span class=\"long\">");
    facts.fact("Config", config.text(manifest->config.str()).add("</span>"));
  }
  Html json("<a");
  json.attribute("href", "/api/v1/images/" + image.digest.str()).add(">this image as JSON</a>");
  return facts.fact("For programs", json).html();
}

Html policy_table(const ImageRecord& image, TimePoint now) {
  Table table("policies", "The earliest deadline of those that bind the image counts",
              {"Policy", "State", "Deadline", "Binds it"});
  for (const PolicyStanding& standing : image.standings) {
    table.row().cell(standing.policy + ", version " + std::to_string(standing.version));
    table.cell(badge(to_string(standing.standing.state)));
    table.cell(moment(standing.standing.deadline_at, now));
    table.cell(standing.bound ? "yes" : "no");
  }
  return table.html("No policy is configured.");
}

Html location_table(const ImageRecord& image, TimePoint now) {
  Table table("places", "Where the image stands",
              {"Repository", "Registry", "Tags", "Environment", "Entry", "Removed"});
  for (const auto& [key, location] : image.locations) {
    Html name("<span class=\"long\">");
    table.row().cell(name.text(location.host + "/" + key.repository).add("</span>"));
    table.cell(link_to(source_path(key.registry), key.registry));
    table.cell(joined_tags(location.tags)).cell(location.environment);
    Html entry = moment(location.entry_at, now);
    entry.add(" <small>").text(spoken_word(to_string(location.entry_basis))).add("</small>");
    table.cell(entry).cell(moment(location.removed_at, now, "stands there"));
  }
  return table.html("It stands in no monitored registry.");
}

Html image_containers(const ImagePageInput& input, const ImageRecord& image, TimePoint now) {
  std::vector<const ContainerRecord*> containers = input.inventory.containers_of(image.digest);
  const std::size_t all = containers.size();
  containers.resize(std::min(all, page_containers_max));
  const std::string caption = grouped_number(all) + (all == 1 ? " container" : " containers") +
                              (all > containers.size() ? ", the first of them" : "");
  Html html = container_table(caption, input.sources, containers, now, "Nothing runs it.");
  if (all > containers.size()) {
    html.add("<p>");
    html.add(link_to(path_with("/containers", {{"q", image.digest.str()}}), "All its containers"));
    html.add("</p>");
  }
  return html;
}

Html image_alerts(const ImagePageInput& input, TimePoint now) {
  Table table("alerts", "Alerts about it, the newest first",
              {"What", "Severity", "Rule", "Since", "Ended"});
  for (const Alert& alert : input.alerts) {
    table.row().cell(link_to(alert_path(alert.id), summary_of(alert)));
    table.cell(alert.firing ? badge(to_string(alert.severity)) : badge("resolved"));
    table.cell(alert.key.rule).cell(moment(alert.started_at, now));
    Html ended = moment(alert.ended_at, now, "fires");
    if (!alert.resolved_reason.empty()) {
      ended.add(" <small>").text(spoken_word(alert.resolved_reason)).add("</small>");
    }
    table.cell(ended);
  }
  Html html = table.html("No alert is or was about it.");
  if (input.history_is_cut) {
    html.add(
        "<p class=\"note doubt\">The database does not answer: alerts that ended more than a "
        "day ago are missing here.</p>");
  }
  return html;
}

}  // namespace

std::string render_image_page(PageFrame frame, const ImagePageInput& input,
                              const ImageRecord& image) {
  const TimePoint now = frame.now;
  frame.title = asset_id(image);
  frame.is_section_page = false;
  Html content = image_facts(input, image, now);
  content.add("<section aria-labelledby=\"time\"><h2 id=\"time\">Timeline</h2>");
  content.add(timeline(timeline_of(input.inventory, image, input.alerts, now), now));
  content.add("</section><section aria-labelledby=\"runs\"><h2 id=\"runs\">Where it runs</h2>");
  content.add(image_containers(input, image, now));
  content.add("</section><section aria-labelledby=\"rules\"><h2 id=\"rules\">Policies</h2>");
  content.add(policy_table(image, now));
  content.add("</section><section aria-labelledby=\"proof\"><h2 id=\"proof\">Evidence</h2>");
  content.add(image_evidence(input.inventory, image, now));
  content.add("</section><section aria-labelledby=\"stands\"><h2 id=\"stands\">Places</h2>");
  content.add(location_table(image, now));
  content.add("</section><section aria-labelledby=\"told\"><h2 id=\"told\">Alerts</h2>");
  content.add(image_alerts(input, now)).add("</section>\n");
  return whole_page(frame, content);
}

std::string render_unknown_image_page(PageFrame frame, const Inventory& inventory,
                                      std::string_view argument) {
  frame.title = "No such image";
  frame.is_section_page = false;
  const auto digest = Digest::parse(argument);
  const std::vector<Digest> meant = digest ? inventory.images_of(*digest) : std::vector<Digest>();
  Html message;
  if (meant.empty()) {
    message.add("No unique image has this digest, and it is no index or configuration of one. ");
    message.add("<a href=\"/images\">All images</a>");
  } else {
    message.add("This digest is an index's or a configuration's. It stands for:");
    for (const Digest& image : meant) {
      message.add(" <span class=\"long\">").add(link_to(image_path(image), image.str()));
      message.add("</span>");
    }
  }
  return message_page(frame, message);
}

}  // namespace scanclock
