#pragma once

#include "core/net/http_client.hpp"
#include "core/net/http_server.hpp"

#include <memory>
#include <string>

namespace boost::asio::ssl {
class context;
}

namespace scanclock {

/// TLS 1.2 or newer that verifies the peer unless the options say not to. Throws
/// std::runtime_error naming the file that cannot be used; of a text given in its place it shows
/// nothing.
std::shared_ptr<boost::asio::ssl::context> make_client_tls_context(const TlsClientOptions& options);

/// The server's side; with a client CA, connections without a valid certificate are refused.
std::shared_ptr<boost::asio::ssl::context> make_server_tls_context(const TlsServerOptions& options);

}  // namespace scanclock
