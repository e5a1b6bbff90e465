#include "core/net/tls_context.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/ssl/context.hpp>
#include <openssl/ssl.h>

#include <stdexcept>

namespace scanclock {
namespace {

namespace asio = boost::asio;
namespace ssl = boost::asio::ssl;
using boost::system::error_code;

// HTTP/1.1 alone, in the wire form of RFC 7301.
constexpr unsigned char alpn_http11[] = "\x08http/1.1";

void check(const error_code& error, std::string_view what, const std::string& file) {
  if (error) {
    throw std::runtime_error("cannot use " + std::string(what) + " " + file + ": " +
                             error.message());
  }
}

// Without it OpenSSL asks for the password of an encrypted key on the terminal.
int give_no_password(char* /*buffer*/, int /*size*/, int /*writes*/, void* /*context*/) {
  return 0;
}

void demand_tls12(ssl::context& context) {
  SSL_CTX_set_min_proto_version(context.native_handle(), TLS1_2_VERSION);
}

void demand_key_of_certificate(ssl::context& context, const std::string& key,
                               const std::string& certificate) {
  if (SSL_CTX_check_private_key(context.native_handle()) != 1) {
    throw std::runtime_error("cannot use tls key " + key + ": it does not belong to " +
                             certificate);
  }
}

void use_certificate(ssl::context& context, const std::string& cert_file,
                     const std::string& key_file) {
  SSL_CTX_set_default_passwd_cb(context.native_handle(), give_no_password);
  error_code error;
  context.use_certificate_chain_file(cert_file, error);
  check(error, "tls certificate", cert_file);
  const std::string& key = key_file.empty() ? cert_file : key_file;
  context.use_private_key_file(key, ssl::context::pem, error);
  check(error, "tls key", key);
  demand_key_of_certificate(context, key, cert_file);
}

void use_certificate_text(ssl::context& context, const TlsClientOptions& options) {
  SSL_CTX_set_default_passwd_cb(context.native_handle(), give_no_password);
  const std::string given = "given as text";
  error_code error;
  context.use_certificate_chain(asio::buffer(options.cert_pem), error);
  check(error, "tls certificate", given);
  const std::string& key = options.key_pem.empty() ? options.cert_pem : options.key_pem;
  context.use_private_key(asio::buffer(key), ssl::context::pem, error);
  check(error, "tls key", given);
  demand_key_of_certificate(context, given, "the certificate");
}

void trust_authorities(ssl::context& context, const TlsClientOptions& options) {
  error_code error;
  if (!options.ca_pem.empty()) {
    context.add_certificate_authority(asio::buffer(options.ca_pem), error);
    check(error, "certificate authority", "given as text");
  } else if (!options.ca_file.empty()) {
    context.load_verify_file(options.ca_file, error);
    check(error, "certificate authority file", options.ca_file);
  } else {
    context.set_default_verify_paths(error);
    check(error, "the system's certificate authorities", "");
  }
}

}  // namespace

std::shared_ptr<ssl::context> make_client_tls_context(const TlsClientOptions& options) {
  auto context = std::make_shared<ssl::context>(ssl::context::tls_client);
  demand_tls12(*context);
  if (options.insecure_skip_verify) {
    context->set_verify_mode(ssl::verify_none);
  } else {
    trust_authorities(*context, options);
    context->set_verify_mode(ssl::verify_peer);
  }
  SSL_CTX_set_alpn_protos(context->native_handle(), alpn_http11, sizeof(alpn_http11) - 1);
  if (!options.cert_pem.empty()) {
    use_certificate_text(*context, options);
  } else if (!options.cert_file.empty()) {
    use_certificate(*context, options.cert_file, options.key_file);
  }
  return context;
}

std::shared_ptr<ssl::context> make_server_tls_context(const TlsServerOptions& options) {
  auto context = std::make_shared<ssl::context>(ssl::context::tls_server);
  demand_tls12(*context);
  use_certificate(*context, options.cert_file, options.key_file);
  if (!options.client_ca_file.empty()) {
    error_code error;
    context->load_verify_file(options.client_ca_file, error);
    check(error, "client certificate authority file", options.client_ca_file);
    context->set_verify_mode(ssl::verify_peer | ssl::verify_fail_if_no_peer_cert);
    // OpenSSL refuses to resume sessions of verified clients without a context of their own.
    constexpr unsigned char session_context[] = "scanclock";
    SSL_CTX_set_session_id_context(context->native_handle(), session_context,
                                   sizeof(session_context) - 1);
  }
  return context;
}

}  // namespace scanclock
