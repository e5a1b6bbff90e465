#include "daemon/scope_from_settings.hpp"

#include "daemon/parts.hpp"

#include <utility>

namespace scanclock {

boost::asio::awaitable<Scope> scope_from_settings(Settings settings, Ledger& ledger,
                                                  TimePoint now) {
  Scope scope;
  for (const Policy& policy : settings.policies) {
    VersionedPolicy versioned;
    versioned.policy = policy;
    versioned.version = co_await ledger.policy_version(policy.name, canonical_text(policy), now);
    scope.policies.push_back(std::move(versioned));
  }
  for (const RegistrySettings& registry : settings.registries) {
    RegistryScope entry;
    entry.name = registry.name;
    entry.host = reference_host(registry.url);
    entry.environment = registry.environment;
    entry.environments = registry.environments;
    scope.registries.push_back(std::move(entry));
  }
  for (const WorkloadSettings& workload : settings.workloads) {
    WorkloadScope entry;
    entry.name = workload.name;
    entry.environment = workload.environment;
    entry.environments = workload.environments;
    entry.namespaces = workload.namespaces;
    entry.ignore_images = workload.ignore_images;
    scope.workloads.push_back(std::move(entry));
  }
  scope.owners = settings.owners;
  for (const KeySettings& key : settings.keys) {
    scope.keys.push_back(key.key);
  }
  co_return scope;
}

}  // namespace scanclock
