#pragma once

#include "tests/support/kube_store.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace scanclock {

/// What an event shows of a pod's life.
enum class StubPodStage {
  running,
  /// Asked to end; its containers still run.
  ending,
  /// No node has it yet.
  pending,
  /// A node has it, and none of its containers is made yet.
  creating,
};

/// One version of the pod that has a place in the cluster.
struct StubPod {
  int place = 0;
  /// How many pods had the place before.
  std::uint32_t generation = 0;
  StubPodStage stage = StubPodStage::running;
};

/// The pods of a cluster as an API server writes them, 6 kB each, a third of it managed fields.
/// They are made of texts that are rendered once, in which what differs is filled in: to make them
/// anew would take longer than the daemon takes to read them.
class StubPods {
 public:
  explicit StubPods(int nodes);

  static int containers(int place) { return place % 3 == 0 ? 1 : 2; }
  static bool begins_workload(int place);
  static std::string namespace_name(int place);
  static std::string deployment(int place);
  static std::string replica_set(int place);
  /// As the runtime gives it to the pod's first container, `containerd://…`.
  static std::string container_id(const StubPod& pod);

  /// `revision` is the version that it will have.
  KubeObject object(const StubPod& pod, std::uint64_t revision) const;

 private:
  /// Literal text, and behind each piece the letter of what is filled in; 0 at the end.
  struct Piece {
    std::string text;
    char letter = 0;
  };
  using Template = std::vector<Piece>;

  static Template split(std::string_view text);

  int nodes_;
  /// By the number of containers less one, and by stage.
  std::array<std::array<Template, 4>, 2> templates_;
};

}  // namespace scanclock
