#include "tests/support/docker_engine.hpp"

#include <fcntl.h>
#include <nlohmann/json.hpp>
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <iterator>
#include <sstream>
#include <stdexcept>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <thread>
#include <vector>

namespace scanclock {
namespace {

using nlohmann::json;
using std::chrono::milliseconds;

constexpr const char* api = "/v1.41";
constexpr const char* busybox_path = "/bin/busybox";
constexpr milliseconds start_max{30'000};
constexpr milliseconds stop_max{10'000};
constexpr milliseconds look_again{50};
constexpr int answer_seconds_max = 120;

/// The program's full path, empty when it is not installed.
std::string find_program(const std::string& name) {
  for (const char* folder : {"/usr/sbin", "/usr/bin", "/sbin", "/bin"}) {
    std::string path = std::string(folder) + "/" + name;
    if (::access(path.c_str(), X_OK) == 0) {
      return path;
    }
  }
  return {};
}

std::string read_file(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) {
    throw std::runtime_error("cannot read " + path.string());
  }
  return std::string(std::istreambuf_iterator<char>(file), {});
}

/// A ustar header (POSIX.1-1988) and the content, padded to blocks of 512 bytes.
std::string tar_entry(const std::string& name, char type, const std::string& link,
                      const std::string& content) {
  std::array<char, 512> header{};
  std::snprintf(header.data(), 100, "%s", name.c_str());
  std::snprintf(header.data() + 100, 8, "%07o", 0755);
  std::snprintf(header.data() + 108, 8, "%07o", 0);
  std::snprintf(header.data() + 116, 8, "%07o", 0);
  std::snprintf(header.data() + 124, 12, "%011zo", content.size());
  std::snprintf(header.data() + 136, 12, "%011o", 0);
  header[156] = type;
  std::snprintf(header.data() + 157, 100, "%s", link.c_str());
  std::memcpy(header.data() + 257,
              "ustar\0"
              "00",
              8);
  std::memset(header.data() + 148, ' ', 8);
  unsigned sum = 0;
  for (const char byte : header) {
    sum += static_cast<unsigned char>(byte);
  }
  std::snprintf(header.data() + 148, 8, "%06o", sum);
  std::string entry(header.data(), header.size());
  entry += content;
  entry.resize((entry.size() + 511) / 512 * 512, '\0');
  return entry;
}

/// containerd keeps mounts of network namespaces and overlays; without them gone the folder cannot
/// be deleted.
void unmount_below(const std::filesystem::path& folder) {
  std::ifstream mounts("/proc/self/mountinfo");
  std::vector<std::string> found;
  for (std::string line; std::getline(mounts, line);) {
    std::istringstream fields(line);
    std::string skipped;
    std::string point;
    fields >> skipped >> skipped >> skipped >> skipped >> point;
    if (point.rfind(folder.string() + "/", 0) == 0) {
      found.push_back(point);
    }
  }
  std::for_each(found.rbegin(), found.rend(),
                [](const std::string& point) { ::umount2(point.c_str(), MNT_DETACH); });
}

std::string dechunk(const std::string& chunked) {
  std::string body;
  std::size_t at = 0;
  while (at < chunked.size()) {
    const std::size_t size =
        std::stoul(chunked.substr(at, chunked.find("\r\n", at) - at), nullptr, 16);
    at = chunked.find("\r\n", at) + 2;
    body += chunked.substr(at, size);
    at += size + 2;
    if (size == 0) {
      break;
    }
  }
  return body;
}

class Socket {
 public:
  explicit Socket(const std::string& path)
      : number_(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::snprintf(address.sun_path, sizeof address.sun_path, "%s", path.c_str());
    const timeval limit{answer_seconds_max, 0};
    ::setsockopt(number_, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    if (::connect(number_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
      ::close(number_);
      throw std::runtime_error("cannot connect to " + path);
    }
  }
  ~Socket() { ::close(number_); }
  Socket(const Socket&) = delete;
  Socket& operator=(const Socket&) = delete;

  void write(std::string_view bytes) const {
    while (!bytes.empty()) {
      const ssize_t sent = ::send(number_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (sent <= 0) {
        throw std::runtime_error("the daemon takes no request");
      }
      bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
  }

  std::string read_to_end() const {
    std::string bytes;
    std::array<char, 65536> piece{};
    ssize_t got = 0;
    while ((got = ::recv(number_, piece.data(), piece.size(), 0)) > 0) {
      bytes.append(piece.data(), static_cast<std::size_t>(got));
    }
    return bytes;
  }

 private:
  int number_;
};

}  // namespace

std::unique_ptr<DockerEngine> DockerEngine::start(std::string& why_not) {
  if (::geteuid() != 0) {
    why_not = "dockerd needs root";
    return nullptr;
  }
  if (find_program("dockerd").empty()) {
    why_not = "dockerd is not installed (Debian package docker.io)";
    return nullptr;
  }
  std::string pattern =
      (std::filesystem::temp_directory_path() / "scanclock-docker-XXXXXX").string();
  if (::mkdtemp(pattern.data()) == nullptr) {
    why_not = "no temporary folder " + pattern;
    return nullptr;
  }
  std::unique_ptr<DockerEngine> engine(new DockerEngine(pattern));
  engine->spawn();
  return engine->wait_until_it_answers(why_not) ? std::move(engine) : nullptr;
}

void DockerEngine::spawn() {
  const std::string program = find_program("dockerd");
  const std::string log = (folder_ / "log").string();
  const std::vector<std::string> arguments{"dockerd",
                                           "--iptables=false",
                                           "--ip6tables=false",
                                           "--bridge=none",
                                           "--data-root=" + (folder_ / "data").string(),
                                           "--exec-root=" + (folder_ / "exec").string(),
                                           "--pidfile=" + (folder_ / "pid").string(),
                                           "--host=" + url()};
  std::vector<char*> pointers;
  for (const std::string& argument : arguments) {
    pointers.push_back(const_cast<char*>(argument.c_str()));
  }
  pointers.push_back(nullptr);
  const int log_file = ::open(log.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  const pid_t parent = ::getpid();
  pid_ = ::fork();
  if (pid_ == 0) {
    // A test program that dies takes its daemon along.
    ::prctl(PR_SET_PDEATHSIG, SIGTERM);
    if (::getppid() != parent) {
      ::_exit(1);
    }
    ::dup2(log_file, STDOUT_FILENO);
    ::dup2(log_file, STDERR_FILENO);
    ::execv(program.c_str(), pointers.data());
    ::_exit(127);
  }
  ::close(log_file);
}

bool DockerEngine::wait_until_it_answers(std::string& why_not) {
  const auto end = std::chrono::steady_clock::now() + start_max;
  while (std::chrono::steady_clock::now() < end) {
    try {
      if (request("GET", "/_ping").status == 200) {
        return true;
      }
    } catch (const std::runtime_error&) {
      why_not = "dockerd does not listen";
    }
    if (::waitpid(pid_, nullptr, WNOHANG) == pid_) {
      pid_ = -1;
      break;
    }
    std::this_thread::sleep_for(look_again);
  }
  why_not = "dockerd does not start here: " + end_of_log();
  return false;
}

std::string DockerEngine::end_of_log() const {
  constexpr std::size_t shown_bytes = 600;
  const std::string log = read_file(folder_ / "log");
  return log.substr(log.size() > shown_bytes ? log.size() - shown_bytes : 0);
}

DockerEngine::~DockerEngine() { stop(); }

void DockerEngine::stop() noexcept {
  try {
    if (in_swarm_) {
      // Tasks would otherwise be started anew while their containers are removed.
      request("POST", std::string(api) + "/swarm/leave?force=true");
    }
    for (const json& container :
         json::parse(request("GET", std::string(api) + "/containers/json?all=1").body)) {
      request("DELETE",
              api + ("/containers/" + container.at("Id").get<std::string>()) + "?force=1");
    }
  } catch (const std::exception& failure) {
    std::fprintf(stderr, "docker engine: %s\n", failure.what());
  }
  if (pid_ > 0) {
    ::kill(pid_, SIGTERM);
    const auto end = std::chrono::steady_clock::now() + stop_max;
    while (::waitpid(pid_, nullptr, WNOHANG) == 0) {
      if (std::chrono::steady_clock::now() > end) {
        ::kill(pid_, SIGKILL);
        ::waitpid(pid_, nullptr, 0);
        break;
      }
      std::this_thread::sleep_for(look_again);
    }
  }
  unmount_below(folder_);
  std::error_code ignored;
  std::filesystem::remove_all(folder_, ignored);
}

DockerEngine::Answer DockerEngine::request(std::string_view method, const std::string& path,
                                           std::string_view body,
                                           std::string_view content_type) const {
  const Socket socket(socket_path());
  socket.write(std::string(method) + " " + path +
               " HTTP/1.1\r\nHost: docker\r\nConnection: close\r\nX-Registry-Auth: e30=\r\n"
               "Content-Type: " +
               std::string(content_type) + "\r\nContent-Length: " + std::to_string(body.size()) +
               "\r\n\r\n");
  socket.write(body);
  const std::string answer = socket.read_to_end();
  const auto blank = answer.find("\r\n\r\n");
  if (answer.size() < 12 || blank == std::string::npos) {
    throw std::runtime_error("the daemon does not answer " + path);
  }
  Answer parsed;
  parsed.status = std::stoi(answer.substr(9, 3));
  parsed.body = answer.substr(blank + 4);
  if (answer.substr(0, blank).find("Transfer-Encoding: chunked") != std::string::npos) {
    parsed.body = dechunk(parsed.body);
  }
  return parsed;
}

DockerEngine::Answer DockerEngine::require(std::string_view method, const std::string& path,
                                           std::string_view body,
                                           std::string_view content_type) const {
  Answer answer = request(method, path, body, content_type);
  // Pulling, loading and importing answer 200 first and tell of errors in the stream.
  if (answer.status < 200 || answer.status > 299 ||
      answer.body.find("\"errorDetail\"") != std::string::npos) {
    throw std::runtime_error(std::string(method) + " " + path + ": status " +
                             std::to_string(answer.status) + ": " + answer.body);
  }
  return answer;
}

std::string DockerEngine::import_busybox(const std::string& repository, const std::string& tag) {
  std::string archive = tar_entry("bin/", '5', "", "") +
                        tar_entry("bin/busybox", '0', "", read_file(busybox_path)) +
                        tar_entry("bin/sleep", '2', "busybox", "");
  archive.append(1024, '\0');
  require("POST", std::string(api) + "/images/create?fromSrc=-&repo=" + repository + "&tag=" + tag,
          archive, "application/x-tar");
  const Answer image =
      require("GET", std::string(api) + "/images/" + repository + ":" + tag + "/json");
  return json::parse(image.body).at("Id");
}

void DockerEngine::load(const std::filesystem::path& archive) {
  require("POST", std::string(api) + "/images/load?quiet=1", read_file(archive),
          "application/x-tar");
}

void DockerEngine::pull(const std::string& repository, const std::string& tag) {
  require("POST", std::string(api) + "/images/create?fromImage=" + repository + "&tag=" + tag);
}

void DockerEngine::push(const std::string& repository, const std::string& tag) {
  require("POST", std::string(api) + "/images/" + repository + "/push?tag=" + tag);
}

std::string DockerEngine::repository_digest(const std::string& image) {
  const json inspected =
      json::parse(require("GET", std::string(api) + "/images/" + image + "/json").body);
  const std::string reference = inspected.at("RepoDigests").at(0);
  return reference.substr(reference.find('@') + 1);
}

void DockerEngine::tag(const std::string& image, const std::string& repository,
                       const std::string& tag) {
  require("POST",
          std::string(api) + "/images/" + image + "/tag?repo=" + repository + "&tag=" + tag);
}

void DockerEngine::remove_image(const std::string& image) {
  require("DELETE", std::string(api) + "/images/" + image + "?force=1");
}

std::string DockerEngine::run_sleeping(const std::string& name, const std::string& image,
                                       const std::string& labels) {
  const json host_config{{"NetworkMode", "host"}};
  const json command = json::array({"/bin/sleep", "3600"});
  const json settings{{"Image", image},
                      {"Cmd", command},
                      {"Labels", json::parse(labels)},
                      {"HostConfig", host_config}};
  const Answer created =
      require("POST", std::string(api) + "/containers/create?name=" + name, settings.dump());
  const std::string id = json::parse(created.body).at("Id");
  require("POST", std::string(api) + "/containers/" + id + "/start");
  return id;
}

void DockerEngine::stop_container(const std::string& id) {
  require("POST", std::string(api) + "/containers/" + id + "/stop?t=0");
}

void DockerEngine::pause_container(const std::string& id) {
  require("POST", std::string(api) + "/containers/" + id + "/pause");
}

}  // namespace scanclock
