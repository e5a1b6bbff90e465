#include "daemon/api/paging.hpp"

#include <nlohmann/json.hpp>

#include <charconv>
#include <utility>

namespace scanclock {

Page::Page(std::size_t limit, std::string after)
    : limit_(limit),
      after_(std::move(after)),
      items_(std::make_shared<nlohmann::json>(nlohmann::json::array())) {}

std::optional<Page> Page::of(const ApiRequest& request) {
  std::size_t limit = page_items_default;
  const std::string& text = request.parameter("limit");
  if (!text.empty()) {
    const auto parsed = std::from_chars(text.data(), text.data() + text.size(), limit);
    if (parsed.ec != std::errc() || parsed.ptr != text.data() + text.size() || limit == 0 ||
        limit > page_items_max) {
      return std::nullopt;
    }
  }
  return Page(limit, request.parameter("next"));
}

bool Page::add(const std::string& key, nlohmann::json item) {
  if (items_->size() == limit_) {
    more_ = true;
    return false;
  }
  items_->push_back(std::move(item));
  last_ = key;
  return true;
}

HttpResponse Page::response(const std::string& name) && {
  return std::move(*this).response(name, nlohmann::json::object());
}

HttpResponse Page::response(const std::string& name, const nlohmann::json& head) && {
  nlohmann::json body = head;
  body[name] = std::move(*items_);
  body["next"] = more_ ? nlohmann::json(last_) : nlohmann::json();
  return json_response(200, body);
}

HttpResponse bad_parameter(std::string_view name, std::string_view expected) {
  return problem(400, "bad_parameter",
                 "parameter " + std::string(name) + ": expected " + std::string(expected));
}

}  // namespace scanclock
