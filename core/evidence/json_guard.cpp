#include "core/evidence/json_guard.hpp"

#include <nlohmann/json.hpp>

#include <array>
#include <set>

namespace scanclock::evidence {
namespace {

class HazardScan {
 public:
  explicit HazardScan(std::string_view text) : text_(text) {}

  std::optional<std::string> run() {
    while (position_ < text_.size() && !hazard_) {
      step();
    }
    return hazard_;
  }

 private:
  void step() {
    switch (text_[position_]) {
      case '"':
        take_string();
        return;
      case '{':
      case '[':
        open(text_[position_] == '{');
        break;
      case '}':
      case ']':
        depth_ -= depth_ > 0 ? 1 : 0;
        key_is_next_ = false;
        break;
      case ',':
        count_value();
        key_is_next_ = depth_ > 0 && is_object_[depth_ - 1];
        break;
      default:
        break;
    }
    ++position_;
  }

  void open(bool object) {
    count_value();
    if (depth_ == json_depth_max) {
      hazard_ = "nested deeper than " + std::to_string(json_depth_max) + " levels";
      return;
    }
    is_object_[depth_] = object;
    if (object && depth_ < json_unique_key_levels) {
      // A fresh set, for clearing one that was large once costs its size every time.
      keys_[depth_] = {};
    }
    key_is_next_ = object;
    ++depth_;
  }

  void count_value() {
    if (++values_ > json_values_max) {
      hazard_ = "more than " + std::to_string(json_values_max) + " values";
    }
  }

  void take_string() {
    const std::size_t begin = position_++;
    bool escaped = false;
    while (position_ < text_.size() && text_[position_] != '"') {
      escaped = escaped || text_[position_] == '\\';
      position_ += text_[position_] == '\\' ? 2 : 1;
    }
    if (position_ >= text_.size()) {
      return;
    }
    ++position_;
    if (key_is_next_ && depth_ <= json_unique_key_levels) {
      take_key(text_.substr(begin, position_ - begin), escaped);
    }
    key_is_next_ = false;
  }

  void take_key(std::string_view quoted, bool escaped) {
    std::string key(quoted.substr(1, quoted.size() - 2));
    if (escaped) {
      const auto decoded = nlohmann::json::parse(quoted, nullptr, false);
      if (!decoded.is_string()) {
        return;
      }
      key = decoded.get<std::string>();
    }
    if (!keys_[depth_ - 1].insert(std::move(key)).second) {
      hazard_ = "a key stands twice in one object, at byte " + std::to_string(position_);
    }
  }

  std::string_view text_;
  std::size_t position_ = 0;
  std::size_t depth_ = 0;
  std::size_t values_ = 0;
  bool key_is_next_ = false;
  std::array<bool, json_depth_max> is_object_{};
  std::array<std::set<std::string>, json_unique_key_levels> keys_;
  std::optional<std::string> hazard_;
};

}  // namespace

std::optional<std::string> find_json_hazard(std::string_view text) {
  return HazardScan(text).run();
}

}  // namespace scanclock::evidence
