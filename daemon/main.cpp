#include "daemon/command_line.hpp"

int main(int argc, char** argv) { return scanclock::run_daemon(argc, argv); }
