#include "config/kubeconfig.hpp"

#include "config/kubeconfig_map.hpp"
#include "config/kubeconfig_user.hpp"
#include "config/url_check.hpp"

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <utility>

namespace scanclock {
namespace {

/// The named entries of one kind, such as `clusters`, of all files.
class NamedEntries {
 public:
  NamedEntries(std::string list_key, std::string entry_key)
      : list_key_(std::move(list_key)), entry_key_(std::move(entry_key)) {}

  /// What an earlier file named keeps its meaning.
  void add(const KubeconfigMap& root) {
    std::set<std::string> in_this_file;
    for (const KubeconfigMap& item : root.maps(list_key_)) {
      const std::string name = item.text("name");
      if (name.empty()) {
        item.fail("name", "is missing");
        continue;
      }
      if (!in_this_file.insert(name).second) {
        item.fail("name", "\"" + name + "\" comes twice in " + list_key_);
        continue;
      }
      entries_.emplace(name, item.under(list_key_ + "[\"" + name + "\"]"));
    }
  }

  /// The map below the named entry; nothing, reported at `from`, where there is none.
  std::optional<KubeconfigMap> find(const KubeconfigMap& from, const std::string& name) const {
    const auto entry = entries_.find(name);
    if (entry == entries_.end()) {
      from.fail(entry_key_, "no " + entry_key_ + " is named \"" + name + "\"", known());
      return std::nullopt;
    }
    auto found = entry->second.map(entry_key_);
    if (!found && !entry->second.has(entry_key_)) {
      entry->second.fail(entry_key_, "\"" + name + "\" has no value");
    }
    return found;
  }

  const KubeconfigMap* entry(const std::string& name) const {
    const auto found = entries_.find(name);
    return found == entries_.end() ? nullptr : &found->second;
  }

  /// `there are: a, b`
  std::string known() const {
    constexpr std::size_t shown_max = 10;
    std::string text;
    std::size_t shown = 0;
    for (const auto& [name, entry] : entries_) {
      text += (text.empty() ? "there are: " : ", ") + (shown < shown_max ? name : std::string("…"));
      if (shown++ == shown_max) {
        break;
      }
    }
    return text.empty() ? "there is none" : text;
  }

