#include "core/domain/image_check.hpp"
#include "daemon/api/context.hpp"
#include "daemon/api/json_values.hpp"
#include "daemon/api/paging.hpp"

#include <nlohmann/json.hpp>

namespace scanclock {
namespace {

nlohmann::json platform_json(const CheckedPlatform& item) {
  nlohmann::json json;
  json["platform"] = to_string(item.platform);
  json["digest"] = item.digest.str();
  json["verdict"] = to_string(item.verdict);
  json["deadline_at"] = time_or_null(item.deadline_at);
  return json;
}

nlohmann::json check_json(const ImageCheck& check, const SourceStatus* source, TimePoint now) {
  nlohmann::json body;
  body["allowed"] = check.allowed;
  body["checked"] = nlohmann::json::array({"scan_window"});
  body["verdict"] = to_string(check.verdict);
  body["reasons"] = check.reasons;
  body["digest"] = check.digest.empty() ? nlohmann::json() : nlohmann::json(check.digest.str());
  body["resolved_from"] = check.resolved_from_tag ? "tag" : "digest";
  body["resolved_at"] = source != nullptr && source->last_success_at
                            ? nlohmann::json(format_rfc3339(*source->last_success_at))
                            : nlohmann::json();
  body["pinned_ref"] =
      check.pinned_ref.empty() ? nlohmann::json() : nlohmann::json(check.pinned_ref);
  body["platforms"] = nlohmann::json::array();
  for (const CheckedPlatform& item : check.platforms) {
    body["platforms"].push_back(platform_json(item));
  }
  if (check.deadline_at) {
    body["deadline_at"] = format_rfc3339(*check.deadline_at);
    body["remaining_seconds"] =
        std::chrono::duration_cast<std::chrono::seconds>(*check.deadline_at - now).count();
  } else {
    body["deadline_at"] = nullptr;
    body["remaining_seconds"] = nullptr;
  }
  body["policies"] = check.policies;
  body["observation"] = to_string(check.observation);
  return body;
}

HttpResponse check_image_call(const ApiContext& context, const ApiRequest& request) {
  if (!context.engine.has_concluded()) {
    HttpResponse later =
        problem(503, "not_concluded",
                "the settings were read a moment ago, and what follows from them for each image is "
                "still worked out; ask again");
    later.headers.emplace_back("Retry-After", "1");
    return later;
  }
  const auto reference = parse_image_reference(request.parameter("image"));
  if (!reference) {
    return bad_parameter("image", "a reference such as registry.example/team/app:1.4");
  }
  std::optional<Platform> platform;
  if (const std::string& text = request.parameter("platform"); !text.empty()) {
    platform = parse_platform(text);
    if (!platform) {
      return bad_parameter("platform", "os/architecture[/variant], such as linux/amd64");
    }
  }
  Duration min_remaining = Duration::zero();
  if (const std::string& text = request.parameter("min_remaining"); !text.empty()) {
    const auto parsed = parse_duration(text);
    if (!parsed) {
      return bad_parameter("min_remaining", "a duration such as 7d or 12h");
    }
    min_remaining = *parsed;
  }
  const TimePoint now = context.clock.now();
  const ImageCheck check =
      check_image(context.engine.inventory(), *reference, platform, min_remaining, now);
  return json_response(200, check_json(check, context.engine.sources().find(check.registry), now));
}

}  // namespace

void add_check_call(Router& router, ApiContext& context) {
  Route route;
  route.method = "GET";
  route.path = "/api/v1/check";
  route.summary = "May this image run? Answered from memory, never by asking a registry.";
  route.parameters = {"image", "platform", "min_remaining"};
  route.role = Role::read;
  route.handle = [&context](ApiRequest request) -> asio::awaitable<HttpResponse> {
    co_return check_image_call(context, request);
  };
  router.add(std::move(route));
}

}  // namespace scanclock
