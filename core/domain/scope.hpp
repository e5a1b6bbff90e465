#pragma once

#include "core/domain/pattern.hpp"
#include "core/domain/policy.hpp"
#include "core/domain/signing_key.hpp"

#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace scanclock {

inline constexpr std::string_view production_environment = "production";

/// Pattern → environment, first match wins.
using EnvironmentRules = std::vector<std::pair<std::string, std::string>>;

struct RegistryScope {
  std::string name;
  /// As in an image reference, `registry.example:5000`.
  std::string host;
  std::string environment{production_environment};
  /// By repository.
  EnvironmentRules environments;
};

struct WorkloadScope {
  std::string name;
  std::string environment{production_environment};
  /// By namespace.
  EnvironmentRules environments;
  PatternFilter namespaces;
  /// Image references that never alert.
  std::vector<std::string> ignore_images;
};

/// Lists that are empty match everything.
struct OwnerRule {
  std::vector<std::string> repositories;
  std::vector<std::string> namespaces;
  std::map<std::string, std::string> labels;
  std::string owner;
  std::string contact;
};

struct VersionedPolicy {
  Policy policy;
  /// Counts the distinct contents that a policy of this name has had, from 1.
  int version = 1;
};

/// The part of the settings that decides what applies to what. Read-only between reloads.
struct Scope {
  std::vector<VersionedPolicy> policies;
  std::vector<RegistryScope> registries;
  std::vector<WorkloadScope> workloads;
  std::vector<OwnerRule> owners;
  std::vector<SigningKey> keys;
};

/// Where an image stands or runs, as far as policies and owners ask. `namespace_name` is empty for
/// a place in a registry, which only the namespace pattern `*` or `**` matches.
struct Place {
  std::string environment;
  std::string repository;
  std::string namespace_name;
};

/// The environment of a repository in a registry; production for a registry that is not known.
std::string registry_environment(const Scope& scope, std::string_view registry,
                                 std::string_view repository);

/// The environment of a namespace of a workload source; production when the source is not known.
std::string workload_environment(const Scope& scope, std::string_view source,
                                 std::string_view namespace_name);

/// True when `image` (the reference as printed) is on the source's ignore list or its namespace
/// does not pass the source's filter.
bool is_ignored(const Scope& scope, std::string_view source, std::string_view namespace_name,
                std::string_view image);

bool binds(const PolicyMatch& match, const Place& place);

/// The first matching rule's owner; empty when none matches.
std::string owner_of(const Scope& scope, std::string_view repository,
                     std::string_view namespace_name,
                     const std::map<std::string, std::string>& labels);

/// Contact of an owner, empty when no rule names one.
std::string contact_of(const Scope& scope, std::string_view owner);

}  // namespace scanclock
