#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace scanclock::house {

/// As much of C++ as the rules of the house need: comments are gone, a literal is one token.
struct Token {
  enum class Kind {
    identifier,  ///< Also keywords.
    number,
    string,     ///< `text` is what stands between the quotes, as written.
    character,  ///< As string.
    directive,  ///< A whole preprocessor line, with its continuations.
    punctuation,
  };

  Kind kind = Kind::punctuation;
  std::string text;
  int line = 0;

  bool is(std::string_view punctuation_or_word) const {
    return (kind == Kind::punctuation || kind == Kind::identifier) && text == punctuation_or_word;
  }
};

/// `::`, `->`, `&&` and `==` aside, punctuation is one character a token: nothing here needs
/// more, and `>>` may close two templates.
std::vector<Token> tokenize(std::string_view source);

/// True when the texts of the tokens from `at` on are `words`.
bool reads(const std::vector<Token>& tokens, std::size_t at,
           const std::vector<std::string_view>& words);

}  // namespace scanclock::house
