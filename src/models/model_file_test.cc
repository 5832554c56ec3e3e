#include "models/model_file.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "base/error.h"

namespace residua::models {
namespace {

const std::string kDescription = "name=rc-test\ncodec=rc\ndefault_q=13\nsteps=many\n";
const std::vector<uint8_t> kGraph(200, 3), kTables(20, 4);

ErrorCode parse_result(const std::vector<uint8_t>& bytes) {
    try {
        parse_model_file(bytes);
    } catch (const Error& error) {
        return error.code();
    }
    return ErrorCode::kOk;
}

ErrorCode write_result(const std::string& description) {
    try {
        write_model_file(description, kGraph, kTables);
    } catch (const Error& error) {
        return error.code();
    }
    return ErrorCode::kOk;
}

TEST(ModelFile, ReadsBackWhatWasWritten) {
    const auto bytes = write_model_file(kDescription, kGraph, kTables);
    const ModelFile file = parse_model_file(bytes);
    EXPECT_EQ(file.name(), "rc-test");
    EXPECT_EQ(file.codec(), "rc");
    EXPECT_EQ(file.description, kDescription);
    EXPECT_TRUE(std::ranges::equal(file.graph, kGraph));
    EXPECT_TRUE(std::ranges::equal(file.distribution, kTables));
    EXPECT_EQ(file.number("default_q", 1, 51, 12), 13);
    EXPECT_EQ(file.number("default_bit_depth", 8, 10, 10), 10);
    EXPECT_THROW(file.number("default_q", 1, 12, 12), Error);
    EXPECT_THROW(file.number("steps", 1, 12, 12), Error);
}

TEST(ModelFile, TheHashNamesEveryByte) {
    auto bytes = write_model_file(kDescription, kGraph, kTables);
    const uint64_t hash = parse_model_file(bytes).hash;
    EXPECT_EQ(parse_model_file(bytes).hash, hash);
    bytes.back() ^= 1;
    EXPECT_NE(parse_model_file(bytes).hash, hash);
    EXPECT_EQ(hash_text(0x0123456789abcdef), "0123456789abcdef");
}

TEST(ModelFile, TruncationsAreRefused) {
    const auto bytes = write_model_file(kDescription, kGraph, kTables);
    for (size_t size = 0; size < bytes.size(); ++size)
        ASSERT_NE(parse_result({bytes.begin(), bytes.begin() + static_cast<ptrdiff_t>(size)}), ErrorCode::kOk)
            << size;
}

TEST(ModelFile, SectionsOfLaterVersions) {
    auto bytes = write_model_file(kDescription, kGraph, kTables);
    bytes.insert(bytes.end(), {0x99, 1, 0});
    EXPECT_EQ(parse_result(bytes), ErrorCode::kOk);
    bytes[bytes.size() - 3] = 0x19;
    EXPECT_EQ(parse_result(bytes), ErrorCode::kUnsupported);
    bytes[4] = 2;
    EXPECT_EQ(parse_result(bytes), ErrorCode::kUnsupported);
}

TEST(ModelFile, DescriptionsAreChecked) {
    EXPECT_EQ(write_result(kDescription), ErrorCode::kOk);
    EXPECT_EQ(write_result("name=a\n"), ErrorCode::kCorrupt);
    EXPECT_EQ(write_result("name=a b\ncodec=rc\n"), ErrorCode::kCorrupt);
    EXPECT_EQ(write_result("name=a\nname=b\ncodec=rc\n"), ErrorCode::kCorrupt);
    EXPECT_EQ(write_result("name=a\ncodec=rc"), ErrorCode::kCorrupt);
    EXPECT_EQ(write_result("name=a\ncodec=rc\nwhat\n"), ErrorCode::kCorrupt);
    EXPECT_EQ(write_result("name=a\ncodec=rc\nnote=\x1b[2J\n"), ErrorCode::kCorrupt);
}

}  // namespace
}  // namespace residua::models
