#include "core/domain/image_reference.hpp"
#include "daemon/api/context.hpp"
#include "daemon/api/evidence_json.hpp"
#include "daemon/api/paging.hpp"
#include "daemon/scan_intake.hpp"

#include <nlohmann/json.hpp>

#include <memory>

namespace scanclock {
namespace {

/// What the caller states beside the report.
std::optional<HttpResponse> read_statement(const ApiRequest& request, HandedReport& report) {
  if (const std::string& text = request.parameter("image"); !text.empty()) {
    const auto reference = parse_image_reference(text);
    if (!reference || reference->digest.empty()) {
      return bad_parameter("image",
                           "a reference with a digest, repository@sha256:…; a tag alone "
                           "names no unique image");
    }
    report.image = reference->digest;
    report.repository = reference->host + "/" + reference->repository;
  }
  if (const std::string& text = request.parameter("finished_at"); !text.empty()) {
    report.finished_at = parse_rfc3339(text);
    if (!report.finished_at || !is_set(*report.finished_at)) {
      return bad_parameter("finished_at", "an RFC 3339 time with a zone");
    }
  }
  return std::nullopt;
}

HttpResponse refusal(Rejection reason, const std::string& detail) {
  HttpResponse response =
      problem(reason == Rejection::too_large ? 413 : 422, to_string(reason), detail);
  nlohmann::json body = nlohmann::json::parse(response.body);
  body["accepted"] = false;
  response.body = body.dump() + "\n";
  return response;
}

HttpResponse acceptance(const Inventory& inventory, const EvidenceRecord& record) {
  nlohmann::json scan = evidence_json(record, inventory.scope());
  scan["images"] = nlohmann::json::array();
  for (const auto& [digest, image] : inventory.images()) {
    if (image.last_scan == key_of(record.evidence)) {
      scan["images"].push_back(digest.str());
    }
  }
  nlohmann::json body;
  body["accepted"] = true;
  body["scans"] = nlohmann::json::array();
  body["scans"].push_back(std::move(scan));
  return json_response(201, body);
}

HttpResponse try_again(std::string_view reason, std::string_view detail) {
  HttpResponse response = problem(503, reason, detail);
  response.headers.emplace_back("Retry-After", "15");
  return response;
}

HttpResponse refusal_of(const HandedOutcome& outcome) {
  const Rejection reason = outcome.reason.value_or(Rejection::malformed);
  std::string detail = outcome.detail;
  if (reason == Rejection::no_time) {
    detail += "\nHINT: state it with ?finished_at=, as an RFC 3339 time";
  }
  return refusal(reason, detail);
}

asio::awaitable<HttpResponse> submit_scan(ApiContext& context, ApiRequest request) {
  HandedReport report;
  if (auto refused = read_statement(request, report)) {
    co_return std::move(*refused);
  }
  report.bytes = std::make_shared<const std::string>(std::move(request.http.body));
  report.source = request.principal;
  std::optional<HandedOutcome> outcome;
  try {
    outcome = co_await context.scan_intake.hand_in(std::move(report));
  } catch (const PoolBusyError&) {
    // Told below: nothing may be awaited here.
  }
  if (!outcome) {
    co_return try_again("busy", "too many large reports are being read; send this one again");
  }
  switch (outcome->kind) {
    case HandedOutcome::Kind::accepted:
      break;
    case HandedOutcome::Kind::refused:
      co_return refusal_of(*outcome);
    case HandedOutcome::Kind::not_stored:
      co_return try_again("not_stored_yet",
                          "the database does not take changes at the moment; send the report "
                          "again, which is harmless");
  }
  const Inventory& inventory = context.engine.inventory();
  co_return acceptance(inventory, *inventory.evidence(*outcome->evidence));
}

}  // namespace

void add_scan_calls(Router& router, ApiContext& context) {
  Route route;
  route.method = "POST";
  route.path = "/api/v1/scans";
  route.summary = "Takes the raw report of a scanner; idempotent by content.";
  route.parameters = {"image", "finished_at"};
  route.role = Role::submit;
  route.handle = [&context](ApiRequest request) {
    return submit_scan(context, std::move(request));
  };
  router.add(std::move(route));
}

}  // namespace scanclock
