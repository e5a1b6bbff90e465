#include "storage/dsn.hpp"

#include <gtest/gtest.h>

namespace scanclock {
namespace {

TEST(Dsn, ShowsEverythingButSecrets) {
  EXPECT_EQ(redacted_conninfo("postgresql://me:s3cret@db.example:5433/scan?sslmode=verify-full"),
            "dbname=scan host=db.example password=*** port=5433 sslmode=verify-full user=me");
  EXPECT_EQ(redacted_conninfo("host=db password='a b' sslpassword=x user=me"),
            "host=db password=*** sslpassword=*** user=me");
}

TEST(Dsn, QuotesNothingOfWhatItCannotRead) {
  for (const char* text : {"postgresql://me:s3cret@db:port/x?s3cret", "host=db s3cret",
                           "postgresql://me:s3cret@[db/x"}) {
    EXPECT_EQ(redacted_conninfo(text), "(unreadable connection string)");
    try {
      parse_conninfo(text);
      FAIL() << text;
    } catch (const DsnError& error) {
      EXPECT_EQ(std::string(error.what()).find("s3cret"), std::string::npos);
      EXPECT_NE(std::string(error.what()).find("\nHINT: "), std::string::npos);
    }
  }
}

TEST(Dsn, IsPlaintextOnlyWhereANetworkLiesBetween) {
  struct Case {
    const char* conninfo;
    bool plaintext_remote;
  };
  const Case cases[] = {
      {"postgresql:///scan", false},
      {"host=/run/postgresql dbname=scan", false},
      {"host=@abstract", false},
      {"postgresql://localhost/scan", false},
      {"postgresql://127.0.0.1/scan", false},
      {"postgresql://[::1]:5432/scan", false},
      {"postgresql://db.example/scan?sslmode=verify-full", false},
      {"postgresql://db.example/scan", true},
      {"postgresql://db.example/scan?sslmode=require", true},
      {"postgresql://db.example/scan?sslmode=verify-ca", true},
      {"postgresql://localhost,db.example/scan", true},
      {"postgresql://127.0.0.1.example/scan", true},
      {"host=localhost hostaddr=10.0.0.1", true},
      {"host=db.example hostaddr=127.0.0.1", false},
      {"service=production", true},
  };
  for (const auto& each : cases) {
    EXPECT_EQ(is_plaintext_remote(each.conninfo), each.plaintext_remote) << each.conninfo;
  }
}

TEST(Dsn, GivesToolsTheSameConnectionByEnvironment) {
  const auto variables =
      conninfo_environment("postgresql://me:old@db:5433/scan?sslmode=verify-full", "new");
  EXPECT_EQ(variables.at("PGHOST"), "db");
  EXPECT_EQ(variables.at("PGPORT"), "5433");
  EXPECT_EQ(variables.at("PGUSER"), "me");
  EXPECT_EQ(variables.at("PGDATABASE"), "scan");
  EXPECT_EQ(variables.at("PGSSLMODE"), "verify-full");
  EXPECT_EQ(variables.at("PGPASSWORD"), "new");
}

}  // namespace
}  // namespace scanclock
