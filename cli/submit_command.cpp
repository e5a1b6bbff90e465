#include "cli/commands.hpp"
#include "cli/render.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <istream>
#include <ostream>
#include <vector>

namespace scanclock {
namespace {

using nlohmann::json;

/// Above what any server of ours takes, so that it is the server that says 413.
constexpr std::size_t report_bytes_max = std::size_t{1} << 30;

std::string read_stream(std::istream& stream, const std::string& name) {
  std::string content;
  std::vector<char> buffer(std::size_t{1} << 20);
  while (stream.read(buffer.data(), static_cast<std::streamsize>(buffer.size())),
         stream.gcount() > 0) {
    content.append(buffer.data(), static_cast<std::size_t>(stream.gcount()));
    if (content.size() > report_bytes_max) {
      throw CommandError(ExitCode::usage, name + " is larger than 1 GiB");
    }
  }
  if (stream.bad()) {
    throw CommandError(ExitCode::usage, "cannot read " + name + ": " + std::strerror(errno));
  }
  return content;
}

std::string read_file(const std::string& path) {
  errno = 0;
  std::ifstream stream(path, std::ios::binary);
  if (!stream) {
    throw CommandError(ExitCode::usage, "cannot read " + path + ": " + std::strerror(errno));
  }
  return read_stream(stream, path);
}

/// The files of a folder by name, without those in folders below and hidden ones.
std::vector<std::string> files_of(const std::string& folder) {
  std::vector<std::string> files;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    if (entry.is_regular_file() && !entry.path().filename().string().starts_with('.')) {
      files.push_back(entry.path().string());
    }
  }
  std::sort(files.begin(), files.end());
  if (files.empty()) {
    throw CommandError(ExitCode::usage, "there is no file in " + folder);
  }
  return files;
}

/// Every file to send, in the order of the arguments.
std::vector<std::string> files_to_submit(const std::vector<std::string>& paths) {
  if (std::count(paths.begin(), paths.end(), "-") > 1) {
    throw CommandError(ExitCode::usage, "standard input can be read once only");
  }
  std::vector<std::string> files;
  for (const std::string& path : paths) {
    std::error_code ignored;
    if (path != "-" && std::filesystem::is_directory(path, ignored)) {
      const std::vector<std::string> inside = files_of(path);
      files.insert(files.end(), inside.begin(), inside.end());
    } else {
      files.push_back(path);
    }
  }
  return files;
}

struct Submission {
  std::string name;
  int status = 0;
  json answer;
};

/// Sends the report; again for as long as the server says that it cannot take it now.
ServerAnswer send_report(CommandContext& context, const std::string& target,
                         const std::string& name, const std::string& content) {
  const TimePoint until = context.now() + submit_wait_max;
  while (true) {
    ServerAnswer answer = context.server.post_patiently(target, content, "application/json");
    if (answer.status != 503) {
      return answer;
    }
    const Duration pause = std::clamp(answer.retry_after.value_or(submit_again_after),
                                      Duration(std::chrono::seconds(1)), submit_pause_max);
    if (context.now() + pause > until) {
      throw CommandError(ExitCode::unreachable, "submitting " + name + ": " + problem_of(answer) +
                                                    "\nHINT: gave up " + "after " +
                                                    format_duration(submit_wait_max) +
                                                    "; sending it again later is harmless");
    }
    context.sleep(pause);
  }
}

Submission submit(CommandContext& context, const std::string& target, const std::string& name,
                  const std::string& content) {
  const ServerAnswer answer = send_report(context, target, name, content);
  const bool is_verdict =
      answer.status == 200 || answer.status == 201 || answer.status == 413 || answer.status == 422;
  if (!is_verdict) {
    throw CommandError(answer.status == 400 ? ExitCode::usage : ExitCode::internal,
                       "submitting " + name + ": " + problem_of(answer));
  }
  Submission submission;
  submission.name = name;
  submission.status = answer.status;
  submission.answer = json::parse(answer.body, nullptr, false);
  if (submission.answer.is_discarded() || !submission.answer.is_object()) {
    submission.answer = json::object();
  }
  if (answer.status == 413 && !submission.answer.contains("reason")) {
    submission.answer["reason"] = "too_large";
  }
  // The status decides: no body turns a refusal into an acceptance.
  submission.answer["accepted"] = answer.status < 300;
  return submission;
}

}  // namespace

ExitCode run_submit(CommandContext context, const SubmitOptions& options, std::istream& input) {
  Filters parameters;
  parameters.emplace_back("image", options.image);
  parameters.emplace_back("finished_at",
                          options.finished_at ? format_rfc3339(*options.finished_at) : "");
  const std::string query = query_of(parameters);
  const std::string target = "/api/v1/scans" + (query.empty() ? "" : "?" + query);
  const std::vector<std::string> files = files_to_submit(options.paths);
  json all = json::array();
  bool all_accepted = true;
  for (const std::string& file : files) {
    const bool is_input = file == "-";
    const std::string name = is_input ? "standard input" : file;
    Submission submission =
        submit(context, target, name, is_input ? read_stream(input, name) : read_file(file));
    all_accepted = all_accepted && submission.status < 300;
    if (context.format == OutputFormat::table) {
      context.out << render_submission(submission.answer, name, submission.status, context.now());
    }
    submission.answer["file"] = name;
    all.push_back(std::move(submission.answer));
  }
  if (context.format == OutputFormat::json) {
    context.out << all.dump(2) << "\n";
  }
  return all_accepted ? ExitCode::ok : ExitCode::no;
}

}  // namespace scanclock
