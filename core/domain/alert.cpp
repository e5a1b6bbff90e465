#include "core/domain/alert.hpp"

#include "core/domain/names.hpp"

namespace scanclock {
namespace {

constexpr EnumNames<Severity, 3> severity_names{
    {{Severity::none, "none"}, {Severity::warning, "warning"}, {Severity::critical, "critical"}}};

constexpr EnumNames<AlertEventKind, 4> event_names{{{AlertEventKind::firing, "firing"},
                                                    {AlertEventKind::updated, "updated"},
                                                    {AlertEventKind::repeated, "repeated"},
                                                    {AlertEventKind::resolved, "resolved"}}};

}  // namespace

std::string_view to_string(Severity severity) { return name_of(severity_names, severity); }
std::optional<Severity> parse_severity(std::string_view text) {
  return value_of(severity_names, text);
}
std::string_view to_string(AlertEventKind kind) { return name_of(event_names, kind); }

}  // namespace scanclock
