#include "core/workloads/source_problem.hpp"

namespace scanclock {

std::string reason_of_status(int status) {
  switch (status) {
    case 401:
      return "unauthorized";
    case 403:
      return "forbidden";
    case 404:
      return "not_found";
    case 429:
      return "too_many_requests";
    default:
      return status >= 500 && status < 600 ? "server_error" : "unexpected_status";
  }
}

}  // namespace scanclock
