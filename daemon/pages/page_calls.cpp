#include "daemon/api/context.hpp"
#include "daemon/embedded_documents.hpp"
#include "daemon/pages/image_page.hpp"
#include "daemon/pages/runbook_page.hpp"
#include "daemon/pages/fleet_page.hpp"

#include <utility>

namespace scanclock {
namespace {

/// Nothing is loaded from elsewhere, no script runs, and no other page may frame this one.
constexpr const char* content_security_policy =
    "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'";

HttpResponse html_page(std::string html, int status = 200) {
  HttpResponse response = text_response(status, "text/html; charset=utf-8", std::move(html));
  response.headers.emplace_back("Content-Security-Policy", content_security_policy);
  response.headers.emplace_back("X-Content-Type-Options", "nosniff");
  response.headers.emplace_back("Cache-Control", "no-store");
  return response;
}

HttpResponse status_page(const ApiContext& context) {
  const std::vector<Alert> alerts = context.alerting.alerts();
  const StatusInput input{context.engine.inventory(), context.engine.sources(), alerts,
                          context.engine.storage_failure(), context.clock.now()};
  return html_page(render_status_page(input));
}

HttpResponse image_page(const ApiContext& context, const std::string& argument) {
  const auto digest = Digest::parse(argument);
  const std::vector<Alert> alerts = context.alerting.alerts();
  const ImagePageInput input{context.engine.inventory(), alerts, context.clock.now()};
  const ImageRecord* image = digest ? input.inventory.image(*digest) : nullptr;
  return image == nullptr ? html_page(render_unknown_image_page(input.now), 404)
                          : html_page(render_image_page(input, *image));
}

}  // namespace

void add_status_page(Router& router, ApiContext& context) {
  Route status;
  status.method = "GET";
  status.path = "/";
  status.summary = "The status page.";
  status.role = Role::read;
  status.handle = [&context](ApiRequest) -> asio::awaitable<HttpResponse> {
    co_return status_page(context);
  };
  router.add(std::move(status));

  Route image;
  image.method = "GET";
  image.path = "/images/{digest}";
  image.summary = "The page of one unique image: its places, its evidence and what runs it.";
  image.role = Role::read;
  image.handle = [&context](ApiRequest request) -> asio::awaitable<HttpResponse> {
    co_return image_page(context, request.argument);
  };
  router.add(std::move(image));

  Route runbook;
  runbook.method = "GET";
  runbook.path = "/runbook";
  runbook.summary = "What each alert means and what to do.";
  runbook.role = Role::read;
  runbook.handle = [](ApiRequest) -> asio::awaitable<HttpResponse> {
    co_return html_page(render_runbook(embedded_documents().front().text));
  };
  router.add(std::move(runbook));

  Route style;
  style.method = "GET";
  style.path = "/style.css";
  style.summary = "Style of the status page.";
  style.role = Role::read;
  style.handle = [](ApiRequest) -> asio::awaitable<HttpResponse> {
    co_return text_response(200, "text/css; charset=utf-8", std::string(status_page_style()));
  };
  router.add(std::move(style));
}

}  // namespace scanclock
