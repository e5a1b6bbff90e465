#pragma once

#include "core/workloads/engine_source.hpp"

#include <boost/asio/awaitable.hpp>

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace scanclock {

/// Watches the containers of one Docker Engine or one Podman. A report is complete, or there is
/// none: an image that cannot be inspected for another reason than 404 fails the look.
class DockerSource final : public EngineSource {
 public:
  /// `product` is docker or podman; for the rest see EngineSource. Podman's socket, asked as
  /// docker, answers what of Docker's API it speaks.
  DockerSource(EngineSourceSettings settings, EngineProduct product, HttpClient& http, Clock& clock,
               BlockingPool& pool);

 private:
  /// What only an inspection tells.
  struct Inspected {
    std::string image;
    std::optional<TimePoint> started_at;
  };
  using Containers = std::vector<DockerContainer>;

  boost::asio::awaitable<Result<WorkloadReport, SourceProblem>> look() override;
  boost::asio::awaitable<void> apply(DockerEvent event) override;
  void events_were_missed() override;

  boost::asio::awaitable<Result<Containers, SourceProblem>> running_containers();
  boost::asio::awaitable<std::optional<SourceProblem>> refresh_image(std::string image_id);
  WorkloadReport report_of(TimePoint observed_at, const Containers& containers);
  boost::asio::awaitable<void> observe_start(std::string container_id);
  ContainerObservation observation_of(const DockerContainer& container);

  /// Podman's list says everything.
  bool list_needs_inspections_;
  /// By image ID and container ID; entries live as long as a running container needs them.
  std::map<std::string, DockerImage> images_;
  std::map<std::string, Inspected> inspected_;
  /// Containers that started while a list was under way: the list may be older than they are.
  std::map<std::string, DockerContainer> started_meanwhile_;
};

}  // namespace scanclock
