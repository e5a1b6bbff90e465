#pragma once

#include "core/domain/result.hpp"
#include "core/domain/time.hpp"
#include "core/registry/docker_config.hpp"

#include <cstddef>
#include <string>
#include <vector>

namespace scanclock {

inline constexpr Duration program_time_max = std::chrono::seconds(10);
inline constexpr std::size_t program_output_bytes_max = std::size_t{64} << 10;

/// A program of the docker-credential-helpers protocol.
struct CredentialProgram {
  CredentialProgram() = default;
  /// Absolute: nothing is looked for in $PATH.
  std::string program;
  /// Names of variables that it gets from our environment besides HOME; PATH and LANG are fixed.
  std::vector<std::string> environment;
  Duration time_max = program_time_max;
};

/// Runs `program get` with `server` on its standard input and reads what it prints. It is killed,
/// with whatever it started, when its time is up or it prints too much. The failure names the
/// program and the cause and shows nothing that it printed. Blocks for as long as the program runs:
/// for the pool.
Result<RegistryLogin, std::string> ask_credential_program(const CredentialProgram& helper,
                                                          const std::string& server);

/// True for the name of a helper as a docker config gives it (`ecr-login`): it becomes part of a
/// file name and must lead nowhere else.
bool is_program_name(const std::string& name);

}  // namespace scanclock
