#include "tests/unit/house/await_traps.hpp"

#include "tests/unit/house/source_tree.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace scanclock::house {
namespace {

struct Sample {
  const char* name;
  const char* code;
  /// Lines with findings, in order.
  std::vector<int> lines;
};

std::vector<Finding> findings_in(const std::string& code) {
  return await_traps(Structure(tokenize(code)));
}

std::string in_function(const std::string& code) { return "Task f() {\n" + code + "\n}\n"; }

void check(const std::vector<Sample>& samples) {
  for (const Sample& sample : samples) {
    std::vector<int> lines;
    for (const Finding& finding : findings_in(in_function(sample.code))) {
      lines.push_back(finding.line - 1);
    }
    EXPECT_EQ(lines, sample.lines) << sample.name << ": " << sample.code;
  }
}

TEST(AwaitTraps, AreFoundWhereverTheStatementHidesThem) {
  check({
      {"temporary", "co_await get(Request{url, body});", {1}},
      {"empty braces", "co_await get({});", {1}},
      {"initializer list", "co_return co_await get({a, b});", {1}},
      {"result in braces", "std::vector<int> v{co_await x, co_await y};", {1}},
      {"behind the await", "use(co_await get(), Request{url});", {1}},
      {"before the await", "const auto r = Agg{1}.sum() + co_await get();", {1}},
      {"second line", "co_await get(\n    Request{url});", {2}},
      {"if-init", "if (auto r = co_await get({url}); r) {\n}", {1}},
      {"condition", "while (co_await next(Key{1})) {\n}", {1}},
      {"switch", "switch (co_await next({})) {\n}", {1}},
      {"for-range", "for (auto& x : co_await list({})) {\n}", {1}},
      {"else branch", "if (a) {\n} else if (co_await g({})) {\n}", {2}},
      {"without block", "if (a) co_await g(T{});", {1}},
      {"do-while", "do {\n} while (co_await g({}));", {2}},
      {"copied capture", "co_await retry([base] { return g(base); });", {1}},
      {"default copy", "co_await retry([=] { return g(base); });", {1}},
      {"moved capture",
       "co_await spawn(ex, [&a, v = std::move(v)]() mutable { use(v); }, tok);",
       {1}},
      {"captured *this", "co_await retry([*this] { return g(); });", {1}},
      {"two at once", "co_await f([x] { return x; }, T{});", {1, 1}},
      {"in a lambda", "auto l = [&]() -> Task {\n  co_await g(T{});\n};", {2}},
      {"in a lambda of an await", "co_await f([&]() -> Task {\n  co_await g(T{});\n});", {2}},
      {"after a comment", "/* co_await } */ co_await g(T{});  // {", {1}},
      {"after a raw string", "auto s = R\"x(}\")x\"; co_await g(T{});", {1}},
      {"macro", "EXPECT_EQ(co_await g(T{}), 1);", {1}},
      {"after case", "switch (a) {\n  case 1: {\n    co_await g(T{});\n  }\n}", {3}},
  });
}

TEST(AwaitTraps, AreNotSeenWhereNothingIsDestroyedTwice) {
  check({
      {"named local", "Request r{url, body};\nco_await get(std::move(r));", {}},
      {"neighbour before", "Agg a{1};\nco_await g();", {}},
      {"neighbour after", "co_await g();\nAgg a{1};", {}},
      {"block before", "if (a) {\n  b = T{};\n}\nco_await g();", {}},
      {"body of the statement", "if (co_await g()) {\n  b = T{};\n}", {}},
      {"body of if-init", "if (auto r = co_await g(); r) {\n  b = T{r};\n}", {}},
      {"head beside the body", "for (int i : {1, 2}) {\n  co_await g(i);\n}", {}},
      {"other part of a for", "for (T t{}; co_await g(t); ++i) {\n}", {}},
      {"captures by reference", "co_await f([&] { return T{}; });", {}},
      {"named reference", "co_await f([&a, &b = c] { return a; });", {}},
      {"this", "co_await f([this] { return x_; });", {}},
      {"no capture", "co_await f([](int a) -> int { return a; });", {}},
      {"lambda without await", "auto l = [x] { return T{x}; };\nco_await g(l);", {}},
      {"braces in a string", "co_await g(\"{}\", '{', R\"({[x]})\");", {}},
      {"braces in a comment", "co_await g(/* {} */ a);  // {}", {}},
      {"structured binding", "const auto [a, b] = co_await g();\nauto& [c, d] = e;", {}},
      {"subscript", "x[i] = co_await g(y[j]);", {}},
      {"digit separator", "co_await g(1'000'000);", {}},
      {"separator only", "T t{1'000};\nco_await g();", {}},
      {"try", "try {\n  co_await g();\n} catch (...) {\n  b = T{};\n}", {}},
      {"not in the await's lambda", "auto l = [x]() -> Task {\n  co_await g();\n};", {}},
  });
}

TEST(AwaitTraps, DoNotComeFromTheBracesOfFunctionsAndClasses) {
  const std::vector<const char*> codes{
      "asio::awaitable<void> A::f() { co_await g(); }",
      "auto f() -> asio::awaitable<void> { co_await g(); }",
      "A::A(int b) : b_{b}, c_(b) { }\nTask A::f() const { co_await g(); }",
      "struct A : B {\n  int x{1};\n  Task f() override { co_await g(); }\n};",
      "namespace a::b {\nTask f() { co_await g(); }\n}",
      "#define X {\nTask f() { co_await g(); }",
      "enum class E { a, b };\nTask f() { co_await g(); }",
      "template <class T>\nTask f(T t = {}) { co_await g(); }",
  };
  for (const char* code : codes) {
    EXPECT_TRUE(findings_in(code).empty()) << code;
  }
}

TEST(AwaitTraps, AreAbsentFromTheTree) {
  std::size_t awaits = 0;
  for (const ParsedFile& parsed : parsed_tree()) {
    for (const Token& token : parsed.structure.tokens()) {
      awaits += token.is("co_await") ? 1 : 0;
    }
    for (const Finding& finding : await_traps(parsed.structure)) {
      ADD_FAILURE() << parsed.file->path << ":" << finding.line << ": " << finding.what
                    << "\nHINT: name the temporary on the line above and move it";
    }
  }
  EXPECT_GT(awaits, 100u) << "the tree was not read";
}

}  // namespace
}  // namespace scanclock::house
