#pragma once

#include "alerts/alerting.hpp"
#include "core/domain/ports.hpp"
#include "core/runtime/blocking_pool.hpp"
#include "core/runtime/clock.hpp"
#include "daemon/api/router.hpp"
#include "daemon/engine.hpp"
#include "daemon/metrics_page.hpp"
#include "daemon/scan_intake.hpp"
#include "daemon/telemetry.hpp"
#include "daemon/workload_intake.hpp"

#include <functional>
#include <string>
#include <vector>

namespace scanclock {

/// What is pushed is acknowledged only when it is stored.
inline constexpr Duration store_wait_max = std::chrono::seconds(15);

/// What the API's calls work on. Everything outlives the HTTP server. I/O thread only.
struct ApiContext {
  Engine& engine;
  alerts::Alerting& alerting;
  Ledger& ledger;
  Outbox& outbox;
  Telemetry& telemetry;
  Clock& clock;
  BlockingPool& pool;
  ScanIntake& scan_intake;
  /// Asks a registry now for a manifest by digest or tag, and for evidence; returns what it could
  /// not be asked for, empty when all went well.
  std::function<asio::awaitable<std::string>(RepositoryKey, std::string reference)> refresh;
  /// Looks at a repository, and at a tag of it where one is given, ahead of its turn.
  std::function<void(const RepositoryKey&, const std::string& tag)> hasten;
  /// An operator says that what a registry lost is really gone; false when nothing is doubted.
  std::function<bool(const std::string& registry)> confirm_registry_drop;
  WorkloadIntake& workload_intake;
  MetricsPage& metrics_page;
};

using ApiCall = asio::awaitable<HttpResponse> (*)(ApiContext&, ApiRequest);

/// Adds one call: GET for who may read, all else for administrators.
void add_call(Router& router, ApiContext& context, std::string method, std::string path,
              ApiCall call, std::string summary, std::vector<std::string> parameters);

/// Each adds one family of calls (contract.md, "HTTP").
void add_image_calls(Router& router, ApiContext& context);
void add_image_detail_calls(Router& router, ApiContext& context);
void add_evidence_calls(Router& router, ApiContext& context);
void add_container_calls(Router& router, ApiContext& context);
void add_alert_calls(Router& router, ApiContext& context);
void add_silence_calls(Router& router, ApiContext& context);
void add_notification_calls(Router& router, ApiContext& context);
void add_receiver_calls(Router& router, ApiContext& context);
void add_source_calls(Router& router, ApiContext& context);
void add_check_call(Router& router, ApiContext& context);
void add_forecast_call(Router& router, ApiContext& context);
void add_scan_calls(Router& router, ApiContext& context);
void add_event_calls(Router& router, ApiContext& context);
void add_workload_calls(Router& router, ApiContext& context);
void add_metrics_call(Router& router, ApiContext& context);
/// The status page, the page of an image, and what belongs to them.
void add_status_page(Router& router, ApiContext& context);
/// Describes the routes that were added before it.
void add_openapi_call(Router& router);

}  // namespace scanclock
