#include "core/registry/challenge.hpp"

#include <algorithm>

namespace scanclock {
namespace {

bool is_blank(char c) { return c == ' ' || c == '\t'; }

bool is_token_character(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
         std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos;
}

std::string lower(std::string_view text) {
  std::string result(text);
  std::transform(result.begin(), result.end(), result.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  return result;
}

/// Walks over one header line; each step consumes at least one character.
class ChallengeReader {
 public:
  explicit ChallengeReader(std::string_view text) : text_(text) {}

  std::vector<Challenge> read() {
    while (skip_separators()) {
      const std::string_view word = take_token();
      if (word.empty()) {
        skip_to_comma();
        continue;
      }
      skip_blanks();
      if (at('=')) {
        ++position_;
        take_parameter(word);
      } else {
        challenges_.push_back(Challenge{lower(word), {}});
        followed_by_comma_ = position_ >= text_.size() || at(',');
      }
    }
    return std::move(challenges_);
  }

 private:
  bool at(char c) const { return position_ < text_.size() && text_[position_] == c; }

  void skip_blanks() {
    while (position_ < text_.size() && is_blank(text_[position_])) {
      ++position_;
    }
  }

  void skip_to_comma() {
    while (position_ < text_.size() && text_[position_] != ',') {
      ++position_;
    }
  }

  bool skip_separators() {
    while (position_ < text_.size() && (is_blank(text_[position_]) || text_[position_] == ',')) {
      ++position_;
    }
    return position_ < text_.size();
  }

  std::string_view take_token() {
    const std::size_t from = position_;
    while (position_ < text_.size() && is_token_character(text_[position_])) {
      ++position_;
    }
    return text_.substr(from, position_ - from);
  }

  void take_parameter(std::string_view name) {
    rejoin_split_value();
    skip_blanks();
    if (at('=') || at(',') || position_ >= text_.size()) {
      // The padding of a token68, as Negotiate sends it, is no parameter.
      skip_to_comma();
      return;
    }
    const bool quoted = at('"');
    std::string value = quoted ? take_quoted() : take_bare();
    if (!challenges_.empty()) {
      last_bare_ = quoted ? std::string() : lower(name);
      challenges_.back().parameters.emplace(lower(name), std::move(value));
    }
  }

  /// A scheme's parameters follow a blank, never a comma. A parameter after `word,` therefore
  /// shows that the word was the rest of an unquoted list, such as `scope=repository:a:pull,push`.
  void rejoin_split_value() {
    if (challenges_.size() < 2 || !followed_by_comma_ || !challenges_.back().parameters.empty()) {
      return;
    }
    const std::string rest = std::move(challenges_.back().scheme);
    Challenge& previous = challenges_[challenges_.size() - 2];
    const auto value = previous.parameters.find(last_bare_);
    if (last_bare_.empty() || value == previous.parameters.end()) {
      challenges_.back().scheme = rest;
      return;
    }
    value->second += "," + rest;
    challenges_.pop_back();
  }

  std::string take_quoted() {
    std::string value;
    for (++position_; position_ < text_.size(); ++position_) {
      char c = text_[position_];
      if (c == '"') {
        ++position_;
        break;
      }
      if (c == '\\' && position_ + 1 < text_.size()) {
        c = text_[++position_];
      }
      value.push_back(c);
    }
    return value;
  }

  std::string take_bare() {
    const std::size_t from = position_;
    while (position_ < text_.size() && text_[position_] != ',' && !is_blank(text_[position_])) {
      ++position_;
    }
    return std::string(text_.substr(from, position_ - from));
  }

  std::string_view text_;
  std::size_t position_ = 0;
  std::vector<Challenge> challenges_;
  bool followed_by_comma_ = false;
  std::string last_bare_;
};

std::string parameter(const Challenge& challenge, const std::string& name) {
  const auto found = challenge.parameters.find(name);
  return found == challenge.parameters.end() ? std::string() : found->second;
}

}  // namespace

std::vector<Challenge> parse_challenges(std::string_view header) {
  if (header.size() > challenge_bytes_max) {
    return {};
  }
  return ChallengeReader(header).read();
}

std::optional<AuthDemand> demand_of(const std::vector<HttpHeader>& headers) {
  std::optional<AuthDemand> basic;
  for (const HttpHeader& header : headers) {
    if (lower(header.name) != "www-authenticate") {
      continue;
    }
    for (const Challenge& challenge : parse_challenges(header.value)) {
      AuthDemand demand;
      demand.realm = parameter(challenge, "realm");
      demand.service = parameter(challenge, "service");
      demand.scope = parameter(challenge, "scope");
      if (challenge.scheme == "bearer" && !demand.realm.empty()) {
        demand.scheme = AuthDemand::Scheme::bearer;
        return demand;
      }
      if (challenge.scheme == "basic" && !basic) {
        basic = demand;
      }
    }
  }
  return basic;
}

}  // namespace scanclock
