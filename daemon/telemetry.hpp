#pragma once

#include "core/domain/records.hpp"
#include "core/domain/time.hpp"

#include <memory>
#include <string>
#include <string_view>

namespace prometheus {
class Registry;
}

namespace scanclock {

/// The daemon's own counters and histograms (contract.md, "Metrics"). Everything that is a view of
/// the inventory is rendered by MetricsPage instead. I/O thread only.
class Telemetry {
 public:
  Telemetry();
  ~Telemetry();

  /// Makes the source's series exist with the value zero.
  void add_source(const std::string& source);
  void add_receiver(const std::string& receiver);
  void source_error(const std::string& source, const std::string& reason);
  void registry_request(const std::string& registry, const std::string& method, int code,
                        Duration took);
  /// Counts evidence as accepted when any policy accepts it, else by its first rejection.
  void evidence_collected(const EvidenceRecord& record);
  void notification(const std::string& receiver, std::string_view outcome);
  void event_loop_lag(Duration lag);
  /// Whether the newest change could be stored.
  void database(bool up);
  /// The settings were read at `at`, taken or refused.
  void reload(bool successful, TimePoint at);
  /// Where this installation is reached, for links in alerts of Prometheus.
  void external_url(const std::string& url);
  /// When the certificate ends that a registry showed in its newest handshake.
  void registry_certificate(const std::string& registry, TimePoint not_after);
  /// A registry that the settings name no more has no certificate to look after.
  void forget_registry(const std::string& registry);

  const std::shared_ptr<prometheus::Registry>& registry() const { return registry_; }

 private:
  struct Families;
  std::shared_ptr<prometheus::Registry> registry_;
  std::unique_ptr<Families> families_;
};

}  // namespace scanclock
