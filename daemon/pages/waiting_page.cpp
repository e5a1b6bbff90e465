#include "daemon/pages/waiting_page.hpp"

#include "daemon/api/router.hpp"
#include "daemon/pages/page_answer.hpp"
#include "daemon/pages/page_assets.hpp"
#include "daemon/pages/page_parts.hpp"

#include <string_view>

namespace scanclock {
namespace {

bool is_for_people(const HttpServerRequest& request, std::string_view path) {
  return (request.method == "GET" || request.method == "HEAD") && path != "/metrics" &&
         path != "/api" && !path.starts_with("/api/");
}

Html standby_content(const WaitingState& state, TimePoint now) {
  Html html(
      "<p class=\"note\">Another instance watches and alerts. This one knows nothing of images and "
      "alerts until it takes over.</p>\n<p>");
  if (!state.active_host.empty()) {
    html.add("The active instance runs on <strong>").text(state.active_host).add("</strong>");
    if (state.active_since) {
      html.add(", since ").add(moment(*state.active_since, now));
    }
    html.add(". ");
  }
  html.add(
      "Open this page there, or behind the address that leads to whichever instance is ready "
      "(<code>/-/ready</code> answers 200).</p>\n"
      "<p>When the active instance stops, this one takes over at once; when it dies, within 15 "
      "seconds of its last sign of life. Reload the page then.</p>\n");
  return html;
}

Html starting_content(const WaitingState& state) {
  Html html("<p class=\"note\">");
  html.text(state.reason).add("</p>\n");
  html.add(
      "<p>Images and alerts are shown as soon as this instance is ready. Reload the page in a "
      "moment; if this lasts, look at the log: <code>journalctl -u scanclock</code>.</p>\n");
  return html;
}

}  // namespace

HttpResponse waiting_answer(const HttpServerRequest& request, const WaitingState& state,
                            TimePoint now) {
  const std::string_view target = request.target;
  const std::string_view path = target.substr(0, target.find('?'));
  if (!is_for_people(request, path)) {
    return problem(503, "not_ready", state.reason);
  }
  if (path == "/style.css") {
    return asset_answer(request, "text/css; charset=utf-8", page_asset("style.css"));
  }
  if (path == "/icon.svg") {
    return asset_answer(request, "image/svg+xml", page_asset("icon.svg"));
  }
  PageFrame frame(PageSection::fleet,
                  state.stands_by ? "This instance stands by" : "This instance is not ready", now);
  frame.is_section_page = false;
  const Html content = state.stands_by ? standby_content(state, now) : starting_content(state);
  return page_answer(whole_page(frame, content), 503);
}

}  // namespace scanclock
