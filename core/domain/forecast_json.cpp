#include "core/domain/forecast_json.hpp"

#include "core/domain/views.hpp"

#include <nlohmann/json.hpp>

#include <array>
#include <string_view>
#include <utility>

namespace scanclock {
namespace {

using nlohmann::json;

json forecast_images_json(const ForecastImages& images) {
  json item;
  item["images"] = images.count;
  item["nearest"] = json::array();
  for (const ImageRecord* image : images.nearest) {
    item["nearest"].push_back(forecast_image_json(*image));
  }
  return item;
}

json forecast_groups_json(const ForecastGroups& groups) {
  json list = json::array();
  for (const ForecastGroup& group : groups.groups) {
    json item;
    item["name"] = group.name;
    item["images"] = group.images;
    item["overdue"] = group.overdue;
    item["never_scanned"] = group.never_scanned;
    item["days"] = group.days;
    item["later"] = group.later;
    list.push_back(std::move(item));
  }
  return list;
}

}  // namespace

json forecast_image_json(const ImageRecord& image) {
  json item;
  item["digest"] = image.digest.str();
  item["name"] = asset_id(image);
  item["owner"] = image.owner.empty() ? json(nullptr) : json(image.owner);
  item["environment"] =
      image.environment.empty() ? std::string(production_environment) : image.environment;
  item["state"] = to_string(image.state);
  item["deadline_at"] = format_rfc3339(image.deadline_at);
  return item;
}

json forecast_json(const Forecast& forecast) {
  json body;
  body["at"] = format_rfc3339(forecast.at);
  body["images"] = forecast.images;
  body["overdue"] = forecast_images_json(forecast.overdue);
  body["never_scanned"] = forecast_images_json(forecast.never_scanned);
  body["days"] = json::array();
  std::chrono::sys_days day = forecast.first_day;
  for (const ForecastImages& images : forecast.days) {
    json item = forecast_images_json(images);
    item["date"] = format_date(day);
    body["days"].push_back(std::move(item));
    day += std::chrono::days(1);
  }
  body["later"] = forecast.later;
  body["unbound"] = forecast.unbound;
  const std::array<std::pair<const char*, const ForecastGroups*>, 4> groups{
      {{"registry", &forecast.by_registry},
       {"owner", &forecast.by_owner},
       {"environment", &forecast.by_environment},
       {"namespace", &forecast.by_namespace}}};
  for (const auto& [name, list] : groups) {
    body["by"][name] = forecast_groups_json(*list);
    body["left_out"][name] = list->left_out;
  }
  return body;
}

}  // namespace scanclock
