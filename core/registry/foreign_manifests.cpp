#include "core/registry/foreign_manifests.hpp"

#include "core/registry/image_fetcher.hpp"
#include "core/registry/options.hpp"
#include "core/registry/request_observer.hpp"
#include "core/runtime/log.hpp"

#include <boost/asio/use_awaitable.hpp>

#include <exception>
#include <utility>

namespace scanclock {
namespace {

constexpr double foreign_requests_per_second = 2;

/// Docker Hub's API stands elsewhere than references say.
std::string foreign_url(const std::string& host) {
  return "https://" + (host == "docker.io" ? std::string("registry-1.docker.io") : host);
}

/// Passes manifests on and nothing else: nothing of such a registry counts as seen there.
class ManifestsOnly final : public RegistrySink {
 public:
  explicit ManifestsOnly(ForeignManifests::Learn learn) : learn_(std::move(learn)) {}

  void manifest_found(const RepositoryKey&, Manifest manifest) override {
    if (manifest.kind != ManifestKind::artifact) {
      learn_(std::move(manifest));
    }
  }
  void tag_resolved(const RepositoryKey&, const std::string&, const Digest&) override {}
  void tags_listed(const RepositoryKey&, const std::vector<std::string>&) override {}
  void manifest_missing(const RepositoryKey&, const Digest&) override {}
  void manifest_present(const RepositoryKey&, const Digest&) override {}
  asio::awaitable<void> evidence_found(FoundEvidence) override { co_return; }
  void evidence_answered(const RepositoryKey&, const Digest&) override {}
  void evidence_failed(const RepositoryKey&, const Digest&, const RegistryProblem&) override {}
  void image_pushed(const RepositoryKey&, const Digest&, TimePoint, EntryBasis) override {}
  void registry_answered(const std::string&) override {}
  void registry_failed(const std::string&, const RegistryProblem&) override {}
  void request_made(const std::string&, const std::string&, int, Duration) override {}

 private:
  ForeignManifests::Learn learn_;
};

}  // namespace

struct ForeignManifests::Host {
  Host(ForeignManifests& owner, const std::string& name)
      : options(options_of(name)),
        sink(owner.learn_),
        client(options, owner.clock_, owner.http_, observer_of(sink, name), owner.pool_),
        evidence(client, sink, owner.knowledge_),
        fetcher(client, sink, owner.knowledge_, evidence) {}

  static RegistryOptions options_of(const std::string& name) {
    RegistryOptions made;
    made.name = name;
    made.host = name;
    made.url = foreign_url(name);
    made.max_concurrency = 1;
    made.max_requests_per_second = foreign_requests_per_second;
    return made;
  }

  RegistryOptions options;
  ManifestsOnly sink;
  DistributionClient client;
  EvidenceDiscovery evidence;
  ImageFetcher fetcher;
};

ForeignManifests::ForeignManifests(asio::any_io_executor executor, Clock& clock, HttpClient& http,
                                   const RegistryKnowledge& knowledge, Learn learn,
                                   BlockingPool* pool)
    : clock_(clock),
      http_(http),
      knowledge_(knowledge),
      learn_(std::move(learn)),
      pool_(pool),
      wakeup_(std::move(executor), 1) {}

ForeignManifests::~ForeignManifests() = default;

void ForeignManifests::ask(const std::string& host, const std::string& repository,
                           const Digest& digest) {
  if (knowledge_.manifest(digest) != nullptr || waiting_.size() >= foreign_questions_max) {
    return;
  }
  const TimePoint now = clock_.now();
  if (asked_.size() >= foreign_questions_max) {
    std::erase_if(asked_,
                  [&](const auto& entry) { return now - entry.second >= foreign_retry_after; });
  }
  Question question{host, repository, digest};
  const auto [entry, is_new] = asked_.try_emplace(question, now);
  if (!is_new && now - entry->second < foreign_retry_after) {
    return;
  }
  entry->second = now;
  waiting_.push_back(std::move(question));
  wakeup_.try_send(boost::system::error_code());
}

asio::awaitable<void> ForeignManifests::run() {
  while (true) {
    while (!waiting_.empty()) {
      Question question = std::move(waiting_.front());
      waiting_.pop_front();
      co_await answer(std::move(question));
    }
    co_await wakeup_.async_receive(asio::use_awaitable);
  }
}

asio::awaitable<void> ForeignManifests::answer(Question question) {
  const auto& [name, repository, digest] = question;
  RepositoryKey key;
  key.registry = name;
  key.repository = repository;
  Digest wanted = digest;
  Host* host = nullptr;
  try {
    host = &host_of(name);
  } catch (const std::exception& error) {
    log::info("registry", "unmonitored registry {} cannot be asked: {}", name, error.what());
    co_return;
  }
  const auto problem = co_await host->fetcher.ensure(std::move(key), std::move(wanted));
  if (problem) {
    log::info("registry", "unmonitored registry {}: {}", name, problem->message);
  }
}

ForeignManifests::Host& ForeignManifests::host_of(const std::string& name) {
  std::unique_ptr<Host>& host = hosts_[name];
  if (!host) {
    host = std::make_unique<Host>(*this, name);
  }
  return *host;
}

}  // namespace scanclock
