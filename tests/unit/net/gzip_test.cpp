#include "core/net/gzip.hpp"

#include <gtest/gtest.h>
#include <zlib.h>

namespace scanclock {
namespace {

std::string gzip(const std::string& text) {
  z_stream stream{};
  deflateInit2(&stream, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY);
  std::string output(deflateBound(&stream, text.size()) + 64, '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = reinterpret_cast<Bytef*>(output.data());
  stream.avail_out = static_cast<uInt>(output.size());
  deflate(&stream, Z_FINISH);
  output.resize(stream.total_out);
  deflateEnd(&stream);
  return output;
}

TEST(GzipExpander, ExpandsByteByByteAsWellAsAtOnce) {
  const std::string text(300'000, 'x');
  const std::string compressed = gzip(text);
  std::string at_once;
  GzipExpander whole(text.size());
  EXPECT_EQ(whole.expand(compressed, at_once), GzipExpander::Status::ok);
  EXPECT_TRUE(whole.complete());
  EXPECT_EQ(at_once, text);

  std::string by_byte;
  GzipExpander bytes(text.size());
  for (const char byte : compressed) {
    ASSERT_EQ(bytes.expand(std::string_view(&byte, 1), by_byte), GzipExpander::Status::ok);
  }
  EXPECT_TRUE(bytes.complete());
  EXPECT_EQ(by_byte, text);
}

TEST(GzipExpander, CutsOffOutputBeyondTheLimit) {
  const std::string text(1'000'000, 'x');
  std::string output;
  GzipExpander expander(text.size() - 1);
  EXPECT_EQ(expander.expand(gzip(text), output), GzipExpander::Status::too_large);
}

TEST(GzipExpander, ABombTakesNoMoreMemoryThanTheLimit) {
  constexpr std::size_t limit = 100'000;
  const std::string bomb = gzip(std::string(std::size_t{64} << 20, '\0'));
  std::string output;
  GzipExpander expander(limit);
  EXPECT_EQ(expander.expand(bomb, output), GzipExpander::Status::too_large);
  EXPECT_EQ(output.size(), limit + 1);
}

TEST(GzipExpander, ExpandsSeveralMembers) {
  std::string output;
  GzipExpander expander(100);
  EXPECT_EQ(expander.expand(gzip("first ") + gzip("second"), output), GzipExpander::Status::ok);
  EXPECT_EQ(output, "first second");
  EXPECT_TRUE(expander.complete());
}

TEST(GzipExpander, NoticesDamageAndTruncation) {
  std::string compressed = gzip("some text that is long enough to be damaged");
  std::string output;
  GzipExpander truncated(1000);
  EXPECT_EQ(truncated.expand(compressed.substr(0, compressed.size() - 4), output),
            GzipExpander::Status::ok);
  EXPECT_FALSE(truncated.complete());

  compressed[compressed.size() - 6] ^= 1;
  GzipExpander damaged(1000);
  EXPECT_EQ(damaged.expand(compressed, output), GzipExpander::Status::damaged);
  GzipExpander plain(1000);
  EXPECT_EQ(plain.expand("<html>not gzip</html>", output), GzipExpander::Status::damaged);
}

TEST(GzipMember, ExpandsToWhatItWasMadeFrom) {
  std::string text;
  for (int line = 0; line < 20000; ++line) {
    text += "series{number=\"" + std::to_string(line * 7919) + "\"} 1\n";
  }
  for (const std::string& piece : {std::string(), std::string("x"), text}) {
    std::string output;
    GzipExpander expander(text.size());
    EXPECT_EQ(expander.expand(gzip_member(piece) + gzip_member(piece.substr(0, 5)), output),
              piece.size() + 5 <= text.size() ? GzipExpander::Status::ok
                                              : GzipExpander::Status::too_large);
    EXPECT_EQ(output.substr(0, piece.size()), piece);
  }
  EXPECT_LT(gzip_member(text).size(), text.size() / 3);
}

TEST(GzipPacker, MakesTheSameMemberWhateverCameBefore) {
  GzipPacker packer;
  std::string joined;
  std::string text;
  for (const std::size_t size : {100'000U, 0U, 17U, 60'000U, 1U}) {
    std::string piece;
    while (piece.size() < size) {
      piece += "series{size=\"" + std::to_string(piece.size() * size) + "\"} 1\n";
    }
    const std::string member = packer.member(piece);
    EXPECT_EQ(member, gzip_member(piece)) << size;
    joined += member;
    text += piece;
  }
  std::string output;
  GzipExpander expander(text.size());
  EXPECT_EQ(expander.expand(joined, output), GzipExpander::Status::ok);
  EXPECT_EQ(output, text);
}

TEST(ExpandGzipMember, TakesOneWholeMemberOfTheLengthThatWasTold) {
  const std::string text(70'000, 'x');
  const std::string member = gzip_member(text);
  EXPECT_EQ(expand_gzip_member(member, text.size()), text);
  EXPECT_EQ(expand_gzip_member(gzip_member(""), 0), "");
  EXPECT_EQ(expand_gzip_member(member, text.size() - 1), "") << "longer than told";
  EXPECT_EQ(expand_gzip_member(member, text.size() + 1), "") << "shorter than told";
  EXPECT_EQ(expand_gzip_member(member + member, text.size()), "") << "two members";
  EXPECT_EQ(expand_gzip_member(member.substr(0, member.size() - 1), text.size()), "");
  EXPECT_EQ(expand_gzip_member("no gzip", 7), "");
}

TEST(GzipExpander, NoInputIsComplete) { EXPECT_TRUE(GzipExpander(10).complete()); }

}  // namespace
}  // namespace scanclock
