#include "core/domain/views.hpp"
#include "daemon/api/context.hpp"
#include "daemon/api/json_values.hpp"
#include "daemon/api/paging.hpp"
#include "daemon/inventory_walks.hpp"

#include <nlohmann/json.hpp>

namespace scanclock {
namespace {

/// Container IDs hold no blank, so the two parts of a key come apart again.
std::string page_key(const ContainerKey& key) { return key.source + " " + key.id.str(); }

ContainerKey key_of_page(const std::string& text) {
  const auto blank = text.rfind(' ');
  return {text.substr(0, blank), blank == std::string::npos ? "" : text.substr(blank + 1)};
}

/// What the call's parameters ask for, or the answer that refuses them.
struct ContainerQuestion {
  ContainerQuestion() = default;
  PastFilters filters;
  std::optional<Page> page;
  std::optional<TimePoint> at;
  /// Those that were joined to it.
  std::optional<Digest> image;
  std::optional<HttpResponse> refusal;
};

ContainerQuestion question_of(const ApiRequest& request, TimePoint now) {
  ContainerQuestion question;
  question.page = Page::of(request, "containers");
  if (!question.page) {
    question.refusal = bad_limit();
    return question;
  }
  if (const std::string& text = request.parameter("verdict"); !text.empty()) {
    question.filters.verdict = parse_verdict(text);
    if (!question.filters.verdict) {
      question.refusal =
          bad_parameter("verdict",
                        "compliant, expiring, overdue, never_scanned, platform_unproven, "
                        "ambiguous, conflict or unresolved");
      return question;
    }
  }
  if (const std::string& text = request.parameter("at"); !text.empty()) {
    question.at = parse_rfc3339(text);
    if (!question.at) {
      question.refusal = bad_parameter("at", "a time such as 2026-11-01T12:00:00Z");
    } else if (*question.at > now) {
      question.refusal =
          bad_parameter("at", "a moment that has passed; it is " + format_rfc3339(now) + " now");
    }
  }
  if (const std::string& text = request.parameter("image"); !text.empty()) {
    question.image = Digest::parse(text);
    if (!question.image || question.at) {
      question.refusal = bad_parameter("image", "the digest of a unique image, and no at");
    }
  }
  question.filters.source = request.parameter("source");
  question.filters.namespace_name = request.parameter("namespace");
  question.filters.owner = request.parameter("owner");
  return question;
}

bool is_asked_for(const ContainerQuestion& question, const ContainerRecord& container) {
  const PastFilters& filters = question.filters;
  return !container.ended_at && (!filters.verdict || container.verdict() == *filters.verdict) &&
         (filters.source.empty() || container.source() == filters.source) &&
         (filters.namespace_name.empty() || container.namespace_name() == filters.namespace_name) &&
         (filters.owner.empty() || container.owner() == filters.owner) &&
         (!question.image || container.join().image == *question.image);
}

asio::awaitable<HttpResponse> list_containers(ApiContext& context, ContainerQuestion question) {
  const Inventory& inventory = context.engine.inventory();
  Page& page = *question.page;
  std::optional<ContainerKey> after;
  if (!page.after().empty()) {
    after = key_of_page(page.after());
  }
  const auto list = [&](const ContainerRecord& container) {
    WalkStep step;
    if (!is_asked_for(question, container)) {
      return step;
    }
    step.is_last = !page.begin(page_key(container.key()));
    if (!step.is_last) {
      page.add(container_json(inventory, context.engine.sources(), container));
      step.cost = json_visits;
    }
    return step;
  };
  co_await walk_containers(inventory, after, list);
  co_return std::move(page).response();
}

/// Stored intervals end up to a minute before the present: a source that answers now was watched
/// since the begin of its newest one.
bool is_watched_now(const ApiContext& context, const UnwatchedSource& source) {
  const SourceStatus* status = context.engine.sources().find(source.source);
  return source.watched_until && !source.watched_again_from && status != nullptr &&
         !status->failing_since;
}

nlohmann::json past_head(const ApiContext& context, const PastPage& past, TimePoint at) {
  nlohmann::json head;
  head["at"] = format_rfc3339(at);
  head["recorded_from"] = time_or_null(past.begins_at);
  head["unwatched"] = nlohmann::json::array();
  for (const UnwatchedSource& source : past.unwatched) {
    if (is_watched_now(context, source)) {
      continue;
    }
    nlohmann::json item;
    item["source"] = source.source;
    item["watched_until"] = time_or_null(source.watched_until);
    item["watched_again_from"] = time_or_null(source.watched_again_from);
    head["unwatched"].push_back(std::move(item));
  }
  return head;
}

/// An empty list would read as "nothing ran".
std::optional<HttpResponse> refuse_unrecorded(const PastPage& past, TimePoint at) {
  if (past.purged_before && at < *past.purged_before) {
    return problem(410, "past_retention",
                   "what ended before " + format_rfc3339(*past.purged_before) +
                       " is deleted: the record of earlier moments is not whole");
  }
  if (!past.begins_at || at < *past.begins_at) {
    return problem(404, "before_the_record",
                   past.begins_at
                       ? "no workload source was watched before " + format_rfc3339(*past.begins_at)
                       : std::string("no workload source has been watched yet"));
  }
  return std::nullopt;
}

asio::awaitable<HttpResponse> list_past_containers(ApiContext& context,
                                                   ContainerQuestion question) {
  // What was concluded a moment ago may be on its way to the database.
  if (!co_await context.engine.stored_wholly(store_wait_max)) {
    co_return problem(503, "not_stored_yet",
                      "what is known is being stored, or the database does not take changes; ask "
                      "again in a moment");
  }
  const TimePoint at = *question.at;
  Page& page = *question.page;
  const auto limit = static_cast<int>(page.limit()) + 1;
  ContainerKey after = key_of_page(page.after());
  const PastPage past = co_await context.ledger.containers_at(at, std::move(question.filters),
                                                              std::move(after), limit);
  if (auto refusal = refuse_unrecorded(past, at)) {
    co_return std::move(*refusal);
  }
  std::size_t listed = 0;
  for (const PastContainer& container : past.containers) {
    if (!page.begin(page_key(container.key))) {
      break;
    }
    page.add(past_container_json(container));
    if (++listed % json_items_at_once == 0) {
      co_await let_others_run();
    }
  }
  co_return std::move(page).response(past_head(context, past, at));
}

asio::awaitable<HttpResponse> answer_containers(ApiContext& context, ApiRequest request) {
  ContainerQuestion question = question_of(request, context.clock.now());
  if (question.refusal) {
    co_return std::move(*question.refusal);
  }
  if (question.at) {
    co_return co_await list_past_containers(context, std::move(question));
  }
  co_return co_await list_containers(context, std::move(question));
}

}  // namespace

void add_container_calls(Router& router, ApiContext& context) {
  Route route;
  route.method = "GET";
  route.path = "/api/v1/containers";
  route.summary =
      "Running containers, the image each was joined to, and the verdict; with `at`, those of a "
      "past moment with the verdict of that moment.";
  route.parameters = {"at", "verdict", "source", "namespace", "owner", "image", "limit", "next"};
  route.role = Role::read;
  route.handle = [&context](ApiRequest request) {
    return answer_containers(context, std::move(request));
  };
  router.add(std::move(route));
}

}  // namespace scanclock
