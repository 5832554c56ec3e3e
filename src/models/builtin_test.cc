// The models inside the library are the files of the source
// tree, byte for byte, in whichever way they came in.
#include "models/builtin.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <vector>

namespace residua::models {
namespace {

#include "builtin_files.inc"

TEST(Builtin, IsTheFilesOfTheTree) {
    ASSERT_EQ(builtin_count(), kFiles.size());
    for (size_t i = 0; i < kFiles.size(); ++i) {
        std::ifstream file(kFiles[i], std::ios::binary);
        ASSERT_TRUE(file) << kFiles[i];
        const std::vector<uint8_t> expected{std::istreambuf_iterator<char>(file), {}};
        EXPECT_TRUE(std::ranges::equal(builtin_model(i), expected)) << kFiles[i];
        EXPECT_EQ(reinterpret_cast<uintptr_t>(builtin_model(i).data()) % alignof(uint64_t), 0u);
    }
}

}  // namespace
}  // namespace residua::models
