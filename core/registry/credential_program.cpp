#include "core/registry/credential_program.hpp"

#include "core/runtime/child_program.hpp"

#include <algorithm>
#include <utility>

namespace scanclock {

Result<RegistryLogin, std::string> ask_credential_program(const CredentialProgram& helper,
                                                          const std::string& server) {
  const std::string name = "credential helper " + helper.program;
  ChildProgram child;
  child.program = helper.program;
  child.arguments.emplace_back("get");
  child.environment = inherited_environment(helper.environment);
  child.input = server;
  child.time_max = helper.time_max;
  child.output_bytes_max = program_output_bytes_max;
  const auto end = run_child_program(child);
  if (!end) {
    return name + " " + end.error();
  }
  if (end->status != 0) {
    return name + " has no login for " + server + ": it ended with status " +
           std::to_string(end->status);
  }
  auto login = parse_program_login(end->output);
  if (!login) {
    return name + ": " + login.error();
  }
  return std::move(*login);
}

bool is_program_name(const std::string& name) {
  constexpr std::size_t name_length_max = 64;
  return !name.empty() && name.size() <= name_length_max && name.front() != '.' &&
         std::all_of(name.begin(), name.end(), [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                  c == '-' || c == '_' || c == '.';
         });
}

}  // namespace scanclock
