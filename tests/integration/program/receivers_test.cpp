// Every kind of receiver hears of one alert, in its own words, and no secret shows anywhere.
#include "tests/integration/program/program_test.hpp"
#include "tests/support/smtp_server.hpp"
#include "tests/support/test_certificates.hpp"

#include <algorithm>
#include <fstream>
#include <mutex>

namespace scanclock {
namespace {

using nlohmann::json;

/// Answers as PagerDuty, Slack, Teams and Opsgenie say that they do.
class Vendors {
 public:
  Vendors()
      : server_([this](const ServedConnection& connection, const ServedRequest& request) {
          return take(connection, request);
        }) {}

  std::string url(const std::string& path) const { return "http://" + server_.address() + path; }

  std::vector<ServedRequest> requests(const std::string& target) const {
    const std::lock_guard lock(mutex_);
    std::vector<ServedRequest> found;
    std::copy_if(requests_.begin(), requests_.end(), std::back_inserter(found),
                 [&](const ServedRequest& request) { return request.target.starts_with(target); });
    return found;
  }

  void refuse(bool refuse) {
    const std::lock_guard lock(mutex_);
    refuse_ = refuse;
  }

 private:
  bool take(const ServedConnection& connection, const ServedRequest& request) {
    const std::lock_guard lock(mutex_);
    requests_.push_back(request);
    const bool is_slack = request.target.starts_with("/services/");
    if (refuse_) {
      connection.answer(404, {}, "no_service at " + request.target);
    } else {
      connection.answer(is_slack ? 200 : 202, {}, is_slack ? "ok" : "{}");
    }
    return true;
  }

  mutable std::mutex mutex_;
  std::vector<ServedRequest> requests_;
  bool refuse_ = false;
  BlockingServer server_;
};

class ReceiverKinds : public ProgramTest {
 protected:
  void SetUp() override {
    ProgramTest::SetUp();
    if (IsSkipped() || HasFatalFailure()) {
      return;
    }
    const TestAuthority::Files files = authority_.issue("mail", "IP:127.0.0.1");
    SmtpServer::Options options;
    options.cert_file = files.cert_file;
    options.key_file = files.key_file;
    options.username = "scanclock";
    options.password = "hunter6";
    mail_ = std::make_unique<SmtpServer>(options);
    std::ofstream(folder.path() / "pager-key") << "hunter2\n";
    std::ofstream(folder.path() / "mail-password") << "hunter6\n";
    parts.receivers =
        "- {name: pager, pagerduty: {routing_key_file: pager-key, url: \"" + vendors_.url("") +
        "\"}}\n  - {name: chat, slack: {url: \"" + vendors_.url("/services/hunter3") +
        "\"}}\n  - {name: rooms, teams: {url: \"" + vendors_.url("/workflows/hunter4") +
        "\"}}\n  - {name: genie, opsgenie: {api_key: hunter5, url: \"" + vendors_.url("") +
        "\"}}\n  - name: post\n    email: {smarthost: \"" + mail_->address() +
        "\", from: \"Scanclock <a@shop.example>\", to: [b@shop.example], username: scanclock, "
        "password_file: mail-password, ca_file: \"" +
        authority_.ca_file() + "\"}\n";
    write_settings();
  }

  CommandResult operate(const DaemonProcess& daemon, std::vector<std::string> arguments) const {
    arguments.insert(arguments.end(), {"--token-file", (folder.path() / "admin-token").string()});
    return client(daemon, std::move(arguments));
  }

  json receiver_of(const DaemonProcess& daemon, const std::string& name) const {
    for (const json& one : list_of(daemon, "/api/v1/receivers", "receivers")) {
      if (one.at("name") == name) {
        return one;
      }
    }
    return nullptr;
  }

