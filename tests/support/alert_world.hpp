#pragma once

#include "core/domain/inventory.hpp"
#include "core/domain/source_book.hpp"
#include "tests/support/sim_clock.hpp"

#include <optional>
#include <set>
#include <string>
#include <vector>

namespace scanclock {

/// A registry `prod` with images that are named by one letter, a host `host-a` that runs
/// containers, and one policy, `fedramp-30d`. Time stands still until a test moves `now`.
class AlertWorld {
 public:
  AlertWorld();
  explicit AlertWorld(Scope scope);

  static Scope default_scope();
  /// `sha256:` and 64 times the hex digit.
  static Digest digest(char letter);
  static RepositoryKey key() { return {"prod", "team/app"}; }

  /// Stands in the registry under `team/app:1.<letter>`; its evidence sources have answered.
  void add_image(char letter);
  void evidence_answered(char letter);
  void evidence_failed(char letter, const std::string& reason);
  /// A pushed report about the image, collected now.
  Digest scan(char letter, TimePoint finished_at);
  /// The same with a database or subject of the test's choice.
  Digest add_evidence(char letter, TimePoint finished_at, std::vector<Digest> subjects);
  /// Two 404s by digest, a cycle apart.
  void remove(char letter);

  /// A complete list of host-a: exactly these images run, one container each.
  void run(const std::string& letters);
  /// The same for containers of the test's making.
  void observe(const std::string& source, std::vector<ContainerObservation> containers);
  ContainerObservation container(char letter, const std::string& id) const;

  Touched reevaluate() { return inventory.reevaluate(now); }

  /// Evidence that is made from now on differs from what was made there.
  void go_on_after(const AlertWorld& before) { evidence_count_ = before.evidence_count_; }

  Inventory inventory;
  SourceBook sources;
  TimePoint now = SimClock::default_start();

 private:
  int evidence_count_ = 0;
};

}  // namespace scanclock
