#include "tests/integration/program/crash_record.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <algorithm>

namespace scanclock {
namespace {

using nlohmann::json;

/// A busy machine may be late by this much.
constexpr Duration lateness_max = std::chrono::seconds(2);

std::string utc_of(const std::string& column) {
  return "to_char(" + column + R"( AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') AS )" +
         column;
}

json rows_of(const CrashRecord::Sql& sql, const std::string& columns, const std::string& table) {
  return json::parse(sql("SELECT COALESCE(json_agg(row_to_json(one)), '[]') FROM (SELECT " +
                         columns + " FROM scanclock." + table + ") AS one"));
}

TimePoint time_in(const json& row, const char* column) {
  return *parse_rfc3339(row.at(column).get<std::string>());
}

AlertStatement statement_of(const json& body, const json& data) {
  AlertStatement statement;
  statement.firing = data.at("state") == "firing";
  statement.at = time_in(body, "timestamp");
  statement.sequence = data.at("sequence");
  statement.ended_at = statement.firing ? "" : data.at("ended_at").get<std::string>();
  return statement;
}

}  // namespace

ReceiverStory::ReceiverStory(std::string receiver_name,
                             const std::vector<WebhookReceiver::Message>& messages)
    : name(std::move(receiver_name)) {
  std::map<std::string, int> group_sequences;
  for (const auto& message : messages) {
    if (!message_ids.insert(message.id).second) {
      continue;
    }
    const json& data = message.body.at("data");
    if (message.type() != "scanclock.group") {
      alerts[data.at("id")].push_back(statement_of(message.body, data));
      continue;
    }
    EXPECT_EQ(data.at("sequence"), ++group_sequences[data.at("id")]) << message.id;
    EXPECT_EQ(data.at("truncated_alerts"), 0) << message.id;
    for (const json& alert : data.at("alerts")) {
      alerts[alert.at("id")].push_back(statement_of(message.body, alert));
    }
  }
}

CrashRecord::CrashRecord(const Sql& sql) {
  const json alerts = rows_of(sql,
                              "id, rule, subject, firing, resolved_reason, " +
                                  utc_of("started_at") + ", " + utc_of("ended_at"),
                              "alerts");
  for (const json& row : alerts) {
    RecordedAlert alert;
    alert.id = row.at("id");
    alert.rule = row.at("rule");
    alert.subject = row.at("subject");
    alert.firing = row.at("firing");
    alert.resolved_reason = row.at("resolved_reason");
    alert.started_at = time_in(row, "started_at");
    if (!row.at("ended_at").is_null()) {
      alert.ended_at = time_in(row, "ended_at");
    }
    alerts_.push_back(std::move(alert));
  }
  const json silences = rows_of(sql,
                                "id, split_part(matchers[1], '\"', 2) AS digest, " +
                                    utc_of("starts_at") + ", " + utc_of("expires_at"),
                                "silences");
  for (const json& row : silences) {
    silences_.push_back(
        {row.at("id"), row.at("digest"), {time_in(row, "starts_at"), time_in(row, "expires_at")}});
  }
  const json messages = rows_of(sql, "id, receiver, state", "outbox");
  for (const json& row : messages) {
    EXPECT_EQ(row.at("state"), "delivered") << row;
    message_ids_[row.at("receiver")].insert(row.at("id").get<std::string>());
  }
}

void CrashRecord::expect_all_messages_came(const ReceiverStory& story) const {
  const auto written = message_ids_.find(story.name);
  ASSERT_NE(written, message_ids_.end()) << story.name;
  EXPECT_EQ(story.message_ids, written->second) << story.name;
}

bool CrashRecord::is_silenced(const std::string& subject, TimePoint time) const {
  return std::any_of(silences_.begin(), silences_.end(), [&](const RecordedSilence& silence) {
    return silence.digest == subject && silence.time.from <= time && time < silence.time.until;
  });
}

Duration CrashRecord::longest_open_time(const RecordedAlert& alert) const {
  std::vector<TimeSpan> quiet = outages_;
  for (const RecordedSilence& silence : silences_) {
    if (silence.digest == alert.subject) {
      quiet.push_back(silence.time);
    }
  }
  std::sort(quiet.begin(), quiet.end(),
            [](const TimeSpan& left, const TimeSpan& right) { return left.from < right.from; });
  const TimePoint end = alert.ended_at.value_or(TimePoint::max());
  TimePoint open_since = alert.started_at;
  Duration longest = Duration::zero();
  for (const TimeSpan& span : quiet) {
    longest = std::max(longest, std::min(span.from, end) - open_since);
    open_since = std::max(open_since, span.until);
  }
  return std::max(longest, end - open_since);
}

void CrashRecord::expect_all_owed_was_told(const ReceiverStory& story, Duration patience) const {
  for (const RecordedAlert& alert : alerts_) {
    const std::string where = story.name + " " + alert.rule + " " + alert.id + " from " +
                              format_rfc3339(alert.started_at);
    const auto told = story.alerts.find(alert.id);
    if (told == story.alerts.end()) {
      EXPECT_TRUE(is_silenced(alert.subject, alert.started_at) || patience > Duration::zero())
          << "never told, and nothing held it back: " << where;
      EXPECT_LT(longest_open_time(alert), patience + lateness_max) << "never told: " << where;
      continue;
    }
    const std::vector<AlertStatement>& statements = told->second;
    EXPECT_TRUE(statements.front().firing) << "begins with its end: " << where;
    int sequence = 0;
    for (const AlertStatement& statement : statements) {
      EXPECT_GE(statement.sequence, sequence) << "goes back: " << where;
      sequence = statement.sequence;
    }
    const auto ends = std::count_if(statements.begin(), statements.end(),
                                    [](const AlertStatement& one) { return !one.firing; });
    EXPECT_EQ(ends, alert.firing ? 0 : 1) << where;
    if (ends == 1) {
      EXPECT_FALSE(statements.back().firing) << "fires after its end: " << where;
      EXPECT_EQ(parse_rfc3339(statements.back().ended_at), alert.ended_at) << where;
    }
  }
  for (const auto& [id, statements] : story.alerts) {
    EXPECT_TRUE(std::any_of(alerts_.begin(), alerts_.end(),
                            [&id = id](const RecordedAlert& alert) { return alert.id == id; }))
        << story.name << " was told of " << id << ", which the record does not know";
  }
}

void CrashRecord::expect_silences_were_kept(const ReceiverStory& story) const {
  for (const RecordedAlert& alert : alerts_) {
    const auto told = story.alerts.find(alert.id);
    if (told != story.alerts.end()) {
      const TimePoint at = told->second.front().at;
      EXPECT_FALSE(is_silenced(alert.subject, at)) << story.name << " was told of " << alert.id
                                                   << " under a silence at " << format_rfc3339(at);
    }
  }
}

void CrashRecord::expect_no_alert_ended_by_silence() const {
  const std::set<std::string> causes{"", "scanned", "policy"};
  const std::set<std::string> ended_by_people{"ScanclockRanBeforeScan",
                                              "ScanclockEvidenceRejected"};
  for (const RecordedAlert& alert : alerts_) {
    const bool by_people = alert.resolved_reason == "acknowledged";
    EXPECT_TRUE(by_people ? ended_by_people.contains(alert.rule)
                          : causes.contains(alert.resolved_reason))
        << alert.rule << " " << alert.id << " ended as " << alert.resolved_reason;
  }
}

void CrashRecord::expect_one_id_for_each_episode() const {
  std::map<std::pair<std::string, std::string>, std::vector<const RecordedAlert*>> by_key;
  for (const RecordedAlert& alert : alerts_) {
    by_key[{alert.rule, alert.subject}].push_back(&alert);
  }
  for (auto& [key, episodes] : by_key) {
    std::sort(episodes.begin(), episodes.end(), [](const auto* left, const auto* right) {
      return left->started_at < right->started_at;
    });
    for (std::size_t i = 1; i < episodes.size(); ++i) {
      EXPECT_LE(episodes[i - 1]->ended_at.value_or(TimePoint::max()), episodes[i]->started_at)
          << "two ids in one episode: " << key.first << " " << key.second;
    }
  }
}

std::size_t CrashRecord::silenced_count() const {
  return static_cast<std::size_t>(std::count_if(
      alerts_.begin(), alerts_.end(),
      [&](const RecordedAlert& alert) { return is_silenced(alert.subject, alert.started_at); }));
}

}  // namespace scanclock
