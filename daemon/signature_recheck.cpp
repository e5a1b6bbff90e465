#include "daemon/signature_recheck.hpp"

#include "core/evidence/signature.hpp"
#include "core/runtime/log.hpp"
#include "daemon/signature_check.hpp"

#include <boost/asio/error.hpp>
#include <boost/system/system_error.hpp>

#include <utility>

namespace scanclock {
namespace {

constexpr std::string_view component = "evidence";
constexpr Duration recheck_rest_max = std::chrono::hours(1);
constexpr Duration recheck_retry_wait = std::chrono::seconds(30);

/// Whether another key could change what its signatures come to.
bool is_open(const EvidenceRecord& record) {
  const Evidence& evidence = record.evidence;
  return evidence.signature == SignatureState::failed ||
         (evidence.signature == SignatureState::no_key &&
          evidence.signature_detail != certificate_detail);
}

/// All that the outcome depends on besides the bytes; empty when no key reaches the evidence.
std::string reaching_keys(const TrustGround& ground) {
  std::string text;
  for (const SigningKey& key : ground.keys) {
    TrustGround alone = ground;
    alone.keys = std::span<const SigningKey>(&key, 1);
    bool reaches = has_bound_key(alone);
    alone.found_at.reset();
    reaches = reaches || has_bound_key(alone);
    if (!reaches) {
      continue;
    }
    text += label_of(key);
    for (const std::optional<TimePoint>& limit : {key.valid_from, key.valid_until}) {
      text += " " + (limit ? format_rfc3339(*limit) : std::string());
    }
    for (const std::string& type : key.predicate_types) {
      text += " " + type;
    }
    text += "\n";
  }
  return text;
}

}  // namespace

SignatureRecheck::SignatureRecheck(asio::any_io_executor executor, Engine& engine, Ledger& ledger,
                                   BlockingPool& pool, Clock& clock, Telemetry& telemetry)
    : engine_(engine),
      ledger_(ledger),
      pool_(pool),
      clock_(clock),
      telemetry_(telemetry),
      wakeup_(std::move(executor), clock) {}

void SignatureRecheck::look(const Touched& touched) {
  const Inventory& inventory = engine_.inventory();
  if (inventory.scope().keys.empty()) {
    return;
  }
  for (const Digest& image : touched.images) {
    for (const EvidenceRecord* record : inventory.evidence_of(image)) {
      look_at(*record);
    }
  }
  if (!waiting_.empty()) {
    wakeup_.notify();
  }
}

void SignatureRecheck::look_at(const EvidenceRecord& record) {
  const EvidenceKey key = key_of(record.evidence);
  const EvidenceKey verified{key.digest, key.attached_to, Trust::signed_};
  if (!is_open(record) || engine_.inventory().evidence(verified) != nullptr) {
    return;
  }
  std::string keys = reaching_keys(engine_.inventory().ground_of(record.evidence));
  const auto known = checked_.find(key);
  if (!keys.empty() && (known == checked_.end() || known->second != keys)) {
    waiting_[key] = std::move(keys);
  }
}

asio::awaitable<void> SignatureRecheck::run() {
  while (true) {
    std::string failure;
    try {
      co_await check_waiting();
    } catch (const boost::system::system_error& error) {
      if (error.code() == asio::error::operation_aborted) {
        throw;
      }
      failure = error.what();
    } catch (const std::exception& error) {
      failure = error.what();
    }
    if (failure.empty()) {
      co_await wakeup_.wait(waiting_.empty() ? recheck_rest_max : recheck_retry_wait);
    } else {
      log::warning(component, "signatures are checked again later: {}", failure);
      co_await clock_.sleep(recheck_retry_wait);
    }
  }
}

asio::awaitable<void> SignatureRecheck::check_waiting() {
  // What was found a moment ago is not in the database yet.
  while (!waiting_.empty() && co_await engine_.stored(recheck_retry_wait)) {
    const auto next = waiting_.begin();
    const EvidenceKey key = next->first;
    const std::string keys = next->second;
    co_await check(key);
    checked_[key] = keys;
    const auto same = waiting_.find(key);
    if (same != waiting_.end() && same->second == keys) {
      waiting_.erase(same);
    }
  }
}

asio::awaitable<void> SignatureRecheck::check(EvidenceKey key) {
  std::optional<std::string> kept = co_await ledger_.evidence_bytes(key.digest);
  const EvidenceRecord* record = engine_.inventory().evidence(key);
  if (!kept || record == nullptr) {
    co_return;
  }
  UncheckedEvidence unchecked;
  unchecked.evidence = record->evidence;
  auto bytes = std::make_shared<const std::string>(std::move(*kept));
  ReadEvidence read = co_await read_evidence_on(pool_, bytes);
  if (!read.envelope) {
    co_return;
  }
  // It was collected when it was collected: neither its time nor its key is judged by today.
  unchecked.evidence.report = std::move(read.report);
  unchecked.envelope = std::make_shared<const Envelope>(std::move(*read.envelope));
  Evidence evidence =
      co_await check_signatures_on(pool_, engine_.inventory(), std::move(unchecked));
  if (evidence.trust != Trust::signed_) {
    co_return;
  }
  log::info(component, "the key {} verifies evidence {} of {}", evidence.signature_detail,
            evidence.digest.short_form(), evidence.source);
  const EvidenceKey verified = key_of(evidence);
  if (engine_.inventory().add_evidence(std::move(evidence), *bytes, clock_.now())) {
    telemetry_.evidence_collected(*engine_.inventory().evidence(verified));
    engine_.wake();
  }
}

}  // namespace scanclock
