// What comes with a picture on its way through the command line: kept, put back, named, listed, replaced.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "image_io/test_kinds.h"
#include "stages/test_models.h"
#include "support/program.h"

namespace residua::testing {
namespace {

using image_io::Colour;
using image_io::Image;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;
using Bytes = std::vector<uint8_t>;

std::string text_of(std::span<const uint8_t> bytes) { return {bytes.begin(), bytes.end()}; }

class CliMetadata : public ::testing::Test {
  protected:
    CliMetadata() { write_text(folder_ / "experts.rsm", text_of(models::make_olm_model())); }

    Outcome residua(const std::string& command, std::vector<std::string> arguments,
                    const std::string& input = "") {
        std::vector<std::string> all = {RESIDUA_TOOL, command};
        if (command == "metadata") {
            all.push_back(arguments[0]);
            arguments.erase(arguments.begin());
        }
        all.insert(all.end(), {"--threads", "1", "--model-file", folder_ / "experts.rsm"});
        if (command == "encode") all.insert(all.end(), {"--model", "experts", "--effort", "1"});
        all.insert(all.end(), arguments.begin(), arguments.end());
        return run_program(all, {}, input);
    }
    void write_picture(const std::string& name, const Image& image) {
        write_text(folder_ / name, text_of(image_io::write(image, image_io::output_format(name))));
    }
    Image read_picture(const std::string& name) {
        return image_io::read(image_io::as_bytes(read_text(folder_ / name)), UINT64_MAX);
    }
    // `name`.png to `name`.rsd.
    void encode(const std::string& name, const Image& image, const std::vector<std::string>& more = {}) {
        write_picture(name + ".png", image);
        std::vector<std::string> arguments = {folder_ / (name + ".png"), "--force"};
        arguments.insert(arguments.end(), more.begin(), more.end());
        const Outcome encoded = residua("encode", arguments);
        ASSERT_EQ(encoded.exit_code, 0) << encoded.errors;
    }
    std::vector<std::string> names_in(const std::string& file) {
        const std::string list = residua("metadata", {"list", folder_ / file}).output;
        std::vector<std::string> names;
        for (size_t begin = 0; begin < list.size(); begin = list.find('\n', begin) + 1)
            names.push_back(list.substr(begin, list.find(' ', begin) - begin));
        return names;
    }

    // Colours by gamma and primaries, texts, density, a time, a part of nobody's, bytes behind the end.
    static Image rich_picture() {
        Image image = image_io::make_image(20, 10, Colour::kRgb, false, 8);
        const auto numbers = [&](const char* name, std::initializer_list<uint32_t> values,
                                 const Bytes& more = {}) {
            Bytes bytes;
            for (const uint32_t value : values) image_io::put_big(bytes, value, 4);
            bytes.insert(bytes.end(), more.begin(), more.end());
            image.add(name, bytes);
        };
        numbers("png:gAMA", {100000});
        numbers("png:cHRM", {31270, 32900, 70800, 29200, 17000, 79700, 13100, 4600});
        numbers("png:pHYs", {23622, 23622}, {1});
        image.add("png:tEXt", image_io::as_bytes(std::string("Title\0\x1b[2Jwiped", 15)));
        image.add("png:prVt", Bytes(5, 9));
        image.add("png-end:tIME", Bytes{7, 230, 1, 2, 3, 4, 5});
        image.add("png:trailing", image_io::as_bytes("behind"));
        return image;
    }
    static inline const std::vector<std::string> kRich = {
        "png:gAMA", "png:cHRM", "png:pHYs", "png:tEXt", "png:prVt", "png-end:tIME", "png:trailing"};

