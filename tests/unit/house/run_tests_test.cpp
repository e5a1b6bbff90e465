// What tools/run-tests says of a program that fails, with scripts in the place of test programs.
#include <gtest/gtest.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

namespace scanclock::house {
namespace {

namespace fs = std::filesystem;

class RunTests : public testing::Test {
 protected:
  void SetUp() override {
    if (std::system("python3 -c '' >/dev/null 2>&1") != 0) {
      GTEST_SKIP() << "there is no python3";
    }
    std::string pattern = (fs::temp_directory_path() / "run-tests-XXXXXX").string();
    ASSERT_NE(mkdtemp(pattern.data()), nullptr);
    folder = pattern;
    fs::create_directories(folder / "tests");
  }
  void TearDown() override {
    if (!folder.empty()) {
      fs::remove_all(folder);
    }
  }

  /// `unit_fake`, which prints `output` and ends with `end`; `tests` is its report of the suite S.
  void write_program(const std::string& output, const std::string& tests, const std::string& end) {
    const fs::path path = folder / "tests" / "unit_fake";
    std::ofstream script(path);
    script << "#!/bin/sh\nreport=${1#--gtest_output=json:}\ncat <<'END'\n" << output << "\nEND\n";
    if (!tests.empty()) {
      script << "cat > \"$report\" <<'END'\n{\"testsuites\":[{\"name\":\"S\",\"testsuite\":["
             << tests << "]}]}\nEND\n";
    }
    script << end << "\n";
    script.close();
    fs::permissions(path, fs::perms::owner_all);
  }

  static std::string test_in_report(const std::string& name, bool failed) {
    return "{\"name\":\"" + name + "\",\"status\":\"RUN\",\"result\":\"COMPLETED\"" +
           (failed ? ",\"failures\":[{}]}" : "}");
  }

  static std::string lines(const std::string& text, int count) {
    std::string all;
    for (int i = 0; i < count; ++i) {
      all += text + " " + std::to_string(i) + "\n";
    }
    return all;
  }

  std::string run() {
    const std::string command = std::string(SCANCLOCK_SOURCE_DIR "/tools/run-tests ") +
                                folder.string() + " unit 2>&1; echo ended with $?";
    std::string said;
    FILE* pipe = popen(command.c_str(), "r");
    for (int c = std::fgetc(pipe); c != EOF; c = std::fgetc(pipe)) {
      said += static_cast<char>(c);
    }
    pclose(pipe);
    return said;
  }

  static bool says(const std::string& said, const std::string& text) {
    return said.find(text) != std::string::npos;
  }

  fs::path folder;
};

TEST_F(RunTests, ShowsTheLinesOfEachFailedTestAndOfNoOther) {
  write_program(
      "[ RUN      ] S.Good\nfine words\n[       OK ] S.Good (1 ms)\n"
      "[ RUN      ] S.Bad\nthe reason\n[  FAILED  ] S.Bad (2 ms)\n"
      "[ RUN      ] S.Badder/0\nanother reason\n"
      "[  FAILED  ] S.Badder/0, where GetParam() = 3 (2 ms)\n"
      "[ RUN      ] S.Long\n" +
          lines("much later", 1000) + "[       OK ] S.Long (9 ms)",
      test_in_report("Good", false) + "," + test_in_report("Bad", true) + "," +
          test_in_report("Badder/0", true) + "," + test_in_report("Long", false),
      "exit 1");
  const std::string said = run();
  EXPECT_TRUE(says(said, "[ RUN      ] S.Bad\nthe reason\n[  FAILED  ] S.Bad (2 ms)\n")) << said;
  EXPECT_TRUE(says(said, "another reason\n[  FAILED  ] S.Badder/0")) << said;
  EXPECT_FALSE(says(said, "fine words")) << said;
  EXPECT_FALSE(says(said, "much later")) << said;
  EXPECT_TRUE(says(said,
                   "Failed:\n  S.Bad\n  S.Badder/0\n\n2 passed, 2 failed, 0 skipped\n"
                   "ended with 1"))
      << said;
}

TEST_F(RunTests, ShowsTheBeginningAndTheEndOfALongFailure) {
  write_program("[ RUN      ] S.Bad\nthe reason\n" + lines("log", 1000) +
                    "the last word\n[  FAILED  ] S.Bad (2 ms)",
                test_in_report("Bad", true), "exit 1");
  const std::string said = run();
  EXPECT_TRUE(says(said, "[ RUN      ] S.Bad\nthe reason\nlog 0\n")) << said;
  EXPECT_TRUE(says(said, "\n… 804 lines left out …\n")) << said;
  EXPECT_TRUE(says(said, "the last word\n[  FAILED  ] S.Bad")) << said;
  EXPECT_FALSE(says(said, "log 500\n")) << said;
}

TEST_F(RunTests, ShowsTheEndOfAProgramThatDied) {
  write_program(lines("before", 1000) + "[ RUN      ] S.Fatal\nthe last word", "", "kill -ABRT $$");
  const std::string said = run();
  EXPECT_TRUE(says(said, "before 999\n[ RUN      ] S.Fatal\nthe last word\n")) << said;
  EXPECT_FALSE(says(said, "before 1\n")) << said;
  EXPECT_TRUE(says(said, "unit_fake ended with code -6\n\n0 passed, 1 failed")) << said;
}

TEST_F(RunTests, SaysLittleOfAProgramThatPasses) {
  write_program("[ RUN      ] S.Good\nfine words\n[       OK ] S.Good (1 ms)",
                test_in_report("Good", false), "exit 0");
  const std::string said = run();
  EXPECT_FALSE(says(said, "fine words")) << said;
  EXPECT_TRUE(says(said, "1 passed, 0 failed, 0 skipped\nended with 0")) << said;
}

}  // namespace
}  // namespace scanclock::house
