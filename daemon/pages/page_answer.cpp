#include "daemon/pages/page_answer.hpp"

#include "core/runtime/hashing.hpp"

#include <utility>

namespace scanclock {
namespace {

/// No script runs, nothing is loaded from elsewhere, and no other page may frame this one.
constexpr const char* content_security_policy =
    "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'";

void add_security_headers(HttpResponse& response) {
  response.headers.emplace_back("Content-Security-Policy", content_security_policy);
  response.headers.emplace_back("X-Content-Type-Options", "nosniff");
  // Links lead out of the page to URLs that reports name; those hosts need not know from where.
  response.headers.emplace_back("Referrer-Policy", "no-referrer");
}

}  // namespace

HttpResponse page_answer(std::string page, int status) {
  HttpResponse response = text_response(status, "text/html; charset=utf-8", std::move(page));
  add_security_headers(response);
  response.headers.emplace_back("Cache-Control", "no-store");
  return response;
}

HttpResponse refused_page(PageFrame frame, const FilterRefusal& refusal) {
  frame.title = "This cannot be searched for";
  frame.is_section_page = false;
  Html message;
  message.add("<code>").text(refusal.parameter).add("</code> must be ").text(refusal.expected);
  message.add(".");
  return page_answer(message_page(frame, message), 400);
}

HttpResponse asset_answer(const HttpServerRequest& request, std::string content_type,
                          std::string_view content) {
  const std::string tag = '"' + std::string(sha256(content).hex().substr(0, 16)) + '"';
  const auto known = request.header("If-None-Match");
  const bool is_known = known && known->find(tag) != std::string_view::npos;
  HttpResponse response = text_response(is_known ? 304 : 200, std::move(content_type),
                                        is_known ? std::string() : std::string(content));
  add_security_headers(response);
  response.headers.emplace_back("ETag", tag);
  response.headers.emplace_back("Cache-Control", "no-cache");
  return response;
}

}  // namespace scanclock