    TemporaryFolder folder_;
};

TEST_F(CliMetadata, EveryChunkComesBack) {
    encode("rich", rich_picture());
    EXPECT_EQ(names_in("rich.rsd"), kRich);
    ASSERT_EQ(residua("verify", {folder_ / "rich.rsd", "--against", folder_ / "rich.png"}).exit_code, 0);
    const Outcome decoded = residua("decode", {folder_ / "rich.rsd", "-o", folder_ / "copy.png", "--strict"});
    ASSERT_EQ(decoded.exit_code, 0) << decoded.errors;
    EXPECT_EQ(read_text(folder_ / "copy.png"), read_text(folder_ / "rich.png"));
}

// Colour information that a viewer needs, in words of another format; what has none is named, with -q, too.
TEST_F(CliMetadata, WhatAnotherFormatLacksIsNamed) {
    encode("rich", rich_picture());
    const Outcome decoded = residua("decode", {folder_ / "rich.rsd", "-q", "-o", folder_ / "copy.tif"});
    ASSERT_EQ(decoded.exit_code, 0);
    EXPECT_THAT(decoded.errors, HasSubstr("png:tEXt (text 'Title')"));
    for (const char* name : {"png:prVt", "png-end:tIME", "png:trailing"})
        EXPECT_THAT(decoded.errors, HasSubstr(name));
    for (const char* name : {"gAMA", "cHRM", "pHYs"}) EXPECT_THAT(decoded.errors, Not(HasSubstr(name)));
    const Image copy = read_picture("copy.tif");
    EXPECT_EQ(copy.pixels, rich_picture().pixels);
    EXPECT_TRUE(copy.has("icc") && copy.has("tiff:282"));

    const Outcome strict =
        residua("decode", {folder_ / "rich.rsd", "--strict", "-o", folder_ / "strict.tif"});
    EXPECT_EQ(strict.exit_code, 3) << strict.errors;
    EXPECT_THAT(strict.errors, HasSubstr("png:prVt"));
    EXPECT_FALSE(std::filesystem::exists(folder_ / "strict.tif"));
    const Outcome piped = residua("decode", {folder_ / "rich.rsd", "--strict", "--to", "ppm", "-o", "-"});
    EXPECT_EQ(piped.exit_code, 3);
    EXPECT_EQ(piped.output, "");
}

TEST_F(CliMetadata, StripLeavesWhatDecidesHowPixelsLook) {
    encode("rich", rich_picture(), {"--metadata", "strip"});
    EXPECT_THAT(names_in("rich.rsd"), ElementsAre("png:gAMA", "png:cHRM"));
    encode("rich", rich_picture(), {"--metadata", "keep"});
    EXPECT_EQ(names_in("rich.rsd"), kRich);
    const Outcome decoded = residua(
        "decode", {folder_ / "rich.rsd", "--metadata", "strip", "--strict", "-o", folder_ / "copy.png"});
    ASSERT_EQ(decoded.exit_code, 0) << decoded.errors;
    EXPECT_EQ(read_picture("copy.png").metadata.size(), 2u);
    EXPECT_EQ(read_picture("copy.png").pixels, rich_picture().pixels);
}

// A video behind a telephone's photograph.
TEST_F(CliMetadata, BytesBehindThePictureAreKept) {
    Image image = rich_picture();
    const std::string video(3000, 'v');
    image.metadata.back().bytes.assign(video.begin(), video.end());
    encode("motion", image);
    const Outcome got = residua("metadata", {"get", folder_ / "motion.rsd", "png:trailing"});
    EXPECT_EQ(got.exit_code, 0) << got.errors;
    EXPECT_EQ(got.output, video);
    std::string shorter = read_text(folder_ / "motion.png");
    shorter.pop_back();
    write_text(folder_ / "shorter.png", shorter);
    const Outcome compared =
        residua("verify", {folder_ / "motion.rsd", "--against", folder_ / "shorter.png"});
    EXPECT_EQ(compared.exit_code, 4);
    EXPECT_THAT(compared.errors, HasSubstr("differs from the original in png:trailing"));
}

TEST_F(CliMetadata, VerifyNamesTheFirstDifference) {
    const Image image = rich_picture();
    encode("rich", image);
    const auto against = [&](const Image& other) {
        write_picture("other.png", other);
        const Outcome outcome = residua("verify", {folder_ / "rich.rsd", "--against", folder_ / "other.png"});
        EXPECT_EQ(outcome.exit_code, outcome.errors.find("good") == std::string::npos ? 4 : 0);
        return outcome.errors;
    };
    EXPECT_THAT(against(image), HasSubstr("good, and equal"));
    Image other = image;
    other.metadata[4].bytes[0] = 8;
    EXPECT_THAT(against(other), HasSubstr("differs from the original in png:prVt"));
    other = image;
    other.metadata.erase(other.metadata.begin() + 2);
    EXPECT_THAT(against(other), HasSubstr("has png:pHYs"));
    other = image;
    other.metadata.insert(other.metadata.begin() + 2, {"png:sBIT", {8, 8, 8}});
    EXPECT_THAT(against(other), HasSubstr("lacks the original's png:sBIT"));
    other = image;
    other.pixels[3 * (20 * 4 + 7) + 1] ^= 1;
    EXPECT_THAT(against(other), HasSubstr("first in row 4, column 7"));
    EXPECT_THAT(against(image_io::make_image(20, 10, Colour::kRgb, true, 16)),
                HasSubstr("size or kind: 20 x 10, RGB; the original: 20 x 10, RGB and alpha, 16 bits"));
}

TEST_F(CliMetadata, ListAndInfoNeverControlTheTerminal) {
    encode("rich", rich_picture());
    for (const Outcome& shown :
         {residua("metadata", {"list", folder_ / "rich.rsd"}), residua("info", {folder_ / "rich.rsd"})}) {
        EXPECT_EQ(shown.output.find('\x1b'), std::string::npos) << shown.output;
        EXPECT_THAT(shown.output, HasSubstr("text: Title: \\x1b[2Jwiped"));
        EXPECT_THAT(shown.output, HasSubstr("23622 x 23622 per metre"));
    }
    const std::string json = residua("info", {"--json", folder_ / "rich.rsd"}).output;
    EXPECT_THAT(json, HasSubstr("\"name\":\"png:tEXt\",\"bytes\":15"));
    EXPECT_THAT(json, HasSubstr("\"colour\":\"rgb\",\"alpha\":false,\"bits\":8"));
    EXPECT_THAT(json, HasSubstr("\\u001b[2Jwiped"));
    EXPECT_EQ(residua("metadata", {"list", "--json", folder_ / "rich.rsd"}).output.back(), '\n');
}

TEST_F(CliMetadata, SetReplacesAndAdds) {
    encode("rich", rich_picture());
    const std::string file = folder_ / "rich.rsd", value = folder_ / "value", profile(700, 'p');
    std::filesystem::permissions(file, std::filesystem::perms(0640));
    const auto run = [&](std::vector<std::string> arguments) {
        const std::string before = read_text(file);
        const Outcome outcome = residua("metadata", std::move(arguments));
        EXPECT_TRUE(outcome.exit_code == 0 || read_text(file) == before);
        return outcome.exit_code;
    };
    write_text(value, profile);
    EXPECT_EQ(run({"set", file, "icc", value}), 0);
    EXPECT_EQ(residua("metadata", {"get", file, "icc"}).output, profile);
    EXPECT_EQ(names_in("rich.rsd")[0], "icc");
    EXPECT_EQ(residua("metadata", {"set", file, "png:prVt", "-"}, "new").exit_code, 0);
    EXPECT_EQ(residua("metadata", {"get", file, "png:prVt"}).output, "new");

    // Several of a name.
    EXPECT_EQ(residua("metadata", {"set", file, "png:tEXt", "-", "--index", "2"}, "second").exit_code, 0);
    EXPECT_EQ(residua("metadata", {"get", file, "png:tEXt", "--index", "2"}).output, "second");
    EXPECT_EQ(
        residua("metadata", {"get", file, "png:tEXt", "--index", "1", "-o", value, "--force"}).exit_code, 0);
    EXPECT_EQ(read_text(value).substr(0, 5), "Title");
    EXPECT_EQ(run({"get", file, "png:tEXt"}), 1) << "which?";
    EXPECT_EQ(run({"get", file, "png:tEXt", "--index", "3"}), 1);
    EXPECT_EQ(run({"set", file, "png:tEXt", value}), 1);
    EXPECT_EQ(run({"set", file, "png:tEXt", value, "--index", "9"}), 1);
    EXPECT_EQ(run({"set", file, "a name", value}), 1);
    write_text(folder_ / "empty", "");
    EXPECT_EQ(run({"set", file, "exif", folder_ / "empty"}), 1);
    EXPECT_EQ(run({"get", file, "xmp"}), 1);
    EXPECT_EQ(run({"get", folder_ / "value", "xmp"}), 4) << "no .rsd file";

    EXPECT_EQ(std::filesystem::status(file).permissions(), std::filesystem::perms(0640));
    ASSERT_EQ(residua("decode", {file, "-q", "-o", folder_ / "copy.png"}).exit_code, 0);
    EXPECT_EQ(read_picture("copy.png").pixels, rich_picture().pixels);
    EXPECT_EQ(text_of(read_picture("copy.png").find("icc")), profile);
}

TEST_F(CliMetadata, StripRemoves) {
    encode("rich", rich_picture());
    const std::string file = folder_ / "rich.rsd";
    const auto strip = [&](std::vector<std::string> names) {
        names.insert(names.begin(), {"strip", file});
        return residua("metadata", names).exit_code;
    };
    EXPECT_EQ(strip({"png:t*", "png:prVt"}), 0);
    EXPECT_THAT(names_in("rich.rsd"), ElementsAre("png:gAMA", "png:cHRM", "png:pHYs", "png-end:tIME"));
    EXPECT_EQ(strip({"icc"}), 1) << "there is none";
    EXPECT_EQ(strip({"--all", "icc"}), 1);
    EXPECT_EQ(strip({"--except"}), 1);
    EXPECT_EQ(strip({}), 0);
    EXPECT_THAT(names_in("rich.rsd"), ElementsAre("png:gAMA", "png:cHRM"));
    EXPECT_EQ(strip({"--except", "png:gAMA", "icc"}), 0);
    EXPECT_THAT(names_in("rich.rsd"), ElementsAre("png:gAMA"));
    EXPECT_EQ(strip({"--all"}), 0);
    EXPECT_EQ(names_in("rich.rsd").size(), 0u);
    EXPECT_EQ(residua("metadata", {"strip", "-"}).exit_code, 1);
    EXPECT_EQ(residua("verify", {file}).exit_code, 0);
}

TEST_F(CliMetadata, EveryKindGoesOutInEveryFormat) {
    for (const auto& [colour, alpha, bits] : {std::tuple(Colour::kGrey, false, 1u),
                                              {Colour::kRgb, true, 8u},
                                              {Colour::kGrey, true, 16u},
                                              {Colour::kRgb, false, 16u}}) {
        const Image image = image_io::make_image(21, 9, colour, alpha, bits);
        encode("kind", image);
        for (const char* format : {"png", "tiff", "pnm", "pam"}) {
            const std::string output = folder_ / "kind.out";
            const Outcome decoded = residua(
                "decode", {folder_ / "kind.rsd", "--to", format, "--strict", "--force", "-o", output});
            ASSERT_EQ(decoded.exit_code, 0) << decoded.errors;
            const Image copy = read_picture("kind.out");
            EXPECT_EQ(copy.pixels, image.pixels) << format << bits;
            EXPECT_TRUE(copy.bits == bits && copy.alpha == alpha && copy.colour == colour) << format << bits;
        }
    }
    const Image ink = image_io::make_image(21, 9, Colour::kCmyk, false, 8);
    write_picture("ink.tif", ink);
    ASSERT_EQ(residua("encode", {folder_ / "ink.tif"}).exit_code, 0);
    const Outcome refused = residua("decode", {folder_ / "ink.rsd"});
    EXPECT_EQ(refused.exit_code, 3);
    EXPECT_THAT(refused.errors, HasSubstr("--to tiff"));
    ASSERT_EQ(residua("decode", {folder_ / "ink.rsd", "-o", folder_ / "copy.tif"}).exit_code, 0);
    EXPECT_EQ(read_picture("copy.tif").pixels, ink.pixels);
    EXPECT_THAT(residua("info", {folder_ / "ink.rsd"}).output, HasSubstr("21 x 9, CMYK"));
}

}  // namespace
}  // namespace residua::testing
