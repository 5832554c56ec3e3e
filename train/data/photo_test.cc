#include "data/photo.h"

#include <gtest/gtest.h>

#include <fstream>

#include "data/test_photos.h"

namespace residua::train {
namespace {

TEST(Photo, DownscalesAndRefusesWhatItCannotRead) {
    Folder folder;
    write_photo(folder / "a.png", 120, 80, 1);
    const Photo whole = load_photo(folder / "a.png", 1.0);
    EXPECT_EQ(whole.width, 120);
    const Photo half = load_photo(folder / "a.png", 0.5);
    EXPECT_EQ(half.width, 60);
    EXPECT_EQ(half.height, 40);
    EXPECT_EQ(half.rgb.size(), 60u * 40 * 3);
    double sum_whole = 0, sum_half = 0;
    for (uint8_t v : whole.rgb) sum_whole += v;
    for (uint8_t v : half.rgb) sum_half += v;
    EXPECT_NEAR(sum_whole / 4, sum_half, 0.01 * sum_half);
    std::ofstream(folder / "b.png") << "no picture";
    EXPECT_THROW(load_photo(folder / "b.png", 1.0), std::runtime_error);
    EXPECT_EQ(list_photos(folder.path()).size(), 2u);
    EXPECT_THROW(list_photos(folder / "missing"), std::runtime_error);
}

}  // namespace
}  // namespace residua::train
