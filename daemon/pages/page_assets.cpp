#include "daemon/pages/page_assets.hpp"

#include <stdexcept>
#include <string>

namespace scanclock {

std::string_view page_asset(std::string_view name) {
  for (const EmbeddedFile& file : embedded_page_assets()) {
    if (file.name == name) {
      return file.text;
    }
  }
  throw std::logic_error("no part of the pages is called " + std::string(name));
}

}  // namespace scanclock
