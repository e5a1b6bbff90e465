#include "cli/parser.hpp"

#include "cli/alerting_arguments.hpp"
#include "cli/argument_values.hpp"
#include "cli/receiver_commands.hpp"

#include <CLI/CLI.hpp>

#include <map>
#include <stdexcept>

namespace scanclock {
namespace {

void add_filter(CLI::App& command, ParsedArguments& parsed, const std::string& option,
                const std::string& key, const std::string& help) {
  command.add_option_function<std::string>(
      option, [&parsed, key](const std::string& value) { parsed.filters.emplace_back(key, value); },
      help);
}

void declare_lists(CLI::App& app, ParsedArguments& parsed) {
  app.add_subcommand("status", "Sources, alerts, images and containers at a glance");

  CLI::App& images =
      *app.add_subcommand("images", "Unique images, the worst first; or one with all its evidence");
  images.add_option("image", parsed.image, "Digest of the one to show, or a reference with it");
  add_filter(images, parsed, "--state", "state", "fresh, due_soon, overdue or never_scanned");
  add_filter(images, parsed, "--running", "running", "true or false");
  add_filter(images, parsed, "--registry", "registry", "Name of the registry in the settings");
  add_filter(images, parsed, "--repository", "repository", "Repository");
  add_filter(images, parsed, "--owner", "owner", "Owner");
  add_filter(images, parsed, "-q,--query", "q", "Part of a name or digest");

  CLI::App& containers = *app.add_subcommand("containers", "Running containers, the worst first");
  add_filter(containers, parsed, "--verdict", "verdict", "compliant, expiring, overdue, …");
  containers.add_option_function<std::string>(
      "--at",
      [&parsed](const std::string& text) {
        // In UTC, for a plus sign does not survive every query.
        parsed.filters.emplace_back("at", format_rfc3339(time_argument(text)));
      },
      "What ran at a past moment, with the verdict of that moment");
  add_filter(containers, parsed, "--source", "source", "Name of the workload source");
  add_filter(containers, parsed, "--namespace", "namespace", "Namespace");
  add_filter(containers, parsed, "--owner", "owner", "Owner");

  CLI::App& alerts = *app.add_subcommand("alerts", "Alerts, those that fire first");
  add_filter(alerts, parsed, "--state", "state", "firing or resolved; both when left out");
  alerts.add_flag("--exit-code", parsed.exit_code, "Exit with 1 when an alert fires");
}

void declare_forecast(CLI::App& app, ParsedArguments& parsed) {
  CLI::App& forecast = *app.add_subcommand(
      "forecast", "How many running images pass their deadline on each coming day");
  add_filter(forecast, parsed, "--registry", "registry", "Name of the registry in the settings");
  add_filter(forecast, parsed, "--owner", "owner", "Owner");
  add_filter(forecast, parsed, "--namespace", "namespace", "Namespace");
  add_filter(forecast, parsed, "--environment", "environment", "Environment");
  add_filter(forecast, parsed, "--days", "days", "How many days, today (UTC) included; 35");
  forecast
      .add_option("--by", parsed.by,
                  "A line for each registry, owner, environment or namespace instead of each day")
      ->check(CLI::IsMember({"registry", "owner", "environment", "namespace"}));
}

void declare_questions(CLI::App& app, ParsedArguments& parsed) {
  CLI::App& check = *app.add_subcommand("check", "May this image run? Exit with 1 when not");
  check.add_option("image", parsed.check.image, "Reference, by tag or digest")->required();
  check.add_option("--platform", parsed.check.platform, "os/architecture; left out: the worst");
  check.add_option_function<std::string>(
      "--min-remaining",
      [&parsed](const std::string& text) { parsed.check.min_remaining = duration_argument(text); },
      "What must be left of the window, such as 7d");
  check.add_option_function<std::string>(
      "--wait", [&parsed](const std::string& text) { parsed.check.wait = duration_argument(text); },
      "Ask again until the answer is yes, for at most this long");

  CLI::App& refresh =
      *app.add_subcommand("refresh", "Ask the registry and the evidence sources now");
  refresh.add_option("image", parsed.image, "Reference or digest")->required();
  refresh.add_flag("--wait", parsed.wait, "Ask again until all have answered, for two minutes");

  CLI::App& scan = *app.add_subcommand("scan", "Scan reports");
  scan.require_subcommand(1);
  CLI::App& submit = *scan.add_subcommand("submit", "Hand in reports; exit with 1 when refused");
  submit.add_option("path", parsed.submit.paths, "Files, folders, or - for standard input")
      ->required();
  submit.add_option("--image", parsed.submit.image,
                    "Subject, repository@sha256:…, for reports that do not name it");
  submit.add_option_function<std::string>(
      "--finished-at",
      [&parsed](const std::string& text) { parsed.submit.finished_at = time_argument(text); },
      "End of the scan, for reports that do not say it");
}

void declare_source(CLI::App& app, ParsedArguments& parsed) {
  CLI::App& source = *app.add_subcommand("source", "Registries and workload sources");
  source.require_subcommand(1);
  source
      .add_subcommand(
          "confirm",
          "What vanished from its view is really gone, or the source itself is for good; "
          "exit with 1 when nothing is doubted")
      ->add_option("name", parsed.source, "Name of the source")
      ->required();
}

void declare_report(CLI::App& app, ParsedArguments& parsed) {
  CLI::App& report = *app.add_subcommand(
      "report", "A workload document of what runs on this host, for hosts that only push");
  report.require_subcommand(1);
  const std::pair<const char*, const char*> products[] = {
      {"docker", "What a Docker Engine runs"}, {"podman", "What Podman runs for one user"}};
  for (const auto& [product, help] : products) {
    CLI::App& command = *report.add_subcommand(product, help);
    command.add_option("--socket", parsed.report.socket,
                       "Path or URL of its socket; left out: the usual one");
    command.add_option("--source", parsed.report.source,
                       "Name of the source; left out: the engine's host name");
    CLI::Option* file =
        command.add_option("--output", parsed.report.file,
                           "File that the document replaces; left out or -: standard output");
    command.add_flag("--submit", parsed.report.submit, "Post it to the server")->excludes(file);
    command.callback(
        [&parsed, product = std::string(product)] { parsed.report.product = product; });
  }
}

void declare_local(CLI::App& app, ParsedArguments& parsed) {
  CLI::App& database = *app.add_subcommand("db", "The database of a settings file");
  database.require_subcommand(1);
  const std::pair<const char*, const char*> commands[] = {
      {"migrate", "Bring the schema to this version"},
      {"status", "List the migrations; exit with 1 when one is missing"},
      {"verify", "Recompute the evidence's hash chains; exit with 1 when one is broken"},
      {"backup", "Write the schema to a file"},
      {"restore", "Put a backup in the place of what is there; stop scanclockd first"}};
  for (const auto& [name, help] : commands) {
    CLI::App& command = *database.add_subcommand(name, help);
    command.add_option("--config", parsed.database.config, "The settings file")->required();
    const std::string text = name;
    if (text == "backup" || text == "restore") {
      command.add_option("file", parsed.database.file, "The backup")->required();
    }
  }

  CLI::App& config = *app.add_subcommand("config", "Settings files");
  config.require_subcommand(1);
  config.add_subcommand("check", "Report every error, or print what the file comes to")
      ->add_option("file", parsed.config_file, "The settings file")
      ->required();
}

}  // namespace

void declare_commands(CLI::App& app, ParsedArguments& parsed) {
  app.require_subcommand(1);
  // Options that all commands share may stand before or after the command's name.
  app.fallthrough();
  app.set_version_flag("--version", "scanclock " SCANCLOCK_VERSION);
  app.add_option("--server", parsed.connection.server, "URL of scanclockd")
      ->envname("SCANCLOCK_SERVER")
      ->capture_default_str();
  app.add_option("--token-file", parsed.connection.token_file, "File that holds a token")
      ->envname("SCANCLOCK_TOKEN_FILE");
  app.add_option("--ca-file", parsed.connection.ca_file,
                 "Authorities to trust, instead of the system's");
  app.add_flag("--allow-plaintext", parsed.connection.allow_plaintext,
               "Send the token over plain http to any host");
  const std::map<std::string, OutputFormat> formats = {{"table", OutputFormat::table},
                                                       {"json", OutputFormat::json}};
  app.add_option("--output", parsed.format, "table or json")
      ->transform(CLI::CheckedTransformer(formats).description(""));
  declare_lists(app, parsed);
  declare_forecast(app, parsed);
  declare_questions(app, parsed);
  declare_local(app, parsed);
  declare_source(app, parsed);
  declare_receiver(app, parsed.receiver);
  declare_report(app, parsed);
  declare_alerting(app, parsed.alerting, parsed.filters);
}

std::string chosen_command(const CLI::App& app) {
  std::string name;
  const CLI::App* current = &app;
  while (!current->get_subcommands().empty()) {
    current = current->get_subcommands().front();
    name += (name.empty() ? "" : " ") + current->get_name();
  }
  return name;
}

}  // namespace scanclock
