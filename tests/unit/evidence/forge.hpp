#pragma once

#include "core/domain/records.hpp"
#include "tests/support/signed_statements.hpp"
#include "tests/unit/evidence/samples.hpp"

#include <nlohmann/json.hpp>

#include <functional>
#include <optional>
#include <ostream>
#include <span>
#include <string>
#include <vector>

namespace scanclock::forging {

/// The image whose clock is to be moved, and another one in the same repository.
const Digest target = testing::digest_of(testing::image_hex);
const Digest target_config = testing::digest_of(testing::config_hex);
const Digest other_image = testing::digest_of(testing::other_hex);
const Digest other_config = Digest::from_trusted("sha256:" + std::string(64, '4'));
const RepositoryKey place{"prod", "team/pay/cart"};

inline constexpr const char* now_text = "2026-11-01T12:00:00Z";
/// Of the newest scan that counts when the forgers begin.
inline constexpr const char* honest_time = "2026-09-01T00:00:00Z";
inline constexpr const char* fresh_time = "2026-11-01T11:00:00Z";

/// A sound report about one of the two, and a statement around it.
nlohmann::json report_of(const Digest& digest, const std::string& created_at);
nlohmann::json statement_of(const Digest& digest, const std::string& finished_at);

/// What a forger can be thought to have: keys of every kind, of which the settings know some, and
/// whatever was signed before.
class Forge {
 public:
  const TemporaryFolder folder;
  const OpensslKey ci{folder, "ci"};
  const OpensslKey rsa{folder, "rsa", OpensslKey::Kind::rsa};
  const OpensslKey stranger{folder, "stranger"};
  const OpensslKey expired{folder, "expired"};
  const OpensslKey early{folder, "early"};
  const OpensslKey elsewhere{folder, "elsewhere"};
  const OpensslKey in_lab{folder, "in-lab"};
  const OpensslKey other_type{folder, "other-type"};
  const OpensslKey large{folder, "large", OpensslKey::Kind::p521};

  /// Those of the settings.
  std::vector<SigningKey> keys() const;

  std::string good(const nlohmann::json& statement) const { return signed_envelope(ci, statement); }
  nlohmann::json fresh() const { return statement_of(target, fresh_time); }
  /// What the clock of the target stands on.
  const std::string honest = good(statement_of(target, honest_time));
};

struct Forgery {
  const char* name;
  std::function<std::string(const Forge&)> make;
  /// Nothing: it is accepted, for what it really says.
  std::optional<Rejection> reason;
};

void PrintTo(const Forgery& forgery, std::ostream* stream);

std::span<const Forgery> forgeries_of_the_image();
std::span<const Forgery> forgeries_of_the_time();
std::span<const Forgery> forgeries_of_the_key();
std::span<const Forgery> forgeries_of_the_signature();
std::span<const Forgery> forgeries_of_the_payload();

/// `document` with a change in its JSON.
std::string changed(const std::string& document,
                    const std::function<void(nlohmann::json&)>& change);

inline constexpr const char* bundle_type = "application/vnd.dev.sigstore.bundle.v0.3+json";

}  // namespace scanclock::forging
