#include "cli/cli.hpp"

#include "tests/unit/config/temporary_files.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>
#include <string>
#include <vector>

namespace scanclock {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

struct Outcome {
  int code;
  std::string out;
  std::string err;
};

Outcome run(std::vector<const char*> arguments) {
  arguments.insert(arguments.begin(), "scanclock");
  std::istringstream in;
  std::ostringstream out;
  std::ostringstream err;
  const int code = run_cli(static_cast<int>(arguments.size()), arguments.data(), in, out, err);
  return Outcome{code, out.str(), err.str()};
}

TEST(CommandLine, UsageErrorsExitWithTwo) {
  EXPECT_EQ(run({}).code, 2);
  EXPECT_EQ(run({"stauts"}).code, 2);
  EXPECT_EQ(run({"check"}).code, 2);
  EXPECT_EQ(run({"images", "--output", "xml"}).code, 2);
  EXPECT_EQ(run({"check", "a", "--wait", "soon"}).code, 2);
  EXPECT_EQ(run({"scan", "submit", "-", "--finished-at", "yesterday"}).code, 2);
  EXPECT_EQ(run({"db", "backup", "f"}).code, 2);
}

TEST(CommandLine, UsageErrorsSayWhatToTypeInstead) {
  EXPECT_EQ(run({"stauts"}).err, "unknown argument \"stauts\"\nHINT: did you mean \"status\"?\n");
  EXPECT_EQ(run({"status", "now"}).err, "unknown argument \"now\"\nHINT: see `scanclock --help`\n");
  EXPECT_EQ(run({"check"}).err, "image is required\nHINT: see `scanclock --help`\n");
}

TEST(CommandLine, HelpAndVersionAreNoErrors) {
  EXPECT_EQ(run({"--version"}).code, 0);
  EXPECT_THAT(run({"--version"}).out, StartsWith("scanclock "));
  const Outcome help = run({"--help"});
  EXPECT_EQ(help.code, 0);
  for (const char* const command :
       {"status", "images", "containers", "alerts", "check", "refresh", "scan", "db", "config"}) {
    EXPECT_THAT(help.out, HasSubstr(command));
  }
}

TEST(CommandLine, AServerThatIsNotThereIsUnreachable) {
  // Port 1 of loopback: nothing listens there, and nothing but a refusal comes back.
  const Outcome outcome = run({"--server", "http://127.0.0.1:1", "status"});
  EXPECT_EQ(outcome.code, 69);
  EXPECT_THAT(outcome.err, StartsWith("cannot reach http://127.0.0.1:1: "));
  EXPECT_THAT(outcome.err, HasSubstr("\nHINT: "));
}

TEST(CommandLine, BadConnectionSettingsAreBadConfiguration) {
  EXPECT_EQ(run({"--server", "nonsense", "status"}).code, 78);
  EXPECT_EQ(run({"--token-file", "/nonexistent", "status"}).code, 78);
  TemporaryFiles files;
  const std::string token = files.write("token", "hunter2\n");
  const Outcome outcome =
      run({"--server", "http://monitor.example:9630", "--token-file", token.c_str(), "status"});
  EXPECT_EQ(outcome.code, 78);
  EXPECT_EQ(outcome.err,
            "the token would travel to monitor.example:9630 in the clear\n"
            "HINT: use https, or --allow-plaintext\n");
}

TEST(CommandLine, ConfigCheckPrintsWhatTheFileComesTo) {
  TemporaryFiles files;
  const std::string good = files.write("good.yaml", "mode: observe\n");
  const Outcome outcome = run({"config", "check", good.c_str()});
  EXPECT_EQ(outcome.code, 0);
  EXPECT_THAT(outcome.out, StartsWith("mode: observe\n"));
}

TEST(CommandLine, ConfigCheckReportsEveryError) {
  TemporaryFiles files;
  const std::string bad = files.write("bad.yaml", "mode: x\ncolour: red\n");
  const Outcome outcome = run({"config", "check", bad.c_str()});
  EXPECT_EQ(outcome.code, 78);
  EXPECT_THAT(outcome.err, HasSubstr(bad + ":1:7: mode: unknown value \"x\"\n"));
  EXPECT_THAT(outcome.err, HasSubstr(bad + ":2:1: unknown key \"colour\"\n"));
  EXPECT_EQ(run({"db", "status", "--config", bad.c_str()}).code, 78);
}

TEST(CommandLine, ADatabaseThatIsNotThereIsUnreachable) {
  TemporaryFiles files;
  const std::string settings =
      files.write("s.yaml", "database: {url: \"host=" + files.path() + " dbname=none\"}\n");
  const Outcome outcome = run({"db", "status", "--config", settings.c_str()});
  EXPECT_EQ(outcome.code, 69) << outcome.err;
}

}  // namespace
}  // namespace scanclock
