#pragma once

#include "core/domain/forecast.hpp"

#include <nlohmann/json_fwd.hpp>

#include <array>
#include <string_view>
#include <utility>

namespace scanclock {

/// The pieces of the answer of `GET /api/v1/forecast`, for all of it at once takes longer than the
/// I/O thread may be kept:
/// `{"at","images","later","unbound","left_out":{"registry",…},"overdue":{"images","nearest":[…]},
/// "never_scanned":{…},"days":[{"date","images","nearest":[…]}],"by":{"registry":[…],"owner":[…],
/// "environment":[…],"namespace":[…]}}`.

/// What stands before the lists.
nlohmann::json forecast_head_json(const Forecast& forecast);

/// `{"images","nearest":[…]}`.
nlohmann::json forecast_images_json(const ForecastImages& images);

/// `{"digest","name","owner","environment","state","deadline_at"}`, where `name` is the asset's id.
nlohmann::json forecast_image_json(const ImageRecord& image);

/// `{"name","images","overdue","never_scanned","days":[…numbers…],"later"}`.
nlohmann::json forecast_group_json(const ForecastGroup& group);

/// The lists of groups with their names in `by` and `left_out`.
std::array<std::pair<std::string_view, const ForecastGroups*>, 4> forecast_groupings(
    const Forecast& forecast);

}  // namespace scanclock
