#include "core/workloads/event_framer.hpp"

#include <gtest/gtest.h>

namespace scanclock {
namespace {

using Objects = std::vector<std::string>;

const std::string first_object =
    R"({"Action":"start","Actor":{"ID":"a","Attributes":{"x":"}{\"]["}}})";
const std::string second_object = R"({"Action":"die","list":[1,{"y":"\\"}]})";

struct Framing {
  const char* name;
  std::string stream;
};

const std::vector<Framing>& framings() {
  static const std::vector<Framing> all{
      {"lines", first_object + "\n" + second_object + "\n"},
      {"lines with carriage returns", first_object + "\r\n" + second_object + "\r\n"},
      {"json-seq", "\x1e" + first_object + "\n\x1e" + second_object + "\n"},
      {"nothing between", first_object + second_object},
      {"blank lines", "\n\n" + first_object + "\n \t\n" + second_object},
  };
  return all;
}

Objects push_all(EventFramer& framer, const std::vector<std::string_view>& pieces) {
  Objects objects;
  for (const std::string_view piece : pieces) {
    const auto found = framer.push(piece);
    EXPECT_TRUE(found.has_value());
    if (found) {
      objects.insert(objects.end(), found->begin(), found->end());
    }
  }
  return objects;
}

TEST(EventFramer, FindsTheObjectsWhereverTheStreamIsCut) {
  for (const Framing& framing : framings()) {
    const std::string_view stream = framing.stream;
    for (std::size_t first_cut = 0; first_cut <= stream.size(); ++first_cut) {
      for (std::size_t second_cut = first_cut; second_cut <= stream.size(); ++second_cut) {
        EventFramer framer;
        const Objects objects = push_all(
            framer, {stream.substr(0, first_cut), stream.substr(first_cut, second_cut - first_cut),
                     stream.substr(second_cut)});
        ASSERT_EQ(objects, (Objects{first_object, second_object}))
            << framing.name << " cut at " << first_cut << " and " << second_cut;
        ASSERT_FALSE(framer.inside_object());
      }
    }
  }
}

TEST(EventFramer, FindsTheObjectsWhenBytesComeOneByOne) {
  for (const Framing& framing : framings()) {
    EventFramer framer;
    std::vector<std::string_view> pieces;
    for (std::size_t i = 0; i < framing.stream.size(); ++i) {
      pieces.push_back(std::string_view(framing.stream).substr(i, 1));
    }
    EXPECT_EQ(push_all(framer, pieces), (Objects{first_object, second_object})) << framing.name;
  }
}

TEST(EventFramer, GivesAnObjectWithItsLastByteAndNotWithTheNext) {
  EventFramer framer;
  EXPECT_EQ(push_all(framer, {first_object.substr(0, first_object.size() - 1)}), Objects{});
  EXPECT_TRUE(framer.inside_object());
  EXPECT_EQ(push_all(framer, {"}"}), Objects{first_object});
  EXPECT_FALSE(framer.inside_object());
}

TEST(EventFramer, DropsARecordThatItsWriterCutShort) {
  EventFramer framer;
  const std::string cut = "\x1e" + first_object.substr(0, 20);
  EXPECT_EQ(push_all(framer, {cut, "\x1e", second_object, "\n"}), Objects{second_object});
}

TEST(EventFramer, RefusesWhatIsNoObject) {
  for (const char* stream : {"<html>", "[1]", "null", "}", "\"text\"", "{}garbage"}) {
    EventFramer framer;
    EXPECT_FALSE(framer.push(stream).has_value()) << stream;
  }
}

TEST(EventFramer, RefusesAnEventBeyondTheByteLimit) {
  EventFramer framer;
  ASSERT_TRUE(framer.push("{\"a\":\"").has_value());
  const auto most = framer.push(std::string(event_bytes_max - 6, 'x'));
  ASSERT_TRUE(most.has_value());
  const auto beyond = framer.push("x");
  ASSERT_FALSE(beyond.has_value());
  EXPECT_EQ(beyond.error().message, "an event is larger than 1048576 bytes");
}

TEST(EventFramer, RefusesAnEventBeyondTheDepthLimit) {
  EventFramer fits;
  EXPECT_TRUE(fits.push("{\"a\":" + std::string(event_depth_max - 1, '[')).has_value());
  EventFramer beyond;
  EXPECT_FALSE(beyond.push("{\"a\":" + std::string(event_depth_max, '[')).has_value());
}

}  // namespace
}  // namespace scanclock
