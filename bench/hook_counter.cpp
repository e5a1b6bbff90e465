// The webhook receiver of outbox_delivery for another sender: prints its address, and how many
// arrived once so many different ones did. Ends when its standard input does.

#include "bench/hook_receiver.hpp"

#include <CLI/CLI.hpp>

#include <cstdio>
#include <string>
#include <unordered_set>

int main(int argc, char** argv) {
  std::size_t wanted = 1;
  std::string mark = "\"digest\":\"";
  CLI::App app("Counts webhooks that differ in a label");
  app.add_option("--count", wanted, "After so many it prints a line")->check(CLI::PositiveNumber);
  app.add_option("--mark", mark, "What stands before the label's value in the body");
  CLI11_PARSE(app, argc, argv);
  std::unordered_set<std::string> seen;
  std::size_t requests = 0;
  const auto note = [&](std::string_view, std::string_view body) {
    ++requests;
    const std::size_t at = body.find(mark);
    if (at == std::string_view::npos) {
      return;
    }
    const std::string_view rest = body.substr(at + mark.size());
    const bool is_new = seen.emplace(rest.substr(0, rest.find('"'))).second;
    if (is_new && seen.size() == wanted) {
      std::printf("%zu\n", requests);
      std::fflush(stdout);
    }
  };
  const scanclock::HookReceiver receiver(note);
  std::printf("%s\n", receiver.url().c_str());
  std::fflush(stdout);
  while (std::getchar() != EOF) {
  }
  return 0;
}
