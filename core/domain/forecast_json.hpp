#pragma once

#include "core/domain/forecast.hpp"

#include <nlohmann/json_fwd.hpp>

namespace scanclock {

/// The answer of `GET /api/v1/forecast`:
/// `{"at","images","overdue":{"images","nearest":[…]},"never_scanned":{…},"days":[{"date","images",
/// "nearest":[…]}],"later","unbound","by":{"registry":[…],"owner":[…],"environment":[…],
/// "namespace":[…]},"left_out":{"registry",…}}`. A group is
/// `{"name","images","overdue","never_scanned","days":[…numbers…],"later"}`.
nlohmann::json forecast_json(const Forecast& forecast);

/// One image in it: `{"digest","name","owner","environment","state","deadline_at"}`, where `name`
/// is the asset's id.
nlohmann::json forecast_image_json(const ImageRecord& image);

}  // namespace scanclock
