#pragma once

#include "tests/support/child_process.hpp"

#include <nlohmann/json_fwd.hpp>

#include <memory>
#include <string>
#include <vector>

namespace scanclock {

/// A page's size and colours as its reader has them.
struct Viewport {
  int width = 1280;
  int height = 900;
  bool dark = false;
};

/// A Chromium without a window that a test leads by the DevTools protocol, through two pipes: no
/// port is opened. What a test evaluates runs whatever the page's Content-Security-Policy says.
class Browser {
 public:
  /// `chromium` in PATH or nothing.
  static std::string unavailable_reason();

  explicit Browser(const std::filesystem::path& folder);
  ~Browser();
  Browser(const Browser&) = delete;
  Browser& operator=(const Browser&) = delete;

  /// Loads the page and waits until it has. Throws std::runtime_error when it does not load.
  void open(const std::string& url, const Viewport& viewport);
  /// The value of an expression, of a promise's when it is one. Throws with what it threw.
  nlohmann::json evaluate(const std::string& expression);
  /// Of pages that are opened from now on; what a test evaluates runs all the same.
  void allow_scripts(bool allowed);
  /// A key as a person presses it: `Tab` or `Enter`.
  void press(const std::string& key);
  /// The whole page as PNG, not only what fits the window.
  void screenshot(const std::filesystem::path& file);
  /// What the browser complained about since the page was opened: refused loads, errors.
  const std::vector<std::string>& complaints() const { return complaints_; }

 private:
  nlohmann::json call(const std::string& method, const nlohmann::json& parameters);
  nlohmann::json next_message();
  void note_event(const nlohmann::json& message);

  int to_browser_ = -1;
  int from_browser_ = -1;
  std::string buffer_;
  std::string session_;
  int next_id_ = 1;
  int width_ = 0;
  bool loaded_ = false;
  std::vector<std::string> complaints_;
  std::unique_ptr<ChildProcess> process_;
};

}  // namespace scanclock
