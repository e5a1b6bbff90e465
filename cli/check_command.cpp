#include "cli/commands.hpp"
#include "cli/json_fields.hpp"
#include "cli/render.hpp"
#include "core/domain/digest.hpp"
#include "core/domain/image_reference.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <ostream>

namespace scanclock {
namespace {

using nlohmann::json;

std::string check_target(const CheckOptions& options) {
  Filters parameters;
  parameters.emplace_back("image", options.image);
  parameters.emplace_back("platform", options.platform);
  if (options.min_remaining) {
    parameters.emplace_back("min_remaining", format_duration(*options.min_remaining));
  }
  return "/api/v1/check?" + query_of(parameters);
}

/// The digest to refresh: the one that the image is named by, or what the server takes it for.
std::string digest_for(Server& server, const std::string& image) {
  if (const auto digest = Digest::parse(image)) {
    return digest->str();
  }
  if (const auto reference = parse_image_reference(image); reference) {
    if (!reference->digest.empty()) {
      return reference->digest.str();
    }
  }
  CheckOptions options;
  options.image = image;
  return text_of(server.get_json(check_target(options)), "digest");
}

/// The sources have answered for the image since `asked_at`.
bool has_answered(const json& answer, TimePoint asked_at) {
  const json& wrapped = field_of(answer, "image");
  const json& observation = field_of(wrapped.is_object() ? wrapped : answer, "observation");
  const auto last = time_of(observation, "last_success_at");
  return text_of(observation, "status") == "ok" && last && *last >= asked_at;
}

}  // namespace

ExitCode run_check(CommandContext context, const CheckOptions& options) {
  const std::string target = check_target(options);
  const TimePoint until = context.now() + options.wait;
  while (true) {
    json answer;
    try {
      answer = context.server.get_json(target);
    } catch (const CommandError& error) {
      // A daemon that restarts during a deployment is worth waiting for.
      if (error.code() != ExitCode::unreachable || context.now() >= until) {
        throw;
      }
    }
    const bool allowed = flag_of(answer, "allowed");
    if (!answer.is_null() && (allowed || context.now() >= until)) {
      context.out << (context.format == OutputFormat::json
                          ? answer.dump(2) + "\n"
                          : render_check(answer, options.image, context.now()));
      return allowed ? ExitCode::ok : ExitCode::no;
    }
    context.sleep(std::clamp(Duration(until - context.now()), Duration::zero(), ask_again_after));
  }
}

ExitCode run_refresh(CommandContext context, const std::string& image, bool wait) {
  const std::string digest = digest_for(context.server, image);
  if (digest.empty()) {
    throw CommandError(ExitCode::no, image + " is not known\nHINT: see `scanclock images`");
  }
  const std::string path = "/api/v1/images/" + digest;
  // The server's times are its own clock's, so the start is read from it, too.
  const json before = context.server.get_json(path);
  const json& image_before =
      field_of(before, "image").is_object() ? field_of(before, "image") : before;
  const auto last = time_of(field_of(image_before, "observation"), "last_success_at");
  const ServerAnswer answer = context.server.post(path + "/refresh", "", "application/json");
  if (answer.status < 200 || answer.status > 299) {
    throw CommandError(answer.status == 404 ? ExitCode::no : ExitCode::internal,
                       "refresh of " + image + ": " + problem_of(answer));
  }
  const TimePoint asked_after =
      last ? *last + std::chrono::microseconds(1) : TimePoint(Duration::zero());
  const TimePoint until = context.now() + refresh_wait_max;
  while (wait && !has_answered(context.server.get_json(path), asked_after)) {
    if (context.now() >= until) {
      throw CommandError(ExitCode::no, "refresh of " + image + ": the sources have not answered " +
                                           "within " + format_duration(refresh_wait_max));
    }
    context.sleep(ask_again_after);
  }
  if (context.format == OutputFormat::json) {
    context.out << context.server.get_json(path).dump(2) << "\n";
  } else {
    context.out << (wait ? "refreshed: " : "asked for: ") << digest << "\n";
  }
  return ExitCode::ok;
}

}  // namespace scanclock
