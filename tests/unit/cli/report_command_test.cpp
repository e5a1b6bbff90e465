#include "cli/cli.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>
#include <string>
#include <vector>

namespace scanclock {
namespace {

using testing::HasSubstr;

struct ReportOutcome {
  int code;
  std::string out;
  std::string err;
};

ReportOutcome report(std::vector<const char*> arguments) {
  arguments.insert(arguments.begin(), {"scanclock", "report"});
  std::istringstream in;
  std::ostringstream out;
  std::ostringstream err;
  const int code = run_cli(static_cast<int>(arguments.size()), arguments.data(), in, out, err);
  return ReportOutcome{code, out.str(), err.str()};
}

TEST(ReportCommand, NeedsAProduct) {
  EXPECT_EQ(report({}).code, 2);
  EXPECT_EQ(report({"containerd"}).code, 2);
  EXPECT_EQ(report({"docker", "--output", "f", "--submit"}).code, 2) << "one way out";
}

TEST(ReportCommand, SaysWhichEngineDoesNotAnswer) {
  for (const char* product : {"docker", "podman"}) {
    const ReportOutcome outcome = report({product, "--socket", "/nowhere/engine.sock"});
    EXPECT_EQ(outcome.code, 69) << outcome.err;
    EXPECT_EQ(outcome.out, "") << "half a report would end containers";
    EXPECT_THAT(outcome.err, HasSubstr(std::string(product) + " does not say what runs"));
    EXPECT_THAT(outcome.err, HasSubstr("unix:///nowhere/engine.sock"));
  }
}

TEST(ReportCommand, RefusesAnAddressThatIsNone) {
  EXPECT_EQ(report({"docker", "--socket", "tcp://host:2375"}).code, 2);
  EXPECT_EQ(report({"docker", "--socket", "engine.sock"}).code, 2);
}

TEST(ReportCommand, TakesNoOutputFormatForAFile) {
  const ReportOutcome outcome =
      report({"docker", "--socket", "/nowhere/engine.sock", "--output", "json"});
  EXPECT_EQ(outcome.code, 2);
  EXPECT_THAT(outcome.err, HasSubstr("HINT: leave --output out"));
}

}  // namespace
}  // namespace scanclock
