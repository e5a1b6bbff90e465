#include "cli/receiver_commands.hpp"

#include "cli/json_fields.hpp"
#include "cli/render.hpp"
#include "cli/table.hpp"
#include "core/net/url.hpp"

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include <ostream>

namespace scanclock {
namespace {

using nlohmann::json;

std::string receiver_text(const json& object, const char* key) {
  const auto found = object.find(key);
  if (found == object.end() || found->is_null()) {
    return {};
  }
  return found->is_string() ? found->get<std::string>() : found->dump();
}

std::string render_receivers(const json& receivers, TimePoint now) {
  Table table({"NAME", "KIND", "STATE", "WAITING", "SET ASIDE", "LAST DELIVERED", "LAST ERROR"});
  for (const json& receiver : receivers) {
    table.add({receiver_text(receiver, "name"), receiver_text(receiver, "kind"),
               receiver_text(receiver, "state"), receiver_text(receiver, "waiting"),
               receiver_text(receiver, "set_aside"),
               describe_moment(receiver.value("last_delivered_at", json()), now),
               receiver_text(receiver, "last_error")});
  }
  return table.empty() ? "no receivers\n" : table.text();
}

}  // namespace

void declare_receiver(CLI::App& app, std::string& receiver) {
  CLI::App& command = *app.add_subcommand("receiver", "Who is told of alerts");
  command.require_subcommand(1);
  command.add_subcommand("list", "Receivers, their queues and their last errors");
  command.add_subcommand("test", "Send a receiver a test message now; exit with 1 when it fails")
      ->add_option("name", receiver, "Name of the receiver in the settings")
      ->required();
}

ExitCode run_receiver_list(CommandContext context) {
  const json answer = context.server.get_list("/api/v1/receivers", "receivers", Filters());
  if (context.format == OutputFormat::json) {
    context.out << answer.dump(2) << "\n";
  } else {
    context.out << render_receivers(answer["receivers"], context.now());
  }
  return ExitCode::ok;
}

ExitCode run_receiver_test(CommandContext context, const std::string& receiver) {
  const ServerAnswer answer = context.server.post(
      "/api/v1/receivers/" + percent_encode(receiver) + "/test", "", "application/json");
  if (answer.status == 404) {
    throw CommandError(ExitCode::no, problem_of(answer) + "\nHINT: see `scanclock receiver list`");
  }
  if (answer.status != 200) {
    throw CommandError(ExitCode::internal, receiver + ": " + problem_of(answer));
  }
  const json trial = parse_answer(answer, receiver);
  const bool delivered = trial.value("delivered", false);
  if (context.format == OutputFormat::json) {
    context.out << trial.dump(2) << "\n";
    return delivered ? ExitCode::ok : ExitCode::no;
  }
  const std::string error = receiver_text(trial, "error");
  const std::string status = receiver_text(trial, "status");
  context.out << receiver << " (" << receiver_text(trial, "kind")
              << "): " << (delivered ? "delivered" : "not delivered") << " in "
              << receiver_text(trial, "duration_ms") << " ms"
              << (status.empty() ? "" : ", status " + status) << (error.empty() ? "" : ": " + error)
              << "\n";
  return delivered ? ExitCode::ok : ExitCode::no;
}

}  // namespace scanclock
