#include "tests/unit/house/source_tokens.hpp"

#include <algorithm>
#include <cctype>
#include <utility>

namespace scanclock::house {
namespace {

bool is_word_start(char c) { return std::isalpha(static_cast<unsigned char>(c)) != 0 || c == '_'; }

bool is_word(char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_'; }

class Reader {
 public:
  explicit Reader(std::string_view source) : source_(source) {}

  std::vector<Token> read() {
    while (at_ < source_.size()) {
      step();
    }
    return std::move(tokens_);
  }

 private:
  std::string_view rest() const { return source_.substr(at_); }

  /// Moves on, counting lines.
  void advance(std::size_t count) {
    const std::string_view passed = rest().substr(0, count);
    line_ += static_cast<int>(std::count(passed.begin(), passed.end(), '\n'));
    at_ += passed.size();
  }

  void add(Token::Kind kind, std::string_view text, std::size_t length) {
    tokens_.push_back({kind, std::string(text), line_});
    advance(length);
  }

  void step() {
    const char c = source_[at_];
    if (c == '\n') {
      at_line_start_ = true;
      advance(1);
      return;
    }
    if (std::isspace(static_cast<unsigned char>(c)) != 0) {
      advance(1);
      return;
    }
    if (rest().starts_with("//")) {
      advance(std::min(rest().find('\n'), rest().size()));
      return;
    }
    if (rest().starts_with("/*")) {
      const std::size_t end = rest().find("*/", 2);
      advance(end == std::string_view::npos ? rest().size() : end + 2);
      return;
    }
    if (c == '#' && at_line_start_) {
      directive();
      return;
    }
    at_line_start_ = false;
    if (!literal()) {
      word_or_punctuation(c);
    }
  }

  /// A comment behind a directive stays in its text: no rule minds.
  void directive() {
    std::size_t end = 0;
    do {
      end = rest().find('\n', end);
      end = end == std::string_view::npos ? rest().size() : end + 1;
    } while (end < rest().size() && end >= 2 && rest()[end - 2] == '\\');
    std::string_view text = rest().substr(0, end);
    while (!text.empty() && std::isspace(static_cast<unsigned char>(text.back())) != 0) {
      text.remove_suffix(1);
    }
    add(Token::Kind::directive, text, end);
  }

  bool literal() {
    for (const std::string_view prefix : {"", "u8", "u", "U", "L"}) {
      if (!rest().starts_with(prefix)) {
        continue;
      }
      const std::string_view after = rest().substr(prefix.size());
      if (after.starts_with("R\"")) {
        raw_string(prefix.size() + 2);
        return true;
      }
      if (after.starts_with('"') || after.starts_with('\'')) {
        quoted(prefix.size(), after.front());
        return true;
      }
    }
    return false;
  }

  void raw_string(std::size_t opening) {
    const std::size_t parenthesis = rest().find('(', opening);
    const std::string closing =
        ")" + std::string(rest().substr(opening, parenthesis - opening)) + "\"";
    const std::size_t end = std::min(rest().find(closing, parenthesis), rest().size());
    add(Token::Kind::string, rest().substr(parenthesis + 1, end - parenthesis - 1),
        end + closing.size());
  }

  void quoted(std::size_t opening, char quote) {
    std::size_t end = opening + 1;
    while (end < rest().size() && rest()[end] != quote && rest()[end] != '\n') {
      end += rest()[end] == '\\' ? 2 : 1;
    }
    end = std::min(end, rest().size());
    add(quote == '"' ? Token::Kind::string : Token::Kind::character,
        rest().substr(opening + 1, end - opening - 1), end + 1);
  }

  void word_or_punctuation(char c) {
    if (is_word_start(c)) {
      std::size_t end = 1;
      while (end < rest().size() && is_word(rest()[end])) {
        ++end;
      }
      add(Token::Kind::identifier, rest().substr(0, end), end);
    } else if (std::isdigit(static_cast<unsigned char>(c)) != 0) {
      std::size_t end = 1;
      // A digit separator is not the quote of a character.
      while (end < rest().size() &&
             (is_word(rest()[end]) || rest()[end] == '.' || rest()[end] == '\'')) {
        ++end;
      }
      add(Token::Kind::number, rest().substr(0, end), end);
    } else {
      const bool is_pair = rest().starts_with("::") || rest().starts_with("->") ||
                           rest().starts_with("&&") || rest().starts_with("==");
      add(Token::Kind::punctuation, rest().substr(0, is_pair ? 2 : 1), is_pair ? 2 : 1);
    }
  }

  std::string_view source_;
  std::size_t at_ = 0;
  int line_ = 1;
  bool at_line_start_ = true;
  std::vector<Token> tokens_;
};

}  // namespace

std::vector<Token> tokenize(std::string_view source) { return Reader(source).read(); }

bool reads(const std::vector<Token>& tokens, std::size_t at,
           const std::vector<std::string_view>& words) {
  if (at + words.size() > tokens.size()) {
    return false;
  }
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (!tokens[at + i].is(words[i]) &&
        !(tokens[at + i].kind == Token::Kind::number && tokens[at + i].text == words[i])) {
      return false;
    }
  }
  return true;
}

}  // namespace scanclock::house
