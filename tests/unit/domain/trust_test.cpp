#include "core/domain/trust.hpp"

#include "tests/unit/domain/facts.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace scanclock {
namespace {

using namespace facts;  // NOLINT: the words of this folder's tests

const Digest cart = digest(0x71), cart_config = digest(0x72);
const Digest cart_twin = digest(0x73);

SigningKey key_for(const std::string& name, std::vector<std::string> repositories) {
  SigningKey key;
  key.name = name;
  key.fingerprint = "sha256:" + std::string(16, name.front());
  key.repositories = std::move(repositories);
  return key;
}

Evidence signed_scan(unsigned number, const SigningKey& key, TimePoint finished_at = noon) {
  Evidence evidence = scan_of(number, {cart}, finished_at);
  evidence.origin = EvidenceOrigin::referrer;
  evidence.attached_to = cart;
  evidence.trust = Trust::signed_;
  evidence.signature = SignatureState::verified;
  evidence.signature_detail = label_of(key);
  return evidence;
}

TrustPlace at(const std::string& repository, const std::string& registry = "prod",
              const std::string& environment = "production") {
  return {registry, repository, environment};
}

Policy demanding(std::vector<Trust> trust, std::vector<TrustRule> rules = {}) {
  Policy policy;
  policy.trust = std::move(trust);
  policy.trust_rules = std::move(rules);
  return policy;
}

struct TrustCase {
  const char* what;
  std::vector<TrustPlace> places;
  Policy policy;
  bool accepted;
};

TEST(TrustOfASignature, CountsWhereItsKeyIsBound) {
  const SigningKey pay = key_for("pay", {"team/pay/**"});
  const std::vector<SigningKey> keys{pay, key_for("lab", {"lab/**"})};
  const Policy strict = demanding({Trust::signed_});
  const Policy ruled =
      demanding({Trust::signed_, Trust::unsigned_}, {{{"vault/**"}, {Trust::signed_}}});
  const TrustCase cases[] = {
      {"where it stands", {at("team/pay/cart")}, strict, true},
      {"elsewhere", {at("shop/cart")}, strict, false},
      {"copied elsewhere", {at("shop/cart"), at("team/pay/cart")}, strict, true},
      {"copied to where a rule singles out", {at("team/pay/cart"), at("vault/cart")}, ruled, false},
      {"no rule singles out", {at("shop/cart")}, ruled, true},
      {"bound in another environment only",
       {at("shop/cart"), at("team/pay/cart", "lab", "development")},
       strict,
       false},
      {"standing in another environment only",
       {at("team/pay/cart", "lab", "development")},
       strict,
       true},
      {"found where nothing is known of", {}, strict, false},
  };
  for (const TrustCase& item : cases) {
    TrustGround ground;
    ground.places = item.places;
    ground.keys = keys;
    const auto objection = find_trust_objection(signed_scan(1, pay), item.policy, ground);
    EXPECT_EQ(!objection, item.accepted) << item.what << ": " << objection.value_or("");
  }
}

TEST(TrustOfASignature, IsThatOfItsOriginWithoutItsKey) {
  const SigningKey key = key_for("ci", {"**"});
  SigningKey renamed = key;
  renamed.name = "ci-2026";
  SigningKey replaced = key;
  replaced.fingerprint = "sha256:" + std::string(16, 'f');
  SigningKey ended = key;
  ended.valid_until = noon;
  SigningKey begun = key;
  begun.valid_from = noon + minutes(1);
  struct Case {
    const char* what;
    std::vector<SigningKey> keys;
    Trust expected;
  };
  const Case cases[] = {{"unchanged", {key}, Trust::signed_},
                        {"renamed", {renamed}, Trust::signed_},
                        {"removed", {}, Trust::unsigned_},
                        {"replaced under its name", {replaced}, Trust::unsigned_},
                        {"ended before the collection", {ended}, Trust::unsigned_},
                        {"begun after the scan", {begun}, Trust::unsigned_}};
  for (const Case& item : cases) {
    TrustGround ground;
    ground.places = {at("team/app")};
    ground.keys = item.keys;
    const Evidence evidence = signed_scan(1, key);
    for (const Trust trust : {Trust::signed_, Trust::unsigned_}) {
      EXPECT_EQ(!find_trust_objection(evidence, demanding({trust}), ground), trust == item.expected)
          << item.what << ", " << to_string(trust);
    }
    EXPECT_EQ(present_trust(evidence, item.keys), item.expected) << item.what;
    Evidence pushed = evidence;
    pushed.origin = EvidenceOrigin::pushed;
    EXPECT_EQ(!find_trust_objection(pushed, demanding({Trust::pushed}), ground),
              item.expected != Trust::signed_)
        << item.what;
  }
}

TEST(TrustRules, AreJudgedFirstMatchFirstForEveryPlace) {
  const Policy policy =
      demanding({Trust::platform, Trust::unsigned_},
                {{{"team/pay/open"}, {Trust::unsigned_}}, {{"team/pay/**"}, {Trust::platform}}});
  const TrustCase cases[] = {
      {"no rule", {at("shop/cart")}, policy, true},
      {"the first of two", {at("team/pay/open")}, policy, true},
      {"the second", {at("team/pay/cart")}, policy, false},
      {"one of two places", {at("shop/cart"), at("team/pay/cart")}, policy, false},
  };
  Evidence evidence = scan_of(1, {cart});
  evidence.trust = Trust::unsigned_;
  for (const TrustCase& item : cases) {
    TrustGround ground;
    ground.places = item.places;
    EXPECT_EQ(!find_trust_objection(evidence, item.policy, ground), item.accepted) << item.what;
  }
}

Scope scope_with(std::vector<SigningKey> keys, Policy policy) {
  Scope scope = default_scope();
  scope.policies.front().policy = std::move(policy);
  scope.keys = std::move(keys);
  return scope;
}

Evidence failed_scan(unsigned number) {
  Evidence evidence = signed_scan(number, key_for("ci", {}));
  evidence.trust = Trust::unsigned_;
  evidence.signature = SignatureState::failed;
  evidence.signature_detail = "no signature verifies with ci";
  return evidence;
}

TEST(FailedSignatures, CountUnderNoPolicyWhereAKeyIsBound) {
  World world(scope_with({key_for("ci", {"team/**"})}, Policy()));
  world.add(image(cart, cart_config));
  world.collect(failed_scan(1));
  EXPECT_EQ(world.decision(failed_scan(1)).reason, Rejection::bad_signature);
  // The key goes, and with it the accusation.
  world.inventory.set_scope(scope_with({}, Policy()), world.now);
  EXPECT_TRUE(world.decision(failed_scan(1)).accepted);
}

TEST(SignedScans, FollowTheirKeyOutOfTheSettings) {
  const SigningKey key = key_for("ci", {"team/**"});
  const Policy strict = demanding({Trust::signed_});
  World world(scope_with({key}, strict));
  world.add(image(cart, cart_config));
  world.collect(signed_scan(1, key));
  world.conclude();
  EXPECT_EQ(world.state(cart), State::fresh);
  world.inventory.take_changes();

  world.inventory.set_scope(scope_with({}, strict), world.now + hours(1));
  world.conclude();
  EXPECT_EQ(world.state(cart), State::never_scanned);
  const ChangeSet changes = world.inventory.take_changes();
  ASSERT_EQ(changes.decisions.size(), 1u) << "a new row, beside the one that was true before";
  EXPECT_EQ(changes.decisions[0].decision.reason, Rejection::untrusted);
  EXPECT_NE(changes.decisions[0].decision.detail.find(label_of(key)), std::string::npos);
  EXPECT_EQ(changes.decisions[0].decided_at, world.now + hours(1));
}

TEST(SignedScans, AreJudgedAnewWhenTheirImageComesToStandElsewhere) {
  const SigningKey key = key_for("ci", {"team/**"});
  const RepositoryKey vault{"prod", "vault/cart"};
  World world(scope_with({key}, demanding({Trust::signed_}, {{{"vault/**"}, {Trust::signed_}}})));
  world.add(image(cart, cart_config));
  world.collect(signed_scan(1, key));
  world.conclude();
  EXPECT_EQ(world.state(cart), State::fresh);
  world.add(image(cart, cart_config), vault);
  world.conclude();
  EXPECT_EQ(world.state(cart), State::never_scanned);
  EXPECT_EQ(world.decision(signed_scan(1, key)).reason, Rejection::untrusted);
  // Two 404s, a cycle apart: it stands there no more.
  world.inventory.note_missing(vault, cart, hours(1), world.now);
  world.inventory.note_missing(vault, cart, hours(1), world.now + hours(1));
  world.conclude();
  EXPECT_EQ(world.state(cart), State::fresh);
}

TEST(SignedScans, AreJudgedByThePlacesOfEqualContent) {
  const SigningKey key = key_for("ci", {"team/**"});
  World world(scope_with({key}, demanding({Trust::signed_}, {{{"vault/**"}, {Trust::signed_}}})));
  world.add(image(cart, cart_config));
  world.collect(signed_scan(1, key));
  world.add(image(cart_twin, cart_config), {"prod", "vault/cart"});
  world.conclude();
  EXPECT_EQ(world.state(cart_twin), State::never_scanned);
}

TEST(TrustRules, MakeANewPolicyVersionAndDecideAnewAsNewRows) {
  const Policy before;
  Policy after;
  after.trust_rules = {{{"team/**"}, {Trust::signed_}}};
  EXPECT_NE(canonical_text(before), canonical_text(after));
  EXPECT_EQ(canonical_text(before).find("trust_rules"), std::string::npos)
      << "policies of before there were rules keep their version";
  World world(scope_with({}, before));
  world.add(image(cart, cart_config));
  Evidence evidence = scan_of(1, {cart});
  evidence.trust = Trust::unsigned_;
  world.collect(evidence);
  world.conclude();
  EXPECT_EQ(world.state(cart), State::fresh);
  world.inventory.take_changes();

  Scope scope = scope_with({}, after);
  scope.policies.front().version = 2;
  world.inventory.set_scope(scope, world.now);
  world.conclude();
  EXPECT_EQ(world.state(cart), State::never_scanned);
  const ChangeSet changes = world.inventory.take_changes();
  ASSERT_EQ(changes.decisions.size(), 1u);
  EXPECT_EQ(changes.decisions[0].policy_version, 2);
  EXPECT_EQ(changes.decisions[0].decision.reason, Rejection::untrusted);
}

}  // namespace
}  // namespace scanclock
