#include "core/workloads/kubernetes_problem.hpp"

#include <gtest/gtest.h>

#include <string>

namespace scanclock {
namespace {

using ProblemKind = KubernetesProblemKind;
using std::chrono::seconds;

KubernetesStatus kubernetes_status_of(int code, std::string reason) {
  KubernetesStatus status;
  status.code = code;
  status.reason = std::move(reason);
  return status;
}

TEST(KubernetesStatusObject, IsReadAsServersWriteIt) {
  const auto expired = parse_kubernetes_status(
      R"json({"kind":"Status","apiVersion":"v1","metadata":{},"status":"Failure",
          "message":"too old resource version: 196 (218)","reason":"Expired","code":410})json");
  ASSERT_TRUE(expired);
  EXPECT_EQ(expired->code, 410);
  EXPECT_EQ(expired->reason, "Expired");
  EXPECT_EQ(expired->message, "too old resource version: 196 (218)");
  EXPECT_EQ(kind_of(*expired), ProblemKind::expired);
  const auto large = parse_kubernetes_status(
      R"({"kind":"Status","status":"Failure","message":"Timeout: Too large resource version: 99",
          "reason":"Timeout","details":{"causes":[{"reason":"Other"},
          {"reason":"ResourceVersionTooLarge","message":"Too large resource version"}],
          "retryAfterSeconds":1},"code":504})");
  ASSERT_TRUE(large);
  EXPECT_TRUE(large->resource_version_too_large);
  EXPECT_EQ(large->retry_after, Duration(seconds(1)));
  EXPECT_EQ(kind_of(*large), ProblemKind::too_large_resource_version);
}

TEST(KubernetesStatusObject, IsNothingElse) {
  for (const char* text : {"", "null", "[]", "{}", R"({"kind":"Pod"})", R"({"kind":["Status"]})",
                           "<html>", R"({"kind":"Status")"}) {
    EXPECT_FALSE(parse_kubernetes_status(text)) << text;
  }
}

TEST(KubernetesStatusObject, OfOddValuesKeepsNothing) {
  const auto odd = parse_kubernetes_status(
      R"({"kind":"Status","code":99999999999999,"message":null,"reason":7,
          "details":{"causes":null,"retryAfterSeconds":"1"}})");
  ASSERT_TRUE(odd);
  EXPECT_EQ(odd->code, 0);
  EXPECT_EQ(odd->message, "");
  EXPECT_FALSE(odd->retry_after);
  EXPECT_EQ(kind_of(*odd), ProblemKind::unexpected_status);
}

TEST(KubernetesStatusObject, HasAMessageOfOneBoundedLine) {
  const auto status = parse_kubernetes_status(R"({"kind":"Status","message":"a\nb\u0007)" +
                                              std::string(600, 'x') + "\"}");
  ASSERT_TRUE(status);
  EXPECT_TRUE(status->message.starts_with("a b x"));
  EXPECT_LT(status->message.size(), 520u);
}

TEST(KubernetesProblemKinds, FollowCodeOrReason) {
  const std::tuple<int, const char*, ProblemKind> cases[] = {
      {410, "", ProblemKind::expired},
      {0, "Expired", ProblemKind::expired},
      {0, "Gone", ProblemKind::expired},
      {429, "", ProblemKind::too_many_requests},
      {0, "TooManyRequests", ProblemKind::too_many_requests},
      {401, "", ProblemKind::unauthorized},
      {403, "Forbidden", ProblemKind::forbidden},
      {404, "", ProblemKind::not_found},
      {400, "", ProblemKind::invalid},
      {422, "Invalid", ProblemKind::invalid},
      {500, "", ProblemKind::server_error},
      {504, "Timeout", ProblemKind::server_error},
      {0, "ServiceUnavailable", ProblemKind::server_error},
      {302, "", ProblemKind::unexpected_status},
      {0, "", ProblemKind::unexpected_status},
  };
  for (const auto& [code, reason, kind] : cases) {
    EXPECT_EQ(kind_of(kubernetes_status_of(code, reason)), kind) << code << " " << reason;
  }
}

TEST(KubernetesProblemKinds, BecomeReasonsOfSources) {
  KubernetesProblem problem;
  problem.transport_reason = "tls";
  problem.message = "m";
  EXPECT_EQ(to_source_problem(problem).reason, "tls");
  EXPECT_EQ(to_source_problem(problem).message, "m");
  const std::pair<ProblemKind, const char*> cases[] = {
      {ProblemKind::forbidden, "forbidden"},
      {ProblemKind::unauthorized, "unauthorized"},
      {ProblemKind::too_many_requests, "too_many_requests"},
      {ProblemKind::not_found, "not_found"},
      {ProblemKind::server_error, "server_error"},
      {ProblemKind::too_large_resource_version, "server_error"},
      {ProblemKind::expired, "unexpected_status"},
      {ProblemKind::invalid, "unexpected_status"},
  };
  for (const auto& [kind, reason] : cases) {
    problem.kind = kind;
    EXPECT_EQ(to_source_problem(problem).reason, reason);
  }
}

}  // namespace
}  // namespace scanclock
