#include "storage/ledger_parts.hpp"
#include "storage/row_reading.hpp"

#include <algorithm>
#include <limits>

namespace scanclock::ledger_parts {
namespace {

PastContainer read_past_container(const PgRow& row) {
  PastContainer container;
  container.key.source = row.text("source");
  container.key.id = row.text("container_id");
  container.first_seen_at = row.time("first_seen_at");
  container.ended_at = row.optional_time("ended_at");
  container.observation = read_container_observation(row);
  container.concluded = read_conclusion(row);
  if (auto observed = read_observation(row)) {
    container.observation_status = std::move(observed->status);
    container.observation_reason = std::move(observed->reason);
    container.observation_since = observed->at;
  }
  return container;
}

asio::awaitable<void> read_watching(PgTransaction& transaction, TimePoint at, PastPage& page) {
  PgParameters horizon;
  horizon.add(retention_horizon_of_history);
  const auto deleted =
      co_await transaction.execute(query("FindRetentionHorizon"), std::move(horizon));
  if (!deleted.empty()) {
    page.purged_before = deleted.one().time("deleted_before");
  }
  PgParameters moment;
  moment.add(at);
  const auto sources = co_await transaction.execute(query("ListWatchingAt"), std::move(moment));
  for (const auto row : sources) {
    const TimePoint from = row.time("watched_from");
    page.begins_at = page.begins_at ? std::min(*page.begins_at, from) : from;
    if (!row.boolean("watched")) {
      UnwatchedSource source;
      source.source = row.text("source");
      source.watched_until = row.optional_time("watched_until");
      source.watched_again_from = row.optional_time("watched_again_from");
      page.unwatched.push_back(std::move(source));
    }
  }
}

}  // namespace

std::optional<Conclusion> read_conclusion(const PgRow& row) {
  const auto word = row.optional_text("verdict");
  if (!word) {
    return std::nullopt;
  }
  const auto verdict = parse_verdict(*word);
  if (!verdict) {
    throw std::logic_error("unknown verdict in the record: " + *word +
                           "\nHINT: was the database written by a newer release?");
  }
  Conclusion conclusion;
  conclusion.verdict = *verdict;
  conclusion.image = read_digest(row, "image_digest");
  conclusion.reason = row.text("reason");
  conclusion.environment = row.text("environment");
  conclusion.owner = row.text("owner");
  return conclusion;
}

std::optional<ObservationChange> read_observation(const PgRow& row) {
  auto status = row.optional_text("status");
  if (!status) {
    return std::nullopt;
  }
  ObservationChange change;
  change.status = std::move(*status);
  change.reason = row.text("observation_reason");
  change.at = row.time("observed_at");
  return change;
}

ContainerObservation read_container_observation(const PgRow& row) {
  ContainerObservation seen;
  seen.id = row.text("container_id");
  seen.namespace_name = row.text("namespace");
  seen.workload = row.text("workload");
  seen.name = row.text("name");
  seen.node = row.text("node");
  seen.labels = read_texts(row, "labels");
  seen.image = row.text("image");
  seen.image_id = row.text("image_id");
  seen.assumed = row.boolean("assumed");
  seen.digests = read_digests(row, "digests");
  seen.repositories = row.text_array("repositories");
  seen.platform = read_platform(row);
  seen.started_at = row.optional_time("started_at");
  return seen;
}

asio::awaitable<PastPage> read_containers_at(PgTransaction& transaction, TimePoint at,
                                             const PastFilters& filters, const ContainerKey& after,
                                             int limit) {
  PastPage page;
  co_await read_watching(transaction, at, page);
  PgParameters parameters;
  parameters.add(at)
      .add(after.source)
      .add(after.id.str())
      .add(filters.source)
      .add(filters.namespace_name)
      .add(filters.verdict ? std::string(to_string(*filters.verdict)) : std::string())
      .add(filters.owner)
      .add(static_cast<std::int64_t>(limit));
  const auto rows = co_await transaction.execute(query("ListContainersAt"), std::move(parameters));
  page.containers.reserve(rows.size());
  for (const auto row : rows) {
    page.containers.push_back(read_past_container(row));
  }
  co_return page;
}

}  // namespace scanclock::ledger_parts
