#include "core/domain/forecast_json.hpp"

#include "core/domain/views.hpp"

#include <nlohmann/json.hpp>

#include <utility>

namespace scanclock {

nlohmann::json forecast_image_json(const ImageRecord& image) {
  nlohmann::json item;
  item["digest"] = image.digest.str();
  item["name"] = asset_id(image);
  item["owner"] = image.owner.empty() ? nlohmann::json(nullptr) : nlohmann::json(image.owner);
  item["environment"] =
      image.environment.empty() ? std::string(production_environment) : image.environment;
  item["state"] = to_string(image.state);
  item["deadline_at"] = format_rfc3339(image.deadline_at);
  return item;
}

nlohmann::json forecast_images_json(const ForecastImages& images) {
  nlohmann::json item;
  item["images"] = images.count;
  item["nearest"] = nlohmann::json::array();
  for (const ImageRecord* image : images.nearest) {
    item["nearest"].push_back(forecast_image_json(*image));
  }
  return item;
}

nlohmann::json forecast_group_json(const ForecastGroup& group) {
  nlohmann::json item;
  item["name"] = group.name;
  item["images"] = group.images;
  item["overdue"] = group.overdue;
  item["never_scanned"] = group.never_scanned;
  item["days"] = group.days;
  item["later"] = group.later;
  return item;
}

nlohmann::json forecast_head_json(const Forecast& forecast) {
  nlohmann::json head;
  head["at"] = format_rfc3339(forecast.at);
  head["images"] = forecast.images;
  head["later"] = forecast.later;
  head["unbound"] = forecast.unbound;
  for (const auto& [name, groups] : forecast_groupings(forecast)) {
    head["left_out"][std::string(name)] = groups->left_out;
  }
  return head;
}

std::array<std::pair<std::string_view, const ForecastGroups*>, 4> forecast_groupings(
    const Forecast& forecast) {
  return {{{"registry", &forecast.by_registry},
           {"owner", &forecast.by_owner},
           {"environment", &forecast.by_environment},
           {"namespace", &forecast.by_namespace}}};
}

}  // namespace scanclock
