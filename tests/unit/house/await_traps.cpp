#include "tests/unit/house/await_traps.hpp"

#include <algorithm>
#include <cstddef>
#include <set>

namespace scanclock::house {
namespace {

/// Tokens from `begin` up to, not including, `end`.
struct Range {
  std::size_t begin = 0;
  std::size_t end = 0;
};

/// True when a bracket bounds the statements within: a block, or the head of an if or a loop, whose
/// parts between semicolons are full expressions of their own.
bool holds_statements(const Structure& structure, std::size_t bracket) {
  const Brace brace = structure.brace(bracket);
  return brace == Brace::block || brace == Brace::lambda || brace == Brace::scope ||
         structure.is_control_head(bracket);
}

bool ends_statement(const Structure& structure, std::size_t at) {
  const Token& token = structure.tokens()[at];
  if (token.is(";") || token.kind == Token::Kind::directive) {
    return true;
  }
  if (token.is("}")) {
    return structure.brace(structure.partner(at)) == Brace::block ||
           structure.brace(structure.partner(at)) == Brace::scope;
  }
  return token.is(")") && structure.is_control_head(structure.partner(at));
}

Range statement_around(const Structure& structure, std::size_t at) {
  const std::vector<Token>& tokens = structure.tokens();
  std::size_t inside = at;
  std::size_t bracket = structure.parent(at);
  while (bracket != no_token && !holds_statements(structure, bracket)) {
    inside = bracket;
    bracket = structure.parent(bracket);
  }
  const std::size_t first = bracket == no_token ? 0 : bracket + 1;
  const std::size_t last = bracket == no_token ? tokens.size() : structure.partner(bracket);
  Range range;
  range.begin = inside;
  while (range.begin > first && !ends_statement(structure, range.begin - 1)) {
    const std::size_t before = range.begin - 1;
    const std::size_t partner = structure.partner(before);
    range.begin = partner == no_token ? before : partner;
  }
  range.end = inside;
  while (range.end < last && !tokens[range.end].is(";")) {
    const std::size_t partner = structure.partner(range.end);
    range.end = partner == no_token ? range.end + 1 : partner + 1;
  }
  return range;
}

/// Captures that make the closure something to destroy.
bool captures_by_value(const Structure& structure, std::size_t introducer) {
  const std::vector<Token>& tokens = structure.tokens();
  const std::size_t end = structure.partner(introducer);
  bool at_start = true;
  for (std::size_t i = introducer + 1; i < end; ++i) {
    if (at_start && !tokens[i].is("&") && !tokens[i].is("this")) {
      return true;
    }
    at_start = tokens[i].is(",");
    if (structure.partner(i) != no_token) {
      i = structure.partner(i);
    }
  }
  return false;
}

void inspect(const Structure& structure, Range range, std::vector<Finding>& findings) {
  const std::vector<Token>& tokens = structure.tokens();
  for (std::size_t i = range.begin; i < range.end; ++i) {
    if (tokens[i].is("{")) {
      if (structure.brace(i) == Brace::lambda) {
        i = structure.partner(i);
      } else {
        findings.push_back({tokens[i].line, "braces in a statement with co_await"});
      }
    } else if (structure.is_lambda_introducer(i) && captures_by_value(structure, i)) {
      findings.push_back({tokens[i].line, "a capture by value in a statement with co_await"});
    }
  }
}

}  // namespace

std::vector<Finding> await_traps(const Structure& structure) {
  std::vector<Finding> findings;
  std::set<std::size_t> seen;
  for (std::size_t i = 0; i < structure.tokens().size(); ++i) {
    if (structure.tokens()[i].is("co_await")) {
      const Range range = statement_around(structure, i);
      if (seen.insert(range.begin).second) {
        inspect(structure, range, findings);
      }
    }
  }
  return findings;
}

}  // namespace scanclock::house
