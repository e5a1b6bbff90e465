#include "cli/run_to_end.hpp"
#include "cli/server.hpp"
#include "config/secret.hpp"
#include "core/net/url.hpp"

#include <boost/asio/io_context.hpp>

#include <memory>
#include <stdexcept>
#include <utility>

namespace scanclock {

Server connect(asio::io_context& io, Clock& clock, const ConnectionOptions& options) {
  const std::optional<Url> url = parse_url(options.server);
  if (!url || url->target.find('?') != std::string::npos) {
    throw CommandError(ExitCode::bad_configuration,
                       "the server's URL is not usable\nHINT: write http://host:port or "
                       "https://host:port");
  }
  std::string token;
  if (!options.token_file.empty()) {
    const Result<Secret, SecretFileError> secret = read_secret(options.token_file);
    if (!secret.has_value()) {
      throw CommandError(ExitCode::bad_configuration, secret.error().message);
    }
    token = secret->reveal();
    if (url->scheme == "http" && !url->is_loopback() && !options.allow_plaintext) {
      throw CommandError(ExitCode::bad_configuration,
                         "the token would travel to " + url->authority() +
                             " in the clear\nHINT: use https, or --allow-plaintext");
    }
  }
  HttpClientOptions client_options;
  client_options.user_agent = "scanclock-cli";
  client_options.tls.ca_file = options.ca_file;
  std::shared_ptr<HttpClient> client;
  try {
    client = make_http_client(clock, make_dns_resolver(clock), client_options);
  } catch (const std::runtime_error& error) {
    throw CommandError(ExitCode::bad_configuration, error.what());
  }
  std::string base = to_string(*url);
  while (base.ends_with('/')) {
    base.pop_back();
  }
  return Server(std::move(base), std::move(token), [&io, client](HttpRequest request) {
    return run_to_end(io, client->send(std::move(request)));
  });
}

}  // namespace scanclock
