#include "core/domain/signing_key.hpp"

#include "core/domain/names.hpp"
#include "core/domain/pattern.hpp"

#include <algorithm>
#include <iterator>

namespace scanclock {
namespace {

constexpr EnumNames<KeyAlgorithm, 4> algorithm_names{{{KeyAlgorithm::ecdsa_p256, "ecdsa-p256"},
                                                      {KeyAlgorithm::ecdsa_p384, "ecdsa-p384"},
                                                      {KeyAlgorithm::rsa, "rsa"},
                                                      {KeyAlgorithm::ed25519, "ed25519"}}};

}  // namespace

std::string_view to_string(KeyAlgorithm algorithm) { return name_of(algorithm_names, algorithm); }

std::vector<std::string> default_predicate_types() {
  return {std::begin(signable_predicate_types), std::end(signable_predicate_types) - 2};
}

std::string label_of(const SigningKey& key) { return key.name + " " + key.fingerprint; }

bool is_valid_at(const SigningKey& key, TimePoint time) {
  return (!key.valid_from || time >= *key.valid_from) &&
         (!key.valid_until || time < *key.valid_until);
}

bool is_bound(const SigningKey& key, std::string_view registry, std::string_view repository) {
  const bool in_registry =
      key.registries.empty() ||
      std::find(key.registries.begin(), key.registries.end(), registry) != key.registries.end();
  return in_registry && any_glob_match(key.repositories, repository);
}

bool is_bound_to_type(const SigningKey& key, std::string_view predicate_type) {
  return std::find(key.predicate_types.begin(), key.predicate_types.end(), predicate_type) !=
         key.predicate_types.end();
}

}  // namespace scanclock
