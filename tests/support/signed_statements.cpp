#include "tests/support/signed_statements.hpp"

#include "core/runtime/hashing.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <stdexcept>

namespace scanclock {
namespace {

using nlohmann::json;

void run_openssl(std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), "openssl");
  const CommandResult result = run_command(arguments);
  if (result.exit_code != 0) {
    throw std::runtime_error("openssl " + arguments.at(1) + " failed: " + result.output);
  }
}

std::vector<std::string> generation(OpensslKey::Kind kind) {
  switch (kind) {
    case OpensslKey::Kind::p256:
      return {"-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"};
    case OpensslKey::Kind::p384:
      return {"-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-384"};
    case OpensslKey::Kind::p521:
      return {"-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-521"};
    case OpensslKey::Kind::rsa:
      return {"-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048"};
    case OpensslKey::Kind::ed25519:
      break;
  }
  return {"-algorithm", "ED25519"};
}

KeyAlgorithm algorithm_of_kind(OpensslKey::Kind kind) {
  switch (kind) {
    case OpensslKey::Kind::p384:
      return KeyAlgorithm::ecdsa_p384;
    case OpensslKey::Kind::rsa:
      return KeyAlgorithm::rsa;
    case OpensslKey::Kind::ed25519:
      return KeyAlgorithm::ed25519;
    case OpensslKey::Kind::p256:
    case OpensslKey::Kind::p521:
      break;
  }
  return KeyAlgorithm::ecdsa_p256;
}

}  // namespace

OpensslKey::OpensslKey(const TemporaryFolder& folder, std::string name, Kind kind)
    : folder_(folder.path()), name_(std::move(name)), kind_(kind) {
  std::vector<std::string> arguments = generation(kind);
  arguments.insert(arguments.begin(), "genpkey");
  arguments.insert(arguments.end(), {"-out", private_file()});
  run_openssl(std::move(arguments));
  run_openssl({"pkey", "-in", private_file(), "-pubout", "-out", public_file()});
  const std::filesystem::path der = folder_ / (name_ + ".der");
  run_openssl({"pkey", "-pubin", "-in", public_file(), "-outform", "DER", "-out", der});
  settings_.name = name_;
  settings_.algorithm = algorithm_of_kind(kind_);
  settings_.public_key = read_text(der);
  settings_.fingerprint =
      sha256(settings_.public_key).str().substr(0, std::string("sha256:").size() + 16);
  settings_.repositories = {"**"};
}

std::filesystem::path OpensslKey::public_file() const { return folder_ / (name_ + ".pub"); }
std::filesystem::path OpensslKey::private_file() const { return folder_ / (name_ + ".pem"); }

std::string OpensslKey::sign(std::string_view message, const std::string& hash,
                             const std::vector<std::string>& options) const {
  const std::filesystem::path input = folder_ / (name_ + ".message");
  const std::filesystem::path output = folder_ / (name_ + ".signature");
  write_file(input, std::string(message));
  std::vector<std::string> arguments;
  if (kind_ == Kind::ed25519) {
    arguments = {"pkeyutl", "-sign", "-inkey", private_file(), "-rawin",
                 "-in",     input,   "-out",   output};
  } else {
    arguments = {"dgst", hash, "-sign", private_file(), "-out", output};
    arguments.insert(arguments.end(), options.begin(), options.end());
    arguments.push_back(input);
  }
  run_openssl(std::move(arguments));
  return read_text(output);
}

std::string dsse_message(std::string_view payload, std::string_view type) {
  return "DSSEv1 " + std::to_string(type.size()) + " " + std::string(type) + " " +
         std::to_string(payload.size()) + " " + std::string(payload);
}

json vulnerability_statement(const std::vector<Digest>& subjects, const std::string& finished_at,
                             const json& report) {
  json named = json::array();
  for (const Digest& subject : subjects) {
    json digest;
    digest[std::string(subject.algorithm())] = std::string(subject.hex());
    named.push_back({{"name", "image"}, {"digest", digest}});
  }
  json scanner = {{"uri", "pkg:github/aquasecurity/trivy@0.66.0"}, {"version", "0.66.0"}};
  scanner["result"] = report;
  return {{"_type", "https://in-toto.io/Statement/v0.1"},
          {"predicateType", "https://cosign.sigstore.dev/attestation/vuln/v1"},
          {"subject", named},
          {"predicate",
           {{"scanner", scanner},
            {"metadata", {{"scanStartedOn", finished_at}, {"scanFinishedOn", finished_at}}}}}};
}

json dsse_envelope(std::string_view payload, const std::vector<std::string>& signatures,
                   std::string_view type) {
  json list = json::array();
  for (const std::string& signature : signatures) {
    list.push_back({{"keyid", ""}, {"sig", base64_encode(signature)}});
  }
  return {{"payloadType", type}, {"payload", base64_encode(payload)}, {"signatures", list}};
}

std::string signed_envelope(const OpensslKey& key, const json& statement) {
  const std::string payload = statement.dump();
  return dsse_envelope(payload, {key.sign(dsse_message(payload))}).dump();
}

json sigstore_bundle(const json& envelope, const std::string& media_type) {
  return {{"mediaType", media_type},
          {"verificationMaterial", {{"publicKey", {{"hint", "hint"}}}}},
          {"dsseEnvelope", envelope}};
}

std::string url_safe_base64(std::string text, bool padded) {
  std::replace(text.begin(), text.end(), '+', '-');
  std::replace(text.begin(), text.end(), '/', '_');
  if (!padded) {
    text.erase(text.find_last_not_of('=') + 1);
  }
  return text;
}

}  // namespace scanclock
