#pragma once

#include "tests/unit/house/source_tokens.hpp"

#include <cstddef>
#include <string>
#include <vector>

namespace scanclock::house {

inline constexpr std::size_t no_token = static_cast<std::size_t>(-1);

enum class Brace {
  none,
  block,   ///< A function's body or a compound statement.
  lambda,  ///< A lambda's body.
  scope,   ///< Of a namespace, a class, an enumeration or `extern "C"`.
  list,    ///< An initializer.
};

struct Function {
  std::string name;
  int line = 0;
  /// From the line of the opening brace to that of the closing one.
  int body_lines = 0;
};

/// What brackets belong together in a source, and what its braces are for.
class Structure {
 public:
  /// Throws std::runtime_error when brackets do not match, naming the line.
  explicit Structure(std::vector<Token> tokens);

  const std::vector<Token>& tokens() const { return tokens_; }
  /// The other bracket of a pair, else no_token.
  std::size_t partner(std::size_t at) const { return partner_[at]; }
  /// The innermost opening bracket around a token, else no_token.
  std::size_t parent(std::size_t at) const { return parent_[at]; }
  /// Of an opening brace.
  Brace brace(std::size_t at) const { return brace_[at]; }
  /// An opening square bracket that begins a lambda.
  bool is_lambda_introducer(std::size_t at) const;
  /// An opening parenthesis behind if, for, while, switch or catch.
  bool is_control_head(std::size_t at) const;

  std::vector<Function> functions() const;

 private:
  void match_brackets();
  void mark_lambda_bodies();
  Brace classify(std::size_t at) const;
  Brace classify_after_word(std::size_t at) const;
  /// The first token of the statement or declaration that a token at the same depth belongs to.
  std::size_t declaration_start(std::size_t at) const;
  std::string function_name(std::size_t brace) const;

  std::vector<Token> tokens_;
  std::vector<std::size_t> partner_;
  std::vector<std::size_t> parent_;
  std::vector<Brace> brace_;
};

}  // namespace scanclock::house
