#pragma once

#include "daemon/api/router.hpp"

#include <nlohmann/json_fwd.hpp>

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace scanclock {

inline constexpr std::size_t page_items_default = 500;
inline constexpr std::size_t page_items_max = 5000;

/// One page of a list that is ordered by a key. `next` of the answer is the last key of the page;
/// sent back as `next`, it continues behind it, whatever changed meanwhile. Items become text as
/// they are added, so that a caller may pause between them and the answer costs nothing at the end.
class Page {
 public:
  /// Of the list `name`, which is no user's text. Nothing when `limit` is no number from 1 to
  /// page_items_max; a limit above `items_max` counts as that.
  static std::optional<Page> of(const ApiRequest& request, std::string_view name,
                                std::size_t items_max = page_items_max);

  std::size_t limit() const { return limit_; }
  /// Where to begin in the order; empty for the start.
  const std::string& after() const { return after_; }

  /// False when the page is full: stop, the list goes on behind the key begun last. Otherwise
  /// add() the item of this key next.
  bool begin(const std::string& key);
  void add(const nlohmann::json& item);
  /// Both at once.
  bool add(const std::string& key, const nlohmann::json& item);

  /// `{"<name>":[…],"next":…}`.
  HttpResponse response() &&;
  /// The same with the fields of the object `head` beside the list.
  HttpResponse response(const nlohmann::json& head) &&;

 private:
  Page(std::size_t limit, std::string after, std::string_view name);

  std::size_t limit_;
  std::string after_;
  std::string last_;
  bool more_ = false;
  std::size_t items_ = 0;
  /// The answer as far as it is known, and what of it came before: one text that grows is copied
  /// again and again.
  std::string text_;
  std::vector<std::shared_ptr<const std::string>> pieces_;
};

/// As answers write it: what is not UTF-8 is replaced.
std::string json_text(const nlohmann::json& value);

HttpResponse bad_parameter(std::string_view name, std::string_view expected);
HttpResponse bad_limit();

}  // namespace scanclock
