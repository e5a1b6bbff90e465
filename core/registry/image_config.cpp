#include "core/registry/image_config.hpp"

#include "core/registry/bounded_json.hpp"

#include <nlohmann/json.hpp>

namespace scanclock {

Result<ImageConfig, std::string> parse_image_config(std::string_view bytes) {
  nlohmann::json body;
  const std::string defect = parse_registry_object(bytes, body);
  if (!defect.empty()) {
    return "image config is " + defect;
  }
  ImageConfig config;
  config.platform.os = text_field(body, "os");
  config.platform.architecture = text_field(body, "architecture");
  config.platform.variant = text_field(body, "variant");
  config.platform.os_version = text_field(body, "os.version");
  config.has_layers = !array_field(object_field(body, "rootfs"), "diff_ids").empty();
  return config;
}

}  // namespace scanclock
