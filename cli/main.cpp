#include "cli/cli.hpp"

#include <iostream>

/// SIGINT keeps its default action: nothing here has to be tidied up, so it ends at once.
int main(int argc, char** argv) {
  return scanclock::run_cli(argc, argv, std::cin, std::cout, std::cerr);
}
