#include "tests/support/misbehaving_proxy.hpp"

#include <zlib.h>

#include <atomic>
#include <stdexcept>

namespace scanclock {
namespace {

constexpr const char* json_type = "application/json";

bool is_catalog(const ServedRequest& request) { return request.target.starts_with("/v2/_catalog"); }

bool is_tag_list(const ServedRequest& request) {
  return request.target.find("/tags/list") != std::string::npos;
}

bool is_list(const ServedRequest& request) { return is_catalog(request) || is_tag_list(request); }

void answer_json(const ServedConnection& connection, const std::string& body) {
  const std::vector<HttpHeader> headers{HttpHeader("Content-Type", json_type)};
  connection.answer(200, headers, body);
}

HttpAnswer ask(const std::string& upstream, const ServedRequest& request) {
  std::vector<HttpHeader> headers;
  for (const HttpHeader& header : request.headers) {
    if (!equal_without_case(header.name, "Host") &&
        !equal_without_case(header.name, "Connection") &&
        !equal_without_case(header.name, "Content-Length") &&
        !equal_without_case(header.name, "Accept-Encoding")) {
      headers.push_back(header);
    }
  }
  return http_call(request.method, "http://" + upstream + request.target, request.body, headers);
}

std::vector<HttpHeader> passed_on(const HttpAnswer& answer, bool with_length) {
  std::vector<HttpHeader> headers;
  for (const HttpHeader& header : answer.headers) {
    const bool of_this_hop = equal_without_case(header.name, "Connection") ||
                             equal_without_case(header.name, "Transfer-Encoding");
    const bool is_length = equal_without_case(header.name, "Content-Length");
    if (!of_this_hop && (!is_length || with_length)) {
      headers.push_back(header);
    }
  }
  return headers;
}

/// One gzip member of `blocks` times 16 MiB of zeros: a full flush makes blocks independent, so
/// that one can be repeated (RFC 1951, RFC 1952).
std::string make_bomb(int blocks) {
  const std::string zeros(std::size_t{16} << 20, '\0');
  std::string block(std::size_t{1} << 20, '\0');
  z_stream stream{};
  deflateInit2(&stream, 9, Z_DEFLATED, -MAX_WBITS, 8, Z_DEFAULT_STRATEGY);
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(zeros.data()));
  stream.avail_in = static_cast<uInt>(zeros.size());
  stream.next_out = reinterpret_cast<Bytef*>(block.data());
  stream.avail_out = static_cast<uInt>(block.size());
  if (deflate(&stream, Z_FULL_FLUSH) != Z_OK) {
    throw std::runtime_error("zlib does not compress");
  }
  block.resize(stream.total_out);
  deflateEnd(&stream);
  const uLong block_sum =
      crc32(0, reinterpret_cast<const Bytef*>(zeros.data()), static_cast<uInt>(zeros.size()));
  uLong sum = crc32(0, nullptr, 0);
  std::string bomb("\x1f\x8b\x08\0\0\0\0\0\0\xff", 10);
  for (int i = 0; i < blocks; ++i) {
    bomb += block;
    sum = crc32_combine(sum, block_sum, static_cast<z_off_t>(zeros.size()));
  }
  bomb += std::string("\x03\0", 2);
  const auto put = [&bomb](std::uint64_t value) {
    for (int shift = 0; shift < 32; shift += 8) {
      bomb += static_cast<char>((value >> shift) & 0xff);
    }
  };
  put(sum);
  put(static_cast<std::uint64_t>(blocks) * zeros.size());
  return bomb;
}

}  // namespace

MisbehavingProxy::MisbehavingProxy(std::string upstream) : upstream_(std::move(upstream)) {
  server_ = std::make_unique<BlockingServer>(
      [this](const ServedConnection& connection, const ServedRequest& request) {
        return serve(connection, request);
      });
}

void MisbehavingProxy::behave_badly(Behaviour behaviour) {
  const std::lock_guard lock(mutex_);
  behaviour_ = std::move(behaviour);
}

void MisbehavingProxy::behave_well() {
  behave_badly(nullptr);
  // Ends connections that a bad behaviour holds.
  server_->stop();
  server_->start();
}

bool MisbehavingProxy::serve(const ServedConnection& connection, const ServedRequest& request) {
  Behaviour behaviour;
  {
    const std::lock_guard lock(mutex_);
    behaviour = behaviour_;
  }
  if (behaviour) {
    const std::optional<bool> dealt = behaviour(connection, request);
    if (dealt) {
      return *dealt;
    }
  }
  const HttpAnswer answer = ask(upstream_, request);
  if (answer.status == 0) {
    return false;
  }
  const bool is_head = request.method == "HEAD";
  connection.answer(answer.status, passed_on(answer, is_head), answer.body);
  return true;
}

