// decode --region and --scale: what the whole picture has there.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "image_io/test_kinds.h"
#include "stages/test_models.h"
#include "support/test_model.h"
#include "support/tool.h"

namespace residua::testing {
namespace {

using image_io::Colour;
using image_io::Image;
using ::testing::HasSubstr;

std::string joined(std::initializer_list<std::string_view> parts) {
    std::string all;
    for (const std::string_view part : parts) all += part;
    return all;
}

class CliRegion : public ToolTest {
  protected:
    void put_image(const std::string& name, const Image& image) {
        const std::vector<uint8_t> bytes = image_io::write(image, image_io::output_format(name));
        put(name, {bytes.begin(), bytes.end()});
    }
    void put_model(const std::string& name, const std::vector<uint8_t>& bytes) {
        put(name, {bytes.begin(), bytes.end()});
    }
    void expect_runs(const std::string& script) {
        const Outcome outcome = shell(script);
        ASSERT_EQ(outcome.exit_code, 0) << script << outcome.errors;
    }
};

std::vector<uint32_t> crop(const Image& whole, uint32_t x, uint32_t y, uint32_t width, uint32_t height) {
    const std::vector<uint32_t> all = image_io::numbers_of(whole);
    std::vector<uint32_t> part;
    for (size_t row = y; row < size_t{y} + height; ++row) {
        const auto first = all.begin() + static_cast<ptrdiff_t>((row * whole.width + x) * whole.channels());
        part.insert(part.end(), first, first + static_cast<ptrdiff_t>(size_t{width} * whole.channels()));
    }
    return part;
}

// Means of blocks, in the plainest way.
std::vector<uint32_t> reduced(const std::vector<uint32_t>& samples, uint32_t width, uint32_t channels,
                              bool alpha, uint32_t block) {
    const auto height = static_cast<uint32_t>(samples.size() / channels / width);
    std::vector<uint32_t> small;
    for (uint32_t top = 0; top < height; top += block)
        for (uint32_t left = 0; left < width; left += block)
            for (uint32_t c = 0; c < channels; ++c) {
                uint64_t sum = 0, weight = 0, plain = 0, count = 0;
                for (uint32_t y = top; y < std::min(top + block, height); ++y)
                    for (uint32_t x = left; x < std::min(left + block, width); ++x) {
                        const uint32_t* pixel = samples.data() + (size_t{y} * width + x) * channels;
                        const uint64_t opacity = alpha && c + 1 < channels ? pixel[channels - 1] : 1;
                        sum += opacity * pixel[c];
                        weight += opacity;
                        plain += pixel[c];
                        ++count;
                    }
                small.push_back(static_cast<uint32_t>(weight > 0 ? (2 * sum + weight) / (2 * weight)
                                                                 : (2 * plain + count) / (2 * count)));
            }
    return small;
}

TEST_F(CliRegion, IsThatOfTheWholePictureForEveryCodec) {
    put_model("scales.rsm", models::make_l3c_model({.name = "scales"}));
    put_picture("photo.png", 1, 60, 75);
    put_image("deep.pam", image_io::make_image(60, 75, Colour::kRgb, true, 16));
    put_image("bits.pgm", image_io::make_image(60, 75, Colour::kGrey, false, 1));
    std::vector<std::pair<std::string, std::string>> files = {
        {"whole", "$encode photo.png"},
        {"strips", "$encode --strip-height 16 photo.png"},
        {"deep", "$encode --strip-height 32 deep.pam"},
        {"bits", "$residua encode --codec scc --strip-height 16 bits.pgm"},
        {"drawn", "$residua encode --codec scc photo.png"},
        {"scales", "$residua encode --model-file scales.rsm --model scales --strip-height 48 photo.png"}};
    std::string more = " --model-file scales.rsm";
    if (residua_codec_can_encode("rc")) {
        put_model("rc.rsm", make_test_model(1, "rc"));
        files.push_back({"rc", "$residua encode --model-file rc.rsm --model rc --effort 1 photo.png"});
        more += " --model-file rc.rsm";
    }
    const uint32_t regions[][4] = {
        {3, 5, 7, 9}, {0, 15, 60, 3}, {59, 0, 1, 75}, {12, 64, 20, 11}, {0, 0, 60, 75}};
    for (const auto& [name, encode] : files) {
        expect_runs(
            joined({encode, " -o ", name, ".rsd; $decode", more, " ", name, ".rsd -o whole.pam --force"}));
        const Image whole = picture("whole.pam");
        for (const auto& [x, y, w, h] : regions) {
            const std::string X = std::to_string(x), Y = std::to_string(y), W = std::to_string(w),
                              H = std::to_string(h);
            const std::string decode = joined({"$decode", more, " ", name, ".rsd --force --region "});
            expect_runs(joined({decode, X, ",", Y, ",", W, ",", H, " -o part.pam; ", decode, W, "x", H, "+",
                                X, "+", Y, " -o same.pam"}));
            const Image part = picture("part.pam");
            EXPECT_EQ(part.width, w) << name;
            EXPECT_EQ(part.height, h) << name;
            EXPECT_EQ(part.bits, whole.bits) << name;
            EXPECT_EQ(image_io::numbers_of(part), crop(whole, x, y, w, h)) << name << " " << X << "," << Y;
            EXPECT_EQ(picture("same.pam").pixels, part.pixels) << name;
        }
    }
}

TEST_F(CliRegion, ScalesByMeansOfBlocks) {
    Image deep = image_io::make_image(37, 50, Colour::kRgb, true, 16);
    std::fill_n(deep.pixels.begin(), size_t{37} * 4 * 8 * 2,
                0);  // some blocks are transparent, and have a colour
    deep.pixels[0] = 200;
    put_image("deep.pam", deep);
    put_image("grey.pgm", image_io::make_image(37, 50, Colour::kGrey, false, 8));
    for (const char* const name : {"deep.pam", "grey.pgm"}) {
        const Image whole = picture(name);
        expect_runs(std::string("$encode --strip-height 16 ") + name + " -o a.rsd --force");
        for (const uint32_t block : {1u, 2u, 4u, 64u}) {
            const std::string scale =
                " --scale " + std::string(block == 1 ? "1" : "1/" + std::to_string(block)) + " --force -o ";
            expect_runs(joined(
                {"$decode a.rsd", scale, "whole.pam; $decode a.rsd --region 2,7,33,30", scale, "part.pam"}));
            const Image small = picture("whole.pam"), part = picture("part.pam");
            EXPECT_EQ(small.width, (37 + block - 1) / block);
            EXPECT_EQ(part.height, (30 + block - 1) / block);
            EXPECT_EQ(image_io::numbers_of(small),
                      reduced(image_io::numbers_of(whole), 37, whole.channels(), whole.alpha, block))
                << name << block;
            EXPECT_EQ(image_io::numbers_of(part),
                      reduced(crop(whole, 2, 7, 33, 30), 33, whole.channels(), whole.alpha, block))
                << name << block;
        }
    }
    for (const char* wrong : {"2", "1/3", "1/2048", "1/", "0.5", "1/02", "''"}) {
        const Outcome outcome = shell(std::string("$decode a.rsd -o x.pam --scale ") + wrong);
        EXPECT_EQ(outcome.exit_code, 1) << wrong;
        EXPECT_THAT(outcome.errors, HasSubstr("1/1024")) << wrong;
    }
}

TEST_F(CliRegion, LeavesOtherStripsAlone) {
    put_picture("photo.png", 1, 60, 75);
    expect_runs("$encode --strip-height 16 photo.png");
    std::string broken = text("photo.rsd");
    broken[broken.size() - 20] ^= 1;  // in the last strip
    put("broken.rsd", broken);
    expect_runs("$decode broken.rsd --region 0,0,60,64 -o upper.ppm");
    EXPECT_EQ(image_io::numbers_of(picture("upper.ppm")), crop(picture("photo.png"), 0, 0, 60, 64));
    EXPECT_EQ(shell("$decode broken.rsd --region 0,0,60,65 -o x.ppm").exit_code, 4);
    EXPECT_EQ(shell("$decode broken.rsd --region 0,64,1,1 -o x.ppm").exit_code, 4);
    EXPECT_FALSE(exists("x.ppm"));
}

}  // namespace
}  // namespace residua::testing
