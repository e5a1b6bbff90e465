#include "cli/commands.hpp"
#include "cli/json_fields.hpp"
#include "cli/render.hpp"

#include <nlohmann/json.hpp>

#include <ostream>

namespace scanclock {

ExitCode run_forecast(CommandContext context, const Filters& filters, const std::string& by) {
  const std::string query = query_of(filters);
  const ServerAnswer answer =
      context.server.get("/api/v1/forecast" + (query.empty() ? std::string() : "?" + query));
  if (answer.status != 200) {
    throw CommandError(answer.status == 400 ? ExitCode::usage : ExitCode::internal,
                       "the forecast: " + problem_of(answer));
  }
  const nlohmann::json body = parse_answer(answer, "the forecast");
  if (context.format == OutputFormat::json) {
    context.out << body.dump(2) << "\n";
  } else {
    context.out << (by.empty() ? render_forecast(body) : render_forecast_by(body, by));
  }
  return ExitCode::ok;
}

}  // namespace scanclock
