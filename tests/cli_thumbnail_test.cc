// residua thumbnail: what file managers show.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "image_io/test_files.h"
#include "image_io/test_image.h"
#include "support/tool.h"

namespace residua::testing {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::Pair;

constexpr int kUsage = 1, kFileError = 2, kDamaged = 4;

// The camera lay on its side: orientation 6.
const image_io::Bytes kOnItsSide = {'E', 'x', 'i', 'f', 0, 0, 'M', 'M', 0, 42, 0, 0, 0, 8, 0, 1,
                                    1,   18,  0,   3,   0, 0, 0,   1,   0, 6,  0, 0, 0, 0, 0, 0};

class CliThumbnail : public ToolTest {
  protected:
    void make(const std::string& options) {
        const Outcome outcome = residua("thumbnail", {folder_ / "a.rsd", "-o", folder_ / "a.out", options});
        ASSERT_EQ(outcome.exit_code, 0) << outcome.errors;
    }
    void encode(const std::string& name) {
        const Outcome outcome = residua("encode", {folder_ / name, "-o", folder_ / "a.rsd"});
        ASSERT_EQ(outcome.exit_code, 0) << outcome.errors;
    }
};

TEST_F(CliThumbnail, IsThePictureMadeSmall) {
    // Left half dark, right half light; each quarter's mean is known.
    std::vector<uint8_t> pixels;
    for (int y = 0; y < 32; ++y)
        for (int x = 0; x < 64; ++x) pixels.insert(pixels.end(), 3, x < 32 ? 40 + (x + y) % 2 * 20 : 200);
    const auto png =
        image_io::write(image_io::test_image(64, 32, 3, std::move(pixels)), image_io::OutputFormat::kPng);
    put("a.png", image_io::text_of(png));
    encode("a.png");
    make("--size=4");
    const image_io::Image small = picture("a.out");
    EXPECT_EQ(small.width, 4u);
    EXPECT_EQ(small.height, 2u);
    EXPECT_THAT(std::vector<int>(small.pixels.begin(), small.pixels.begin() + 12),
                ::testing::ElementsAre(50, 50, 50, 50, 50, 50, 200, 200, 200, 200, 200, 200));
}

TEST_F(CliThumbnail, SmallPicturesStayAsLargeAsTheyAre) {
    put_picture("a.png");
    encode("a.png");
    make("--size=128");
    EXPECT_EQ(picture("a.out").width, 40u);
    EXPECT_EQ(picture("a.out").height, 24u);
}

TEST_F(CliThumbnail, AKeptJpegIsTurnedWithOrWithoutItsCoarsePart) {
    put("a.jpg", image_io::text_of(image_io::make_jpeg({.width = 256, .height = 128}, {{0xe1, kOnItsSide}})));
    ASSERT_EQ(shell("$residua encode a.jpg").exit_code, 0);
    for (const char* size : {"--size=32", "--size=200"}) {
        ASSERT_EQ(shell("$residua thumbnail a.rsd --force -o a.out " + std::string(size)).exit_code, 0);
        const image_io::Image small = picture("a.out");
        EXPECT_EQ(small.height, size == std::string("--size=32") ? 32u : 200u);
        EXPECT_EQ(small.width, small.height / 2);
        EXPECT_FALSE(small.has("exif"));  // it is turned already
    }
}

TEST_F(CliThumbnail, SaysWhatItIsOfWhereAsked) {
    put_picture("a.png");
    encode("a.png");
    set_time("a.rsd", 1'500'000'000);
    make("--uri=file:///a%20b.rsd");
    const auto entries = image_io::metadata_of(picture("a.out"));
    const auto text = [](const std::string& key, const std::string& value) {
        return Pair("png:tEXt", key + std::string(1, '\0') + value);
    };
    EXPECT_THAT(entries, Contains(text("Thumb::URI", "file:///a%20b.rsd")));
    EXPECT_THAT(entries, Contains(text("Thumb::MTime", "1500000000")));
    EXPECT_THAT(entries, Contains(text("Thumb::Mimetype", "image/x-residua")));
    const Outcome refused = residua("thumbnail", {folder_ / "a.rsd", "--uri=file:///a b", "-o", "-"});
    EXPECT_EQ(refused.exit_code, kUsage);
    EXPECT_THAT(refused.errors, HasSubstr("%XX"));
}

TEST_F(CliThumbnail, DamageIsAnErrorAndLeavesNothing) {
    put_picture("a.png");
    encode("a.png");
    const std::string good = text("a.rsd");
    for (const std::string& bad : {good.substr(0, good.size() - 3), good.substr(0, 20), std::string("PNG")}) {
        put("bad.rsd", bad);
        const Outcome outcome = residua("thumbnail", {folder_ / "bad.rsd", "-o", folder_ / "bad.png"});
        EXPECT_EQ(outcome.exit_code, kDamaged) << outcome.errors;
        EXPECT_FALSE(exists("bad.png"));
    }
    put("there.png", "mine");
    EXPECT_EQ(residua("thumbnail", {folder_ / "a.rsd", "-o", folder_ / "there.png"}).exit_code, kFileError);
    EXPECT_EQ(text("there.png"), "mine");
}

}  // namespace
}  // namespace residua::testing
