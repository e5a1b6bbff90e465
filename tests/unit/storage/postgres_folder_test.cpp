#include "storage/postgres_folder.hpp"

#include <gtest/gtest.h>
#include <stdlib.h>

namespace scanclock {
namespace {

namespace fs = std::filesystem;

TEST(PostgresBinaries, TellTheirMajorVersion) {
  EXPECT_EQ(parse_postgres_major("postgres (PostgreSQL) 15.20 (Debian 15.20-0+deb12u1)\n"), 15);
  EXPECT_EQ(parse_postgres_major("postgres (PostgreSQL) 17beta1"), 17);
  EXPECT_EQ(parse_postgres_major("sh: postgres: not found"), std::nullopt);
  EXPECT_EQ(parse_postgres_major(""), std::nullopt);
}

TEST(PostgresFolder, RefusesAPathTooLongForASocket) {
  const std::string tail = "/socket/.s.PGSQL.5432";
  const std::string longest = "/" + std::string(107 - tail.size() - 1, 'x');
  EXPECT_NO_THROW(PostgresFolder(longest).check_socket_length());
  try {
    PostgresFolder(longest + "x").check_socket_length();
    FAIL() << "108 bytes do not fit";
  } catch (const EmbeddedPostgresError& error) {
    const std::string text = error.what();
    EXPECT_NE(text.find("has 108 bytes"), std::string::npos) << text;
    EXPECT_NE(text.find("\nHINT: "), std::string::npos);
  }
}

TEST(PostgresFolder, FindsTheFolderThatBlocksTheWay) {
  std::string pattern = (fs::temp_directory_path() / "scanclock-way-XXXXXX").string();
  ASSERT_NE(::mkdtemp(pattern.data()), nullptr);
  const fs::path root = pattern;
  fs::create_directories(root / "open/below");
  constexpr UserIdentity stranger{54321, 54321};
  EXPECT_EQ(first_impassable(root / "open/below", stranger), root);
  fs::permissions(root, fs::perms::owner_all | fs::perms::others_exec);
  fs::permissions(root / "open", fs::perms::owner_all | fs::perms::others_read);
  EXPECT_EQ(first_impassable(root / "open/below", stranger), root / "open");
  fs::permissions(root / "open", fs::perms::owner_all | fs::perms::others_exec);
  fs::permissions(root / "open/below", fs::perms::owner_all | fs::perms::others_exec);
  EXPECT_EQ(first_impassable(root / "open/below", stranger), std::nullopt);
  fs::remove_all(root);
}

}  // namespace
}  // namespace scanclock
