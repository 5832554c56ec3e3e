// The command line on pictures by rows, and files of strips.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "image_io/test_image.h"
#include "stages/test_models.h"
#include "support/program.h"
#include "support/test_picture.h"

namespace residua::testing {
namespace {

using ::testing::HasSubstr;

std::string text_of(const std::vector<uint8_t>& bytes) { return {bytes.begin(), bytes.end()}; }

class CliRows : public ::testing::Test {
  protected:
    CliRows() {
        write_text(folder_ / "experts.rsm", text_of(models::make_olm_model()));
        write_picture("photo.png", picture_);
    }

    void write_picture(const std::string& name, const TestPicture& picture) {
        const image_io::Image view = image_io::test_image(picture.width, picture.height, picture.channels,
                                                          picture.pixels, icc_, {}, xmp_);
        write_text(folder_ / name, text_of(image_io::write(view, image_io::output_format(name))));
    }
    image_io::Image read_picture(const std::string& name) {
        const std::string text = read_text(folder_ / name);
        return image_io::read({reinterpret_cast<const uint8_t*>(text.data()), text.size()}, UINT64_MAX);
    }

    Outcome residua(const std::string& command, std::vector<std::string> arguments,
                    const std::string& input = "") {
        std::vector<std::string> all = {RESIDUA_TOOL, command,        "--threads",
                                        "1",          "--model-file", folder_ / "experts.rsm"};
        if (command == "encode") all.insert(all.end(), {"--model", "experts", "--effort", "1"});
        all.insert(all.end(), arguments.begin(), arguments.end());
        return run_program(all, {}, input);
    }
    void encode_strips() {
        const Outcome encoded = residua("encode", {folder_ / "photo.png", "--strip-height", "32"});
        ASSERT_EQ(encoded.exit_code, 0) << encoded.errors;
    }
    void expect_no_temporary_file() {
        for (const std::string& name : folder_.names())
            EXPECT_EQ(name.find(".part"), std::string::npos) << name;
    }

