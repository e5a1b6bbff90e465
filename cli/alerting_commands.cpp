#include "cli/alerting_commands.hpp"

#include "cli/json_fields.hpp"
#include "cli/render.hpp"
#include "core/net/url.hpp"

#include <nlohmann/json.hpp>

#include <functional>
#include <map>
#include <ostream>

namespace scanclock {
namespace {

using nlohmann::json;

constexpr Duration notifications_listed_since = std::chrono::hours(24);
constexpr std::size_t uuid_characters = 36;

/// The body of a good answer; anything else ends the command.
json answer_to(const ServerAnswer& answer, const std::string& what) {
  if (answer.status == 404 || answer.status == 409) {
    throw CommandError(ExitCode::no, what + ": " + problem_of(answer));
  }
  if (answer.status != 200 && answer.status != 201) {
    throw CommandError(answer.status == 400 ? ExitCode::usage : ExitCode::internal,
                       what + ": " + problem_of(answer));
  }
  return parse_answer(answer, what);
}

void print_answer(CommandContext& context, const json& answer, const std::string& sentence) {
  context.out << (context.format == OutputFormat::json ? answer.dump(2) : sentence) << "\n";
}

json end_and_words(const AlertingArguments& arguments) {
  if (!arguments.lasts && !arguments.until) {
    throw CommandError(ExitCode::usage,
                       "--for or --until is required\nHINT: everything that is held back comes "
                       "back by itself");
  }
  json body;
  body["reason"] = arguments.reason;
  if (!arguments.author.empty()) {
    body["author"] = arguments.author;
  }
  if (arguments.lasts) {
    body["duration"] = format_duration(*arguments.lasts);
  } else {
    body["expires_at"] = format_rfc3339(*arguments.until);
  }
  return body;
}

std::string alert_id_of(CommandContext& context, const std::string& beginning) {
  if (beginning.size() >= uuid_characters) {
    return beginning;
  }
  Filters firing;
  firing.emplace_back("state", "firing");
  const json answer = context.server.get_list("/api/v1/alerts", "alerts", firing);
  std::string id;
  for (const json& alert : field_of(answer, "alerts")) {
    const std::string candidate = text_of(alert, "id");
    if (!candidate.starts_with(beginning)) {
      continue;
    }
    if (!id.empty()) {
      throw CommandError(ExitCode::no, "more than one alert's id begins with " + beginning);
    }
    id = candidate;
  }
  if (id.empty()) {
    throw CommandError(ExitCode::no, "no firing alert's id begins with " + beginning +
                                         "\nHINT: see `scanclock alerts --state firing`");
  }
  return id;
}

std::string message_path(const std::string& id) {
  return "/api/v1/notifications/" + percent_encode(id);
}

}  // namespace

ExitCode run_silence_add(CommandContext context, const AlertingArguments& arguments) {
  json body = end_and_words(arguments);
  body["matchers"] = arguments.matchers;
  if (arguments.from) {
    body["starts_at"] = format_rfc3339(*arguments.from);
  }
  const json silence = answer_to(
      context.server.post("/api/v1/silences", body.dump(), "application/json"), "the silence");
  print_answer(context, silence,
               text_of(silence, "id") + " until " + text_of(silence, "expires_at"));
  return ExitCode::ok;
}

ExitCode run_silence_list(CommandContext context, const Filters& filters) {
  const json answer = context.server.get_list("/api/v1/silences", "silences", filters);
  print_list(context, answer, "silences", render_silences);
  return ExitCode::ok;
}

ExitCode run_silence_expire(CommandContext context, const AlertingArguments& arguments) {
  std::string target = "/api/v1/silences/" + percent_encode(arguments.id);
  if (!arguments.author.empty()) {
    target += "?author=" + percent_encode(arguments.author);
  }
  const json silence = answer_to(context.server.remove(target), "silence " + arguments.id);
  print_answer(context, silence, arguments.id + " has ended");
  return ExitCode::ok;
}

ExitCode run_acknowledge(CommandContext context, const AlertingArguments& arguments) {
  const json body = end_and_words(arguments);
  const std::string id = alert_id_of(context, arguments.id);
  const std::string target = "/api/v1/alerts/" + percent_encode(id) + "/acknowledge";
  const json taken = answer_to(context.server.post(target, body.dump(), "application/json"),
                               "acknowledging " + id);
  print_answer(context, taken,
               id + " acknowledged by " + text_of(taken, "author") + " until " +
                   text_of(taken, "expires_at"));
  return ExitCode::ok;
}

ExitCode run_take_back(CommandContext context, const AlertingArguments& arguments) {
  const std::string id = alert_id_of(context, arguments.id);
  const std::string target = "/api/v1/alerts/" + percent_encode(id) + "/acknowledge";
  const json taken = answer_to(context.server.remove(target), "alert " + id);
  print_answer(context, taken, id + " is acknowledged no more");
  return ExitCode::ok;
}

ExitCode run_notification_list(CommandContext context, const AlertingArguments& arguments,
                               Filters filters) {
  if (arguments.since) {
    filters.emplace_back("since", format_rfc3339(*arguments.since));
  } else if (filters.empty()) {
    filters.emplace_back("since", format_rfc3339(context.now() - notifications_listed_since));
  }
  const json answer = context.server.get_list("/api/v1/notifications", "notifications", filters);
  print_list(context, answer, "notifications", render_notifications);
  return ExitCode::ok;
}

ExitCode run_notification_show(CommandContext context, const AlertingArguments& arguments) {
  const json message =
      answer_to(context.server.get(message_path(arguments.id)), "message " + arguments.id);
  print_answer(context, message, render_notification(message, context.now()));
  return ExitCode::ok;
}

ExitCode run_notification_retry(CommandContext context, const AlertingArguments& arguments) {
  const std::string target = message_path(arguments.id) + "/retry";
  const json message =
      answer_to(context.server.post(target, "", "application/json"), "message " + arguments.id);
  print_answer(context, message,
               arguments.id + " is sent to " + text_of(message, "receiver") + " again");
  return ExitCode::ok;
}

ExitCode run_notification_replay(CommandContext context, const AlertingArguments& arguments) {
  json body;
  body["receiver"] = arguments.receiver;
  body["since"] = format_rfc3339(arguments.since.value_or(context.now()));
  const json answer = answer_to(
      context.server.post("/api/v1/notifications/replay", body.dump(), "application/json"),
      "receiver " + arguments.receiver);
  const std::string count = text_of(answer, "messages");
  print_answer(context, answer, count + " messages are sent to " + arguments.receiver + " again");
  return count == "0" ? ExitCode::no : ExitCode::ok;
}

std::optional<ExitCode> run_alerting(const std::string& name, CommandContext context,
                                     const AlertingArguments& arguments, const Filters& filters) {
  using Command = ExitCode (*)(CommandContext, const AlertingArguments&);
  static const std::map<std::string, Command> commands = {
      {"silence add", run_silence_add},
      {"silence expire", run_silence_expire},
      {"ack", run_acknowledge},
      {"unack", run_take_back},
      {"notifications show", run_notification_show},
      {"notifications retry", run_notification_retry},
      {"notifications replay", run_notification_replay}};
  if (name == "silence list") {
    return run_silence_list(std::move(context), filters);
  }
  if (name == "notifications list") {
    return run_notification_list(std::move(context), arguments, filters);
  }
  const auto found = commands.find(name);
  return found == commands.end()
             ? std::nullopt
             : std::optional<ExitCode>(found->second(std::move(context), arguments));
}

}  // namespace scanclock
