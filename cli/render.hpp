#pragma once

#include "core/domain/time.hpp"

#include <nlohmann/json_fwd.hpp>

#include <string>

/// The API's answers as text for people: pure functions of the JSON and of now, worst first.
namespace scanclock {

/// `due in 3d 4h`, `overdue by 2d`; empty for a time that is null or missing.
std::string describe_deadline(const nlohmann::json& deadline, TimePoint now);

/// `3d 4h ago`, `in 5m`; `never` for null or missing.
std::string describe_moment(const nlohmann::json& time, TimePoint now);

/// Arrays as the API lists them.
std::string render_images(const nlohmann::json& images, TimePoint now);
std::string render_containers(const nlohmann::json& containers, TimePoint now);
std::string render_alerts(const nlohmann::json& alerts, TimePoint now);
std::string render_sources(const nlohmann::json& sources, TimePoint now);

std::string render_silences(const nlohmann::json& silences, TimePoint now);
std::string render_notifications(const nlohmann::json& notifications, TimePoint now);
/// One message as `GET /api/v1/notifications/{id}` gives it.
std::string render_notification(const nlohmann::json& message, TimePoint now);

/// Who holds back messages about an alert; empty when nobody does.
std::string quiet_text(const nlohmann::json& alert);

/// One image as `GET /api/v1/images/{digest}` gives it, with every piece of evidence.
std::string render_image(const nlohmann::json& image, TimePoint now);

/// One line: `images: 1 overdue, 2 fresh; containers: …; alerts: …; sources: …`.
std::string render_summary(const nlohmann::json& images, const nlohmann::json& containers,
                           const nlohmann::json& alerts, const nlohmann::json& sources);

/// The answer to GET /api/v1/forecast, a line a day with a bar; and a line a registry, owner,
/// environment or namespace.
std::string render_forecast(const nlohmann::json& forecast);
std::string render_forecast_by(const nlohmann::json& forecast, const std::string& by);

/// The answer to GET /api/v1/check.
std::string render_check(const nlohmann::json& answer, const std::string& image, TimePoint now);

/// The answer to a refresh: who was asked, and who did not answer.
std::string render_refresh(const nlohmann::json& answer, const std::string& digest);

/// One line for a submitted report: what it was taken for, or why it was refused.
std::string render_submission(const nlohmann::json& answer, const std::string& name, int status,
                              TimePoint now);

/// True for an alert that a person has to look at: it fires, and it is not the watchdog.
bool is_firing(const nlohmann::json& alert);

}  // namespace scanclock
