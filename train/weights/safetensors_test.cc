#include "weights/safetensors.h"

#include <gtest/gtest.h>

#include "weights/test_folder.h"

namespace residua::train {
namespace {

TEST(Safetensors, ReadsBackAndRefusesDamage) {
    Folder folder;
    Checkpoint checkpoint;
    checkpoint.metadata = {{"steps", "12"}, {"odd", "\"quoted\""}};
    checkpoint.tensors["b.weight"] = {{2, 3}, {1, -2, 3.5f, 0, 1e-30f, 7}};
    checkpoint.tensors["a"] = {{}, {4}};
    const std::string path = folder / "x.safetensors";
    save_safetensors(path, checkpoint);
    const Checkpoint back = load_safetensors(path);
    EXPECT_EQ(back.metadata, checkpoint.metadata);
    EXPECT_EQ(back.tensors.at("b.weight").shape, (std::vector<int64_t>{2, 3}));
    EXPECT_EQ(back.tensors.at("b.weight").values, checkpoint.tensors["b.weight"].values);
    EXPECT_EQ(back.tensors.at("a").values, checkpoint.tensors["a"].values);
    EXPECT_FALSE(fs::exists(path + ".tmp"));

    const auto size = fs::file_size(path);
    fs::resize_file(path, size - 1);
    EXPECT_THROW(load_safetensors(path), std::runtime_error);
    fs::resize_file(path, 4);
    EXPECT_THROW(load_safetensors(path), std::runtime_error);
    EXPECT_THROW(load_safetensors(folder / "none"), std::runtime_error);
}

}  // namespace
}  // namespace residua::train
