#include "cli/commands.hpp"
#include "cli/run_to_end.hpp"
#include "core/runtime/blocking_pool.hpp"
#include "core/workloads/docker_source.hpp"
#include "core/workloads/workload_document.hpp"

#include <nlohmann/json.hpp>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <ostream>
#include <stdexcept>

namespace scanclock {
namespace {

using nlohmann::json;

/// Asks one thing at a time, and the process ends with the command.
constexpr std::size_t report_threads = 1;
constexpr std::size_t report_queue_max = 4;

EngineProduct product_of(const ReportOptions& options) {
  return options.product == "podman" ? EngineProduct::podman : EngineProduct::docker;
}

/// Podman has one socket for root and one a user.
std::string usual_socket(EngineProduct product) {
  if (product == EngineProduct::docker) {
    return "/run/docker.sock";
  }
  if (::geteuid() == 0) {
    return "/run/podman/podman.sock";
  }
  const char* folder = std::getenv("XDG_RUNTIME_DIR");
  const std::string base = folder != nullptr ? folder : "/run/user/" + std::to_string(::geteuid());
  return base + "/podman/podman.sock";
}

std::string url_of(const ReportOptions& options) {
  const std::string socket =
      options.socket.empty() ? usual_socket(product_of(options)) : options.socket;
  return socket.find("://") == std::string::npos ? "unix://" + socket : socket;
}

WorkloadReport look(asio::io_context& io, Clock& clock, const ReportOptions& options) {
  BlockingPool pool(report_threads, report_queue_max);
  const auto http = make_http_client(clock, make_dns_resolver(clock), HttpClientOptions());
  EngineSourceSettings settings;
  settings.name = options.source;
  settings.url = url_of(options);
  std::unique_ptr<DockerSource> source;
  try {
    source = std::make_unique<DockerSource>(settings, product_of(options), *http, clock, pool);
  } catch (const std::invalid_argument& error) {
    throw CommandError(ExitCode::usage, error.what());
  }
  auto report = run_to_end(io, source->look_once());
  pool.stop();
  if (!report) {
    throw CommandError(
        report.error().reason == "malformed" ? ExitCode::internal : ExitCode::unreachable,
        options.product + " does not say what runs: " + report.error().message);
  }
  report->source = options.source.empty() ? source->node() : options.source;
  if (report->source.empty()) {
    throw CommandError(
        ExitCode::usage,
        "the engine does not say its host's name\nHINT: name the source by --source");
  }
  return std::move(*report);
}

/// Whoever reads the file must never see half of it, as the daemon's file source asks for.
void replace_file(const std::string& path, const std::string& content) {
  const std::string fresh = path + ".new";
  errno = 0;
  std::ofstream stream(fresh, std::ios::binary | std::ios::trunc);
  stream << content;
  stream.close();
  std::error_code failure;
  if (stream) {
    std::filesystem::rename(fresh, path, failure);
  }
  if (!stream || failure) {
    const std::string cause = failure ? failure.message() : std::strerror(errno);
    std::error_code ignored;
    std::filesystem::remove(fresh, ignored);
    throw CommandError(ExitCode::usage, "cannot write " + path + ": " + cause);
  }
}

}  // namespace

ExitCode run_report(asio::io_context& io, Clock& clock, const ReportOptions& options,
                    std::ostream& out) {
  if (options.file == "table" || options.file == "json") {
    throw CommandError(ExitCode::usage,
                       "--output of this command names a file, and the document is always JSON\n"
                       "HINT: leave --output out, or write ./" +
                           options.file);
  }
  const std::string text = workload_document(look(io, clock, options)).dump(2) + "\n";
  if (options.file.empty() || options.file == "-") {
    out << text;
  } else {
    replace_file(options.file, text);
  }
  return ExitCode::ok;
}

ExitCode run_report_submission(asio::io_context& io, Clock& clock, const ReportOptions& options,
                               Server& server, std::ostream& out) {
  const WorkloadReport report = look(io, clock, options);
  const ServerAnswer answer =
      server.post("/api/v1/workloads", workload_document(report).dump(), "application/json");
  if (answer.status == 413 || answer.status == 422) {
    out << report.source << ": refused: " << problem_of(answer) << "\n";
    return ExitCode::no;
  }
  if (answer.status < 200 || answer.status > 299) {
    throw CommandError(answer.status == 400 ? ExitCode::usage : ExitCode::internal,
                       "submitting what " + report.source + " runs: " + problem_of(answer));
  }
  out << report.source << ": " << report.containers.size() << " containers submitted\n";
  return ExitCode::ok;
}

}  // namespace scanclock
