// The command line on picture files that are odd, hold more than a picture, or other things.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "image_io/test_files.h"
#include "stages/test_models.h"
#include "support/program.h"

namespace residua::testing {
namespace {

using image_io::Bytes;
using image_io::bytes_of;
using image_io::joined;
using image_io::TiffMaker;
using ::testing::HasSubstr;

class CliPictures : public ::testing::Test {
  protected:
    CliPictures() {
        const std::vector<uint8_t> model = models::make_olm_model();
        write_text(folder_ / "experts.rsm", image_io::text_of(model));
    }
    Outcome residua(const std::string& command, std::vector<std::string> arguments) {
        std::vector<std::string> all = {RESIDUA_TOOL, command,        "--threads",
                                        "1",          "--model-file", folder_ / "experts.rsm"};
        if (command == "encode") all.insert(all.end(), {"--model", "experts", "--effort", "1"});
        all.insert(all.end(), arguments.begin(), arguments.end());
        return run_program(all, {}, "");
    }
    Outcome encode(const std::string& name, const Bytes& file, std::vector<std::string> more = {}) {
        write_text(folder_ / name, image_io::text_of(file));
        more.insert(more.begin(), {folder_ / name, "--force"});
        return residua("encode", more);
    }

    TemporaryFolder folder_;
};

constexpr int kUnsupported = 3, kDamaged = 4;

TEST_F(CliPictures, BytesBehindAPhotographAreKeptAndSaid) {
    const Bytes photo = image_io::make_jpeg(), video = image_io::noise(5000, 8);
    const Outcome encoded = encode("motion.jpg", joined({photo, video}));
    EXPECT_EQ(encoded.exit_code, 0) << encoded.errors;
    EXPECT_THAT(encoded.errors, HasSubstr("5000 bytes behind the picture's end"));
    EXPECT_EQ(residua("verify", {folder_ / "motion.rsd", "--against", folder_ / "motion.jpg"}).exit_code, 0);
    // Without them it is another file.
    write_text(folder_ / "photo.jpg", image_io::text_of(photo));
    EXPECT_EQ(residua("verify", {folder_ / "motion.rsd", "--against", folder_ / "photo.jpg"}).exit_code,
              kDamaged);
}

TEST_F(CliPictures, OfSeveralOneIsChosenAndTheOthersAreNamed) {
    TiffMaker maker;
    const Bytes first = {1, 2, 3, 4, 5, 6}, second = {7, 8, 9};
    const uint64_t later = maker.add_directory(image_io::tiff_picture(1, 1, 8, 3, 2, maker.add(second), 3));
    const Bytes file =
        maker.finish(maker.add_directory(image_io::tiff_picture(2, 1, 8, 3, 2, maker.add(first), 6), later));
    const Outcome refused = encode("pages.tif", file);
    EXPECT_EQ(refused.exit_code, kUnsupported);
    EXPECT_THAT(refused.errors, HasSubstr("holds 2 pictures; choose one with --page 1 to --page 2"));
    const Outcome chosen = encode("pages.tif", file, {"--page", "2"});
    EXPECT_EQ(chosen.exit_code, 0) << chosen.errors;
    EXPECT_THAT(chosen.errors, HasSubstr("not kept: the other 1 picture of the file"));
    const auto against = [&](const std::string& page) {
        return residua("verify", {folder_ / "pages.rsd", "--against", folder_ / "pages.tif", "--page", page});
    };
    EXPECT_EQ(against("2").exit_code, 0);
    EXPECT_EQ(against("1").exit_code, kDamaged);
}

// Its first picture, which a program that knows no better would take, is a thumbnail.
TEST_F(CliPictures, ACameraRawIsNotItsThumbnail) {
    TiffMaker maker;
    const uint64_t sensor =
        maker.add_directory(image_io::tiff_picture(8, 4, 16, 1, 32803, maker.add(Bytes(64, 5)), 64));
    auto fields = image_io::tiff_picture(2, 1, 8, 3, 2, maker.add(Bytes(6, 1)), 6);
    fields.push_back({254, 4, {1}});
    fields.push_back({330, 4, {sensor}});
    const Outcome refused = encode("DSC_0001.NEF", maker.finish(maker.add_directory(fields)));
    EXPECT_EQ(refused.exit_code, kUnsupported);
    EXPECT_THAT(refused.errors, HasSubstr("camera raw file"));
}

TEST_F(CliPictures, HarmlessDamageIsReadAndSaid) {
    Bytes photo = image_io::make_jpeg();
    photo.resize(photo.size() - 2);
    const Outcome no_end = encode("cut.jpg", photo);
    EXPECT_EQ(no_end.exit_code, 0) << no_end.errors;
    EXPECT_THAT(no_end.errors, HasSubstr("no end mark"));
    const Outcome line = encode("line.pgm", bytes_of("P5 1 1 255\nx\n"));
    EXPECT_EQ(line.exit_code, 0) << line.errors;
    EXPECT_THAT(line.errors, HasSubstr("line end"));
}

TEST_F(CliPictures, WhatAFileSaysIsNotSentToTheTerminal) {
    const Outcome refused = encode("odd.pam", bytes_of("P7\n\x1b[31mWIDTH 1\nENDHDR\n"));
    EXPECT_EQ(refused.exit_code, kDamaged);
    EXPECT_EQ(refused.errors.find('\x1b'), std::string::npos) << refused.errors;
    EXPECT_THAT(refused.errors, HasSubstr("\\x1b"));
}

// Colours, density and so on, of which the pixels say nothing.
TEST_F(CliPictures, ChunksThatDecideHowAPictureLooksAreKept) {
    const Bytes rows(48, 7);
    const Bytes plain = image_io::make_png({}, rows);
    write_text(folder_ / "plain.png", image_io::text_of(plain));
    for (const std::string type : {"gAMA", "cICP", "pHYs", "tEXt", "prVt"}) {
        const Outcome encoded =
            encode("one.png", image_io::make_png({}, rows, image_io::png_chunk(type, "abcd")));
        EXPECT_EQ(encoded.exit_code, 0) << encoded.errors;
        EXPECT_EQ(residua("verify", {folder_ / "one.rsd", "--against", folder_ / "one.png"}).exit_code, 0);
        EXPECT_EQ(residua("verify", {folder_ / "one.rsd", "--against", folder_ / "plain.png"}).exit_code,
                  kDamaged);
    }
}

// Their heads are written once more when the strips are done, which a pipe does not allow.
TEST_F(CliPictures, TiffFilesAreCompressedAndPipesGetThemInOnePiece) {
    Bytes rows;
    for (int i = 0; i < 64 * 48 * 3; ++i) rows.push_back(static_cast<uint8_t>(i / 3 % 64 + i / 192));
    ASSERT_EQ(encode("slopes.png", image_io::make_png({64, 48}, rows)).exit_code, 0);
    const auto decode = [&](const std::string& output, std::vector<std::string> more) {
        more.insert(more.begin(), {folder_ / "slopes.rsd", "--force", "--to", "tiff", "-o", output});
        return residua("decode", more);
    };
    const auto pixels_of = [](const std::string& file) {
        return image_io::read(bytes_of(file), UINT64_MAX).pixels;
    };
    const Outcome pipe = decode("-", {});
    EXPECT_EQ(pipe.exit_code, 0) << pipe.errors;
    EXPECT_GT(pipe.output.size(), rows.size());
    EXPECT_EQ(pixels_of(pipe.output), rows);
    for (const char* cage : {"auto", "off"}) {
        EXPECT_EQ(decode(folder_ / "plain.tif", {"--tiff-compression", "none", "--sandbox", cage}).exit_code,
                  0);
        EXPECT_EQ(read_text(folder_ / "plain.tif"), pipe.output) << cage;
        const Outcome decoded = decode(folder_ / "small.tif", {"--sandbox", cage});
        EXPECT_EQ(decoded.exit_code, 0) << decoded.errors;
        const std::string small = read_text(folder_ / "small.tif");
        EXPECT_LT(small.size(), rows.size() / 4) << cage;
        EXPECT_EQ(pixels_of(small), rows) << cage;
    }
    EXPECT_EQ(decode("-", {"--tiff-compression", "lzw"}).exit_code, 1);
}

}  // namespace
}  // namespace residua::testing
