#include "core/evidence/signature.hpp"

#include "core/evidence/format_table.hpp"
#include "core/evidence/public_key.hpp"
#include "core/evidence/reader.hpp"
#include "tests/support/signed_statements.hpp"
#include "tests/unit/evidence/samples.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <iterator>
#include <string>
#include <vector>

namespace scanclock::signatures {
namespace {

using nlohmann::json;

const TimePoint collected = testing::time_of("2026-10-02T00:00:00Z");
using Kind = OpensslKey::Kind;

/// The place of the evidence is `prod/shop/cart`.
TrustGround ground_with(const std::vector<SigningKey>& keys) {
  TrustGround ground;
  ground.found_at = TrustPlace{"prod", "shop/cart", "production"};
  ground.places.push_back(*ground.found_at);
  ground.keys = keys;
  return ground;
}

SignatureVerdict check(const std::string& bytes, const std::vector<SigningKey>& keys,
                       TimePoint at = collected) {
  const ReadEvidence read = read_evidence(bytes);
  EXPECT_EQ(testing::defect_of(read.report), "none") << read.report.defect_detail;
  if (!read.envelope) {
    return {};
  }
  return check_signatures(*read.envelope, ground_with(keys), read.report.finished_at, at);
}

class Signatures : public ::testing::Test {
 protected:
  const TemporaryFolder folder_;
  const std::string payload_ = testing::cosign_statement().dump();
  const std::string message_ = dsse_message(payload_);
};

TEST_F(Signatures, OfEveryKindOfKeyVerify) {
  struct Case {
    const char* what;
    Kind kind;
    const char* hash;
  };
  for (const Case& item : {Case{"p256", Kind::p256, "-sha256"}, Case{"p384", Kind::p384, "-sha256"},
                           Case{"p384-sha384", Kind::p384, "-sha384"},
                           Case{"rsa", Kind::rsa, "-sha256"}, Case{"ed25519", Kind::ed25519, ""}}) {
    const OpensslKey key(folder_, item.what, item.kind);
    const std::string envelope = dsse_envelope(payload_, {key.sign(message_, item.hash)}).dump();
    const SignatureVerdict verdict = check(envelope, {key.settings()});
    EXPECT_EQ(verdict.state, SignatureState::verified) << item.what << ": " << verdict.detail;
    EXPECT_EQ(verdict.detail, label_of(key.settings())) << item.what;
  }
}

TEST_F(Signatures, VerifyOverThePublishedTestVector) {
  EXPECT_EQ(dsse_message("hello world", "http://example.com/HelloWorld"),
            "DSSEv1 29 http://example.com/HelloWorld 11 hello world");
  evidence::SignedMessage message("http://example.com/HelloWorld", "hello world");
  EXPECT_EQ(message.whole(), "DSSEv1 29 http://example.com/HelloWorld 11 hello world");
}

TEST_F(Signatures, VerifyInBothAlphabetsWithAndWithoutPadding) {
  const OpensslKey key(folder_, "ci");
  // Bytes that need the letters in which the alphabets differ.
  json statement = testing::cosign_statement();
  statement["predicate"]["invocation"]["uri"] = std::string(7, '?') + ">>>~~~\xC3\xBF\xC3\xBF";
  const std::string payload = statement.dump();
  const json plain = dsse_envelope(payload, {key.sign(dsse_message(payload))});
  ASSERT_NE(plain.at("payload").get<std::string>().find_first_of("+/"), std::string::npos);
  for (const bool padded : {true, false}) {
    json other = plain;
    other["payload"] = url_safe_base64(plain.at("payload"), padded);
    other["signatures"][0]["sig"] = url_safe_base64(plain.at("signatures")[0].at("sig"), padded);
    EXPECT_EQ(check(other.dump(), {key.settings()}).state, SignatureState::verified) << padded;
  }
  EXPECT_EQ(check(plain.dump(), {key.settings()}).state, SignatureState::verified);
}

TEST_F(Signatures, OneGoodOneSufficesInAnEnvelope) {
  const OpensslKey key(folder_, "ci");
  const OpensslKey stranger(folder_, "stranger");
  const std::string good = key.sign(message_);
  const std::string bad = stranger.sign(message_);
  EXPECT_EQ(check(dsse_envelope(payload_, {bad, good}).dump(), {key.settings()}).state,
            SignatureState::verified);
  EXPECT_EQ(check(dsse_envelope(payload_, {bad, bad}).dump(), {key.settings()}).state,
            SignatureState::failed);
}

TEST_F(Signatures, VerifyInBundlesOfEveryVersionWithAKey) {
  const OpensslKey key(folder_, "ci");
  const json envelope = dsse_envelope(payload_, {key.sign(message_)});
  for (const char* type : {"application/vnd.dev.sigstore.bundle+json;version=0.1",
                           "application/vnd.dev.sigstore.bundle+json;version=0.2",
                           "application/vnd.dev.sigstore.bundle+json;version=0.3",
                           "application/vnd.dev.sigstore.bundle.v0.3+json"}) {
    const SignatureVerdict verdict =
        check(sigstore_bundle(envelope, type).dump(), {key.settings()});
    EXPECT_EQ(verdict.state, SignatureState::verified) << type << ": " << verdict.detail;
  }
}

TEST_F(Signatures, WithACertificateAreNoKeys) {
  const OpensslKey key(folder_, "ci");
  json bundle = sigstore_bundle(dsse_envelope(payload_, {key.sign(message_)}),
                                "application/vnd.dev.sigstore.bundle.v0.3+json");
  bundle["verificationMaterial"] = {{"certificate", {{"rawBytes", "AAAA"}}}};
  EXPECT_EQ(check(bundle.dump(), {key.settings()}).state, SignatureState::no_key);
  bundle["verificationMaterial"] = {{"x509CertificateChain", {{"certificates", json::array()}}}};
  EXPECT_EQ(check(bundle.dump(), {key.settings()}).state, SignatureState::no_key);
  json envelope = dsse_envelope(payload_, {key.sign(message_)});
  envelope["signatures"][0]["cert"] = "-----BEGIN CERTIFICATE-----";
  EXPECT_EQ(check(envelope.dump(), {key.settings()}).state, SignatureState::no_key);
}

TEST_F(Signatures, SayNothingWhereNoKeyIsBound) {
  const OpensslKey key(folder_, "ci");
  const std::string envelope = dsse_envelope(payload_, {key.sign(message_)}).dump();
  EXPECT_EQ(check(envelope, {}).state, SignatureState::no_key);
  SigningKey elsewhere = key.settings();
  elsewhere.repositories = {"team/**"};
  EXPECT_EQ(check(envelope, {elsewhere}).state, SignatureState::no_key);
  SigningKey other_registry = key.settings();
  other_registry.registries = {"lab"};
  EXPECT_EQ(check(envelope, {other_registry}).state, SignatureState::no_key);
  SigningKey other_type = key.settings();
  other_type.predicate_types = {"https://in-toto.io/attestation/vulns/v0.2"};
  EXPECT_EQ(check(envelope, {other_type}).state, SignatureState::no_key);
  EXPECT_EQ(check(dsse_envelope(payload_, {}).dump(), {key.settings()}).state,
            SignatureState::none);
}

/// A development repository signs with a key of its own; that its image also stands where another
/// key is bound makes nobody a forger.
TEST_F(Signatures, FailOnlyWhereAKeyIsBoundToTheirOwnPlace) {
  const OpensslKey key(folder_, "ci");
  const OpensslKey stranger(folder_, "stranger");
  SigningKey bound = key.settings();
  bound.repositories = {"shop/**"};
  const std::vector<SigningKey> keys{bound};
  TrustGround ground = ground_with(keys);
  ground.found_at = TrustPlace{"lab", "scratch/cart", "development"};
  const auto state = [&](const OpensslKey& signer) {
    const ReadEvidence read =
        read_evidence(dsse_envelope(payload_, {signer.sign(message_)}).dump());
    return check_signatures(*read.envelope, ground, read.report.finished_at, collected).state;
  };
  EXPECT_EQ(state(stranger), SignatureState::no_key);
  EXPECT_EQ(state(key), SignatureState::verified);
  ground.found_at.reset();
  EXPECT_EQ(state(stranger), SignatureState::failed) << "pushed without a place: the image's";
}

TEST_F(Signatures, CountWithinTheDatesOfTheirKey) {
  const OpensslKey key(folder_, "ci");
  const std::string envelope = dsse_envelope(payload_, {key.sign(message_)}).dump();
  // The statement's own time, with that of the report inside; see samples.cpp.
  const TimePoint finished = *read_report(envelope).finished_at;
  const Duration second = std::chrono::seconds(1);
  struct Case {
    const char* what;
    std::optional<TimePoint> from;
    std::optional<TimePoint> until;
    SignatureState expected;
  };
  for (const Case& item :
       {Case{"always", {}, {}, SignatureState::verified},
        Case{"just then", finished, collected + second, SignatureState::verified},
        Case{"from after the scan's end", finished + second, {}, SignatureState::failed},
        Case{"ended by the collection", {}, collected, SignatureState::failed},
        Case{"ended by the scan's end", {}, finished, SignatureState::failed}}) {
    SigningKey settings = key.settings();
    settings.valid_from = item.from;
    settings.valid_until = item.until;
    const SignatureVerdict verdict = check(envelope, {settings});
    EXPECT_EQ(verdict.state, item.expected) << item.what << ": " << verdict.detail;
    EXPECT_EQ(verdict.detail.find("was not valid") != std::string::npos,
              item.expected == SignatureState::failed)
        << verdict.detail;
  }
}

TEST_F(Signatures, SurviveTheRotationOfTheirKey) {
  const OpensslKey before(folder_, "ci-2026");
  const OpensslKey after(folder_, "ci-2027");
  const TimePoint change = testing::time_of("2027-01-01T00:00:00Z");
  SigningKey old_key = before.settings();
  old_key.valid_until = change + std::chrono::hours(24 * 30);
  SigningKey new_key = after.settings();
  new_key.valid_from = change;
  const auto scanned = [&](const OpensslKey& key, const char* finished_at, TimePoint at) {
    json statement = testing::cosign_statement();
    statement["predicate"]["scanner"]["result"]["CreatedAt"] = finished_at;
    statement["predicate"]["metadata"]["scanFinishedOn"] = finished_at;
    return check(signed_envelope(key, statement), {old_key, new_key}, at);
  };
  const Duration day = std::chrono::hours(24);
  EXPECT_EQ(scanned(before, "2026-12-30T00:00:00Z", change - day).detail, label_of(old_key));
  EXPECT_EQ(scanned(before, "2026-12-30T00:00:00Z", change + day).detail, label_of(old_key));
  EXPECT_EQ(scanned(after, "2027-01-02T00:00:00Z", change + day * 2).detail, label_of(new_key));
  EXPECT_EQ(scanned(before, "2027-02-01T00:00:00Z", change + day * 40).state,
            SignatureState::failed);
  EXPECT_EQ(scanned(after, "2026-12-30T00:00:00Z", change + day).state, SignatureState::failed);
}

TEST_F(Signatures, OfAStatementWithoutDigestOrTimeBindNothing) {
  json statement = testing::cosign_statement();
  EXPECT_TRUE(is_bound_by_statement(read_report(testing::envelope_of(statement))));
  statement["subject"] = json::array({{{"name", "registry.example/shop/cart"}}});
  EXPECT_FALSE(is_bound_by_statement(read_report(testing::envelope_of(statement))));
}

TEST(SignablePredicates, AreThoseThatScansAreReadFrom) {
  for (const std::string_view type : signable_predicate_types) {
    EXPECT_NE(evidence::find_predicate_format(type), nullptr) << type;
  }
  for (const evidence::Format* format : evidence::format_table()) {
    for (const std::string_view type : format->predicate_types) {
      EXPECT_NE(
          std::find(std::begin(signable_predicate_types), std::end(signable_predicate_types), type),
          std::end(signable_predicate_types))
          << "no key could be bound to " << type;
    }
  }
}

}  // namespace
}  // namespace scanclock::signatures
