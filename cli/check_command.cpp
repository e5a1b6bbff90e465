#include "cli/commands.hpp"
#include "cli/json_fields.hpp"
#include "cli/render.hpp"
#include "core/domain/digest.hpp"
#include "core/domain/image_reference.hpp"
#include "core/net/url.hpp"

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

std::string refresh_target(const std::string& digest, const std::string& image) {
  // The reference tells the server where to look for a digest that it does not know yet.
  const std::string suffix = Digest::parse(image) ? "" : "?image=" + percent_encode(image);
  return "/api/v1/images/" + digest + "/refresh" + suffix;
}

}  // namespace

std::string digest_for(Server& server, const std::string& image) {
  if (const auto digest = Digest::parse(image)) {
    return digest->str();
  }
  const auto reference = parse_image_reference(image);
  if (reference && !reference->digest.empty()) {
    return reference->digest.str();
  }
  CheckOptions options;
  options.image = image;
  return text_of(server.get_json(check_target(options)), "digest");
}

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
  const TimePoint until = context.now() + (wait ? refresh_wait_max : Duration::zero());
  while (true) {
    const ServerAnswer answer =
        context.server.post(refresh_target(digest, image), "", "application/json");
    const bool has_failures = answer.status == 502;
    if (answer.status != 200 && !has_failures) {
      throw CommandError(answer.status == 404 ? ExitCode::no : ExitCode::internal,
                         "refresh of " + image + ": " + problem_of(answer));
    }
    if (!has_failures || context.now() >= until) {
      const json body = parse_answer(answer, "refresh of " + image);
      context.out << (context.format == OutputFormat::json ? body.dump(2) + "\n"
                                                           : render_refresh(body, digest));
      return has_failures ? ExitCode::no : ExitCode::ok;
    }
    context.sleep(std::clamp(Duration(until - context.now()), Duration::zero(), ask_again_after));
  }
}

}  // namespace scanclock
