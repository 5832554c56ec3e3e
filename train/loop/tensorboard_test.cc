#include "loop/tensorboard.h"

#include <gtest/gtest.h>

#include <fstream>

#include "weights/test_folder.h"

namespace residua::train {
namespace {

// The bytes that TensorFlow's own writer makes for the first record of every file: length, masked CRC-32C.
TEST(TensorBoard, FramesRecordsAsTensorFlowDoes) {
    Folder folder;
    TensorBoardWriter writer(folder.path());
    writer.scalars(7, {{"loss", 2.5}});
    std::string bytes;
    for (const auto& entry : fs::directory_iterator(folder.path())) {
        std::ifstream file(entry.path(), std::ios::binary);
        bytes.assign(std::istreambuf_iterator<char>(file), {});
    }
    ASSERT_GT(bytes.size(), 40u);
    EXPECT_EQ(bytes.substr(0, 8), std::string("\x18\0\0\0\0\0\0\0", 8));
    EXPECT_EQ(bytes.substr(8, 4),
              std::string("\xa3\x7f\x4b\x22", 4));  // as in every events file of 24-byte start
    EXPECT_NE(bytes.find("brain.Event:2"), std::string::npos);
    EXPECT_NE(bytes.find(std::string("loss\x15\0\0\x20\x40", 9)), std::string::npos);
}

}  // namespace
}  // namespace residua::train
