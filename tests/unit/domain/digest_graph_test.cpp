#include "core/domain/digest_graph.hpp"

#include "tests/unit/domain/facts.hpp"

#include <gtest/gtest.h>

namespace scanclock {
namespace {

using facts::amd64;
using facts::arm64;
using facts::artifact;
using facts::digest;
using facts::entry;
using facts::graph_of;
using facts::image;
using facts::index;

const Digest m1 = digest(0x11), c1 = digest(0xc1);
const Digest m2 = digest(0x12), c2 = digest(0xc2);
const Digest top = digest(0x1a);
const Digest nested = digest(0x1b);

std::vector<Digest> runnable(const DigestGraph& graph, const Digest& digest) {
  std::vector<Digest> digests;
  for (const ManifestChild& child : graph.runnable_children(digest)) {
    digests.push_back(child.digest);
  }
  return digests;
}

TEST(DigestGraphEdges, LeadThroughNestedIndexesInTheirOrder) {
  const Digest m3 = digest(0x13);
  const DigestGraph graph =
      graph_of({image(m1, c1), image(m2, c2, arm64), index(top, {entry(nested), entry(m3, arm64)}),
                index(nested, {entry(m1), entry(m2, arm64)})});
  EXPECT_EQ(runnable(graph, top), (std::vector{m1, m2, m3}));
  EXPECT_EQ(graph.indexes_above(m1), (std::vector{top, nested}));
  EXPECT_EQ(graph.indexes_above(nested), std::vector{top});
  EXPECT_TRUE(graph.related(c1, top));
  EXPECT_TRUE(graph.related(top, c1));
  EXPECT_FALSE(graph.related(c1, m2));
}

TEST(DigestGraphEdges, ArriveInAnyOrder) {
  const std::vector<Manifest> manifests = {image(m1, c1), index(nested, {entry(m1)}),
                                           index(top, {entry(nested)})};
  std::vector<std::size_t> order = {0, 1, 2};
  do {
    DigestGraph graph;
    for (const std::size_t position : order) {
      graph.add(manifests[position]);
    }
    EXPECT_EQ(runnable(graph, top), std::vector{m1});
    EXPECT_EQ(graph.indexes_above(m1).size(), 2U);
    EXPECT_EQ(graph.images_with_config(c1), std::vector{m1});
  } while (std::next_permutation(order.begin(), order.end()));
}

TEST(DigestGraphEdges, OfAHostileCycleEnd) {
  const DigestGraph graph = graph_of({index(top, {entry(nested), entry(top), entry(m1)}),
                                      index(nested, {entry(top), entry(nested), entry(m2)})});
  EXPECT_EQ(runnable(graph, top), (std::vector{m2, m1}));
  EXPECT_EQ(graph.indexes_above(m1), (std::vector{top, nested}));
  EXPECT_TRUE(graph.related(top, nested));
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
  graph.add(index(top, {entry(m2, arm64), entry(digest(0x10000))}));
  EXPECT_EQ(runnable(graph, top), (std::vector{m2, m1}))
      << "an index must not look as if it had one runnable entry";
}

TEST(DigestGraphEdges, KeepARunnableEntryThatIsListedAsAnAttestationFirst) {
  const DigestGraph graph =
      graph_of({image(m1, c1), index(top, {entry(m1, Platform(), false), entry(m1), entry(m1)})});
  EXPECT_EQ(runnable(graph, top), std::vector{m1});
  EXPECT_EQ(graph.runnable_children(top).front().platform, amd64);
}

TEST(DigestGraphEdges, ListEntriesThatWereNotFetchedAndNoArtifacts) {
  const Digest helm = digest(0xa1);
  const DigestGraph graph =
      graph_of({artifact(helm), index(top, {entry(m1), entry(helm), entry(m2, arm64, false)})});
  EXPECT_EQ(runnable(graph, top), std::vector{m1});
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
  DigestGraph graph = graph_of({index(top, {entry(m1)})});
  graph.add(index(top, {entry(m1)}));
  EXPECT_EQ(graph.manifests().size(), 1U);
  EXPECT_EQ(graph.indexes_above(m1), std::vector{top});
}

}  // namespace
}  // namespace scanclock