  TestAuthority authority_;
  Vendors vendors_;
  std::unique_ptr<SmtpServer> mail_;
};

TEST_F(ReceiverKinds, AreAllToldOfAnAlertAndOfItsEnd) {
  DaemonProcess& daemon = start_daemon();
  push("team/app");
  attach_scan("team/app", now_of_test() - 40 * day);
  run_workloads({"team/app"});
  ASSERT_TRUE(eventually(soon, [&] {
    return !vendors_.requests("/v2/enqueue").empty() && !vendors_.requests("/services").empty() &&
           !vendors_.requests("/workflows").empty() && !vendors_.requests("/v2/alerts").empty() &&
           !mail_->mails().empty();
  })) << daemon.log();
  const json event = json::parse(vendors_.requests("/v2/enqueue").front().body);
  EXPECT_EQ(event.at("routing_key"), "hunter2");
  EXPECT_EQ(event.at("event_action"), "trigger");
  EXPECT_EQ(event.at("payload").at("component"), digest("team/app"));
  EXPECT_EQ(vendors_.requests("/v2/alerts").front().header("Authorization"), "GenieKey hunter5");
  const SmtpServer::Mail mail = mail_->mails().front();
  EXPECT_TRUE(mail.over_tls && mail.authenticated);
  EXPECT_NE(mail.data.find("Subject: [CRITICAL] "), std::string::npos) << mail.data;

  attach_scan("team/app", now_of_test());
  const std::string key = event.at("dedup_key");
  ASSERT_TRUE(eventually(soon, [&] {
    const auto events = vendors_.requests("/v2/enqueue");
    return std::any_of(events.begin(), events.end(), [&](const ServedRequest& request) {
      const json one = json::parse(request.body);
      return one.at("event_action") == "resolve" && one.at("dedup_key") == key;
    });
  }));
  ASSERT_TRUE(eventually(soon, [&] {
    return !vendors_.requests("/v2/alerts/" + key + "/close?identifierType=alias").empty();
  }));
  ASSERT_TRUE(eventually(soon, [&] { return mail_->mails().size() >= 2; }));
  const std::string thread = "References: <thread." + key + "@shop.example>\r\n";
  for (const SmtpServer::Mail& one : mail_->mails()) {
    EXPECT_NE(one.data.find(thread), std::string::npos) << one.data;
  }
  for (const char* name : {"pager", "chat", "rooms", "genie", "post"}) {
    ASSERT_TRUE(eventually(soon, [&] { return receiver_of(daemon, name).at("waiting") == 0; }));
    EXPECT_EQ(receiver_of(daemon, name).at("state"), "ok") << name;
    EXPECT_EQ(receiver_of(daemon, name).at("set_aside"), 0) << name;
  }
  const std::string record = sql("SELECT body, last_error FROM scanclock.outbox") +
                             sql("SELECT error FROM scanclock.deliveries");
  for (const std::string& text :
       {record, daemon.log(), daemon.get("/api/v1/receivers").body,
        daemon.get("/api/v1/notifications").body, daemon.get("/metrics").body}) {
    EXPECT_EQ(text.find("hunter"), std::string::npos) << text;
  }
}

TEST_F(ReceiverKinds, AreTriedOnRequestPastTheQueue) {
  DaemonProcess& daemon = start_daemon();
  const CommandResult tried = operate(daemon, {"receiver", "test", "pager"});
  EXPECT_EQ(tried.exit_code, 0) << tried.output;
  EXPECT_NE(tried.output.find("pager (pagerduty): delivered in "), std::string::npos)
      << tried.output;
  ASSERT_EQ(vendors_.requests("/v2/enqueue").size(), 1u);
  EXPECT_EQ(json::parse(vendors_.requests("/v2/enqueue")[0].body).at("payload").at("severity"),
            "info");
  EXPECT_EQ(operate(daemon, {"receiver", "test", "post"}).exit_code, 0);
  EXPECT_EQ(mail_->mails().size(), 1u);

  vendors_.refuse(true);
  const CommandResult refused = operate(daemon, {"receiver", "test", "chat"});
  EXPECT_EQ(refused.exit_code, 1);
  EXPECT_NE(refused.output.find("status 404: the receiver answered 404: no_service at <secret>"),
            std::string::npos)
      << refused.output;
  EXPECT_EQ(operate(daemon, {"receiver", "test", "nobody"}).exit_code, 1);
  EXPECT_EQ(client(daemon, {"receiver", "test", "pager"}).exit_code, 78)
      << "it needs a token of the role admin";
  const CommandResult list = operate(daemon, {"receiver", "list"});
  EXPECT_NE(list.output.find("chat   slack"), std::string::npos) << list.output;
  EXPECT_EQ(sql("SELECT count(*) FROM scanclock.outbox WHERE id LIKE 'test_%'").substr(0, 1), "0");
  EXPECT_EQ(daemon.log().find("hunter"), std::string::npos);
}

}  // namespace
}  // namespace scanclock
