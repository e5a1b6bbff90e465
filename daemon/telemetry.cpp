#include "daemon/telemetry.hpp"

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>

#include <algorithm>

namespace scanclock {
namespace {

const prometheus::Histogram::BucketBoundaries request_seconds_buckets{0.005, 0.02, 0.1, 0.5,
                                                                      2.0,   10.0, 30.0};

double seconds(Duration duration) { return std::chrono::duration<double>(duration).count(); }

}  // namespace

struct Telemetry::Families {
  explicit Families(prometheus::Registry& registry)
      : source_errors(prometheus::BuildCounter()
                          .Name("scanclock_source_errors_total")
                          .Help("Failures to get an answer from a source, by reason.")
                          .Register(registry)),
        registry_requests(prometheus::BuildCounter()
                              .Name("scanclock_registry_requests_total")
                              .Help("HTTP requests sent to a registry; code 0: no answer came.")
                              .Register(registry)),
        registry_seconds(prometheus::BuildHistogram()
                             .Name("scanclock_registry_request_duration_seconds")
                             .Help("Time from sending a registry request to its whole answer.")
                             .Register(registry)),
        evidence(prometheus::BuildCounter()
                     .Name("scanclock_evidence_total")
                     .Help("Evidence collected, by outcome (accepted or the rejection's reason) "
                           "and format.")
                     .Register(registry)),
        notifications(prometheus::BuildCounter()
                          .Name("scanclock_notifications_total")
                          .Help("Attempts to notify a receiver, by outcome.")
                          .Register(registry)),
        lag(prometheus::BuildGauge()
                .Name("scanclock_event_loop_lag_seconds")
                .Help("How late the I/O thread woke up, the worst of the last minute.")
                .Register(registry)
                .Add({})),
        reload_successful(prometheus::BuildGauge()
                              .Name("scanclock_config_last_reload_successful")
                              .Help("1 when the newest settings were taken, 0 when refused.")
                              .Register(registry)
                              .Add({})) {
    reload_successful.Set(1);
    prometheus::BuildGauge()
        .Name("scanclock_build_info")
        .Help("Always 1; the version is a label.")
        .Register(registry)
        .Add({{"version", SCANCLOCK_VERSION}})
        .Set(1);
    evidence.Add({{"outcome", "accepted"}, {"format", "trivy-json"}});
  }

  prometheus::Family<prometheus::Counter>& source_errors;
  prometheus::Family<prometheus::Counter>& registry_requests;
  prometheus::Family<prometheus::Histogram>& registry_seconds;
  prometheus::Family<prometheus::Counter>& evidence;
  prometheus::Family<prometheus::Counter>& notifications;
  prometheus::Gauge& lag;
  prometheus::Gauge& reload_successful;
};

Telemetry::Telemetry()
    : registry_(std::make_shared<prometheus::Registry>()),
      families_(std::make_unique<Families>(*registry_)) {}

Telemetry::~Telemetry() = default;

void Telemetry::add_source(const std::string& source) {
  families_->source_errors.Add({{"source", source}, {"reason", "timeout"}});
}

void Telemetry::add_receiver(const std::string& receiver) {
  for (const char* outcome : {"delivered", "failed"}) {
    families_->notifications.Add({{"receiver", receiver}, {"outcome", outcome}});
  }
}

void Telemetry::source_error(const std::string& source, const std::string& reason) {
  families_->source_errors.Add({{"source", source}, {"reason", reason}}).Increment();
}

void Telemetry::registry_request(const std::string& registry, const std::string& method, int code,
                                 Duration took) {
  families_->registry_requests
      .Add({{"registry", registry}, {"method", method}, {"code", std::to_string(code)}})
      .Increment();
  families_->registry_seconds.Add({{"registry", registry}}, request_seconds_buckets)
      .Observe(seconds(took));
}

void Telemetry::evidence_collected(const EvidenceRecord& record) {
  std::string outcome = "accepted";
  const bool accepted = std::any_of(record.decisions.begin(), record.decisions.end(),
                                    [](const auto& entry) { return entry.second.accepted; });
  if (!accepted && !record.decisions.empty()) {
    outcome = to_string(record.decisions.begin()->second.reason.value_or(Rejection::malformed));
  }
  const std::string& format = record.evidence.report.format;
  families_->evidence.Add({{"outcome", outcome}, {"format", format.empty() ? "unknown" : format}})
      .Increment();
}

void Telemetry::notification(const std::string& receiver, std::string_view outcome) {
  families_->notifications.Add({{"receiver", receiver}, {"outcome", std::string(outcome)}})
      .Increment();
}

void Telemetry::event_loop_lag(Duration lag) { families_->lag.Set(seconds(lag)); }

void Telemetry::reload(bool successful) { families_->reload_successful.Set(successful ? 1 : 0); }

}  // namespace scanclock