namespace bad_days {

MisbehavingProxy::Behaviour reset_every_connection() {
  return [](const ServedConnection& connection, const ServedRequest&) {
    connection.reset();
    return std::optional<bool>(false);
  };
}

MisbehavingProxy::Behaviour never_answer() {
  return [](const ServedConnection& connection, const ServedRequest&) {
    connection.wait_for_close();
    return std::optional<bool>(false);
  };
}

MisbehavingProxy::Behaviour answer(int status) {
  return [status](const ServedConnection& connection, const ServedRequest&) {
    const std::vector<HttpHeader> headers{HttpHeader("Content-Type", json_type)};
    connection.answer(status, headers, R"({"errors":[{"code":"UNKNOWN","message":"bad day"}]})");
    return std::optional<bool>(false);
  };
}

MisbehavingProxy::Behaviour html_with_200() {
  return [](const ServedConnection& connection, const ServedRequest&) {
    const std::vector<HttpHeader> headers{HttpHeader("Content-Type", "text/html")};
    connection.answer(200, headers, "<html><body>Please sign in</body></html>");
    return std::optional<bool>(false);
  };
}

MisbehavingProxy::Behaviour empty_catalog() {
  return [](const ServedConnection& connection, const ServedRequest& request) {
    if (!is_catalog(request)) {
      return std::optional<bool>();
    }
    answer_json(connection, R"({"repositories":[]})");
    return std::optional<bool>(true);
  };
}

MisbehavingProxy::Behaviour empty_tag_list() {
  return [](const ServedConnection& connection, const ServedRequest& request) {
    if (!is_tag_list(request)) {
      return std::optional<bool>();
    }
    answer_json(connection, R"({"name":"any","tags":[]})");
    return std::optional<bool>(true);
  };
}

MisbehavingProxy::Behaviour wrong_digest() {
  return [](const ServedConnection& connection, const ServedRequest& request) {
    if (request.method != "GET" || is_list(request)) {
      return std::optional<bool>();
    }
    const std::vector<HttpHeader> headers{
        HttpHeader("Content-Type", "application/vnd.oci.image.manifest.v1+json")};
    connection.answer(200, headers, R"({"schemaVersion":2,"forged":true})");
    return std::optional<bool>(true);
  };
}

MisbehavingProxy::Behaviour truncated_body(const std::string& upstream) {
  return [upstream](const ServedConnection& connection, const ServedRequest& request) {
    const HttpAnswer whole = ask(upstream, request);
    std::vector<HttpHeader> headers = passed_on(whole, false);
    headers.emplace_back("Content-Length", std::to_string(whole.body.size() + 100));
    connection.answer(whole.status, headers, whole.body.substr(0, whole.body.size() / 2));
    return std::optional<bool>(false);
  };
}

MisbehavingProxy::Behaviour gzip_bomb() {
  constexpr int blocks_of_a_gibibyte = 64;
  const auto bomb = std::make_shared<const std::string>(make_bomb(blocks_of_a_gibibyte));
  return [bomb](const ServedConnection& connection, const ServedRequest&) {
    const std::vector<HttpHeader> headers{HttpHeader("Content-Type", json_type),
                                          HttpHeader("Content-Encoding", "gzip")};
    connection.answer(200, headers, *bomb);
    return std::optional<bool>(false);
  };
}

MisbehavingProxy::Behaviour deep_json() {
  constexpr std::size_t depth = 1000000;
  return [](const ServedConnection& connection, const ServedRequest&) {
    answer_json(connection, std::string(depth, '[') + std::string(depth, ']'));
    return std::optional<bool>(false);
  };
}

MisbehavingProxy::Behaviour too_large() {
  return [](const ServedConnection& connection, const ServedRequest&) {
    const std::string filling(http_body_bytes_default_max, ' ');
    answer_json(connection, R"({"repositories":[]})" + filling);
    return std::optional<bool>(false);
  };
}

MisbehavingProxy::Behaviour endless_pages() {
  const auto page = std::make_shared<std::atomic<int>>(0);
  return [page](const ServedConnection& connection, const ServedRequest& request) {
    if (!is_list(request)) {
      return std::optional<bool>();
    }
    const std::string last = "page-" + std::to_string(++*page);
    const std::string path = request.target.substr(0, request.target.find('?'));
    const std::vector<HttpHeader> headers{
        HttpHeader("Content-Type", json_type),
        HttpHeader("Link", "<" + path + "?n=1&last=" + last + ">; rel=\"next\"")};
    connection.answer(200, headers, R"({"name":"any","tags":[],"repositories":[]})");
    return std::optional<bool>(true);
  };
}

}  // namespace bad_days

}  // namespace scanclock
