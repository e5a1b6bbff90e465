#pragma once

#include "core/domain/result.hpp"
#include "core/domain/time.hpp"

#include <cstddef>
#include <string>
#include <vector>

namespace scanclock {

/// A program that is run for what it prints.
struct ChildProgram {
  ChildProgram() = default;
  /// Absolute: nothing is looked for in $PATH.
  std::string program;
  std::vector<std::string> arguments;
  /// All that it gets, as NAME=value; see inherited_environment().
  std::vector<std::string> environment;
  /// Given on its standard input; a few kilobytes at most.
  std::string input;
  Duration time_max = std::chrono::seconds(10);
  std::size_t output_bytes_max = std::size_t{64} << 10;
};

struct ChildProgramEnd {
  ChildProgramEnd() = default;
  int status = 0;
  std::string output;
};

/// Runs the program, without any of our open files, and reads its standard output; its standard
/// error goes nowhere. It is killed, with whatever it started, when its time is up or it prints too
/// much. The failure is the end of a sentence that begins with the program's name, and shows
/// nothing that it printed. Blocks for as long as the program runs: for the pool.
Result<ChildProgramEnd, std::string> run_child_program(const ChildProgram& child);

/// A fixed PATH and LANG, HOME, and what our environment holds of `names`.
std::vector<std::string> inherited_environment(std::vector<std::string> names);

}  // namespace scanclock
