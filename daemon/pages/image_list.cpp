#include "daemon/pages/image_list.hpp"

#include "core/domain/forecast.hpp"
#include "daemon/pages/page_parts.hpp"

#include <charconv>
#include <utility>

namespace scanclock {
namespace {

constexpr Markup images_path = "/images";

std::string image_cursor(const ImageRank& rank) {
  const auto& [order, deadline, digest] = rank;
  return std::to_string(order) + "." + std::to_string(deadline.time_since_epoch().count()) + "." +
         digest.str();
}

template <class Number>
bool read_number(std::string_view& text, Number& number) {
  const auto dot = text.find('.');
  if (dot == std::string_view::npos) {
    return false;
  }
  const auto parsed = std::from_chars(text.data(), text.data() + dot, number);
  const bool whole = parsed.ec == std::errc() && parsed.ptr == text.data() + dot;
  text.remove_prefix(dot + 1);
  return whole;
}

std::optional<ImageRank> read_image_cursor(std::string_view text) {
  int order = 0;
  Duration::rep deadline = 0;
  if (!read_number(text, order) || !read_number(text, deadline)) {
    return std::nullopt;
  }
  const auto digest = Digest::parse(text);
  return digest ? std::optional(ImageRank(order, TimePoint(Duration(deadline)), *digest))
                : std::nullopt;
}

Html last_scan_cell(const Inventory& inventory, const ImageRecord& image, TimePoint now) {
  const EvidenceRecord* scan = image.last_scan ? inventory.evidence(*image.last_scan) : nullptr;
  if (scan == nullptr || !scan->evidence.report.finished_at) {
    return Html("none accepted");
  }
  Html html = moment(*scan->evidence.report.finished_at, now);
  html.add(" <small>").text(scan->evidence.report.scanner).add(", ");
  html.text(to_string(present_trust(scan->evidence, inventory.scope().keys)));
  return html.add("</small>");
}

std::string listing_caption(const ImageListQuestion& question, std::size_t matches) {
  std::string text = grouped_number(matches) + (matches == 1 ? " image" : " images");
  if (question.filter.due_on) {
    text += " with a deadline on " + format_date(*question.filter.due_on);
  }
  return text + ", the worst first";
}

}  // namespace

ImageRank rank_of(const ImageRecord& image) {
  const bool is_bad = image.state == State::overdue || image.state == State::never_scanned;
  return {image.running ? (is_bad ? 0 : 1) : 2, image.deadline_at, image.digest};
}

std::optional<FilterRefusal> read_image_list(const std::map<std::string, std::string>& query,
                                             const Inventory& inventory,
                                             ImageListQuestion& question) {
  if (auto refusal = read_image_filter(query, inventory, question.filter)) {
    return refusal;
  }
  const auto after = query.find("after");
  if (after != query.end() && !after->second.empty()) {
    question.after = read_image_cursor(after->second);
    if (!question.after) {
      return FilterRefusal{"after", "what the link to the next page says"};
    }
  }
  question.query = query;
  return std::nullopt;
}

Html image_table(Markup id, std::string_view caption, const Inventory& inventory,
                 const std::vector<const ImageRecord*>& images, TimePoint now,
                 std::string_view empty) {
  Table table(id, caption, {"Image", "State", "Runs", "Deadline", "Last scan", "Owner"});
  for (const ImageRecord* image : images) {
    table.row().cell(image_name(inventory, *image)).cell(image_state(inventory, *image));
    table.cell(image->running ? "yes" : "no").cell(moment(image->deadline_at, now));
    table.cell(last_scan_cell(inventory, *image, now));
    table.cell(image->owner.empty() ? std::string_view("nobody") : std::string_view(image->owner));
  }
  return table.html(empty);
}

ImageList::ImageList(ImageListQuestion question)
    : question_(std::move(question)), rows_(page_rows, question_.after) {}

void ImageList::add(const ImageRecord& image) {
  if (question_.filter.passes(image)) {
    rows_.add(rank_of(image));
  }
}

Html ImageList::form(const Inventory& inventory) const {
  const ImageFilter& filter = question_.filter;
  std::vector<std::pair<std::string, std::string>> registries{{"", "any"}};
  for (const RegistryScope& registry : inventory.scope().registries) {
    registries.emplace_back(registry.name, registry.name);
  }
  const std::string running = !filter.running ? "" : *filter.running ? "true" : "false";
  FilterForm form(images_path, "Search images");
  form.search("q", "Name or digest", filter.text, "team/app or sha256:…");
  form.choice("state", "State", filter.state ? to_string(*filter.state) : "",
              {{"", "any"},
               {"never_scanned", "never scanned"},
               {"overdue", "overdue"},
               {"due_soon", "due soon"},
               {"fresh", "fresh"}});
  form.choice("running", "Runs", running, {{"", "either"}, {"true", "yes"}, {"false", "no"}});
  form.choice("registry", "Registry", filter.registry, registries);
  form.text("owner", "Owner", filter.owner);
  return form.html();
}

std::string ImageList::path_after(const std::string& after) const {
  std::vector<std::pair<std::string, std::string>> parameters;
  for (const char* name : {"q", "state", "running", "registry", "repository", "owner", "due_on"}) {
    if (const auto found = question_.query.find(name); found != question_.query.end()) {
      parameters.emplace_back(name, found->second);
    }
  }
  parameters.emplace_back("after", after);
  return path_with(images_path.str(), parameters);
}

std::string ImageList::render(PageFrame frame, const Inventory& inventory) {
  ListPlace place;
  place.matches = rows_.matches();
  place.before = rows_.before();
  const std::vector<ImageRank> ranks = rows_.take();
  place.shown = ranks.size();
  std::vector<const ImageRecord*> images;
  for (const ImageRank& rank : ranks) {
    images.push_back(inventory.image(std::get<Digest>(rank)));
  }
  if (question_.after) {
    place.first_path = path_after("");
  }
  if (place.before + place.shown < place.matches && !ranks.empty()) {
    place.next_path = path_after(image_cursor(ranks.back()));
  }
  Html content = form(inventory);
  content.add(image_table(
      "images", listing_caption(question_, place.matches), inventory, images, frame.now,
      inventory.images().empty() ? "No image is known yet: the registries have not been read."
                                 : "No image matches."));
  content.add(list_navigation(place, "Pages of images"));
  return whole_page(frame, content);
}

}  // namespace scanclock
