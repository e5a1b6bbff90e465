#include "core/domain/container_table.hpp"

#include "core/domain/container.hpp"

#include <gtest/gtest.h>

#include <random>
#include <set>

namespace scanclock {
namespace {

constexpr int ids_max = 20'000;

class ContainersOfATable : public testing::Test {
 protected:
  ContainerRecord& add(const std::string& source, const std::string& id) {
    auto [record, is_new] = table.get(source, id);
    if (is_new) {
      ContainerObservation seen;
      seen.id = id;
      record.set_observation(source, seen, pools);
    }
    return record;
  }

  std::vector<std::string> listed() const {
    std::vector<std::string> ids;
    for (const ContainerRecord& record : table) {
      ids.push_back(record.source() + " " + record.id.str());
    }
    return ids;
  }

  ContainerPools pools;
  ContainerTable table;
};

TEST_F(ContainersOfATable, AreFoundListedAndErasedLikeThoseOfASet) {
  std::mt19937 random(7);
  std::set<ContainerId> expected;
  for (int step = 0; step < 6 * ids_max; ++step) {
    // The longer it runs the more are erased, so that pieces fill, split, empty and merge.
    const std::string id = "id-" + std::to_string(random() % ids_max);
    if (random() % 6 * ids_max > static_cast<unsigned>(step)) {
      add("s", id);
      expected.insert(id);
    } else if (const ContainerRecord* record = table.find("s", id)) {
      table.erase(*record);
      expected.erase(id);
    }
  }
  ASSERT_EQ(table.size(), expected.size());
  auto known = expected.begin();
  for (const ContainerRecord& record : table) {
    ASSERT_EQ(record.id, *known++);
  }
  for (int number = 0; number < ids_max; ++number) {
    const std::string id = "id-" + std::to_string(number);
    ASSERT_EQ(table.find("s", id) != nullptr, expected.contains(id));
    const auto behind = table.behind({"s", id});
    const auto next = expected.upper_bound(id);
    ASSERT_EQ(behind == table.end(), next == expected.end());
    if (next != expected.end()) {
      ASSERT_EQ(behind->id, *next);
    }
  }
}

TEST_F(ContainersOfATable, KeepTheirAddresses) {
  std::vector<ContainerRecord*> records;
  for (int number = 0; number < ids_max; ++number) {
    records.push_back(&add("s", "id-" + std::to_string(number)));
  }
  for (int number = 0; number < ids_max; ++number) {
    ASSERT_EQ(table.find("s", "id-" + std::to_string(number)), records[number]);
  }
}

TEST_F(ContainersOfATable, AreOrderedBySourceFirst) {
  add("b", "1");
  add("a", "2");
  add("c", "0");
  EXPECT_EQ(listed(), (std::vector<std::string>{"a 2", "b 1", "c 0"}));
  EXPECT_EQ(table.behind({"a", "2"})->id, "1");
  EXPECT_EQ(table.behind({"aa", ""})->id, "1");
  EXPECT_EQ(table.behind({"c", "0"}), table.end());
}

TEST_F(ContainersOfATable, OfAnEmptiedSourceArePassedOver) {
  add("a", "1");
  table.erase(add("b", "2"));
  add("c", "3");
  EXPECT_EQ(listed(), (std::vector<std::string>{"a 1", "c 3"}));
  EXPECT_TRUE(table.of("b")->empty());
  EXPECT_EQ(table.of("d"), nullptr);
}

}  // namespace
}  // namespace scanclock
