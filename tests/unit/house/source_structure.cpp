#include "tests/unit/house/source_structure.hpp"

#include <algorithm>
#include <array>
#include <stdexcept>
#include <string_view>
#include <utility>

namespace scanclock::house {
namespace {

bool is_one_of(const Token& token, std::initializer_list<std::string_view> words) {
  return std::any_of(words.begin(), words.end(),
                     [&](std::string_view word) { return token.is(word); });
}

bool opens(const Token& token) { return is_one_of(token, {"(", "[", "{"}); }
bool closes(const Token& token) { return is_one_of(token, {")", "]", "}"}); }

/// A keyword behind which a square bracket begins a lambda, although it looks like a name.
bool is_operator_word(const Token& token) {
  return is_one_of(token, {"return", "co_return", "co_await", "co_yield", "else", "do", "case",
                           "throw", "and", "or", "not"});
}

}  // namespace

Structure::Structure(std::vector<Token> tokens)
    : tokens_(std::move(tokens)),
      partner_(tokens_.size(), no_token),
      parent_(tokens_.size(), no_token),
      brace_(tokens_.size(), Brace::none) {
  match_brackets();
  mark_lambda_bodies();
  for (std::size_t i = 0; i < tokens_.size(); ++i) {
    if (tokens_[i].is("{") && brace_[i] == Brace::none) {
      brace_[i] = classify(i);
    }
  }
}

void Structure::match_brackets() {
  std::vector<std::size_t> open;
  for (std::size_t i = 0; i < tokens_.size(); ++i) {
    const Token& token = tokens_[i];
    if (closes(token)) {
      const std::string_view wanted = token.is(")") ? "(" : token.is("]") ? "[" : "{";
      if (open.empty() || !tokens_[open.back()].is(wanted)) {
        throw std::runtime_error("line " + std::to_string(token.line) + ": \"" + token.text +
                                 "\" closes nothing");
      }
      partner_[i] = open.back();
      partner_[open.back()] = i;
      open.pop_back();
    }
    parent_[i] = open.empty() ? no_token : open.back();
    if (opens(token)) {
      open.push_back(i);
    }
  }
  if (!open.empty()) {
    throw std::runtime_error("line " + std::to_string(tokens_[open.back()].line) + ": \"" +
                             tokens_[open.back()].text + "\" is never closed");
  }
}

bool Structure::is_lambda_introducer(std::size_t at) const {
  if (!tokens_[at].is("[") || at == 0) {
    return tokens_[at].is("[");
  }
  // Attributes are doubled brackets.
  if (tokens_[at - 1].is("[") || tokens_[at + 1].is("[")) {
    return false;
  }
  std::size_t before = at - 1;
  if (tokens_[before].is("delete")) {
    return false;
  }
  // A structured binding: auto [a, b], auto& [a, b], auto&& [a, b].
  const std::size_t word =
      is_one_of(tokens_[before], {"&", "&&"}) && before > 0 ? before - 1 : before;
  if (tokens_[word].is("auto")) {
    return false;
  }
  const Token& previous = tokens_[before];
  const bool is_subscripted =
      (previous.kind == Token::Kind::identifier && !is_operator_word(previous)) ||
      previous.kind == Token::Kind::string || previous.is("]") ||
      (previous.is(")") && !is_control_head(partner_[before])) || previous.is(">");
  return !is_subscripted;
}

bool Structure::is_control_head(std::size_t at) const {
  if (!tokens_[at].is("(") || at == 0) {
    return false;
  }
  const std::size_t before = tokens_[at - 1].is("constexpr") && at > 1 ? at - 2 : at - 1;
  return is_one_of(tokens_[before], {"if", "for", "while", "switch", "catch"});
}

void Structure::mark_lambda_bodies() {
  for (std::size_t i = 0; i < tokens_.size(); ++i) {
    if (!is_lambda_introducer(i)) {
      continue;
    }
    std::size_t next = partner_[i] + 1;
    while (next < tokens_.size() && !tokens_[next].is("{")) {
      if (is_one_of(tokens_[next], {";", ")", "]", "}"})) {
        break;
      }
      next = tokens_[next].is("(") ? partner_[next] + 1 : next + 1;
    }
    if (next < tokens_.size() && tokens_[next].is("{")) {
      brace_[next] = Brace::lambda;
    }
  }
}

Brace Structure::classify(std::size_t at) const {
  if (at == 0) {
    return Brace::block;
  }
  const Token& previous = tokens_[at - 1];
  if (previous.is("{")) {
    return brace_[at - 1] == Brace::list ? Brace::list : Brace::block;
  }
  if (is_one_of(previous, {")", ";", "}", ":", "else", "do", "try", "const", "noexcept", "override",
                           "final", "mutable"})) {
    return previous.is("final") ? classify_after_word(at) : Brace::block;
  }
  if (previous.kind == Token::Kind::directive) {
    return Brace::block;
  }
  const bool is_word = (previous.kind == Token::Kind::identifier && !is_operator_word(previous)) ||
                       previous.kind == Token::Kind::string ||
                       is_one_of(previous, {">", "*", "&", "]"});
  return is_word ? classify_after_word(at) : Brace::list;
}

Brace Structure::classify_after_word(std::size_t at) const {
  std::size_t i = declaration_start(at);
  bool saw_parameters = false;
  for (; i < at; ++i) {
    const Token& token = tokens_[i];
    if (token.is("template") && i + 1 < at && tokens_[i + 1].is("<")) {
      // `template <class T>` names no class; its angle brackets nest.
      int depth = 0;
      do {
        ++i;
        depth += tokens_[i].is("<") ? 1 : tokens_[i].is(">") ? -1 : 0;
      } while (depth > 0 && i < at);
      continue;
    }
    if (!saw_parameters && is_one_of(token, {"namespace", "class", "struct", "union", "enum"})) {
      return Brace::scope;
    }
    if (token.is("extern") && at == i + 2 && tokens_[i + 1].kind == Token::Kind::string) {
      return Brace::scope;
    }
    if (token.is("=")) {
      return Brace::list;
    }
    if (token.is("(")) {
      saw_parameters = true;
      i = partner_[i];
    } else if (saw_parameters && is_one_of(token, {"->", "requires"})) {
      return token.is("->") && !tokens_[i - 1].is(")") && !tokens_[i - 1].is("const") &&
                     !tokens_[i - 1].is("noexcept")
                 ? Brace::list
                 : Brace::block;
    } else if (opens(token)) {
      i = partner_[i];
    }
  }
  return Brace::list;
}

std::size_t Structure::declaration_start(std::size_t at) const {
  std::size_t i = at;
  while (i > 0) {
    const std::size_t before = i - 1;
    const Token& token = tokens_[before];
    if (token.kind == Token::Kind::directive || is_one_of(token, {";", "(", "[", "{"})) {
      break;
    }
    if (closes(token)) {
      const std::size_t opening = partner_[before];
      if (token.is("}") && brace_[opening] != Brace::list && brace_[opening] != Brace::lambda) {
        break;
      }
      if (is_control_head(opening)) {
        break;
      }
      i = opening;
    } else {
      i = before;
    }
  }
  return i;
}

std::string Structure::function_name(std::size_t brace) const {
  std::size_t i = declaration_start(brace);
  while (i < brace && !tokens_[i].is("(")) {
    i = tokens_[i].is("[") ? partner_[i] + 1 : i + 1;
  }
  if (i >= brace || i == 0) {
    return "?";
  }
  std::string name;
  for (std::size_t j = i; j > 0; --j) {
    const Token& token = tokens_[j - 1];
    const bool belongs = token.is("::") || token.is("~") ||
                         (token.kind == Token::Kind::identifier &&
                          (name.empty() || name.starts_with("::") || name.starts_with("~")));
    if (!belongs) {
      break;
    }
    name = token.text + name;
  }
  if (name.starts_with("TEST")) {
    for (std::size_t j = i; j <= partner_[i]; ++j) {
      name += tokens_[j].text;
    }
  }
  return name;
}

std::vector<Function> Structure::functions() const {
  std::vector<Function> found;
  for (std::size_t i = 0; i < tokens_.size(); ++i) {
    if (!tokens_[i].is("{") || brace_[i] != Brace::block) {
      continue;
    }
    const std::size_t around = parent_[i];
    if (around == no_token || brace_[around] == Brace::scope) {
      found.push_back(
          {function_name(i), tokens_[i].line, tokens_[partner_[i]].line - tokens_[i].line + 1});
    }
  }
  return found;
}

}  // namespace scanclock::house
