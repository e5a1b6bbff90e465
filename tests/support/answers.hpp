#pragma once

#include "core/net/http_types.hpp"

#include <string>
#include <utility>

namespace scanclock {

inline HttpResponse answer(int status, std::string body = std::string()) {
  HttpResponse response;
  response.status = status;
  response.body = std::move(body);
  return response;
}

inline HttpResponse json_answer(int status, std::string body) {
  HttpResponse response = answer(status, std::move(body));
  response.headers.emplace_back("Content-Type", "application/json");
  return response;
}

/// Chains: `with_header(answer(200), "Link", "…")`.
inline HttpResponse with_header(HttpResponse response, std::string name, std::string value) {
  response.headers.emplace_back(std::move(name), std::move(value));
  return response;
}

}  // namespace scanclock
