#include "core/workloads/docker_protocol.hpp"

#include <gtest/gtest.h>

#include <ostream>

namespace scanclock {
namespace {

TEST(DockerApiVersion, ComparesNumbersAndNotText) {
  EXPECT_LT(*parse_docker_api_version("1.9"), *parse_docker_api_version("1.41"));
  for (const char* text : {"", "1", "1.", ".4", "1.4x", "v1.4", "1.-4", "1.41.2"}) {
    EXPECT_FALSE(parse_docker_api_version(text)) << text;
  }
}

TEST(DockerApiVersion, IsTheNewestThatBothSidesKnow) {
  struct Case {
    const char* body;
    const char* expected;
  };
  const std::vector<Case> cases{
      {R"({"Version":"20.10.24+dfsg1","ApiVersion":"1.41","MinAPIVersion":"1.12"})", "1.41"},
      {R"({"Version":"29.0.0","ApiVersion":"1.52","MinAPIVersion":"1.44"})", "1.48"},
      {R"({"ApiVersion":"1.24"})", "1.24"},
      {R"({"ApiVersion":"1.23","MinAPIVersion":"1.12"})", "unsupported_version"},
      {R"({"ApiVersion":"1.60","MinAPIVersion":"1.49"})", "unsupported_version"},
      {R"({"ApiVersion":"new"})", "malformed"},
      {R"({})", "malformed"},
      {"<html>", "malformed"},
      {"[]", "malformed"},
  };
  for (const Case& each : cases) {
    const auto versions = negotiate_engine_versions(each.body);
    EXPECT_EQ(versions ? to_string(versions->docker) : versions.error().reason, each.expected)
        << each.body;
  }
}

TEST(DockerApiVersion, SaysWhichVersionsDoNotMeet) {
  EXPECT_EQ(
      negotiate_engine_versions(R"({"ApiVersion":"1.60","MinAPIVersion":"1.49"})").error().message,
      "the daemon speaks API 1.49 to 1.60, scanclock 1.24 to 1.48");
}

TEST(PodmanApiVersion, IsTheOldestThatBothSidesKnow) {
  struct Case {
    const char* newest;
    const char* oldest;
    const char* expected;
  };
  const std::vector<Case> cases{
      {"4.3.1", "4.0.0", "4.0.0"},
      {"5.4.0", "4.0.0", "4.0.0"},
      {"4.9.4-rhel", "", "4.0.0"},
      {"6.1.0", "5.2.0", "5.2.0"},
      {"3.4.4", "3.1.0", "unsupported_version"},
      {"8.0.0", "7.0.0", "unsupported_version"},
      {"", "", "malformed"},
      {"new", "4.0.0", "malformed"},
      {"6.1.0", "5/../../v1.41", "malformed"},
  };
  for (const Case& each : cases) {
    const std::string body =
        std::string(R"({"ApiVersion":"1.41","MinAPIVersion":"1.24","Components":[)") +
        R"({"Name":"Conmon","Details":{}},{"Name":"Podman Engine","Details":{"APIVersion":")" +
        each.newest + R"(","MinAPIVersion":")" + each.oldest + R"("}}]})";
    const auto versions = negotiate_engine_versions(body);
    EXPECT_EQ(versions ? versions->podman : versions.error().reason, each.expected) << body;
  }
}

TEST(PodmanApiVersion, IsNoneWhereDockerEngineAnswers) {
  const auto versions = negotiate_engine_versions(
      R"({"ApiVersion":"1.41","Components":[{"Name":"Engine","Details":{"ApiVersion":"1.41"}}]})");
  ASSERT_TRUE(versions.has_value());
  EXPECT_EQ(versions->podman, "");
  EXPECT_FALSE(negotiate_engine_versions(R"({"ApiVersion":"1.41","Components":7})").has_value());
}

struct EventCase {
  const char* name;
  const char* object;
  DockerEvent::Kind kind;
  const char* id;
  std::int64_t time_ns;
};

void PrintTo(const EventCase& each, std::ostream* out) { *out << each.name; }

class DockerEvents : public ::testing::TestWithParam<EventCase> {};

TEST_P(DockerEvents, AreReadWhateverTheApiVersion) {
  const auto event = parse_docker_event(GetParam().object);
  ASSERT_TRUE(event.has_value()) << event.error().message;
  EXPECT_EQ(event->kind, GetParam().kind);
  EXPECT_EQ(event->container_id, GetParam().id);
  EXPECT_EQ(event->time_ns, GetParam().time_ns);
}

