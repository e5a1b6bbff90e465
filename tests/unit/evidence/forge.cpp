#include "tests/unit/evidence/forge.hpp"

namespace scanclock::forging {

using nlohmann::json;

json report_of(const Digest& digest, const std::string& created_at) {
  json report = testing::trivy_report();
  report["CreatedAt"] = created_at;
  report["Metadata"]["RepoDigests"] = json::array({"team/pay/cart@" + digest.str()});
  report["Metadata"]["ImageID"] = digest == other_image ? other_config.str() : target_config.str();
  return report;
}

json statement_of(const Digest& digest, const std::string& finished_at) {
  return vulnerability_statement({digest}, finished_at, report_of(digest, finished_at));
}

std::string changed(const std::string& document, const std::function<void(json&)>& change) {
  json parsed = json::parse(document);
  change(parsed);
  return parsed.dump();
}

void PrintTo(const Forgery& forgery, std::ostream* stream) { *stream << forgery.name; }

std::vector<SigningKey> Forge::keys() const {
  std::vector<SigningKey> all;
  for (const OpensslKey* key : {&ci, &rsa, &expired, &early, &elsewhere, &in_lab, &other_type}) {
    all.push_back(key->settings());
    all.back().repositories = {"team/pay/**"};
  }
  all[2].valid_until = testing::time_of("2026-06-01T00:00:00Z");
  all[3].valid_from = testing::time_of("2027-06-01T00:00:00Z");
  all[4].repositories = {"team/dev/**"};
  all[5].registries = {"lab"};
  all[6].predicate_types = {"https://in-toto.io/attestation/vulns/v0.2"};
  return all;
}

namespace {

const Forgery about_the_image[] = {
    {"AnotherImagesAttestationReplayedHere",
     [](const Forge& forge) { return forge.good(statement_of(other_image, fresh_time)); },
     Rejection::wrong_subject},
    {"AReportAboutAnotherImageInside",
     [](const Forge& forge) {
       return forge.good(
           vulnerability_statement({target}, fresh_time, report_of(other_image, fresh_time)));
     },
     Rejection::wrong_subject},
    {"TwoSubjectsAndAReportAboutTheOther",
     [](const Forge& forge) {
       return forge.good(vulnerability_statement({target, other_image}, fresh_time,
                                                 report_of(other_image, fresh_time)));
     },
     std::nullopt},
    {"ASubjectByNameAlone",
     [](const Forge& forge) {
       json statement = vulnerability_statement({}, fresh_time, nullptr);
       statement["subject"] = json::array({{{"name", "team/pay/cart"}}});
       return forge.good(statement);
     },
     Rejection::no_packages},
    {"ASubjectByNameAroundAReportOfTheImage",
     [](const Forge& forge) {
       json statement = forge.fresh();
       statement["subject"] = json::array({{{"name", "team/pay/cart"}}});
       return forge.good(statement);
     },
     Rejection::untrusted},
    {"AnUnknownDigestAsSubject",
     [](const Forge& forge) {
       return forge.good(
           statement_of(Digest::from_trusted("sha256:" + std::string(64, '9')), fresh_time));
     },
     Rejection::wrong_subject},
};

const Forgery about_the_time[] = {
    {"AnOldReportWrappedToday",
     [](const Forge& forge) {
       return forge.good(vulnerability_statement({target}, fresh_time,
                                                 report_of(target, "2026-08-01T00:00:00Z")));
     },
     std::nullopt},
    {"ADateInTheFuture",
     [](const Forge& forge) { return forge.good(statement_of(target, "2026-11-20T00:00:00Z")); },
     Rejection::future_dated},
    {"NoTimeAtAll",
     [](const Forge& forge) {
       json statement = forge.fresh();
       statement["predicate"]["metadata"] = json::object();
       statement["predicate"]["scanner"]["result"].erase("CreatedAt");
       return forge.good(statement);
     },
     Rejection::no_time},
    {"TheZeroTimeOfUnsetFields",
     [](const Forge& forge) { return forge.good(statement_of(target, "0001-01-01T00:00:00Z")); },
     Rejection::no_time},
};

const Forgery about_the_key[] = {
    {"AKeyThatNobodyKnows",
     [](const Forge& forge) { return signed_envelope(forge.stranger, forge.fresh()); },
     Rejection::bad_signature},
    {"AnExpiredKey",
     [](const Forge& forge) { return signed_envelope(forge.expired, forge.fresh()); },
     Rejection::bad_signature},
    {"AnExpiredKeyAndAScanOfItsDays",
     [](const Forge& forge) {
       return signed_envelope(forge.expired, statement_of(target, "2026-05-01T00:00:00Z"));
     },
     Rejection::bad_signature},
    {"AKeyThatIsNotValidYet",
     [](const Forge& forge) { return signed_envelope(forge.early, forge.fresh()); },
     Rejection::bad_signature},
    {"AKeyOfAnotherRepository",
     [](const Forge& forge) { return signed_envelope(forge.elsewhere, forge.fresh()); },
     Rejection::bad_signature},
    {"AKeyOfAnotherRegistry",
     [](const Forge& forge) { return signed_envelope(forge.in_lab, forge.fresh()); },
     Rejection::bad_signature},
    {"AKeyOfAnotherPredicateType",
     [](const Forge& forge) { return signed_envelope(forge.other_type, forge.fresh()); },
     Rejection::bad_signature},
    {"TheKeyidOfAGoodKey",
     [](const Forge& forge) {
       return changed(signed_envelope(forge.stranger, forge.fresh()),
                      [](json& envelope) { envelope["signatures"][0]["keyid"] = "ci"; });
     },
     Rejection::bad_signature},
    {"AKeyOnAnUnsupportedCurve",
     [](const Forge& forge) { return signed_envelope(forge.large, forge.fresh()); },
     Rejection::bad_signature},
    {"ACertificateInsteadOfAKey",
     [](const Forge& forge) {
       json bundle = sigstore_bundle(json::parse(forge.good(forge.fresh())), bundle_type);
       bundle["verificationMaterial"] = {{"certificate", {{"rawBytes", "AAAA"}}}};
       return bundle.dump();
     },
     Rejection::untrusted},
};

}  // namespace

std::span<const Forgery> forgeries_of_the_image() { return about_the_image; }
std::span<const Forgery> forgeries_of_the_time() { return about_the_time; }
std::span<const Forgery> forgeries_of_the_key() { return about_the_key; }

}  // namespace scanclock::forging
