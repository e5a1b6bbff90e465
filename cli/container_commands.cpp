#include "cli/commands.hpp"
#include "cli/json_fields.hpp"
#include "cli/render.hpp"
#include "core/net/url.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <ostream>

namespace scanclock {
namespace {

using nlohmann::json;

std::string moment_of(const Filters& filters) {
  const auto found = std::find_if(filters.begin(), filters.end(),
                                  [](const auto& filter) { return filter.first == "at"; });
  return found == filters.end() ? std::string() : found->second;
}

/// Asks for one container first: that the record does not reach a moment is an answer, and not an
/// error of this program.
void require_recorded(CommandContext& context, const std::string& at) {
  const auto time = parse_rfc3339(at);
  if (time && *time > context.now()) {
    throw CommandError(ExitCode::usage, "--at " + at + " lies in the future");
  }
  Filters probe;
  probe.emplace_back("at", at);
  probe.emplace_back("limit", "1");
  const ServerAnswer answer = context.server.get("/api/v1/containers?" + query_of(probe));
  if (answer.status == 404 || answer.status == 410) {
    throw CommandError(ExitCode::no,
                       "the record does not say what ran at " + at + ": " + problem_of(answer));
  }
}

/// Nobody may take for the whole what is only what was seen.
void warn_of_unwatched(CommandContext& context, const json& answer) {
  const json& unwatched = field_of(answer, "unwatched");
  if (!unwatched.is_array()) {
    return;
  }
  for (const json& source : unwatched) {
    const std::string until = text_of(source, "watched_until");
    context.err << "warning: " << text_of(source, "source") << " was not watched then"
                << (until.empty() ? std::string() : ", only until " + until)
                << ": what began or ended there since is not in the list\n";
  }
}

}  // namespace

ExitCode run_containers(CommandContext context, const Filters& filters) {
  const std::string at = moment_of(filters);
  if (!at.empty()) {
    require_recorded(context, at);
  }
  const json answer = context.server.get_list("/api/v1/containers", "containers", filters);
  print_list(context, answer, "containers", render_containers);
  warn_of_unwatched(context, answer);
  return ExitCode::ok;
}

ExitCode run_source_confirm(CommandContext context, const std::string& source) {
  const std::string target = "/api/v1/sources/" + percent_encode(source) + "/confirm_drop";
  const ServerAnswer answer = context.server.post(target, "", "application/json");
  if (answer.status == 404 || answer.status == 409) {
    throw CommandError(ExitCode::no, problem_of(answer));
  }
  if (answer.status != 200) {
    throw CommandError(ExitCode::internal, "confirming " + source + ": " + problem_of(answer));
  }
  const json body = parse_answer(answer, "confirming " + source);
  context.out << (context.format == OutputFormat::json
                      ? body.dump(2) + "\n"
                      : source + ": " + text_of(body, "detail") + "\n");
  return ExitCode::ok;
}

}  // namespace scanclock
