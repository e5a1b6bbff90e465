#include "core/domain/scope.hpp"

#include <algorithm>

namespace scanclock {
namespace {

std::string first_match(const EnvironmentRules& rules, std::string_view text,
                        const std::string& otherwise) {
  for (const auto& [pattern, environment] : rules) {
    if (glob_match(pattern, text)) {
      return environment;
    }
  }
  return otherwise;
}

const WorkloadScope* find_workload(const Scope& scope, std::string_view source) {
  for (const WorkloadScope& workload : scope.workloads) {
    if (workload.name == source) {
      return &workload;
    }
  }
  return nullptr;
}

bool any_namespace(const std::vector<std::string>& patterns) {
  return std::any_of(patterns.begin(), patterns.end(),
                     [](const std::string& pattern) { return pattern == "*" || pattern == "**"; });
}

bool has_labels(const std::map<std::string, std::string>& wanted,
                const std::map<std::string, std::string>& labels) {
  return std::all_of(wanted.begin(), wanted.end(), [&](const auto& label) {
    const auto found = labels.find(label.first);
    return found != labels.end() && found->second == label.second;
  });
}

}  // namespace

std::string registry_environment(const Scope& scope, std::string_view registry,
                                 std::string_view repository) {
  for (const RegistryScope& candidate : scope.registries) {
    if (candidate.name == registry) {
      return first_match(candidate.environments, repository, candidate.environment);
    }
  }
  return std::string(production_environment);
}

std::string workload_environment(const Scope& scope, std::string_view source,
                                 std::string_view namespace_name) {
  const WorkloadScope* workload = find_workload(scope, source);
  return workload == nullptr
             ? std::string(production_environment)
             : first_match(workload->environments, namespace_name, workload->environment);
}

bool is_ignored(const Scope& scope, std::string_view source, std::string_view namespace_name,
                std::string_view image) {
  const WorkloadScope* workload = find_workload(scope, source);
  return workload != nullptr && (!workload->namespaces.passes(namespace_name) ||
                                 any_glob_match(workload->ignore_images, image));
}

bool binds(const PolicyMatch& match, const Place& place) {
  return any_glob_match(match.environments, place.environment) &&
         any_glob_match(match.repositories, place.repository) &&
         (place.namespace_name.empty() ? any_namespace(match.namespaces)
                                       : any_glob_match(match.namespaces, place.namespace_name));
}

std::string owner_of(const Scope& scope, std::string_view repository,
                     std::string_view namespace_name,
                     const std::map<std::string, std::string>& labels) {
  for (const OwnerRule& rule : scope.owners) {
    if ((rule.repositories.empty() || any_glob_match(rule.repositories, repository)) &&
        (rule.namespaces.empty() || any_glob_match(rule.namespaces, namespace_name)) &&
        has_labels(rule.labels, labels)) {
      return rule.owner;
    }
  }
  return {};
}

std::string contact_of(const Scope& scope, std::string_view owner) {
  for (const OwnerRule& rule : scope.owners) {
    if (rule.owner == owner && !rule.contact.empty()) {
      return rule.contact;
    }
  }
  return {};
}

}  // namespace scanclock
