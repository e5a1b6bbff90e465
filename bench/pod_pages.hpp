#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace scanclock {

/// Pages of a PodList as an API server writes them, compact: pods of Deployments with five
/// containers in three pods, 6.3 kB each, more than a third of it managedFields. The same call
/// gives the same bytes.
std::vector<std::string> make_pod_pages(std::size_t pods, std::size_t pods_a_page);

}  // namespace scanclock
