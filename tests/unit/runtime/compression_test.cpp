#include "core/runtime/compression.hpp"

#include <gtest/gtest.h>

#include <stdexcept>

namespace scanclock {
namespace {

std::string sample() {
  std::string text;
  for (int line = 0; line < 20'000; ++line) {
    text += "package " + std::to_string(line) + " is fine\n";
  }
  return text;
}

TEST(Compression, WhatWasCompressedComesBackUnchanged) {
  for (const std::string& text : {std::string(), std::string("x"), sample()}) {
    EXPECT_EQ(zstd_decompress(zstd_compress(text), text.size()), text);
  }
}

TEST(Compression, OutputBeyondTheLimitIsRefused) {
  const std::string text = sample();
  EXPECT_THROW(zstd_decompress(zstd_compress(text), text.size() - 1), std::runtime_error);
}

TEST(Compression, DamagedInputIsRefused) {
  const std::string text = sample();
  const std::string compressed = zstd_compress(text);
  EXPECT_THROW(zstd_decompress(compressed.substr(0, compressed.size() / 2), text.size()),
               std::runtime_error);
  EXPECT_THROW(zstd_decompress(compressed + "x", text.size()), std::runtime_error);
  EXPECT_THROW(zstd_decompress("", 100), std::runtime_error);
  EXPECT_THROW(zstd_decompress("no zstd at all", 100), std::runtime_error);
}

}  // namespace
}  // namespace scanclock
