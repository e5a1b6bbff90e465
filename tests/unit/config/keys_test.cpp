#include "config/loader.hpp"
#include "config/public_key_file.hpp"
#include "config/summary.hpp"
#include "tests/support/signed_statements.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace scanclock {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

/// Keys of every kind beside the settings file that names them.
class KeySection : public testing::Test {
 protected:
  Settings load(const std::string& yaml) const {
    auto settings = load_settings_text(yaml, "s.yaml", folder_.path().string());
    if (!settings.has_value()) {
      ADD_FAILURE() << to_string(settings.error());
      return {};
    }
    return *settings;
  }
  std::string errors(const std::string& yaml) const {
    const auto settings = load_settings_text(yaml, "s.yaml", folder_.path().string());
    return settings.has_value() ? "" : to_string(settings.error());
  }
  std::string errors_of_key(const std::string& fields) const {
    return errors("keys:\n  - {name: ci, " + fields + "}\n");
  }
  void openssl(std::vector<std::string> arguments) const {
    arguments.insert(arguments.begin(), "openssl");
    const CommandResult result = run_command(arguments);
    ASSERT_EQ(result.exit_code, 0) << result.output;
  }
  std::string file(const std::string& name) const { return (folder_.path() / name).string(); }

  const TemporaryFolder folder_;
};

TEST_F(KeySection, IsEmptyWhereNothingIsSaid) { EXPECT_TRUE(load("mode: alert\n").keys.empty()); }

TEST_F(KeySection, IsReadWhole) {
  const OpensslKey ci(folder_, "ci");
  const Settings settings = load(R"(
registries: [{name: prod, url: "https://registry.example"}]
keys:
  - name: ci-2026
    public_key_file: ci.pub
    repositories: ["team/pay/**", "shop/*"]
    registries: [prod]
    predicate_types: ["https://in-toto.io/attestation/vulns/v0.1"]
    valid_from: 2026-01-01T00:00:00Z
    valid_until: 2027-01-01T00:00:00+01:00
)");
  ASSERT_EQ(settings.keys.size(), 1u);
  SigningKey expected = ci.settings();
  expected.name = "ci-2026";
  expected.repositories = {"team/pay/**", "shop/*"};
  expected.registries = {"prod"};
  expected.predicate_types = {"https://in-toto.io/attestation/vulns/v0.1"};
  expected.valid_from = parse_rfc3339("2026-01-01T00:00:00Z");
  expected.valid_until = parse_rfc3339("2026-12-31T23:00:00Z");
  EXPECT_EQ(settings.keys[0].key, expected);
  EXPECT_EQ(settings.keys[0].public_key_file, file("ci.pub"));
  EXPECT_THAT(redacted_summary(settings), HasSubstr("ecdsa-p256 " + expected.fingerprint));
}

TEST_F(KeySection, TakesEveryKindThatIsSupported) {
  const std::pair<OpensslKey::Kind, KeyAlgorithm> kinds[] = {
      {OpensslKey::Kind::p256, KeyAlgorithm::ecdsa_p256},
      {OpensslKey::Kind::p384, KeyAlgorithm::ecdsa_p384},
      {OpensslKey::Kind::rsa, KeyAlgorithm::rsa},
      {OpensslKey::Kind::ed25519, KeyAlgorithm::ed25519}};
  for (const auto& [kind, algorithm] : kinds) {
    const OpensslKey key(folder_, "k", kind);
    const auto parsed = parse_public_key(read_text(key.public_file()));
    ASSERT_TRUE(parsed.has_value()) << to_string(algorithm) << ": " << parsed.error().cause;
    EXPECT_EQ(parsed->algorithm, algorithm);
    EXPECT_EQ(parsed->public_key, key.settings().public_key);
    EXPECT_EQ(parsed->fingerprint, key.settings().fingerprint);
  }
}

TEST_F(KeySection, BindsAKeyToStatementsOfVulnerabilitiesWhereNothingIsSaid) {
  const OpensslKey ci(folder_, "ci");
  const Settings settings =
      load("keys: [{name: ci, public_key_file: ci.pub, repositories: [\"**\"]}]\n");
  EXPECT_THAT(settings.keys.at(0).key.predicate_types,
              ElementsAre("https://cosign.sigstore.dev/attestation/vuln/v1",
                          "https://in-toto.io/attestation/vulns/v0.1",
                          "https://in-toto.io/attestation/vulns/v0.2"));
}

