#include "daemon/signature_check.hpp"

#include "core/evidence/signature.hpp"

#include <utility>
#include <vector>

namespace scanclock {

namespace asio = boost::asio;

asio::awaitable<ReadEvidence> read_evidence_on(BlockingPool& pool,
                                               std::shared_ptr<const std::string> bytes) {
  if (bytes->size() <= parse_inline_bytes_max) {
    co_return read_evidence(*bytes);
  }
  auto work = [bytes] { return read_evidence(*bytes); };
  auto running = pool.run(std::move(work));
  co_return co_await std::move(running);
}

asio::awaitable<Evidence> check_signatures_on(BlockingPool& pool, const Inventory& inventory,
                                              UncheckedEvidence unchecked) {
  Evidence evidence = std::move(unchecked.evidence);
  if (!unchecked.envelope) {
    co_return evidence;
  }
  TrustGround ground = inventory.ground_of(evidence);
  // A reload may replace the settings' keys while the pool works.
  auto keys =
      std::make_shared<const std::vector<SigningKey>>(ground.keys.begin(), ground.keys.end());
  ground.keys = *keys;
  auto work = [keys, ground = std::move(ground), envelope = unchecked.envelope,
               finished_at = evidence.report.finished_at, collected_at = evidence.collected_at] {
    return check_signatures(*envelope, ground, finished_at, collected_at);
  };
  SignatureVerdict verdict;
  if (unchecked.envelope->payload.size() <= parse_inline_bytes_max) {
    verdict = work();
  } else {
    auto running = pool.run(std::move(work));
    verdict = co_await std::move(running);
  }
  evidence.signature = verdict.state;
  evidence.signature_detail = std::move(verdict.detail);
  if (evidence.signature == SignatureState::verified && is_bound_by_statement(evidence.report)) {
    evidence.trust = Trust::signed_;
  }
  co_return evidence;
}

}  // namespace scanclock
