#include "core/domain/digest_graph.hpp"

#include "tests/unit/domain/facts.hpp"

#include <gtest/gtest.h>

namespace scanclock {
namespace {

using namespace facts;  // NOLINT: the words of this folder's tests

std::vector<Digest> runnable(const DigestGraph& graph, const Digest& digest) {
  std::vector<Digest> digests;
  for (const ManifestChild& child : graph.runnable_children(digest)) {
    digests.push_back(child.digest);
  }
  return digests;
}

TEST(DigestGraphEdges, LeadThroughNestedIndexesInTheirOrder) {
  const DigestGraph graph =
      graph_of({image(m1, c1), image(m2, c2, arm64), index(both, {entry(single), entry(m3, arm64)}),
                index(single, {entry(m1), entry(m2, arm64)})});
  EXPECT_EQ(runnable(graph, both), (std::vector{m1, m2, m3}));
  EXPECT_EQ(graph.indexes_above(m1), (std::vector{both, single}));
  EXPECT_EQ(graph.indexes_above(single), std::vector{both});
  EXPECT_TRUE(graph.related(c1, both));
  EXPECT_TRUE(graph.related(both, c1));
  EXPECT_FALSE(graph.related(c1, m2));
}

TEST(DigestGraphEdges, ArriveInAnyOrder) {
  const std::vector<Manifest> manifests = {image(m1, c1), index(single, {entry(m1)}),
                                           index(both, {entry(single)})};
  std::vector<std::size_t> order = {0, 1, 2};
  do {
    DigestGraph graph;
    for (const std::size_t position : order) {
      graph.add(manifests[position]);
    }
    EXPECT_EQ(runnable(graph, both), std::vector{m1});
    EXPECT_EQ(graph.indexes_above(m1).size(), 2U);
    EXPECT_EQ(graph.images_with_config(c1), std::vector{m1});
  } while (std::next_permutation(order.begin(), order.end()));
}

TEST(DigestGraphEdges, OfAHostileCycleEnd) {
  const DigestGraph graph = graph_of({index(both, {entry(single), entry(both), entry(m1)}),
                                      index(single, {entry(both), entry(single), entry(m2)})});
  EXPECT_EQ(runnable(graph, both), (std::vector{m2, m1}));
  EXPECT_EQ(graph.indexes_above(m1), (std::vector{both, single}));
  EXPECT_TRUE(graph.related(both, single));
}

TEST(DigestGraphEdges, OfADeepChainHideNothing) {
  DigestGraph graph;
  constexpr unsigned depth = 20000;
  graph.add(image(m1, c1));
  graph.add(image(m2, c2, arm64));
  for (unsigned level = 0; level < depth; ++level) {
    graph.add(index(digest(0x10000 + level), {entry(digest(0x10000 + level + 1))}));
  }
  graph.add(index(digest(0x10000 + depth), {entry(m1)}));
  graph.add(index(both, {entry(m2, arm64), entry(digest(0x10000))}));
  EXPECT_EQ(runnable(graph, both), (std::vector{m2, m1}))
      << "an index must not look as if it had one runnable entry";
}

TEST(DigestGraphEdges, KeepARunnableEntryThatIsListedAsAnAttestationFirst) {
  const DigestGraph graph =
      graph_of({image(m1, c1), index(both, {entry(m1, Platform(), false), entry(m1), entry(m1)})});
  EXPECT_EQ(runnable(graph, both), std::vector{m1});
  EXPECT_EQ(graph.runnable_children(both).front().platform, amd64);
}

TEST(DigestGraphEdges, ListEntriesThatWereNotFetchedAndNoArtifacts) {
  const Digest helm = digest(0xa1);
  const DigestGraph graph =
      graph_of({artifact(helm), index(both, {entry(m1), entry(helm), entry(m2, arm64, false)})});
  EXPECT_EQ(runnable(graph, both), std::vector{m1});
  EXPECT_TRUE(graph.runnable_children(m1).empty());
  EXPECT_TRUE(graph.runnable_children(Digest()).empty());
}

TEST(ContentKey, IsTheConfigWhereItIdentifies) {
  Manifest empty = image(m2, c2);
  empty.config_identifies = false;
  const DigestGraph graph = graph_of({image(m1, c1), empty});
  EXPECT_EQ(graph.content_key(m1), c1);
  EXPECT_EQ(graph.content_key(m2), m2);
  EXPECT_EQ(graph.content_key(digest(0x99)), digest(0x99));
  EXPECT_TRUE(graph.images_with_config(c2).empty());
}

TEST(DigestGraphEdges, AreAddedOnce) {
  DigestGraph graph = graph_of({index(both, {entry(m1)})});
  graph.add(index(both, {entry(m1)}));
  EXPECT_EQ(graph.manifests().size(), 1U);
  EXPECT_EQ(graph.indexes_above(m1), std::vector{both});
}

}  // namespace
}  // namespace scanclock
