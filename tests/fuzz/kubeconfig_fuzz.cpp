#include "config/kubeconfig.hpp"
#include "tests/fuzz/fuzzing.hpp"

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

namespace {

using namespace scanclock;
using fuzzing::require;

bool is_one_line(const std::string& text) {
  return std::none_of(text.begin(), text.end(),
                      [](unsigned char c) { return c < 0x20 || c == 0x7f; });
}

/// A line of `%%%` stands between files.
std::vector<KubeconfigText> files_of(std::string_view text) {
  std::vector<KubeconfigText> files;
  std::string current;
  while (!text.empty()) {
    const std::string_view line = fuzzing::take_line(text);
    if (line == "%%%") {
      files.push_back(KubeconfigText{"/k/" + std::to_string(files.size()), std::move(current)});
      current.clear();
    } else {
      current.append(line).append("\n");
    }
  }
  files.push_back(KubeconfigText{"/k/" + std::to_string(files.size()), std::move(current)});
  return files;
}

void require_usable(const KubernetesAccess& access, const KubeconfigChoice& choice) {
  const bool is_plain = access.server.starts_with("http://");
  require(is_plain || access.server.starts_with("https://"), "a server has a URL");
  require(!access.server.ends_with('/'), "paths can be appended to a server's URL");
  require(!is_plain || access.proxy_url.empty(), "plain http goes through no proxy");
  require(!access.insecure_skip_tls_verify || access.ca.empty(),
          "an authority is never there and ignored");
  require(access.client_certificate.empty() == access.client_key.empty(),
          "a certificate comes with its key");
  require(!access.exec || choice.allow_exec, "no program runs unless it is allowed");
  require(!access.exec || access.exec->command.starts_with('/'), "no program is looked for");
  require(is_one_line(access.token), "a token forges no header");
  require(is_one_line(access.impersonation.user), "an impersonated user forges no header");
  require(access.exec.has_value() + !access.username.empty() +
                  (!access.token.empty() || !access.token_file.empty()) <=
              1,
          "there is one way to prove who we are");
}

}  // namespace

// The first line: `x` allows plugins, `p` plain http, what follows a blank is the context.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view text = fuzzing::text_of(data, size);
  const std::string_view line = fuzzing::take_line(text);
  const std::string_view flags = line.substr(0, line.find(' '));
  KubeconfigChoice choice;
  choice.allow_exec = flags.find('x') != std::string_view::npos;
  choice.allow_plaintext = flags.find('p') != std::string_view::npos;
  choice.context = flags.size() < line.size() ? line.substr(flags.size() + 1) : "";
  const auto access = parse_kubeconfigs(files_of(text), choice);
  if (access) {
    require_usable(*access, choice);
    return 0;
  }
  require(!access.error().empty(), "a refusal is explained");
  for (const SettingsError& error : access.error()) {
    require(error.file.starts_with("/k/"), "an error names its file");
    require(!error.message.empty(), "an error says something");
  }
  return 0;
}
