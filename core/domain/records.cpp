#include "core/domain/records.hpp"

#include "core/domain/names.hpp"

namespace scanclock {
namespace {

constexpr EnumNames<Observation::Status, 3> status_names{
    {{Observation::Status::ok, "ok"},
     {Observation::Status::not_asked_yet, "not_asked_yet"},
     {Observation::Status::unknown, "unknown"}}};

}  // namespace

std::string_view to_string(Observation::Status status) { return name_of(status_names, status); }

EvidenceKey key_of(const Evidence& evidence) {
  return {evidence.digest, evidence.attached_to, evidence.trust};
}

}  // namespace scanclock
