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
        database_up(prometheus::BuildGauge()
                        .Name("scanclock_database_up")
                        .Help("1 while the database takes what was learned; 0 while that waits in "
                              "memory, and of a standby, which stores nothing.")
                        .Register(registry)
                        .Add({})),
        lag(prometheus::BuildGauge()
                .Name("scanclock_event_loop_lag_seconds")
                .Help("How late the I/O thread woke up, the worst of the last minute.")
                .Register(registry)
                .Add({})),
        reload_successful(prometheus::BuildGauge()
                              .Name("scanclock_config_last_reload_successful")
                              .Help("1 when the newest settings were taken, 0 when refused.")
                              .Register(registry)
                              .Add({})),
        reload_at(prometheus::BuildGauge()
                      .Name("scanclock_config_last_reload_success_timestamp_seconds")
                      .Help("When settings were taken last.")
                      .Register(registry)
                      .Add({})),
        certificates(prometheus::BuildGauge()
                         .Name("scanclock_registry_certificate_not_after_timestamp_seconds")
                         .Help("End of the TLS certificate that the registry showed last.")
                         .Register(registry)),
        external_url(prometheus::BuildGauge()
                         .Name("scanclock_external_url_info")
                         .Help("Always 1; where the status page and the runbook stand.")
                         .Register(registry)) {
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
  prometheus::Gauge& database_up;
  prometheus::Gauge& lag;
  prometheus::Gauge& reload_successful;
  prometheus::Gauge& reload_at;
  prometheus::Family<prometheus::Gauge>& certificates;
  prometheus::Family<prometheus::Gauge>& external_url;
  prometheus::Gauge* present_url = nullptr;
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

void Telemetry::database(bool up) { families_->database_up.Set(up ? 1 : 0); }

void Telemetry::event_loop_lag(Duration lag) { families_->lag.Set(seconds(lag)); }

void Telemetry::reload(bool successful, TimePoint at) {
  families_->reload_successful.Set(successful ? 1 : 0);
  if (successful) {
    families_->reload_at.Set(seconds(at.time_since_epoch()));
  }
}

void Telemetry::external_url(const std::string& url) {
  if (families_->present_url != nullptr) {
    families_->external_url.Remove(families_->present_url);
  }
  families_->present_url = &families_->external_url.Add({{"url", url}});
  families_->present_url->Set(1);
}

void Telemetry::registry_certificate(const std::string& registry, TimePoint not_after) {
  families_->certificates.Add({{"registry", registry}}).Set(seconds(not_after.time_since_epoch()));
}

void Telemetry::forget_registry(const std::string& registry) {
  families_->certificates.Remove(&families_->certificates.Add({{"registry", registry}}));
}

}  // namespace scanclock
