#include "tests/support/http_wire.hpp"

#include <cstdio>

namespace scanclock {

std::string http_chunk(std::string_view bytes) {
  char size[32];
  std::snprintf(size, sizeof size, "%zx\r\n", bytes.size());
  return size + std::string(bytes) + "\r\n";
}

std::string split_request_head(const std::string& head, std::vector<HttpHeader>& headers) {
  const auto start = head.find(' ') + 1;
  std::string target = head.substr(start, head.find(' ', start) - start);
  auto line = head.find("\r\n") + 2;
  while (line < head.size()) {
    const auto end = head.find("\r\n", line);
    const auto colon = head.find(':', line);
    if (colon >= end) {
      break;
    }
    const auto value = head.find_first_not_of(' ', colon + 1);
    headers.emplace_back(head.substr(line, colon - line), head.substr(value, end - value));
    line = end + 2;
  }
  return target;
}

}  // namespace scanclock
