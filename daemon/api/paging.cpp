#include "daemon/api/paging.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <charconv>
#include <utility>

namespace scanclock {
namespace {

constexpr std::size_t piece_bytes = std::size_t{256} << 10;

}  // namespace

Page::Page(std::size_t limit, std::string after, std::string_view name)
    : limit_(limit), after_(std::move(after)), text_("{\"" + std::string(name) + "\":[") {}

std::optional<Page> Page::of(const ApiRequest& request, std::string_view name,
                             std::size_t items_max) {
  std::size_t limit = page_items_default;
  const std::string& text = request.parameter("limit");
  if (!text.empty()) {
    const auto parsed = std::from_chars(text.data(), text.data() + text.size(), limit);
    if (parsed.ec != std::errc() || parsed.ptr != text.data() + text.size() || limit == 0 ||
        limit > page_items_max) {
      return std::nullopt;
    }
  }
  return Page(std::min(limit, items_max), request.parameter("next"), name);
}

bool Page::begin(const std::string& key) {
  if (items_ == limit_) {
    more_ = true;
    return false;
  }
  last_ = key;
  return true;
}

void Page::add(const nlohmann::json& item) {
  text_ += items_ == 0 ? "" : ",";
  text_ += json_text(item);
  ++items_;
  if (text_.size() >= piece_bytes) {
    pieces_.push_back(std::make_shared<const std::string>(std::move(text_)));
    text_ = std::string();
  }
}

bool Page::add(const std::string& key, const nlohmann::json& item) {
  if (!begin(key)) {
    return false;
  }
  add(item);
  return true;
}

HttpResponse Page::response() && { return std::move(*this).response(nlohmann::json::object()); }

HttpResponse Page::response(const nlohmann::json& head) && {
  text_ += "],\"next\":" + (more_ ? json_text(last_) : std::string("null"));
  for (const auto& [name, value] : head.items()) {
    text_ += "," + json_text(name) + ":" + json_text(value);
  }
  text_ += "}\n";
  pieces_.push_back(std::make_shared<const std::string>(std::move(text_)));
  HttpResponse response = text_response(200, "application/json", std::string());
  if (pieces_.size() == 1) {
    response.body = *pieces_.front();
  } else {
    response.pieces = std::move(pieces_);
  }
  return response;
}

std::string json_text(const nlohmann::json& value) {
  return value.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

HttpResponse bad_parameter(std::string_view name, std::string_view expected) {
  return problem(400, "bad_parameter",
                 "parameter " + std::string(name) + ": expected " + std::string(expected));
}

HttpResponse bad_limit() {
  return bad_parameter("limit", "a number from 1 to " + std::to_string(page_items_max));
}

}  // namespace scanclock
