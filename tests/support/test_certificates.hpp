#pragma once

#include <string>
#include <string_view>

namespace scanclock {

/// A certificate authority made at run time; its files live in a directory of its own, removed with
/// it.
class TestAuthority {
 public:
  TestAuthority();
  ~TestAuthority();
  TestAuthority(const TestAuthority&) = delete;
  TestAuthority& operator=(const TestAuthority&) = delete;

  struct Files {
    Files() = default;
    std::string cert_file;
    std::string key_file;
  };

  std::string ca_file() const { return directory_ + "/ca.pem"; }

  /// A certificate for `subject_alt_name`, such as `DNS:localhost` or `IP:127.0.0.1`, valid from
  /// yesterday for `days`; negative days make an expired one.
  Files issue(std::string_view name, std::string_view subject_alt_name, int days = 30);

 private:
  struct Keys;
  std::string directory_;
  Keys* keys_;
};

}  // namespace scanclock
