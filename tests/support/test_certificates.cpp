#include "tests/support/test_certificates.hpp"

#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <cstdio>
#include <filesystem>
#include <memory>
#include <stdexcept>

namespace scanclock {
namespace {

constexpr long day_seconds = 86'400;

struct Free {
  void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
  void operator()(X509* certificate) const { X509_free(certificate); }
  void operator()(X509_EXTENSION* extension) const { X509_EXTENSION_free(extension); }
  void operator()(std::FILE* file) const { std::fclose(file); }
};
using Key = std::unique_ptr<EVP_PKEY, Free>;
using Certificate = std::unique_ptr<X509, Free>;

void check(bool good, const char* what) {
  if (!good) {
    throw std::runtime_error(std::string("cannot make a test certificate: ") + what);
  }
}

void add_extension(X509* certificate, X509* issuer, int kind, const std::string& value) {
  X509V3_CTX context;
  X509V3_set_ctx_nodb(&context);
  X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
  const std::unique_ptr<X509_EXTENSION, Free> extension(
      X509V3_EXT_conf_nid(nullptr, &context, kind, value.c_str()));
  check(extension && X509_add_ext(certificate, extension.get(), -1) == 1, "extension");
}

Certificate make_certificate(EVP_PKEY* key, const std::string& name, long from_seconds,
                             long until_seconds) {
  static long serial = 1;
  Certificate certificate(X509_new());
  X509_set_version(certificate.get(), 2);
  ASN1_INTEGER_set(X509_get_serialNumber(certificate.get()), serial++);
  X509_gmtime_adj(X509_getm_notBefore(certificate.get()), from_seconds);
  X509_gmtime_adj(X509_getm_notAfter(certificate.get()), until_seconds);
  X509_set_pubkey(certificate.get(), key);
  X509_NAME_add_entry_by_txt(X509_get_subject_name(certificate.get()), "CN", MBSTRING_ASC,
                             reinterpret_cast<const unsigned char*>(name.c_str()), -1, -1, 0);
  return certificate;
}

std::unique_ptr<std::FILE, Free> open_file(const std::string& path) {
  std::unique_ptr<std::FILE, Free> file(std::fopen(path.c_str(), "w"));
  check(file != nullptr, path.c_str());
  return file;
}

}  // namespace

struct TestAuthority::Keys {
  Key key;
  Certificate certificate;
};

TestAuthority::TestAuthority() : keys_(new Keys) {
  std::string pattern = std::filesystem::temp_directory_path() / "scanclock-ca-XXXXXX";
  check(::mkdtemp(pattern.data()) != nullptr, "directory");
  directory_ = pattern;
  keys_->key.reset(EVP_EC_gen("P-256"));
  keys_->certificate =
      make_certificate(keys_->key.get(), "test authority", -day_seconds, 365 * day_seconds);
  X509* certificate = keys_->certificate.get();
  X509_set_issuer_name(certificate, X509_get_subject_name(certificate));
  add_extension(certificate, certificate, NID_basic_constraints, "critical,CA:TRUE");
  add_extension(certificate, certificate, NID_key_usage, "critical,keyCertSign");
  check(X509_sign(certificate, keys_->key.get(), EVP_sha256()) != 0, "signature");
  check(PEM_write_X509(open_file(ca_file()).get(), certificate) == 1, "file");
}

TestAuthority::~TestAuthority() {
  std::error_code ignored;
  std::filesystem::remove_all(directory_, ignored);
  delete keys_;
}

TestAuthority::Files TestAuthority::issue(std::string_view name, std::string_view subject_alt_name,
                                          int days) {
  Files files;
  files.cert_file = directory_ + "/" + std::string(name) + ".crt";
  files.key_file = directory_ + "/" + std::string(name) + ".key";
  const Key key(EVP_EC_gen("P-256"));
  const long from = days < 0 ? days * 2 * day_seconds : -day_seconds;
  const Certificate certificate =
      make_certificate(key.get(), std::string(name), from, days * day_seconds);
  X509_set_issuer_name(certificate.get(), X509_get_subject_name(keys_->certificate.get()));
  add_extension(certificate.get(), keys_->certificate.get(), NID_subject_alt_name,
                std::string(subject_alt_name));
  check(X509_sign(certificate.get(), keys_->key.get(), EVP_sha256()) != 0, "signature");
  check(PEM_write_X509(open_file(files.cert_file).get(), certificate.get()) == 1, "file");
  check(PEM_write_PrivateKey(open_file(files.key_file).get(), key.get(), nullptr, nullptr, 0,
                             nullptr, nullptr) == 1,
        "file");
  return files;
}

}  // namespace scanclock