 private:
  std::string list_key_;
  std::string entry_key_;
  std::map<std::string, KubeconfigMap> entries_;
};

struct MergedKubeconfig {
  NamedEntries clusters{"clusters", "cluster"};
  NamedEntries users{"users", "user"};
  NamedEntries contexts{"contexts", "context"};
  std::string current_context;
  /// The file that chose it, else the first one: where its absence is reported.
  std::optional<KubeconfigMap> place;
};

void add_file(const KubeconfigText& file, std::vector<SettingsError>& errors,
              MergedKubeconfig& merged) {
  const YamlNode::Pointer tree = parse_yaml(file.text, file.file, errors);
  if (!tree) {
    return;
  }
  auto source = std::make_shared<KubeconfigSource>();
  source->file = file.file;
  source->errors = &errors;
  const KubeconfigMap root(std::move(source), tree, "");
  if (tree->kind != YamlNode::Kind::map) {
    root.fail("", "is no kubeconfig", "`kubectl config view --raw --flatten` prints a whole one");
    return;
  }
  const std::string kind = root.text("kind");
  const std::string version = root.text("apiVersion");
  if ((!kind.empty() && kind != "Config") || (!version.empty() && version != "v1")) {
    root.fail("kind", "is not a kubeconfig of version v1");
    return;
  }
  merged.clusters.add(root);
  merged.users.add(root);
  merged.contexts.add(root);
  const std::string current = root.text("current-context");
  if (!merged.place || (merged.current_context.empty() && !current.empty())) {
    merged.place = root;
  }
  if (merged.current_context.empty()) {
    merged.current_context = current;
  }
}

void read_server(const KubeconfigMap& cluster, const KubeconfigChoice& choice,
                 KubernetesAccess& access) {
  std::string server = cluster.text("server");
  const std::optional<UrlParts> url = split_url(server);
  if (!url || url->scheme == "unix" || url->has_user || url->has_query || url->has_fragment) {
    const bool may_show = server.find('@') == std::string::npos && !server.empty();
    cluster.fail(
        "server",
        (may_show ? "\"" + server + "\" is" : std::string("is")) + " not the URL of an API server",
        "write https://host:6443");
    return;
  }
  if (url->scheme == "http" && !choice.allow_plaintext && !is_loopback_host(url->host)) {
    cluster.fail("server", "plain http to \"" + url->host + "\" is refused",
                 "use https, or set allow_plaintext: true beside kubeconfig");
    return;
  }
  while (server.ends_with('/')) {
    server.pop_back();
  }
  access.server = std::move(server);
}

void read_proxy(const KubeconfigMap& cluster, KubernetesAccess& access) {
  access.proxy_url = cluster.text("proxy-url");
  if (access.proxy_url.empty()) {
    return;
  }
  // The URL may hold a password, so no message shows it.
  const std::optional<UrlParts> url = split_url(access.proxy_url);
  if (!url || url->scheme != "http" || url->path.size() > 1 || url->has_query ||
      url->has_fragment) {
    cluster.fail("proxy-url", "is not the http:// URL of a proxy",
                 "write http://host:port or http://user:password@host:port; others are not "
                 "supported");
  } else if (access.server.starts_with("http://")) {
    cluster.fail("proxy-url", "is of no use with the plain http server \"" + access.server + "\"",
                 "only https goes through a proxy");
  }
}

void read_cluster(const KubeconfigMap& cluster, const KubeconfigChoice& choice,
                  KubernetesAccess& access) {
  read_server(cluster, choice, access);
  read_proxy(cluster, access);
  access.tls_server_name = cluster.text("tls-server-name");
  const std::optional<UrlParts> named = split_url("https://" + access.tls_server_name);
  if (!access.tls_server_name.empty() &&
      (!named || named->host.size() != access.tls_server_name.size())) {
    cluster.fail("tls-server-name", "is not the name of a host",
                 "write host.example, without a port");
  }
  access.insecure_skip_tls_verify = cluster.flag("insecure-skip-tls-verify");
  access.disable_compression = cluster.flag("disable-compression");
  access.ca.pem = cluster.data("certificate-authority-data");
  access.ca.file = cluster.path_text("certificate-authority");
  if (access.insecure_skip_tls_verify && !access.ca.empty()) {
    cluster.fail("insecure-skip-tls-verify", "stands beside a certificate authority",
                 "remove it: with the authority the server can be checked");
  }
}

}  // namespace

KubernetesAccessResult parse_kubeconfigs(const std::vector<KubeconfigText>& files,
                                         const KubeconfigChoice& choice) {
  std::vector<SettingsError> errors;
  MergedKubeconfig merged;
  for (const KubeconfigText& file : files) {
    add_file(file, errors, merged);
  }
  if (!merged.place || !errors.empty()) {
    return errors;
  }
  const KubeconfigMap& place = *merged.place;
  const std::string name = choice.context.empty() ? merged.current_context : choice.context;
  KubernetesAccess access;
  if (name.empty()) {
    place.fail("", "names no current-context",
               "choose one with context: NAME beside kubeconfig; " + merged.contexts.known());
  } else if (const auto context = merged.contexts.find(place, name)) {
    access.name = "context \"" + name + "\" of " + context->file();
    access.default_namespace = context->text("namespace");
    const std::string cluster_name = context->text("cluster");
    if (const auto cluster = merged.clusters.find(*context, cluster_name)) {
      read_cluster(*cluster, choice, access);
    }
    const std::string user_name = context->text("user");
    // A context without a user is one for everybody, such as kubectl proxy's.
    if (!user_name.empty()) {
      const KubeconfigMap* const entry = merged.users.entry(user_name);
      if (entry == nullptr) {
        merged.users.find(*context, user_name);
      } else if (const auto user = entry->map("user")) {
        read_kubeconfig_user(*user, choice.allow_exec, access);
      }
    }
  }
  if (!errors.empty()) {
    return errors;
  }
  return access;
}

}  // namespace scanclock
