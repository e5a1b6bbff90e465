#include "tests/support/browser.hpp"

#include <fcntl.h>
#include <nlohmann/json.hpp>
#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <stdexcept>
#include <sys/stat.h>

namespace scanclock {
namespace {

using nlohmann::json;

constexpr int answer_milliseconds_max = 60'000;
constexpr int screenshot_height_max = 6000;

/// Open for both directions, so that neither side waits for the other.
int open_pipe(const std::filesystem::path& path) {
  if (::mkfifo(path.c_str(), 0600) != 0) {
    throw std::runtime_error("cannot make " + path.string());
  }
  const int descriptor = ::open(path.c_str(), O_RDWR | O_CLOEXEC);
  if (descriptor < 0) {
    throw std::runtime_error("cannot open " + path.string());
  }
  return descriptor;
}

std::string base64_decoded(const std::string& text) {
  constexpr std::string_view alphabet =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string bytes;
  unsigned bits = 0;
  int count = 0;
  for (const char character : text) {
    const auto value = alphabet.find(character);
    if (value == std::string_view::npos) {
      continue;
    }
    bits = (bits << 6) | static_cast<unsigned>(value);
    count += 6;
    if (count >= 8) {
      count -= 8;
      bytes += static_cast<char>((bits >> count) & 0xffu);
    }
  }
  return bytes;
}

}  // namespace

std::string Browser::unavailable_reason() { return missing_program("chromium", "chromium"); }

Browser::Browser(const std::filesystem::path& folder) {
  const auto in = folder / "to-browser";
  const auto out = folder / "from-browser";
  to_browser_ = open_pipe(in);
  from_browser_ = open_pipe(out);
  // The sandbox needs rights that a container does not give; all pages are our own.
  const std::string command =
      "exec chromium --headless --no-sandbox --disable-gpu --disable-dev-shm-usage "
      "--hide-scrollbars --no-first-run --disable-extensions --disable-background-networking "
      "--remote-debugging-pipe --user-data-dir=" +
      (folder / "profile").string() + " about:blank 3<" + in.string() + " 4>" + out.string();
  process_ = std::make_unique<ChildProcess>(std::vector<std::string>{"/bin/bash", "-c", command},
                                            folder / "browser.log");
  const json target = call("Target.createTarget", {{"url", "about:blank"}});
  const json attached =
      call("Target.attachToTarget", {{"targetId", target.at("targetId")}, {"flatten", true}});
  session_ = attached.at("sessionId");
  for (const char* domain : {"Page.enable", "Runtime.enable", "Log.enable"}) {
    call(domain, json::object());
  }
  // Without a window, no page would have the keyboard.
  call("Emulation.setFocusEmulationEnabled", {{"enabled", true}});
}

Browser::~Browser() {
  process_.reset();
  ::close(to_browser_);
  ::close(from_browser_);
}

void Browser::open(const std::string& url, const Viewport& viewport) {
  width_ = viewport.width;
  call("Emulation.setDeviceMetricsOverride", {{"width", viewport.width},
                                              {"height", viewport.height},
                                              {"deviceScaleFactor", 1},
                                              {"mobile", viewport.width < 600}});
  const json scheme = {{"name", "prefers-color-scheme"},
                       {"value", viewport.dark ? "dark" : "light"}};
  const json motion = {{"name", "prefers-reduced-motion"}, {"value", "reduce"}};
  call("Emulation.setEmulatedMedia", {{"features", json::array({scheme, motion})}});
  complaints_.clear();
  loaded_ = false;
  const json answer = call("Page.navigate", {{"url", url}});
  if (answer.contains("errorText")) {
    throw std::runtime_error(url + ": " + answer.at("errorText").get<std::string>());
  }
  while (!loaded_) {
    note_event(next_message());
  }
}

json Browser::evaluate(const std::string& expression) {
  const json answer =
      call("Runtime.evaluate",
           {{"expression", expression}, {"awaitPromise", true}, {"returnByValue", true}});
  if (answer.contains("exceptionDetails")) {
    throw std::runtime_error("the page threw: " + answer.at("exceptionDetails").dump());
  }
  return answer.at("result").value("value", json());
}

void Browser::allow_scripts(bool allowed) {
  call("Emulation.setScriptExecutionDisabled", {{"value", !allowed}});
}

void Browser::press(const std::string& key) {
  const bool is_enter = key == "Enter";
  json event = {{"type", "keyDown"},
                {"key", key},
                {"code", key},
                {"windowsVirtualKeyCode", is_enter ? 13 : 9}};
  if (is_enter) {
    event["text"] = "\r";
  }
  call("Input.dispatchKeyEvent", event);
  event["type"] = "keyUp";
  event.erase("text");
  call("Input.dispatchKeyEvent", event);
}

void Browser::screenshot(const std::filesystem::path& file) {
  const json height = evaluate("document.documentElement.scrollHeight");
  const json clip = {{"x", 0},
                     {"y", 0},
                     {"width", width_},
                     {"height", std::min(height.get<int>(), screenshot_height_max)},
                     {"scale", 1}};
  const json answer = call("Page.captureScreenshot",
                           {{"format", "png"}, {"captureBeyondViewport", true}, {"clip", clip}});
  write_file(file, base64_decoded(answer.at("data").get<std::string>()));
}

json Browser::call(const std::string& method, const json& parameters) {
  const int id = next_id_++;
  json request = {{"id", id}, {"method", method}, {"params", parameters}};
  if (!session_.empty()) {
    request["sessionId"] = session_;
  }
  const std::string text = request.dump() + '\0';
  for (std::size_t sent = 0; sent < text.size();) {
    const auto written = ::write(to_browser_, text.data() + sent, text.size() - sent);
    if (written <= 0) {
      throw std::runtime_error("the browser takes nothing: " + process_->log());
    }
    sent += static_cast<std::size_t>(written);
  }
  while (true) {
    const json message = next_message();
    if (message.value("id", 0) != id) {
      note_event(message);
      continue;
    }
    if (message.contains("error")) {
      throw std::runtime_error(method + ": " + message.at("error").dump());
    }
    return message.at("result");
  }
}

json Browser::next_message() {
  while (true) {
    const auto end = buffer_.find('\0');
    if (end != std::string::npos) {
      json message = json::parse(buffer_.substr(0, end));
      buffer_.erase(0, end + 1);
      return message;
    }
    pollfd waiting{from_browser_, POLLIN, 0};
    if (::poll(&waiting, 1, answer_milliseconds_max) != 1) {
      throw std::runtime_error("the browser does not answer: " + process_->log());
    }
    std::array<char, 65536> piece{};
    const auto got = ::read(from_browser_, piece.data(), piece.size());
    if (got <= 0) {
      throw std::runtime_error("the browser is gone: " + process_->log());
    }
    buffer_.append(piece.data(), static_cast<std::size_t>(got));
  }
}

void Browser::note_event(const json& message) {
  const std::string method = message.value("method", "");
  if (method == "Page.loadEventFired") {
    loaded_ = true;
  } else if (method == "Log.entryAdded") {
    complaints_.push_back(message.at("params").at("entry").value("text", ""));
  } else if (method == "Runtime.exceptionThrown") {
    complaints_.push_back(message.at("params").dump());
  }
}

}  // namespace scanclock
