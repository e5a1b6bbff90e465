#include "daemon/api/context.hpp"
#include "daemon/api/paging.hpp"
#include "daemon/inventory_walks.hpp"

#include <nlohmann/json.hpp>

namespace scanclock {
namespace {

bool is_known_evidence(const Inventory& inventory, const Digest& digest) {
  const EvidenceKey first{digest, Digest(), Trust::signed_};
  const auto found = inventory.all_evidence().lower_bound(first);
  return found != inventory.all_evidence().end() && found->first.digest == digest;
}

HttpResponse unknown_evidence() {
  return problem(404, "unknown_evidence", "no evidence has this digest");
}

asio::awaitable<HttpResponse> raw_evidence(ApiContext& context, std::string argument) {
  const auto digest = Digest::parse(argument);
  if (!digest) {
    co_return bad_parameter("digest", "sha256:<64 hex digits>");
  }
  auto bytes = co_await context.ledger.evidence_bytes(*digest);
  if (!bytes) {
    co_return is_known_evidence(context.engine.inventory(), *digest)
        ? problem(410, "past_retention",
                  "the bytes of this evidence are past database.retention.raw_evidence; what was "
                  "read from them is kept")
        : unknown_evidence();
  }
  // Evidence is foreign content: it must never be rendered under this origin.
  HttpResponse response = text_response(200, "application/octet-stream", std::move(*bytes));
  response.headers.emplace_back("Content-Disposition", "attachment");
  response.headers.emplace_back("X-Content-Type-Options", "nosniff");
  co_return response;
}

nlohmann::json finding_json(const Finding& finding) {
  nlohmann::json item;
  item["id"] = finding.id;
  item["severity"] = to_string(finding.severity);
  item["aliases"] = finding.aliases;
  return item;
}

asio::awaitable<HttpResponse> list_findings(ApiContext& context, ApiRequest request) {
  const auto digest = Digest::parse(request.argument);
  auto page = Page::of(request, "findings");
  if (!digest || !page) {
    co_return digest ? bad_limit() : bad_parameter("digest", "sha256:<64 hex digits>");
  }
  // One more than a page holds tells whether there is a next one.
  const auto wanted = static_cast<int>(page->limit() + 1);
  auto found = co_await context.ledger.evidence_findings(*digest, page->after(), wanted);
  if (!found) {
    co_return unknown_evidence();
  }
  if (!found->recorded) {
    co_return problem(404, "findings_not_recorded",
                      "the findings of this evidence were not recorded: it was collected by an "
                      "older release, or could not be read as a scan");
  }
  std::size_t listed = 0;
  for (const Finding& finding : found->findings) {
    if (!page->add(finding.id, finding_json(finding))) {
      break;
    }
    if (++listed % json_items_at_once == 0) {
      co_await let_others_run();
    }
  }
  nlohmann::json head;
  head["evidence"] = digest->str();
  head["omitted"] = found->omitted;
  co_return std::move(*page).response(head);
}

}  // namespace

void add_evidence_calls(Router& router, ApiContext& context) {
  Route raw;
  raw.method = "GET";
  raw.path = "/api/v1/evidence/{digest}/raw";
  raw.summary = "The bytes of a piece of evidence as they were collected.";
  raw.role = Role::read;
  raw.handle = [&context](ApiRequest request) {
    return raw_evidence(context, std::move(request.argument));
  };
  router.add(std::move(raw));

  Route findings;
  findings.method = "GET";
  findings.path = "/api/v1/evidence/{digest}/findings";
  findings.summary = "The vulnerabilities that a piece of evidence names.";
  findings.parameters = {"limit", "next"};
  findings.role = Role::read;
  findings.handle = [&context](ApiRequest request) {
    return list_findings(context, std::move(request));
  };
  router.add(std::move(findings));
}

}  // namespace scanclock
