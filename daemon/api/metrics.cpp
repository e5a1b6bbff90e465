#include "core/net/accept.hpp"
#include "daemon/api/context.hpp"
#include "daemon/metrics_page.hpp"

namespace scanclock {

void add_metrics_call(Router& router, ApiContext& context) {
  Route route;
  route.method = "GET";
  route.path = "/metrics";
  route.summary = "Metrics in the Prometheus text format, or in that of OpenMetrics where asked.";
  route.role = Role::read;
  route.handle = [&page = context.metrics_page](ApiRequest request) {
    return page.answer(choose_metric_format(request.http.header("Accept")),
                       wants_gzip(request.http.header("Accept-Encoding")));
  };
  router.add(std::move(route));
}

}  // namespace scanclock
