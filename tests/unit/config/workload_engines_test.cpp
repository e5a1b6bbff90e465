#include "config/loader.hpp"
#include "config/summary.hpp"
#include "tests/unit/config/errors_of.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace scanclock {
namespace {

using testing::HasSubstr;

TEST(EngineWorkloads, AreReadWithTheirTypeAndShownAsTheyAre) {
  const auto settings = load_settings_text(
      "workloads:\n"
      "  - {name: a, type: podman, url: \"unix:///run/user/1000/podman/podman.sock\"}\n"
      "  - {name: b, type: swarm, url: \"https://manager.example:2376\", poll_every: 10s}\n",
      "s.yaml", ".");
  ASSERT_TRUE(settings.has_value()) << to_string(settings.error());
  ASSERT_EQ(settings->workloads.size(), 2u);
  EXPECT_EQ(settings->workloads[0].type, WorkloadType::podman);
  EXPECT_EQ(settings->workloads[0].url, "unix:///run/user/1000/podman/podman.sock");
  EXPECT_EQ(settings->workloads[1].type, WorkloadType::swarm);
  EXPECT_EQ(settings->workloads[1].poll_every, std::chrono::seconds(10));
  const std::string summary = redacted_summary(*settings);
  EXPECT_THAT(summary, HasSubstr("    type: podman\n    url: "));
  EXPECT_THAT(summary, HasSubstr("    type: swarm\n    url: "));
}

TEST(EngineWorkloads, SayWhichUrlTheirTypeTakes) {
  EXPECT_EQ(
      errors_of("workloads: [{name: a, type: podman, url: \"podman.sock\"}]\n"),
      "s.yaml:1:42: workloads[0].url: \"podman.sock\" is not the URL of a Podman service\n"
      "HINT: write unix:///run/podman/podman.sock, or unix:///run/user/UID/podman/podman.sock "
      "for a user's own\n");
  EXPECT_EQ(errors_of("workloads: [{name: a, type: swarm, url: \"tcp://m.example:2375\"}]\n"),
            "s.yaml:1:41: workloads[0].url: \"tcp://m.example:2375\" is not the URL of a Swarm "
            "manager\n"
            "HINT: write unix:///run/docker.sock or https://manager:2376\n");
  EXPECT_EQ(errors_of("workloads: [{name: a, type: swarm}]\n"),
            "s.yaml:1:13: workloads[0]: \"url\" is missing\n");
}

TEST(EngineWorkloads, RefuseThePlainNetworkAsDockerDoes) {
  for (const char* type : {"podman", "swarm"}) {
    const std::string entry =
        std::string("workloads: [{name: a, type: ") + type + ", url: \"http://h.example:2375\"";
    EXPECT_THAT(errors_of(entry + "}]\n"), HasSubstr("plain http to \"h.example\" is refused"));
    EXPECT_EQ(errors_of(entry + ", allow_plaintext: true}]\n"), "");
  }
}

}  // namespace
}  // namespace scanclock
