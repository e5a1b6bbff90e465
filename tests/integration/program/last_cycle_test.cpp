#include "tests/integration/program/program_test.hpp"

namespace scanclock {
namespace {

using nlohmann::json;

class LastCycle : public ProgramTest {};

TEST_F(LastCycle, OfARegistryTellsWhatItsPollingCosts) {
  push("team/app");
  push("team/other");
  DaemonProcess& daemon = start_daemon();
  json cycle;
  // The first cycles fetch what is new; from then on there is nothing but looking.
  ASSERT_TRUE(eventually(soon, [&] {
    cycle = source_of(daemon, "lab").at("last_cycle");
    return !cycle.is_null() && cycle.at("others") == 0 && cycle.at("heads") > 0;
  })) << cycle;
  EXPECT_GE(cycle.at("lists"), 3);
  EXPECT_EQ(cycle.at("requests").get<int>(),
            cycle.at("heads").get<int>() + cycle.at("referrers").get<int>() +
                cycle.at("lists").get<int>() + cycle.at("others").get<int>());
  EXPECT_NE(cycle.at("started_at"), cycle.at("ended_at"));
  EXPECT_TRUE(source_of(daemon, "hosts").at("last_cycle").is_null());
}

}  // namespace
}  // namespace scanclock
