#include "core/workloads/kubernetes_source.hpp"

#include "core/net/url.hpp"
#include "core/workloads/kubernetes_listeners.hpp"
#include "core/workloads/kubernetes_reports.hpp"

#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/this_coro.hpp>

#include <exception>
#include <functional>
#include <utility>

namespace scanclock {
namespace {

/// Finished pods run nothing; without them a list is shorter.
constexpr const char* unfinished_pods = "status.phase!=Succeeded,status.phase!=Failed";

/// `/api/v1` and `pods`, of one namespace where one is named.
std::string collection_path(const std::string& root, const std::string& namespace_name,
                            const std::string& plural) {
  return root + (namespace_name.empty() ? "" : "/namespaces/" + percent_encode(namespace_name)) +
         "/" + plural;
}

std::string with_namespace(const std::string& what, const std::string& namespace_name) {
  return namespace_name.empty() ? what : what + " in " + namespace_name;
}

/// Both until one throws, and then until the other has ended, too.
asio::awaitable<void> run_both(asio::awaitable<void> left, asio::awaitable<void> right) {
  using namespace asio::experimental::awaitable_operators;
  try {
    co_await (std::move(left) && std::move(right));
  } catch (const asio::multiple_exceptions& failures) {
    std::rethrow_exception(failures.first_exception());
  }
}

}  // namespace

/// One cluster's listeners and reflectors.
class KubernetesSource::Work {
 public:
  Work(KubernetesSourceSettings settings, std::unique_ptr<KubernetesApi> api, Clock& clock,
       BlockingPool& pool, EvidenceSink* evidence)
      : settings_(std::move(settings)),
        api_(std::move(api)),
        clock_(clock),
        pool_(pool),
        teller_(settings_.name, settings_.only_namespaces, clock, settings_.runtime_classes),
        // Nodes once, ReplicaSets and Jobs in each scope.
        gate_(1 + 2 * teller_.scopes()) {
    make_nodes();
    std::size_t scope = 0;
    for (const std::string& name : scope_names()) {
      make_owners("ReplicaSet", "/apis/apps/v1", "replicasets", name, scope);
      make_owners("Job", "/apis/batch/v1", "jobs", name, scope);
      make_pods(name, scope);
      if (evidence != nullptr && settings_.vulnerability_reports) {
        make_reports(*evidence, name);
      }
      ++scope;
    }
  }

  const std::string& name() const { return settings_.name; }

  asio::awaitable<void> run(WorkloadSink& sink) {
    teller_.attach(sink);
    auto executor = co_await asio::this_coro::executor;
    gate_.attach(std::move(executor));
    std::vector<asio::awaitable<void>> tasks;
    for (const auto& start : starts_) {
      tasks.push_back(start());
    }
    while (tasks.size() > 1) {
      auto last = std::move(tasks.back());
      tasks.pop_back();
      tasks.back() = run_both(std::move(tasks.back()), std::move(last));
    }
    co_await std::move(tasks.front());
  }

 private:
  std::vector<std::string> scope_names() const {
    if (settings_.only_namespaces.empty()) {
      return {std::string()};
    }
    return {settings_.only_namespaces.begin(), settings_.only_namespaces.end()};
  }

  KubernetesRules rules_for(const std::string& path) const {
    KubernetesRules rules;
    rules.seed = std::hash<std::string>()(settings_.name + path);
    return rules;
  }

  template <class Object>
  KubernetesReflector<Object>& add(KubernetesCollection collection, KubernetesRules rules,
                                   KubernetesReadOptions reading,
                                   std::unique_ptr<KubernetesListener<Object>> listener) {
    auto reflector = std::make_shared<KubernetesReflector<Object>>(
        *api_, clock_, pool_, std::move(collection), rules, std::move(reading), *listener);
    kept_.push_back(std::shared_ptr<KubernetesListener<Object>>(std::move(listener)));
    kept_.push_back(reflector);
    return *reflector;
  }

  void make_nodes() {
    KubernetesCollection collection;
    collection.path = "/api/v1/nodes";
    auto& reflector =
        add<KubernetesNode>(collection, rules_for(collection.path), KubernetesReadOptions(),
                            std::make_unique<KubernetesNodeListener>(teller_, gate_));
    starts_.push_back([&reflector] { return reflector.run(); });
  }

  void make_owners(const std::string& kind, const std::string& root, const std::string& plural,
                   const std::string& namespace_name, std::size_t scope) {
    KubernetesCollection collection;
    collection.path = collection_path(root, namespace_name, plural);
    collection.metadata_only = true;
    auto& reflector = add<KubernetesOwned>(
        collection, rules_for(collection.path), KubernetesReadOptions(),
        std::make_unique<KubernetesOwnerListener>(teller_, gate_, kind,
                                                  with_namespace(plural, namespace_name), scope));
    starts_.push_back([&reflector] { return reflector.run(); });
  }

  void make_pods(const std::string& namespace_name, std::size_t scope) {
    KubernetesCollection collection;
    collection.path = collection_path("/api/v1", namespace_name, "pods");
    collection.field_selector = unfinished_pods;
    KubernetesRules rules = rules_for(collection.path);
    rules.streaming_list = settings_.streaming_list;
    KubernetesReadOptions reading;
    reading.labels = settings_.labels;
    auto& reflector = add<KubernetesPod>(collection, rules, std::move(reading),
                                         std::make_unique<KubernetesPodListener>(teller_, scope));
    teller_.set_look_again(scope, [&reflector] { reflector.look_again(); });
    starts_.push_back([this, &reflector] { return run_pods(reflector); });
  }

  void make_reports(EvidenceSink& evidence, const std::string& namespace_name) {
    KubernetesCollection collection;
    collection.path = collection_path("/apis/aquasecurity.github.io/v1alpha1", namespace_name,
                                      "vulnerabilityreports");
    KubernetesRules rules = rules_for(collection.path);
    rules.page_objects = kubernetes_page_reports;
    rules.missing_wait = kubernetes_reports_missing_wait;
    auto listener = std::make_unique<KubernetesReports>(
        settings_.name, evidence, clock_, pool_, [this] { teller_.asked(); },
        [this, what = with_namespace("vulnerabilityreports", namespace_name)](
            const std::string& refusal) { teller_.note_limit(what, refusal); });
    auto& reflector =
        add<KubernetesReport>(collection, rules, KubernetesReadOptions(), std::move(listener));
    starts_.push_back([&reflector] { return reflector.run(); });
  }

  asio::awaitable<void> run_pods(KubernetesReflector<KubernetesPod>& reflector) {
    co_await gate_.wait(clock_, kubernetes_surroundings_wait_max);
    co_await reflector.run();
  }

  KubernetesSourceSettings settings_;
  std::unique_ptr<KubernetesApi> api_;
  Clock& clock_;
  BlockingPool& pool_;
  KubernetesTeller teller_;
  KubernetesGate gate_;
  /// Listeners and reflectors, for as long as the source lives.
  std::vector<std::shared_ptr<void>> kept_;
  std::vector<std::function<asio::awaitable<void>()>> starts_;
};

KubernetesSource::KubernetesSource(KubernetesSourceSettings settings,
                                   std::unique_ptr<KubernetesApi> api, Clock& clock,
                                   BlockingPool& pool, EvidenceSink* evidence)
    : work_(std::make_unique<Work>(std::move(settings), std::move(api), clock, pool, evidence)) {}

KubernetesSource::~KubernetesSource() = default;

const std::string& KubernetesSource::name() const { return work_->name(); }

asio::awaitable<void> KubernetesSource::run(WorkloadSink& sink) { co_await work_->run(sink); }

}  // namespace scanclock