INSTANTIATE_TEST_SUITE_P(
    Docker, DockerEvents,
    ::testing::Values(
        EventCase{"engine_20_start",
                  R"({"status":"start","id":"358f","from":"a:1","Type":"container",)"
                  R"("Action":"start","Actor":{"ID":"358f","Attributes":{"image":"a:1",)"
                  R"("name":"t1"}},"scope":"local","time":1795293563,)"
                  R"("timeNano":1795293563206844908})",
                  DockerEvent::Kind::started, "358f", 1795293563206844908},
        EventCase{"engine_20_die",
                  R"({"status":"die","id":"358f","Type":"container","Action":"die",)"
                  R"("Actor":{"ID":"358f","Attributes":{"exitCode":"137"}},)"
                  R"("timeNano":1795293566464835314})",
                  DockerEvent::Kind::ended, "358f", 1795293566464835314},
        EventCase{"api_1_52_has_no_old_fields",
                  R"({"Type":"container","Action":"destroy","Actor":{"ID":"ab"},)"
                  R"("scope":"local","time":7})",
                  DockerEvent::Kind::ended, "ab", 7'000'000'000},
        EventCase{"api_1_21_has_only_old_fields", R"({"status":"start","id":"ab","time":7})",
                  DockerEvent::Kind::started, "ab", 7'000'000'000},
        EventCase{"podman_says_died", R"({"status":"died","id":"ab","Type":"container"})",
                  DockerEvent::Kind::ended, "ab", 0},
        EventCase{"podman_says_remove", R"({"status":"remove","id":"ab","Type":"container"})",
                  DockerEvent::Kind::ended, "ab", 0},
        EventCase{"a_service_of_the_swarm",
                  R"({"Type":"service","Action":"update","Actor":{"ID":"ibyda3iys2kc",)"
                  R"("Attributes":{"name":"web","updatestate.new":"updating"}},)"
                  R"("scope":"swarm","time":1795316906,"timeNano":1795316906661161396})",
                  DockerEvent::Kind::swarm_changed, "", 1795316906661161396},
        EventCase{"a_node_of_the_swarm",
                  R"({"Type":"node","Action":"update","Actor":{"ID":"3kb65oqj2btf"}})",
                  DockerEvent::Kind::swarm_changed, "", 0},
        EventCase{"another_action",
                  R"({"Type":"container","Action":"exec_start: sh",)"
                  R"("Actor":{"ID":"ab"}})",
                  DockerEvent::Kind::other, "ab", 0},
        EventCase{"another_type", R"({"Type":"network","Action":"destroy","Actor":{"ID":"n"}})",
                  DockerEvent::Kind::other, "n", 0},
        EventCase{"an_error_in_the_stream", R"({"message":"context canceled"})",
                  DockerEvent::Kind::other, "", 0},
        EventCase{"a_time_out_of_range", R"({"status":"start","id":"ab","time":1e30})",
                  DockerEvent::Kind::started, "ab", 0}),
    [](const auto& each) { return each.param.name; });

TEST(DockerEvent, IsRefusedWhenItsFieldsHaveOtherTypes) {
  EXPECT_FALSE(parse_docker_event(R"({"Action":7,"Actor":{"ID":"a"}})").has_value());
  EXPECT_FALSE(parse_docker_event(R"({"Action":"die","Actor":"a"})").has_value());
}

TEST(DockerSince, HasSecondsAndNineDigits) {
  EXPECT_EQ(docker_since(1795293563206844908), "1795293563.206844908");
  EXPECT_EQ(docker_since(7'000'000'001), "7.000000001");
}

TEST(DockerErrorMessage, IsOneShortLine) {
  EXPECT_EQ(
      docker_error_message(
          R"({"message":"client version 1.99 is too new. Maximum supported API version is 1.41"})"),
      "client version 1.99 is too new. Maximum supported API version is 1.41");
  EXPECT_EQ(docker_error_message("<html>"), "");
  EXPECT_EQ(docker_error_message(R"({"message":"a\nb"})"), "a b");
  std::string accents;
  for (int i = 0; i < 400; ++i) {
    accents += "é";
  }
  EXPECT_EQ(docker_error_message(R"({"message":"x)" + accents + "\"}").size(), 299U);
}

}  // namespace
}  // namespace scanclock
