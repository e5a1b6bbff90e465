#include "core/domain/image_reference.hpp"
#include "core/runtime/hashing.hpp"
#include "core/runtime/log.hpp"
#include "daemon/api/context.hpp"
#include "daemon/api/evidence_json.hpp"
#include "daemon/api/paging.hpp"
#include "daemon/registry_intake.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <memory>

namespace scanclock {
namespace {

/// What the caller states beside the report.
struct Statement {
  Digest image;
  std::string repository;
  std::optional<TimePoint> finished_at;
};

std::optional<HttpResponse> read_statement(const ApiRequest& request, Statement& statement) {
  if (const std::string& text = request.parameter("image"); !text.empty()) {
    const auto reference = parse_image_reference(text);
    if (!reference || reference->digest.empty()) {
      return bad_parameter("image",
                           "a reference with a digest, repository@sha256:…; a tag alone "
                           "names no unique image");
    }
    statement.image = reference->digest;
    statement.repository = reference->host + "/" + reference->repository;
  }
  if (const std::string& text = request.parameter("finished_at"); !text.empty()) {
    statement.finished_at = parse_rfc3339(text);
    if (!statement.finished_at || !is_set(*statement.finished_at)) {
      return bad_parameter("finished_at", "an RFC 3339 time with a zone");
    }
  }
  return std::nullopt;
}

/// The caller's word fills what the report leaves open, and may make the scan older, never newer.
void apply_statement(const Statement& statement, ScanReport& report) {
  if (!statement.finished_at) {
    return;
  }
  if (!report.finished_at || *statement.finished_at < *report.finished_at) {
    report.finished_at = statement.finished_at;
    report.finished_at_field = "finished_at parameter";
  }
  if (report.defect == Rejection::no_time) {
    report.defect.reset();
    report.defect_detail.clear();
  }
}

HttpResponse refusal(Rejection reason, const std::string& detail) {
  HttpResponse response = problem(422, to_string(reason), detail);
  nlohmann::json body = nlohmann::json::parse(response.body);
  body["accepted"] = false;
  response.body = body.dump() + "\n";
  return response;
}

HttpResponse outcome(const Inventory& inventory, const EvidenceRecord& record) {
  if (!is_accepted(record)) {
    const Decision& decision = record.decisions.begin()->second;
    return refusal(decision.reason.value_or(Rejection::malformed), decision.detail);
  }
  nlohmann::json scan = evidence_json(record);
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

asio::awaitable<HttpResponse> submit_scan(ApiContext& context, ApiRequest request) {
  Statement statement;
  if (auto refused = read_statement(request, statement)) {
    co_return std::move(*refused);
  }
  auto bytes = std::make_shared<const std::string>(std::move(request.http.body));
  ScanReport report = co_await read_report_on(context.pool, bytes);
  if (report.defect == Rejection::malformed || report.defect == Rejection::unknown_format ||
      report.defect == Rejection::too_large) {
    const int status = report.defect == Rejection::too_large ? 413 : 422;
    HttpResponse response = refusal(*report.defect, report.defect_detail);
    response.status = status;
    co_return response;
  }
  apply_statement(statement, report);
  if (report.defect == Rejection::no_time) {
    // Not kept: the caller is told, and the same bytes count once the time is stated with them.
    co_return refusal(
        *report.defect,
        report.defect_detail + "\nHINT: state it with ?finished_at=, as an RFC 3339 time");
  }
  const TimePoint now = context.clock.now();
  Evidence evidence;
  evidence.digest = sha256(*bytes);
  evidence.source = request.principal;
  evidence.origin = EvidenceOrigin::pushed;
  evidence.trust = Trust::pushed;
  evidence.attached_to = statement.image;
  evidence.repository = statement.repository;
  evidence.collected_at = now;
  evidence.size_bytes = bytes->size();
  evidence.report = std::move(report);
  const EvidenceKey key = key_of(evidence);
  const bool is_new = context.engine.inventory().add_evidence(std::move(evidence), *bytes, now);
  if (is_new) {
    context.telemetry.evidence_collected(*context.engine.inventory().evidence(key));
    log::info("api", "{} pushed a report {} ({} bytes)", request.principal, key.digest.short_form(),
              bytes->size());
  }
  context.engine.wake();
  const bool stored = co_await context.engine.stored(store_wait_max);
  if (!stored) {
    HttpResponse response = problem(503, "not_stored_yet",
                                    "the database does not take changes at the moment; send the "
                                    "report again, which is harmless");
    response.headers.emplace_back("Retry-After", "15");
    co_return response;
  }
  co_return outcome(context.engine.inventory(), *context.engine.inventory().evidence(key));
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
