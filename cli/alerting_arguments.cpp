#include "cli/alerting_arguments.hpp"

#include "cli/argument_values.hpp"

#include <CLI/CLI.hpp>

namespace scanclock {
namespace {

void add_end(CLI::App& command, AlertingArguments& parsed) {
  CLI::Option* const length = command.add_option_function<std::string>(
      "--for", [&parsed](const std::string& text) { parsed.lasts = duration_argument(text); },
      "How long, such as 4h; 366d at most");
  command
      .add_option_function<std::string>(
          "--until", [&parsed](const std::string& text) { parsed.until = time_argument(text); },
          "Until when, such as 2026-11-02T08:00:00Z, instead of --for")
      ->excludes(length);
}

void add_words(CLI::App& command, AlertingArguments& parsed) {
  command.add_option("--reason", parsed.reason, "Why; it is kept in the record")->required();
  command.add_option("--author", parsed.author, "Who says so; left out: the token's name");
}

void add_text_filter(CLI::App& command, Filters& filters, const std::string& option,
                     const std::string& key, const std::string& help) {
  command.add_option_function<std::string>(
      option, [&filters, key](const std::string& value) { filters.emplace_back(key, value); },
      help);
}

void declare_silences(CLI::App& app, AlertingArguments& parsed, Filters& filters) {
  CLI::App& silence = *app.add_subcommand("silence", "Hold back messages about some alerts");
  silence.require_subcommand(1);
  CLI::App& add = *silence.add_subcommand(
      "add", "Hold back messages about alerts with these labels; no deadline or verdict changes");
  add.add_option("matcher", parsed.matchers,
                 "severity=\"warning\", owner=~\"pay.*\", rule!=\"…\": all must hold")
      ->required();
  add_end(add, parsed);
  add_words(add, parsed);
  add.add_option_function<std::string>(
      "--from", [&parsed](const std::string& text) { parsed.from = time_argument(text); },
      "When it begins; left out: now");
  CLI::App& list = *silence.add_subcommand("list", "Silences of the last 30 days and to come");
  add_text_filter(list, filters, "--state", "state", "active, pending or expired");
  CLI::App& expire = *silence.add_subcommand("expire", "End a silence now; it stays in the record");
  expire.add_option("id", parsed.id, "sil_…, as the list shows it")->required();
  expire.add_option("--author", parsed.author, "Who says so; left out: the token's name");
}

void declare_acknowledgements(CLI::App& app, AlertingArguments& parsed) {
  CLI::App& take = *app.add_subcommand(
      "ack", "I have taken this alert: do not repeat it until then, or until it grows worse");
  take.add_option("alert", parsed.id, "Its id, or how the id begins")->required();
  add_end(take, parsed);
  add_words(take, parsed);
  app.add_subcommand("unack", "Take an acknowledgement back")
      ->add_option("alert", parsed.id, "Its id, or how the id begins")
      ->required();
}

void declare_notifications(CLI::App& app, AlertingArguments& parsed, Filters& filters) {
  CLI::App& notifications = *app.add_subcommand(
      "notifications", "What was told, to whom, when, how often and with which answer");
  notifications.require_subcommand(1);
  CLI::App& list =
      *notifications.add_subcommand("list", "Newest first; without a filter of the last 24 h");
  add_text_filter(list, filters, "--receiver", "receiver", "Name of the receiver");
  add_text_filter(list, filters, "--state", "state", "waiting, delivered or set_aside");
  add_text_filter(list, filters, "--alert", "alert", "Id of an alert");
  const auto since = [&parsed](const std::string& text) { parsed.since = time_argument(text); };
  list.add_option_function<std::string>("--since", since, "Made at or after this time");
  notifications.add_subcommand("show", "One message with its body and every attempt")
      ->add_option("id", parsed.id, "Id of the message")
      ->required();
  notifications.add_subcommand("retry", "Send a message now that waits or was set aside")
      ->add_option("id", parsed.id, "Id of the message")
      ->required();
  CLI::App& replay = *notifications.add_subcommand(
      "replay", "Send a receiver's messages again that it has lost, in order, under their ids");
  replay.add_option("--receiver", parsed.receiver, "Name of the receiver")->required();
  replay.add_option_function<std::string>("--since", since, "Made at or after this time")
      ->required();
}

}  // namespace

void declare_alerting(CLI::App& app, AlertingArguments& parsed, Filters& filters) {
  declare_silences(app, parsed, filters);
  declare_acknowledgements(app, parsed);
  declare_notifications(app, parsed, filters);
}

}  // namespace scanclock
