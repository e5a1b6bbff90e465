#pragma once

#include "daemon/api/router.hpp"

#include <nlohmann/json_fwd.hpp>

#include <cstddef>
#include <memory>
#include <optional>
#include <string>

namespace scanclock {

inline constexpr std::size_t page_items_default = 500;
inline constexpr std::size_t page_items_max = 5000;

/// One page of a list that is ordered by a key. `next` of the answer is the last key of the page;
/// sent back as `next`, it continues behind it, whatever changed meanwhile.
class Page {
 public:
  /// Nothing when `limit` is no number from 1 to page_items_max.
  static std::optional<Page> of(const ApiRequest& request);

  std::size_t limit() const { return limit_; }
  /// Where to begin in the ordered map; empty for the start.
  const std::string& after() const { return after_; }

  /// False when the page is full: stop, the list goes on behind the key added last.
  bool add(const std::string& key, nlohmann::json item);

  /// `{"<name>":[…],"next":…}`.
  HttpResponse response(const std::string& name) &&;
  /// The same with the fields of the object `head` beside the list.
  HttpResponse response(const std::string& name, const nlohmann::json& head) &&;

 private:
  Page(std::size_t limit, std::string after);

  std::size_t limit_;
  std::string after_;
  std::string last_;
  bool more_ = false;
  std::shared_ptr<nlohmann::json> items_;
};

HttpResponse bad_parameter(std::string_view name, std::string_view expected);

}  // namespace scanclock
