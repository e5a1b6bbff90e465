#include "daemon/pages/container_list.hpp"

#include <charconv>
#include <utility>

namespace scanclock {
namespace {

constexpr Markup containers_path = "/containers";

/// Container IDs hold no blank, so the parts come apart again.
std::string container_cursor(const ContainerRank& rank) {
  const auto& [order, key] = rank;
  return std::to_string(order) + "." + key.source + " " + key.id.str();
}

std::optional<ContainerRank> read_container_cursor(std::string_view text) {
  const auto dot = text.find('.');
  const auto blank = text.rfind(' ');
  if (dot == std::string_view::npos || blank == std::string_view::npos || blank < dot) {
    return std::nullopt;
  }
  int order = 0;
  const auto parsed = std::from_chars(text.data(), text.data() + dot, order);
  if (parsed.ec != std::errc() || parsed.ptr != text.data() + dot) {
    return std::nullopt;
  }
  ContainerKey key{std::string(text.substr(dot + 1, blank - dot - 1)),
                   std::string(text.substr(blank + 1))};
  return ContainerRank(order, std::move(key));
}

std::string asked(const std::map<std::string, std::string>& query, const char* name) {
  const auto found = query.find(name);
  return found == query.end() ? std::string() : found->second;
}

Html place_cell(const ContainerRecord& container) {
  Html html = plain(container.source());
  if (!container.namespace_name().empty()) {
    html.add(" <small>namespace ").text(container.namespace_name()).add("</small>");
  }
  return html;
}

Html reason_cell(const ContainerRecord& container, TimePoint now) {
  Html html = plain(container.reason());
  if (const auto deadline = container.deadline_at()) {
    html.add(" <small>deadline ").add(moment(*deadline, now)).add("</small>");
  }
  return html;
}

/// The reference, and the page of the unique image that it was joined to.
Html joined_image_cell(const ContainerRecord& container) {
  Html html = container_image(container);
  const Digest& image = container.join().image;
  if (!image.empty()) {
    html.add(" <small>is ").add(link_to(image_path(image), image.short_form())).add("</small>");
  }
  return html;
}

bool holds(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

std::optional<FilterRefusal> read_container_list(const std::map<std::string, std::string>& query,
                                                 ContainerListQuestion& question) {
  if (const std::string verdict = asked(query, "verdict"); !verdict.empty()) {
    question.filters.verdict = parse_verdict(verdict);
    if (!question.filters.verdict) {
      return FilterRefusal{"verdict",
                           "compliant, expiring, overdue, never_scanned, platform_unproven, "
                           "ambiguous, conflict or unresolved"};
    }
  }
  if (const std::string after = asked(query, "after"); !after.empty()) {
    question.after = read_container_cursor(after);
    if (!question.after) {
      return FilterRefusal{"after", "what the link to the next page says"};
    }
  }
  question.filters.source = asked(query, "source");
  question.filters.namespace_name = asked(query, "namespace");
  question.filters.owner = asked(query, "owner");
  question.text = asked(query, "q");
  return std::nullopt;
}

Html container_table(std::string_view caption, const SourceBook& sources,
                     const std::vector<const ContainerRecord*>& containers, TimePoint now,
                     std::string_view empty) {
  Table table("containers", caption,
              {"Container", "Verdict", "Image", "Where", "Workload", "Why", "Owner"});
  for (const ContainerRecord* container : containers) {
    table.row().cell(container->name()).cell(container_verdict(sources, *container));
    table.cell(joined_image_cell(*container)).cell(place_cell(*container));
    table.cell(container->workload()).cell(reason_cell(*container, now));
    table.cell(container->owner().empty() ? std::string_view("nobody")
                                          : std::string_view(container->owner()));
  }
  return table.html(empty);
}

ContainerList::ContainerList(ContainerListQuestion question)
    : question_(std::move(question)), rows_(page_rows, question_.after) {}

bool ContainerList::passes(const ContainerRecord& container) const {
  const PastFilters& filters = question_.filters;
  const std::string& text = question_.text;
  return !container.ended_at && (!filters.verdict || container.verdict() == *filters.verdict) &&
         (filters.source.empty() || container.source() == filters.source) &&
         (filters.namespace_name.empty() || container.namespace_name() == filters.namespace_name) &&
         (filters.owner.empty() || container.owner() == filters.owner) &&
         (text.empty() || holds(container.name(), text) || holds(container.workload(), text) ||
          holds(container.image(), text) || holds(container.join().image.str(), text) ||
          holds(container.id.str(), text));
}

void ContainerList::add(const ContainerRecord& container) {
  if (passes(container)) {
    rows_.add(ContainerRank(-static_cast<int>(container.verdict()), container.key()));
  }
}

Html ContainerList::form(const SourceBook& sources) const {
  const PastFilters& filters = question_.filters;
  std::vector<std::pair<std::string, std::string>> verdicts{{"", "any"}};
  for (int verdict = static_cast<int>(Verdict::unresolved); verdict >= 0; --verdict) {
    const std::string word(to_string(static_cast<Verdict>(verdict)));
    verdicts.emplace_back(word, spoken_word(word));
  }
  std::vector<std::pair<std::string, std::string>> names{{"", "any"}};
  for (const SourceStatus& source : sources.all()) {
    if (source.kind == SourceKind::workload) {
      names.emplace_back(source.name, source.name);
    }
  }
  FilterForm form(containers_path, "Search containers");
  form.search("q", "Name, workload or image", question_.text, "deployment/front");
  form.choice("verdict", "Verdict", filters.verdict ? to_string(*filters.verdict) : "", verdicts);
  form.choice("source", "Source", filters.source, names);
  form.text("namespace", "Namespace", filters.namespace_name);
  form.text("owner", "Owner", filters.owner);
  return form.html();
}

std::string ContainerList::path_after(const std::string& after) const {
  const PastFilters& filters = question_.filters;
  return path_with(
      containers_path.str(),
      {{"q", question_.text},
       {"verdict", filters.verdict ? std::string(to_string(*filters.verdict)) : std::string()},
       {"source", filters.source},
       {"namespace", filters.namespace_name},
       {"owner", filters.owner},
       {"after", after}});
}

std::string ContainerList::render(PageFrame frame, const Inventory& inventory,
                                  const SourceBook& sources) {
  ListPlace place;
  place.matches = rows_.matches();
  place.before = rows_.before();
  const std::vector<ContainerRank> ranks = rows_.take();
  place.shown = ranks.size();
  std::vector<const ContainerRecord*> containers;
  for (const ContainerRank& rank : ranks) {
    const ContainerKey& key = std::get<ContainerKey>(rank);
    // It may have ended since it was collected.
    if (const ContainerRecord* container = inventory.containers().find(key.source, key.id)) {
      containers.push_back(container);
    }
  }
  if (question_.after) {
    place.first_path = path_after("");
  }
  if (place.before + place.shown < place.matches && !ranks.empty()) {
    place.next_path = path_after(container_cursor(ranks.back()));
  }
  const std::string caption = grouped_number(place.matches) +
                              (place.matches == 1 ? " container" : " containers") +
                              ", the worst verdict first";
  Html content = form(sources);
  content.add(container_table(
      caption, sources, containers, frame.now,
      inventory.containers().empty() ? "No container is known to run." : "No container matches."));
  content.add(list_navigation(place, "Pages of containers"));
  return whole_page(frame, content);
}

}  // namespace scanclock
