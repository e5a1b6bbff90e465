#pragma once

#include "config/map_reader.hpp"
#include "config/settings.hpp"
#include "config/value_check.hpp"

#include <string>
#include <vector>

/// One reader a section of the settings file. Each takes the section's key from the root map,
/// reports what is wrong to the root's context and fills in what is right.
namespace scanclock {

void read_database(MapReader& root, DatabaseSettings& database);
void read_server(MapReader& root, ServerSettings& server);
void read_policies(MapReader& root, std::vector<Policy>& policies);
/// `sources` also takes the names of the workloads and spools: an alert names its source by that
/// alone.
void read_registries(MapReader& root, UniqueNames& sources,
                     std::vector<RegistrySettings>& registries);
/// The key `api` of a registry, whose url, credentials and plain text rule are read already.
void read_registry_api(MapReader& registry_map, RegistrySettings& registry);
void read_workloads(MapReader& root, UniqueNames& sources,
                    std::vector<WorkloadSettings>& workloads);
void read_spool(MapReader& root, UniqueNames& sources, std::vector<SpoolSettings>& spool);
/// A key may name registries.
void read_keys(MapReader& root, const std::vector<RegistrySettings>& registries,
               std::vector<KeySettings>& keys);
void read_owners(MapReader& root, std::vector<OwnerRule>& owners);
void read_receivers(MapReader& root, std::vector<ReceiverSettings>& receivers);
void read_routes(MapReader& root, const std::vector<ReceiverSettings>& receivers,
                 std::vector<RouteSettings>& routes);
void read_unmonitored_registries(MapReader& root, UnmonitoredRegistrySettings& unmonitored);
void read_display(MapReader& root, DisplaySettings& display);

}  // namespace scanclock
