#include "cli/commands.hpp"
#include "cli/json_fields.hpp"
#include "cli/render.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <ostream>

namespace scanclock {
namespace {

using nlohmann::json;

}  // namespace

void print_list(CommandContext& context, const json& answer, const char* list,
                std::string (*render)(const json&, TimePoint)) {
  if (context.format == OutputFormat::json) {
    context.out << answer.dump(2) << "\n";
  } else {
    context.out << render(field_of(answer, list), context.now());
  }
}

ExitCode run_status(CommandContext context) {
  Filters firing;
  firing.emplace_back("state", "firing");
  const json images = context.server.get_list("/api/v1/images", "images", Filters());
  const json containers = context.server.get_list("/api/v1/containers", "containers", Filters());
  const json alerts = context.server.get_list("/api/v1/alerts", "alerts", firing);
  const json sources = context.server.get_list("/api/v1/sources", "sources", Filters());
  if (context.format == OutputFormat::json) {
    json all;
    all["images"] = images["images"];
    all["containers"] = containers["containers"];
    all["alerts"] = alerts["alerts"];
    all["sources"] = sources["sources"];
    context.out << all.dump(2) << "\n";
    return ExitCode::ok;
  }
  const TimePoint now = context.now();
  context.out << render_summary(images["images"], containers["containers"], alerts["alerts"],
                                sources["sources"])
              << "\nSOURCES\n"
              << render_sources(sources["sources"], now) << "\nALERTS\n"
              << render_alerts(alerts["alerts"], now) << "\nIMAGES\n"
              << render_images(images["images"], now) << "\nCONTAINERS\n"
              << render_containers(containers["containers"], now);
  return ExitCode::ok;
}

ExitCode run_images(CommandContext context, const Filters& filters) {
  print_list(context, context.server.get_list("/api/v1/images", "images", filters), "images",
             render_images);
  return ExitCode::ok;
}

ExitCode run_image(CommandContext context, const std::string& image) {
  const std::string digest = digest_for(context.server, image);
  const ServerAnswer answer =
      digest.empty() ? ServerAnswer() : context.server.get("/api/v1/images/" + digest);
  if (answer.status == 404) {
    // An index stands for the images of its platforms.
    Filters of_digest;
    of_digest.emplace_back("q", digest);
    const json images = context.server.get_list("/api/v1/images", "images", of_digest);
    if (!images["images"].empty()) {
      print_list(context, images, "images", render_images);
      return ExitCode::ok;
    }
  }
  if (digest.empty() || answer.status == 404) {
    throw CommandError(ExitCode::no, image + " is not known\nHINT: see `scanclock images`");
  }
  if (answer.status != 200) {
    throw CommandError(answer.status == 400 ? ExitCode::usage : ExitCode::internal,
                       image + ": " + problem_of(answer));
  }
  const json detail = parse_answer(answer, image);
  context.out << (context.format == OutputFormat::json ? detail.dump(2) + "\n"
                                                       : render_image(detail, context.now()));
  return ExitCode::ok;
}

ExitCode run_alerts(CommandContext context, const Filters& filters, bool exit_code) {
  const json answer = context.server.get_list("/api/v1/alerts", "alerts", filters);
  print_list(context, answer, "alerts", render_alerts);
  const json& alerts = answer["alerts"];
  const bool any = std::any_of(alerts.begin(), alerts.end(), is_firing);
  return exit_code && any ? ExitCode::no : ExitCode::ok;
}

}  // namespace scanclock
