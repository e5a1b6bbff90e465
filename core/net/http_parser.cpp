#include "core/net/http_parser.hpp"

#include <boost/beast/http/basic_parser.hpp>
#include <boost/beast/http/error.hpp>
#include <boost/beast/http/status.hpp>

#include <algorithm>
#include <limits>

namespace scanclock {
namespace {

namespace beast = boost::beast;
namespace http = boost::beast::http;
using boost::system::error_code;
using View = beast::string_view;

std::string_view plain(View text) { return std::string_view(text.data(), text.size()); }

}  // namespace

struct HttpParser::State {
  virtual ~State() = default;
  virtual std::size_t put(std::string_view bytes, error_code& error) = 0;
  virtual void put_end(error_code& error) = 0;
  virtual bool header_done() const = 0;
  virtual bool done() const = 0;
  virtual bool keep_alive() const = 0;

  HttpStartLine start_line;
  std::vector<HttpHeader> headers;
  std::string body;
  std::optional<std::uint64_t> content_length;
  int version = 11;
  bool expects_continue = false;
  Problem problem = Problem::none;
  std::string problem_text;

  void note(const error_code& error) {
    if (!error || error == http::error::need_more) {
      return;
    }
    problem_text = error.message();
    if (error == http::error::header_limit) {
      problem = Problem::header_too_large;
    } else if (error == http::error::body_limit) {
      problem = Problem::body_too_large;
    } else {
      problem = Problem::malformed;
    }
  }
};

template <bool is_request>
struct HttpParser::Machine final : State, http::basic_parser<is_request> {
  using Base = http::basic_parser<is_request>;

  Machine(bool to_head, std::optional<std::size_t> body_bytes_max) {
    this->eager(true);
    this->header_limit(static_cast<std::uint32_t>(http_header_bytes_max));
    if (body_bytes_max) {
      this->body_limit(static_cast<std::uint64_t>(*body_bytes_max));
    } else {
      this->body_limit(boost::none);
    }
    if (to_head) {
      this->skip(true);
    }
  }

  std::size_t put(std::string_view bytes, error_code& error) override {
    return Base::put(boost::asio::const_buffer(bytes.data(), bytes.size()), error);
  }
  void put_end(error_code& error) override {
    // Before the first byte there is no message to end.
    if (Base::got_some()) {
      Base::put_eof(error);
    }
  }
  bool header_done() const override { return Base::is_header_done(); }
  bool done() const override { return Base::is_done(); }
  bool keep_alive() const override { return Base::keep_alive(); }

  void on_request_impl(http::verb, View method, View target, int http_version,
                       error_code&) override {
    start_line.method = plain(method);
    start_line.target = plain(target);
    version = http_version;
  }
  void on_response_impl(int code, View, int http_version, error_code&) override {
    start_line.status = code;
    version = http_version;
  }
  void on_field_impl(http::field field, View name, View value, error_code&) override {
    // Trailers come after the header; nothing here uses them.
    if (header_ended_) {
      return;
    }
    headers.emplace_back(std::string(plain(name)), std::string(plain(value)));
    if (field == http::field::expect) {
      expects_continue = beast::iequals(value, "100-continue");
    }
  }
  void on_header_impl(error_code&) override { header_ended_ = true; }
  void on_body_init_impl(const boost::optional<std::uint64_t>& length, error_code&) override {
    if (length) {
      content_length = *length;
    }
  }
  std::size_t on_body_impl(View piece, error_code&) override {
    body.append(piece.data(), piece.size());
    return piece.size();
  }
  void on_chunk_header_impl(std::uint64_t, View, error_code&) override {}
  std::size_t on_chunk_body_impl(std::uint64_t, View piece, error_code&) override {
    body.append(piece.data(), piece.size());
    return piece.size();
  }
  void on_finish_impl(error_code&) override {}

 private:
  bool header_ended_ = false;
};

HttpParser::HttpParser(Kind kind, std::optional<std::size_t> body_bytes_max) {
  if (kind == Kind::request) {
    state_ = std::make_unique<Machine<true>>(false, body_bytes_max);
  } else {
    state_ = std::make_unique<Machine<false>>(kind == Kind::response_to_head, body_bytes_max);
  }
}

HttpParser::~HttpParser() = default;

std::size_t HttpParser::put(std::string_view bytes) {
  error_code error;
  const std::size_t taken = state_->put(bytes, error);
  state_->note(error);
  return taken;
}

void HttpParser::put_end() {
  error_code error;
  state_->put_end(error);
  state_->note(error);
}

HttpParser::Problem HttpParser::problem() const { return state_->problem; }
std::string HttpParser::problem_text() const { return state_->problem_text; }
bool HttpParser::header_done() const { return state_->header_done(); }
bool HttpParser::done() const { return state_->done(); }
bool HttpParser::keep_alive() const { return state_->keep_alive(); }
bool HttpParser::expects_continue() const { return state_->expects_continue; }
std::optional<std::uint64_t> HttpParser::content_length() const { return state_->content_length; }
bool HttpParser::is_http_1_0() const { return state_->version < 11; }
const HttpStartLine& HttpParser::start_line() const { return state_->start_line; }
std::vector<HttpHeader>& HttpParser::headers() { return state_->headers; }

std::string HttpParser::take_body() {
  std::string taken;
  taken.swap(state_->body);
  return taken;
}

std::string_view http_reason_phrase(int status) {
  return plain(http::obsolete_reason(static_cast<http::status>(status)));
}

bool is_http_token(std::string_view text) {
  constexpr std::string_view punctuation = "!#$%&'*+-.^_`|~";
  return !text.empty() && std::all_of(text.begin(), text.end(), [&](char character) {
    return (character >= '0' && character <= '9') || (character >= 'a' && character <= 'z') ||
           (character >= 'A' && character <= 'Z') ||
           punctuation.find(character) != std::string_view::npos;
  });
}

bool is_http_field_value(std::string_view text) {
  return std::none_of(text.begin(), text.end(), [](char character) {
    const auto byte = static_cast<unsigned char>(character);
    return (byte < 0x20 && byte != '\t') || byte == 0x7f;
  });
}

}  // namespace scanclock