    TemporaryFolder folder_;
    const TestPicture picture_ = make_picture(60, 75, 3);
    const std::vector<uint8_t> icc_ = std::vector<uint8_t>(500, 0x31), xmp_ = {'<', 'x', '/', '>'};
};

TEST_F(CliRows, StripsComeBack) {
    encode_strips();
    const std::string file = read_text(folder_ / "photo.rsd");
    EXPECT_EQ(file[4], 2);
    ASSERT_EQ(residua("decode", {folder_ / "photo.rsd", "-o", folder_ / "copy.png"}).exit_code, 0);
    EXPECT_EQ(read_text(folder_ / "copy.png"), read_text(folder_ / "photo.png"));
    ASSERT_EQ(residua("decode", {folder_ / "photo.rsd", "-o", folder_ / "copy.ppm"}).exit_code, 0);
    EXPECT_EQ(read_picture("copy.ppm").pixels, picture_.pixels);

    const Outcome info = residua("info", {folder_ / "photo.rsd"});
    EXPECT_THAT(info.output, HasSubstr("60 x 75"));
    EXPECT_THAT(info.output, HasSubstr("strips           3 of 32 rows"));
    EXPECT_THAT(info.output, HasSubstr("format version 2"));
    expect_no_temporary_file();
}

TEST_F(CliRows, WithoutStripsNothingIsSaidOfThem) {
    ASSERT_EQ(residua("encode", {folder_ / "photo.png"}).exit_code, 0);
    EXPECT_EQ(read_text(folder_ / "photo.rsd")[4], 1);
    EXPECT_EQ(residua("info", {folder_ / "photo.rsd"}).output.find("strip"), std::string::npos);
}

TEST_F(CliRows, HeightsAreChecked) {
    for (const char* wrong : {"17", "-16", "high"})
        EXPECT_EQ(residua("encode", {folder_ / "photo.png", "--strip-height", wrong}).exit_code, 1) << wrong;
    EXPECT_EQ(folder_.names(), (std::vector<std::string>{"experts.rsm", "photo.png"}));
}

TEST_F(CliRows, Pipes) {
    encode_strips();
    const Outcome encoded =
        residua("encode", {"-", "--strip-height", "32"}, read_text(folder_ / "photo.png"));
    EXPECT_EQ(encoded.output, read_text(folder_ / "photo.rsd"));
    const Outcome decoded = residua("decode", {"-", "-o", "-"}, encoded.output);
    EXPECT_EQ(decoded.output, read_text(folder_ / "photo.png"));
    EXPECT_EQ(residua("verify", {"-"}, encoded.output).exit_code, 0);
}

// More than what is kept in memory of a pipe. Flat, so that the work is quick.
TEST_F(CliRows, LargePipes) {
    TestPicture large{600, 600, 3, {}};
    large.pixels.assign(size_t{large.width} * large.height * 3, 77);
    write_picture("large.ppm", large);
    const std::string ppm = read_text(folder_ / "large.ppm");
    ASSERT_GT(ppm.size(), size_t{1} << 20);
    const Outcome encoded = residua("encode", {"-", "--strip-height", "208"}, ppm);
    ASSERT_EQ(encoded.exit_code, 0) << encoded.errors;
    const Outcome decoded = residua("decode", {"-", "-o", "-", "--format", "ppm", "-q"}, encoded.output);
    EXPECT_TRUE(decoded.output == ppm);
}

TEST_F(CliRows, VerifyCompares) {
    encode_strips();
    const auto against = [&](const std::string& name) {
        return residua("verify", {folder_ / "photo.rsd", "--against", folder_ / name});
    };
    EXPECT_EQ(against("photo.png").exit_code, 0);
    TestPicture other = picture_;
    other.pixels.back() ^= 1;
    write_picture("pixels.png", other);
    EXPECT_EQ(against("pixels.png").exit_code, 4);
    EXPECT_THAT(against("pixels.png").errors, HasSubstr("in its pixels"));
    write_picture("metadata.ppm", picture_);
    EXPECT_THAT(against("metadata.ppm").errors, HasSubstr("has icc, which the original lacks"));
    write_picture("size.png", make_picture(60, 76, 3));
    EXPECT_THAT(against("size.png").errors, HasSubstr("in size or kind"));
    EXPECT_EQ(against("missing.png").exit_code, 2);
}

// Nothing has the output's name until all is right; what was there stays.
TEST_F(CliRows, ADamagedStripLeavesNoFile) {
    encode_strips();
    std::string damaged = read_text(folder_ / "photo.rsd");
    damaged[damaged.size() - 9] ^= 1;  // in the last strip
    write_text(folder_ / "damaged.rsd", damaged);
    write_text(folder_ / "there.png", "precious");
    EXPECT_EQ(residua("verify", {folder_ / "damaged.rsd"}).exit_code, 4);
    EXPECT_EQ(residua("decode", {folder_ / "damaged.rsd"}).exit_code, 4);
    EXPECT_EQ(residua("decode", {folder_ / "damaged.rsd", "-o", folder_ / "there.png", "--force"}).exit_code,
              4);
    EXPECT_EQ(read_text(folder_ / "there.png"), "precious");
    const auto names = folder_.names();
    EXPECT_EQ(std::count(names.begin(), names.end(), "damaged.png"), 0);
    expect_no_temporary_file();

    // A pipe gets the strips that were right, and the exit code says that there were more.
    const Outcome piped = residua("decode", {"-", "-o", "-", "--format", "ppm"}, damaged);
    EXPECT_EQ(piped.exit_code, 4);
    EXPECT_EQ(piped.output.size(), std::string("P6\n60 75\n255\n").size() + size_t{64} * 60 * 3);
    EXPECT_TRUE(std::equal(piped.output.begin() + 13, piped.output.end(), picture_.pixels.begin(),
                           [](char a, uint8_t b) { return static_cast<uint8_t>(a) == b; }));
}

TEST_F(CliRows, APictureThatEndsTooEarlyLeavesNoFile) {
    write_picture("noise.png", make_picture(300, 200, 3));
    const std::string png = read_text(folder_ / "noise.png");
    write_text(folder_ / "cut.png", png.substr(0, png.size() / 2));
    const Outcome encoded = residua("encode", {folder_ / "cut.png", "--strip-height", "16"});
    EXPECT_EQ(encoded.exit_code, 4);
    EXPECT_THAT(encoded.errors, HasSubstr("PNG file is damaged"));
    const auto names = folder_.names();
    EXPECT_EQ(std::count(names.begin(), names.end(), "cut.rsd"), 0);
    expect_no_temporary_file();
    EXPECT_EQ(residua("encode", {folder_ / "photo.png", "-o", folder_ / "no/folder.rsd"}).exit_code, 2);
    EXPECT_EQ(residua("encode", {folder_ / ".", "-o", folder_ / "x.rsd"}).exit_code, 2);
    // Before anything is decoded: what comes here is no file.
    EXPECT_EQ(residua("decode", {"-", "-o", folder_ / "no/folder.png"}, "no file").exit_code, 2);
}

}  // namespace
}  // namespace residua::testing