TEST_F(KeySection, RefusesFilesThatHoldNoUsableKey) {
  const OpensslKey ci(folder_, "ci");
  const OpensslKey large(folder_, "large", OpensslKey::Kind::p521);
  openssl({"genpkey", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:1024", "-out",
           file("weak.pem")});
  openssl({"pkey", "-in", file("weak.pem"), "-pubout", "-out", file("weak.pub")});
  openssl({"genpkey", "-algorithm", "X25519", "-out", file("x.pem")});
  openssl({"pkey", "-in", file("x.pem"), "-pubout", "-out", file("x.pub")});
  openssl({"req", "-x509", "-key", file("ci.pem"), "-subj", "/CN=ci", "-out", file("ci.crt")});
  openssl({"pkey", "-pubin", "-in", file("ci.pub"), "-outform", "DER", "-out", file("der.pub")});
  const std::string pem = read_text(file("ci.pub"));
  write_file(file("two.pub"), pem + pem);
  write_file(file("cut.pub"), pem.substr(0, pem.size() / 2));
  std::string spoiled = pem;
  spoiled.replace(spoiled.find("\n") + 1, 4, "AAAA");
  write_file(file("spoiled.pub"), spoiled);
  const std::pair<const char*, const char*> cases[] = {
      {"missing.pub", "No such file"},
      {"ci.pem", "holds a private key, which does not belong on this host"},
      {"ci.crt", "holds a certificate, not a public key"},
      {"der.pub", "holds no PEM block"},
      {"large.pub", "holds a key of a kind that is not supported: EC on secp521r1"},
      {"weak.pub", "holds a key of a kind that is not supported: RSA with 1024 bits"},
      {"x.pub", "holds a key of a kind that is not supported: X25519"},
      {"two.pub", "holds more than one block"},
      {"cut.pub", "holds no PEM block"},
      {"spoiled.pub", "holds no readable public key"},
  };
  for (const auto& [name, cause] : cases) {
    const std::string text =
        errors_of_key("public_key_file: " + std::string(name) + ", repositories: [a]");
    EXPECT_THAT(text, HasSubstr("s.yaml:2:33: keys[0].public_key_file: ")) << name;
    EXPECT_THAT(text, HasSubstr(cause)) << name;
    EXPECT_THAT(text, HasSubstr("HINT: ")) << name;
    EXPECT_EQ(text.find("BEGIN"), std::string::npos) << name;
  }
}

TEST_F(KeySection, RefusesBindingsThatBindNothing) {
  const OpensslKey ci(folder_, "ci");
  const std::string key = "public_key_file: ci.pub, ";
  EXPECT_THAT(errors_of_key(key + "repositories: []"),
              HasSubstr("keys[0].repositories: an empty list binds the key to nothing"));
  EXPECT_THAT(errors_of_key("public_key_file: ci.pub"), HasSubstr("\"repositories\" is missing"));
  EXPECT_THAT(errors_of_key("repositories: [a]"), HasSubstr("\"public_key_file\" is missing"));
  EXPECT_THAT(errors_of_key(key + "repositories: [a], registries: [prod]"),
              HasSubstr("keys[0].registries[0]: there is no registry \"prod\""));
  EXPECT_THAT(errors_of_key(key + "repositories: [a], registries: []"),
              HasSubstr("keys[0].registries: an empty list binds the key to nothing"));
  EXPECT_THAT(
      errors_of_key(key + "repositories: [a], predicate_types: [\"https://spdx.dev/Document\"]"),
      HasSubstr("no scan is read from the predicate type \"https://spdx.dev/Document\""));
  EXPECT_THAT(errors_of_key(key + "repositories: [a], valid_from: 2026-01-01"),
              HasSubstr("keys[0].valid_from: \"2026-01-01\" is not a time"));
  EXPECT_THAT(errors_of_key(key + "repositories: [a], valid_from: 2026-02-01T00:00:00Z, "
                                  "valid_until: 2026-02-01T00:00:00Z"),
              HasSubstr("keys[0].valid_until: is not after valid_from"));
  EXPECT_THAT(errors_of_key(key + "repositories: [a], until: never"),
              HasSubstr("unknown key \"until\""));
  EXPECT_THAT(errors("keys:\n  - {name: a, public_key_file: ci.pub, repositories: [a]}\n"
                     "  - {name: a, public_key_file: ci.pub, repositories: [b]}\n"),
              HasSubstr("the name \"a\" is taken by the key on line 2"));
}

TEST(TrustRules, AreReadInTheirOrder) {
  const auto settings = load_settings_text(R"(
policies:
  - name: p
    trust: [signed, unsigned]
    trust_rules:
      - {repositories: ["team/pay/**"], trust: [signed]}
      - {repositories: ["team/**", lab], trust: [signed, platform]}
)",
                                           "s.yaml", ".");
  ASSERT_TRUE(settings.has_value()) << to_string(settings.error());
  const std::vector<TrustRule> expected{{{"team/pay/**"}, {Trust::signed_}},
                                        {{"team/**", "lab"}, {Trust::signed_, Trust::platform}}};
  EXPECT_EQ(settings->policies.at(0).trust_rules, expected);
  EXPECT_THAT(redacted_summary(*settings),
              HasSubstr("trust_rules: [{repositories: [\"team/pay/**\"], trust: [signed]}, "));
}

TEST(TrustRules, AreRefusedWhereTheyCannotMean) {
  const auto errors = [](const std::string& rule) {
    const auto settings =
        load_settings_text("policies: [{name: p, trust_rules: [" + rule + "]}]\n", "s.yaml", ".");
    return settings.has_value() ? "" : to_string(settings.error());
  };
  EXPECT_THAT(errors("{repositories: [a]}"), HasSubstr("\"trust\" is missing"));
  EXPECT_THAT(errors("{trust: [signed]}"), HasSubstr("\"repositories\" is missing"));
  EXPECT_THAT(errors("{repositories: [], trust: [signed]}"),
              HasSubstr("an empty list matches nothing, so the rule would never apply"));
  EXPECT_THAT(errors("{repositories: [a], trust: []}"), HasSubstr("trusts no scan at all"));
  EXPECT_THAT(errors("{repositories: [a], trust: [verified]}"), HasSubstr("trust_rules[0].trust"));
}

}  // namespace
}  // namespace scanclock
