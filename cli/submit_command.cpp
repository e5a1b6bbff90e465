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

struct Submission {
  std::string name;
  int status = 0;
  json answer;
};

Submission submit(Server& server, const std::string& target, const std::string& name,
                  std::string content) {
  const ServerAnswer answer = server.post(target, std::move(content), "application/json");
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
  std::vector<std::string> files(1, options.path);
  std::error_code ignored;
  if (options.path != "-" && std::filesystem::is_directory(options.path, ignored)) {
    files = files_of(options.path);
  }
  json all = json::array();
  bool all_accepted = true;
  for (const std::string& file : files) {
    const bool is_input = file == "-";
    const std::string name = is_input ? "standard input" : file;
    Submission submission =
        submit(context.server, target, name, is_input ? read_stream(input, name) : read_file(file));
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
