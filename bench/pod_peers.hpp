#pragma once

#include "core/workloads/kubernetes_pods.hpp"

#include <functional>
#include <string>

// Other ways to read the same fields of a PodList, as their libraries are commonly used. They check
// nothing: wrong types end in an exception or in a field that stays empty.
namespace scanclock::pod_peers {

using Visitor = std::function<void(KubernetesPod&)>;

/// The whole page as a tree of nlohmann::json.
void read_with_nlohmann_dom(std::string& page, const Visitor& visit);
/// nlohmann's events; texts that nobody wants are passed over as they come.
void read_with_nlohmann_sax(std::string& page, const Visitor& visit);
/// The whole page on simdjson's tape; the parser and its memory are kept from page to page.
void read_with_simdjson_dom(std::string& page, const Visitor& visit);

}  // namespace scanclock::pod_peers
