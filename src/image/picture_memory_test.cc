#include "image/picture_memory.h"

#include <gtest/gtest.h>

namespace residua {
namespace {

// Sides that a file's header can have, whose product is 2^32 + 32768: cut to 32 bits it would be a small
// array, and what is decoded into it would go past its end.
TEST(PictureMemory, SizesAreNotCutTo32Bits) {
    Allocator allocator(uint64_t{1} << 30);
    try {
        const Picture picture(allocator, 32768, 43691, 3);
        FAIL() << "an array of " << picture.samples.size() << " bytes";
    } catch (const Error& error) {
        EXPECT_EQ(error.code(), ErrorCode::kMemoryLimit) << error.what();
    }
    EXPECT_EQ(allocator.used(), 0u);
}

TEST(PictureMemory, ArraysThatNoMachineCanAddressAreRefused) {
    Allocator allocator;
    const auto array = [&](uint64_t count) { return Buffer<uint32_t>(allocator, count); };
    EXPECT_THROW(array(uint64_t{PTRDIFF_MAX} / sizeof(uint32_t) + 1), Error);
    EXPECT_THROW(array(UINT64_MAX), Error);
    EXPECT_EQ(array(product(3, 5)).size(), 15u);
    EXPECT_EQ(allocator.used(), 0u);
}

}  // namespace
}  // namespace residua
