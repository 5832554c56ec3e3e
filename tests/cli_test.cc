// The command line as a program.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <random>
#include <sstream>

#include "image_io/test_image.h"
#include "stages/test_models.h"
#include "support/program.h"
#include "support/test_model.h"
#include "support/test_picture.h"

namespace residua::testing {
namespace {

std::string text_of(const std::vector<uint8_t>& bytes) { return {bytes.begin(), bytes.end()}; }
std::vector<uint8_t> bytes_of(const std::string& text) { return {text.begin(), text.end()}; }

// The sum of the parts that `residua info` shows, lines such as "  z1  1234 bytes (5.6 %)".
size_t parts_of(const std::string& info) {
    size_t sum = 0;
    for (size_t end = 0; (end = info.find(" bytes (", end)) != std::string::npos; ++end)
        sum += std::stoul(info.substr(info.rfind(' ', end - 1) + 1));
    return sum;
}

class Cli : public ::testing::Test {
  protected:
    Cli() {
        // Most tests ask for no more than a model, "test".
        write_text(folder_ / "test.rsm",
                   text_of(residua_codec_can_encode("rc") ? make_test_model()
                                                          : models::make_l3c_model({.name = "test"})));
        write_text(folder_ / "scales.rsm", text_of(models::make_l3c_model({.name = "scales"})));
        write_text(folder_ / "choosing.rsm",
                   text_of(models::with_q_classifier(make_test_model(1, "choosing"),
                                                     models::make_brightness_q_classifier(25))));
        write_picture("photo.png", make_picture(60, 44, 3));
    }

    void write_picture(const std::string& name, const TestPicture& picture) {
        const image_io::Image view = image_io::test_image(picture.width, picture.height, picture.channels,
                                                          picture.pixels, icc_, exif_, xmp_);
        write_text(folder_ / name, text_of(image_io::write(view, image_io::output_format(name))));
    }
    image_io::Image read_picture(const std::string& name) {
        return image_io::read(bytes_of(read_text(folder_ / name)), UINT64_MAX);
    }

    // The tool with that command; the test's models are added, and work is fast.
    Outcome residua(const std::string& command, std::vector<std::string> arguments,
                    const std::vector<std::string>& environment = {}, const std::string& input = "") {
        std::vector<std::string> all = {RESIDUA_TOOL, command, "--threads", "1"};
        for (const char* model : {"test.rsm", "scales.rsm", "choosing.rsm"})
            all.insert(all.end(), {"--model-file", folder_ / model});
        if (command == "encode") all.insert(all.end(), {"--model", "test", "--effort", "1"});
        all.insert(all.end(), arguments.begin(), arguments.end());
        return run_program(all, environment, input);
    }

    TemporaryFolder folder_;
    std::vector<uint8_t> icc_ = std::vector<uint8_t>(500, 0x31), exif_ = {'M', 'M', 0, '*', 0, 0, 0, 8},
                         xmp_ = {'<', 'x', '/', '>'};
};

TEST_F(Cli, EncodesAndDecodesBesideTheInput) {
    const Outcome encoded = residua("encode", {folder_ / "photo.png"});
    EXPECT_EQ(encoded.exit_code, 0) << encoded.errors;
    EXPECT_NE(encoded.errors.find("bpsp"), std::string::npos) << encoded.errors;
    EXPECT_EQ(residua("decode", {folder_ / "photo.rsd"}).exit_code, 2) << "photo.png exists";
    EXPECT_EQ(residua("decode", {folder_ / "photo.rsd", "-o", folder_ / "copy.png"}).exit_code, 0);
    const image_io::Image original = read_picture("photo.png"), copy = read_picture("copy.png");
    EXPECT_EQ(copy.pixels, original.pixels);
    EXPECT_EQ(copy.metadata, original.metadata);
    EXPECT_EQ(copy.metadata.size(), 3u) << "the profile has the name that writers give anyway";
    EXPECT_EQ(folder_.names(), (std::vector<std::string>{"choosing.rsm", "copy.png", "photo.png", "photo.rsd",
                                                         "scales.rsm", "test.rsm"}));
}

// What a build without libx265 or libde265 cannot do, it says: in the help, and where it is asked to.
TEST_F(Cli, SaysWhatThisBuildLacksForRc) {
    const bool encodes = residua_codec_can_encode("rc") != 0;
    const std::string help = run_program({RESIDUA_TOOL, "encode", "--help"}).output;
    EXPECT_EQ(help.find("which this build") == std::string::npos, encodes) << help;
    const Outcome outcome = run_program(
        {RESIDUA_TOOL, "encode", "--codec", "rc", "--effort", "1", "--threads", "1", folder_ / "photo.png"});
    EXPECT_EQ(outcome.exit_code, encodes ? 0 : 3) << outcome.errors;
    EXPECT_EQ(outcome.errors.find("libx265") == std::string::npos, encodes) << outcome.errors;
    const std::string models = run_program({RESIDUA_TOOL, "models"}).output;
    if (!residua_codec_can_decode("rc")) {
        EXPECT_EQ(models.find(" rc "), std::string::npos) << models;
    }
}

TEST_F(Cli, OverwritesOnlyWithForce) {
    write_text(folder_ / "photo.rsd", "precious");
    EXPECT_EQ(residua("encode", {folder_ / "photo.png"}).exit_code, 2);
    EXPECT_EQ(read_text(folder_ / "photo.rsd"), "precious");
    EXPECT_EQ(residua("encode", {"--force", folder_ / "photo.png"}).exit_code, 0);
    EXPECT_NE(read_text(folder_ / "photo.rsd"), "precious");
}

TEST_F(Cli, SeveralInputsIntoAFolder) {
    write_picture("grey.pgm", make_picture(31, 9, 1));
    write_text(folder_ / "bad.png", "not a picture");
    const Outcome encoded = residua(
        "encode", {folder_ / "photo.png", folder_ / "bad.png", folder_ / "grey.pgm", "-d", folder_ / "out"});
    EXPECT_EQ(encoded.exit_code, 4) << encoded.errors;
    EXPECT_NE(encoded.errors.find("bad.png"), std::string::npos);
    const Outcome decoded = residua("decode", {folder_ / "out/photo.rsd", folder_ / "out/grey.rsd", "-d",
                                               folder_ / "back", "--format", "ppm"});
    EXPECT_EQ(decoded.exit_code, 0) << decoded.errors;
    EXPECT_NE(decoded.errors.find("ICC"), std::string::npos)
        << "PPM cannot hold metadata, and that must be said";
    EXPECT_EQ(read_picture("back/photo.ppm").pixels, read_picture("photo.png").pixels);
    EXPECT_EQ(read_picture("back/grey.ppm").pixels, read_picture("grey.pgm").pixels);
    EXPECT_EQ(
        residua("encode", {folder_ / "photo.png", folder_ / "grey.pgm", "-o", folder_ / "x.rsd"}).exit_code,
        1);
}

TEST_F(Cli, Pipes) {
    const Outcome encoded = residua("encode", {"-"}, {}, read_text(folder_ / "photo.png"));
    ASSERT_EQ(encoded.exit_code, 0) << encoded.errors;
    const Outcome decoded = residua("decode", {"-", "-o", "-", "--format", "ppm", "-q"}, {}, encoded.output);
    ASSERT_EQ(decoded.exit_code, 0) << decoded.errors;
    EXPECT_THAT(decoded.errors, ::testing::HasSubstr("icc")) << "a loss is said with -q, too";
    EXPECT_EQ(std::count(decoded.errors.begin(), decoded.errors.end(), '\n'), 1) << decoded.errors;
    EXPECT_EQ(image_io::read(bytes_of(decoded.output), UINT64_MAX).pixels, read_picture("photo.png").pixels);
}

TEST_F(Cli, FilesAndPixelsAreTheSameOnEveryInstructionSetAndAnyNumberOfThreads) {
    write_picture("photo.png", make_picture(530, 37, 3));
    const image_io::Image original = read_picture("photo.png");
    // Its choice of Q is part of what must not differ.
    write_text(folder_ / "choosing.rsm",
               text_of(models::with_q_classifier(make_test_model(1, "random"),
                                                 models::make_random_q_classifier(10, 7, 3))));
    const std::pair<const char*, const char*> kinds[] = {
        {"test", "off"}, {"test", "on"}, {"scales", "off"}, {"scales", "on"}, {"random", "off"}};
    for (const auto& kind : kinds) {
        const char *const model = kind.first, *const adaptation = kind.second;
        const std::vector<std::string> first = {"--force",      "--model",  model,
                                                "--adaptation", adaptation, folder_ / "photo.png"};
        ASSERT_EQ(residua("encode", first).exit_code, 0);
        const std::string expected = read_text(folder_ / "photo.rsd");
        const std::string info = residua("info", {folder_ / "photo.rsd"}).output;
        EXPECT_EQ(info.find("tau") != std::string::npos,
                  model != std::string("scales") && adaptation == std::string("off"))
            << "the search for tau is part of what must not differ\n"
            << info;
        EXPECT_EQ(info.find("adaptation") != std::string::npos, adaptation == std::string("on")) << info;
        int tried = 0;
        for (const char* cpu : {"scalar", "avx2", "avxvnni", "avx512vnni", "neon", "neondot"}) {
            const std::vector<std::string> environment = {std::string("RESIDUA_CPU=") + cpu};
            if (residua("models", {}, environment).exit_code == 3) continue;  // not on this processor
            ++tried;
            for (const char* threads : {"1", "2", "3"}) {
                const auto run = [&](const char* command, std::vector<std::string> arguments) {
                    arguments.insert(arguments.end(), {"--force", "--threads", threads});
                    ASSERT_EQ(residua(command, arguments, environment).exit_code, 0)
                        << cpu << threads << model;
                };
                run("encode", {folder_ / "photo.png", "--model", model, "--adaptation", adaptation, "-o",
                               folder_ / "other.rsd"});
                EXPECT_EQ(read_text(folder_ / "other.rsd"), expected) << cpu << threads << model;
                run("decode", {folder_ / "photo.rsd", "-o", folder_ / "other.ppm"});
                EXPECT_EQ(read_picture("other.ppm").pixels, original.pixels) << cpu << threads << model;
            }
        }
        EXPECT_GE(tried, 1);
    }
    EXPECT_EQ(residua("models", {}, {"RESIDUA_CPU=abacus"}).exit_code, 3);
}

TEST_F(Cli, TauCanBeOffOrOn) {
    write_picture("photo.png", make_picture(200, 90, 3));
    const std::string photo = folder_ / "photo.png", file = folder_ / "photo.rsd";
    const auto encoded = [&](std::vector<std::string> arguments) {
        arguments.insert(arguments.end(), {photo, "--force", "--adaptation", "off"});
        EXPECT_EQ(residua("encode", arguments).exit_code, 0);
        return read_text(file);
    };
    const std::string standard = encoded({}), off = encoded({"--tau", "off"});
    EXPECT_EQ(residua("info", {file}).output.find("tau"), std::string::npos);
    const std::string on = encoded({"--tau", "on"});
    EXPECT_NE(residua("info", {file}).output.find("tau"), std::string::npos);
    EXPECT_EQ(on, standard);
    EXPECT_LT(on.size(), off.size());
    EXPECT_EQ(parts_of(residua("info", {file}).output), on.size());
    EXPECT_EQ(residua("encode", {photo, "--force", "--tau", "perhaps"}).exit_code, 1);
    EXPECT_EQ(residua("encode", {photo, "--force", "--model", "scales", "--tau", "on"}).exit_code, 1);
    EXPECT_EQ(read_text(file), on);

    ASSERT_EQ(residua("encode", {photo, "--force"}).exit_code, 0);
    const std::string info = residua("info", {file}).output;
    EXPECT_NE(info.find("adaptation"), std::string::npos) << info;
    EXPECT_EQ(info.find("tau"), std::string::npos) << info;
    EXPECT_EQ(residua("encode", {photo, "--force", "--adaptation", "perhaps"}).exit_code, 1);
    EXPECT_EQ(residua("encode", {photo, "--force", "--codec", "olm", "--adaptation", "on"}).exit_code, 1);
}

TEST_F(Cli, QIsTheClassifiersOrTheModelsOrTheUsers) {
    write_picture("white.png", {60, 44, 1, std::vector<uint8_t>(60 * 44, 250)});
    const auto encoded = [&](std::vector<std::string> arguments) {
        arguments.insert(arguments.end(), {folder_ / "white.png", "--force", "--model", "choosing"});
        const Outcome outcome = residua("encode", arguments);
        EXPECT_EQ(outcome.exit_code, 0) << outcome.errors;
        return outcome.errors + residua("info", {folder_ / "white.rsd"}).output;
    };
    const auto says = [](const std::string& text, const std::string& part) {
        return text.find(part) != std::string::npos;
    };
    EXPECT_TRUE(says(encoded({}), "Q 25,"));
    EXPECT_TRUE(says(encoded({"--lossy-q", "auto"}), "Q 25,"));
    EXPECT_TRUE(says(encoded({"--lossy-q", "33"}), "Q 33,"));
    const std::string fixed = encoded({"--lossy-q", "default", "-v"});
    EXPECT_FALSE(says(fixed, "Q 25,"));
    EXPECT_TRUE(says(fixed, "the model's default")) << fixed;
    EXPECT_TRUE(says(encoded({"-v"}), "chosen by the model's Q-classifier"));
    for (const char* wrong : {"0", "-1", "52", "best", ""})
        EXPECT_EQ(residua("encode", {folder_ / "white.png", "--force", "--lossy-q", wrong}).exit_code, 1)
            << wrong;
}

TEST_F(Cli, InfoVerifyPreviewModels) {
    ASSERT_EQ(residua("encode", {folder_ / "photo.png", "--lossy-q", "14"}).exit_code, 0);
    const Outcome info = residua("info", {folder_ / "photo.rsd"});
    EXPECT_EQ(info.exit_code, 0);
    for (const char* part : {"60 x 44", "RGB", "Q 14", "test", "ICC profile", "500"})
        EXPECT_NE(info.output.find(part), std::string::npos) << part << "\n" << info.output;
    EXPECT_EQ(parts_of(info.output), read_text(folder_ / "photo.rsd").size()) << info.output;
    EXPECT_EQ(residua("verify", {folder_ / "photo.rsd"}).exit_code, 0);
    EXPECT_EQ(residua("verify", {folder_ / "photo.rsd", "--against", folder_ / "photo.png"}).exit_code, 0);
    write_picture("other.png", make_picture(60, 44, 3, 9));
    EXPECT_EQ(residua("verify", {folder_ / "photo.rsd", "--against", folder_ / "other.png"}).exit_code, 4);

    EXPECT_EQ(run_program({RESIDUA_TOOL, "preview", folder_ / "photo.rsd"}).exit_code, 0);
    EXPECT_EQ(read_picture("photo.preview.png").width, 60u);
    EXPECT_EQ(residua("preview", {folder_ / "photo.rsd", "-o", folder_ / "x.bpg"}).exit_code, 0);
    EXPECT_EQ(read_text(folder_ / "x.bpg").substr(0, 4), "BPG\xfb");

    const Outcome models = residua("models", {"-v"});
    EXPECT_EQ(models.exit_code, 0);
    EXPECT_NE(models.output.find("codec=rc"), std::string::npos) << models.output;
}

// The parts that `residua explain` shows, by their names.
std::map<std::string, double> rows_of(const std::string& text) {
    std::map<std::string, double> rows;
    std::istringstream lines(text.substr(std::min(text.size(), text.find("bits/pixel"))));
    std::string line, name, bytes, share, percent;
    std::getline(lines, line);
    while (std::getline(lines, line) && line.size() > 20) {
        name = line.substr(2, line.find_last_not_of(' ', 20) - 1);
        if (std::istringstream(line.substr(20)) >> bytes >> share >> percent && percent == "%")
            rows[name] = std::stod(bytes);
    }
    return rows;
}

TEST_F(Cli, ExplainsWhereTheBytesGo) {
    for (const char* model : {"test", "scales"}) {
        ASSERT_EQ(residua("encode", {"--model", model, folder_ / "photo.png", "--force"}).exit_code, 0);
        const Outcome explained = residua("explain", {folder_ / "photo.rsd"});
        ASSERT_EQ(explained.exit_code, 0) << explained.errors;
        const std::string& text = explained.output;
        for (const char* part :
             {"60 x 44, RGB", model, "adaptation", "red, green, blue", "ICC profile", "    blue"})
            EXPECT_NE(text.find(part), std::string::npos) << part << "\n" << text;
        std::map<std::string, double> rows = rows_of(text);
        const double whole = rows["whole file"];
        EXPECT_EQ(whole, static_cast<double>(read_text(folder_ / "photo.rsd").size())) << text;
        double sum = -whole, picture = 0;
        for (const auto& [name, bytes] : rows) {
            if (name[0] != ' ' && name != "whole file") sum += bytes;
            if (name == "  red" || name == "  green" || name == "  blue") picture += bytes;
        }
        EXPECT_EQ(sum, 0) << text;
        const double coded = model == std::string("test") ? rows["residual"] : rows["picture"];
        EXPECT_NEAR(picture, coded, 0.01 * coded + 90) << text;
    }
    EXPECT_EQ(folder_.names(),
              (std::vector<std::string>{"choosing.rsm", "photo.png", "photo.rsd", "scales.rsm", "test.rsm"}));
}

TEST_F(Cli, ExplainsAsJson) {
    write_picture("\x1b[31m \"red\".png", make_picture(60, 44, 3));
    const std::string coded = folder_ / "\x1b[31m \"red\".rsd";
    ASSERT_EQ(residua("encode", {folder_ / "\x1b[31m \"red\".png", "-o", coded}).exit_code, 0);
    const Outcome explained = residua("explain", {coded, "--json", "--heatmap", folder_ / "map.ppm"});
    ASSERT_EQ(explained.exit_code, 0) << explained.errors;
    const std::string& json = explained.output;
    for (const char* part :
         {"\\u001b[31m \\\"red\\\".rsd\",\"bytes\":", "\"width\":60", "\"codec\":\"rc\"",
          "\"model_name\":\"test\"", "\"q\":12",
          "\"parts\":[{\"name\":\"lossy\",\"bytes\":", "\"spread\":true", "{\"name\":\"residual\",",
          "{\"name\":\"green\",\"bits\":", "\"tiles\":{\"count\":1,",
          "\"metadata\":{\"icc\":500,\"exif\":8,\"xmp\":4}", "\"overhead_bytes\":", "\"colours\":\"samples\"",
          "\"high_bits_per_pixel\":", "\"stage\":null"})
        EXPECT_NE(json.find(part), std::string::npos) << part << "\n" << json;
    EXPECT_EQ(std::count(json.begin(), json.end(), '\n'), 1) << "one line for a file";
    EXPECT_EQ(std::count(json.begin(), json.end(), '{'), std::count(json.begin(), json.end(), '}'));
    EXPECT_EQ(std::count(json.begin(), json.end(), '['), std::count(json.begin(), json.end(), ']') + 1)
        << "and one in the file's name";
    // Nor does it reach a terminal.
    const std::string text = residua("explain", {coded}).output;
    EXPECT_EQ(text.find('\x1b'), std::string::npos) << text;
    EXPECT_NE(text.find("\\x1b[31m"), std::string::npos) << text;
}

TEST_F(Cli, PaintsHeatMaps) {
    std::mt19937 random(1);
    TestPicture half{80, 48, 3, {}};  // the right half is noise
    for (size_t i = 0; i < size_t{80} * 48 * 3; ++i)
        half.pixels.push_back(i / 3 % 80 < 40 ? uint8_t{128} : static_cast<uint8_t>(random()));
    write_picture("half.png", half);
    ASSERT_EQ(residua("encode", {folder_ / "half.png"}).exit_code, 0);
    const std::string file = folder_ / "half.rsd";
    const auto map = [&](std::vector<std::string> arguments) {
        arguments.insert(arguments.begin(), file);
        return residua("explain", arguments);
    };
    const Outcome painted = map({"--heatmap", folder_ / "map.png", "--heatmap-stage", "residual"});
    ASSERT_EQ(painted.exit_code, 0) << painted.errors;
    EXPECT_NE(painted.output.find("bits per pixel and more"), std::string::npos) << painted.output;
    const image_io::Image image = read_picture("map.png");
    ASSERT_EQ(image.width, 80u);
    ASSERT_EQ(image.height, 48u);
    ASSERT_EQ(image.channels(), 3u);
    uint64_t left = 0, right = 0;  // green rises along the scale
    for (size_t i = 0; i < image.pixels.size(); i += 3)
        (i / 3 % 80 < 40 ? left : right) += image.pixels[i + 1];
    EXPECT_GT(right, 2 * left);

    EXPECT_EQ(map({"--heatmap", folder_ / "map.png"}).exit_code, 2) << "it exists";
    EXPECT_EQ(read_picture("map.png").pixels, image.pixels);
    EXPECT_EQ(map({"--heatmap", folder_ / "map.png", "--force"}).exit_code, 0);
    EXPECT_NE(read_picture("map.png").pixels, image.pixels) << "the lossy layer is in it, too";
    // At a scale of many bits all is dark.
    EXPECT_EQ(map({"--heatmap", folder_ / "dark.ppm", "--heatmap-max", "1e9"}).exit_code, 0);
    const image_io::Image dark = read_picture("dark.ppm");
    for (size_t i = 0; i < dark.pixels.size(); i += 3) ASSERT_EQ(dark.pixels[i], 39);

    for (const std::vector<std::string>& wrong :
         {std::vector<std::string>{"--heatmap", folder_ / "x.png", "--heatmap-stage", "z9"},
          {"--heatmap", "-"},
          {"--heatmap-stage", "residual"},
          {"--heatmap", folder_ / "x.png", "--heatmap-max", "0"}})
        EXPECT_EQ(map(wrong).exit_code, 1) << wrong.back();
    EXPECT_EQ(map({"--heatmap", folder_ / "x.bmp"}).exit_code, 3);
    std::string damaged = read_text(file);
    damaged[damaged.size() / 2] ^= 1;
    write_text(folder_ / "half.rsd", damaged);
    EXPECT_EQ(map({"--heatmap", folder_ / "x.png"}).exit_code, 4);
    EXPECT_EQ(std::ranges::count_if(folder_.names(), [](const std::string& name) { return name[0] == 'x'; }),
              0);
}

TEST_F(Cli, L3cBothWays) {
    const Outcome encoded = residua("encode", {"--codec", "l3c", "--model", "scales", folder_ / "photo.png"});
    ASSERT_EQ(encoded.exit_code, 0) << encoded.errors;
    EXPECT_EQ(residua("verify", {folder_ / "photo.rsd", "--against", folder_ / "photo.png"}).exit_code, 0);
    // The model's codec needs no name.
    ASSERT_EQ(residua("encode", {"--model", "scales", folder_ / "photo.png", "-o", folder_ / "other.rsd"})
                  .exit_code,
              0);
    EXPECT_EQ(read_text(folder_ / "other.rsd"), read_text(folder_ / "photo.rsd"));

    const Outcome info = residua("info", {folder_ / "photo.rsd"});
    EXPECT_EQ(info.exit_code, 0);
    for (const char* part : {"60 x 44", "l3c", "scales           3", "adaptation", "z3 ", "z2 ", "z1 ",
                             "picture, given z", "(scales)"})
        EXPECT_NE(info.output.find(part), std::string::npos) << part << "\n" << info.output;
    EXPECT_EQ(parts_of(info.output), read_text(folder_ / "photo.rsd").size()) << info.output;
    for (const char* part : {"lossy", "Q 0", "residual"})
        EXPECT_EQ(info.output.find(part), std::string::npos) << part << "\n" << info.output;

    EXPECT_EQ(residua("preview", {folder_ / "photo.rsd"}).exit_code, 0);
    EXPECT_EQ(read_picture("photo.preview.png").width, 60u);
    EXPECT_THAT(read_picture("photo.preview.png").find("icc"), ::testing::ElementsAreArray(icc_));
    EXPECT_EQ(
        run_program({RESIDUA_TOOL, "preview", folder_ / "photo.rsd", "-o", folder_ / "x.png"}).exit_code, 5)
        << "this preview needs the model";
    const Outcome bpg = residua("preview", {folder_ / "photo.rsd", "-o", folder_ / "x.bpg"});
    EXPECT_EQ(bpg.exit_code, 3);
    EXPECT_NE(bpg.errors.find("BPG"), std::string::npos) << bpg.errors;
}

TEST_F(Cli, CodecsAndModelsMustAgree) {
    const std::string photo = folder_ / "photo.png";
    const auto refused = [&](std::vector<std::string> arguments, const char* words) {
        arguments.push_back(photo);
        const Outcome outcome = residua("encode", arguments);
        EXPECT_EQ(outcome.exit_code, 1) << words;
        EXPECT_NE(outcome.errors.find(words), std::string::npos) << outcome.errors;
    };
    refused({"--codec", "l3c"}, "is for the codec 'rc'");
    refused({"--codec", "rc", "--model", "scales"}, "is for the codec 'l3c'");
    refused({"--codec", "jpeg"}, "--codec");
    refused({"--codec", "l3c", "--model", "scales", "--lossy-q", "14"}, "has no lossy layer");
    refused({"--codec", "l3c", "--model", "scales", "--bit-depth", "10"}, "has no lossy layer");
    refused({"--model", "scales", "--lossy-q", "14"}, "lossy layer");
    EXPECT_EQ(folder_.names(),
              (std::vector<std::string>{"choosing.rsm", "photo.png", "scales.rsm", "test.rsm"}));

    const Outcome models = residua("models", {"-v"});
    for (const char* part : {"codec=rc", "codec=l3c"})
        EXPECT_NE(models.output.find(part), std::string::npos) << models.output;
}

TEST_F(Cli, InstallsAndRemovesModels) {
    const std::vector<std::string> home = {"XDG_DATA_HOME=" + folder_ / "data"};
    const auto models = [&](std::vector<std::string> arguments) {
        arguments.insert(arguments.begin(), {RESIDUA_TOOL, "models"});
        return run_program(arguments, home);
    };
    const Outcome added = models({"add", folder_ / "test.rsm", folder_ / "scales.rsm"});
    EXPECT_EQ(added.exit_code, 0) << added.errors;
    EXPECT_NE(added.errors.find("--model test"), std::string::npos) << added.errors;
    EXPECT_EQ(read_text(folder_ / "data/residua/models/test.rsm"), read_text(folder_ / "test.rsm"));
    EXPECT_EQ(models({"add", folder_ / "test.rsm"}).exit_code, 0);  // is there already
    EXPECT_NE(models({}).output.find("scales"), std::string::npos);

    // Every command finds it.
    const Outcome encoded = run_program(
        {RESIDUA_TOOL, "encode", "--model", "test", "--effort", "1", folder_ / "photo.png"}, home);
    EXPECT_EQ(encoded.exit_code, 0) << encoded.errors;
    EXPECT_EQ(run_program({RESIDUA_TOOL, "verify", folder_ / "photo.rsd"}, home).exit_code, 0);

    // Another one of the same name only on request.
    write_text(folder_ / "other.rsm", text_of(models::make_l3c_model({.seed = 9, .name = "scales"})));
    const Outcome refused = models({"add", folder_ / "other.rsm"});
    EXPECT_EQ(refused.exit_code, 2);
    EXPECT_NE(refused.errors.find("another model 'scales'"), std::string::npos) << refused.errors;
    EXPECT_EQ(models({"add", "--force", folder_ / "other.rsm"}).exit_code, 0);
    EXPECT_EQ(read_text(folder_ / "data/residua/models/scales.rsm"), read_text(folder_ / "other.rsm"));

    // No model: refused, and nothing is installed. A damaged one is left out and can be removed.
    EXPECT_NE(models({"add", folder_ / "photo.png"}).exit_code, 0);
    write_text(folder_ / "data/residua/models/scales.rsm", "damaged");
    const Outcome listed = models({});
    EXPECT_EQ(listed.exit_code, 0);
    EXPECT_NE(listed.errors.find("scales.rsm is left out"), std::string::npos) << listed.errors;
    EXPECT_EQ(models({"remove", "scales", "test"}).exit_code, 0);
    EXPECT_EQ(models({"remove", "test"}).exit_code, 2);
    EXPECT_EQ(models({"remove", "../test"}).exit_code, 1);
    EXPECT_TRUE(std::filesystem::is_empty(folder_ / "data/residua/models"));
    EXPECT_EQ(run_program({RESIDUA_TOOL, "verify", folder_ / "photo.rsd"}, home).exit_code, 5);
}

TEST_F(Cli, TimingIsALineOfJsonForEachInput) {
    write_picture("second.ppm", make_picture(20, 10, 3));
    const std::string times = folder_ / "times.json";
    ASSERT_EQ(residua("encode", {folder_ / "photo.png", folder_ / "second.ppm", "--model", "test",
                                 "--adaptation", "off", "--timing", times})
                  .exit_code,
              0);
    const std::string encoding = read_text(times);
    EXPECT_EQ(std::count(encoding.begin(), encoding.end(), '\n'), 2) << encoding;
    for (const char* part : {"{\"total\": ", "\"bpg\": ", "\"network\": ", "\"entropy\": ", "\"tau\": ",
                             "\"proof\": ", "\"other\": "})
        EXPECT_NE(encoding.find(part), std::string::npos) << part << encoding;
    const Outcome again = residua("decode", {folder_ / "photo.rsd", "--format", "ppm", "--timing", times});
    EXPECT_EQ(again.exit_code, 2) << "the file is there";
    EXPECT_FALSE(std::filesystem::exists(folder_ / "photo.ppm"));
    ASSERT_EQ(
        residua("decode", {folder_ / "photo.rsd", "--format", "ppm", "--timing", times, "--force"}).exit_code,
        0);
    const std::string decoding = read_text(times);
    EXPECT_NE(decoding.find("\"network\": "), std::string::npos) << decoding;
    EXPECT_EQ(decoding.find("\"proof\": "), std::string::npos) << decoding;
}

TEST_F(Cli, SamplesOfL3c) {
    const std::vector<std::string> arguments = {"--codec", "l3c", "--model", "scales", folder_ / "photo.png"};
    const Outcome drawn = residua("sample", arguments);
    ASSERT_EQ(drawn.exit_code, 0) << drawn.errors;
    const image_io::Image original = read_picture("photo.png");
    std::vector<std::vector<uint8_t>> samples;
    for (const char* name : {"photo.sample-1.png", "photo.sample-2.png", "photo.sample-3.png"}) {
        const image_io::Image sample = read_picture(name);
        EXPECT_EQ(sample.pixels.size(), original.pixels.size());
        EXPECT_NE(sample.pixels, original.pixels);
        for (const auto& other : samples) EXPECT_NE(sample.pixels, other);
        samples.push_back(sample.pixels);
    }
    EXPECT_FALSE(std::filesystem::exists(folder_ / "photo.sample-4.png"));
    EXPECT_EQ(residua("sample", arguments).exit_code, 2) << "the outputs exist";

    const auto again = [&](const char* seed) {
        std::vector<std::string> other = arguments;
        other.insert(other.end(), {"--seed", seed, "-o", folder_ / seed, "--format", "ppm"});
        EXPECT_EQ(residua("sample", other).exit_code, 0);
        return read_picture(std::string(seed) + ".sample-1.ppm").pixels;
    };
    EXPECT_EQ(again("0"), samples[0]);
    EXPECT_NE(again("1"), samples[0]);
}

TEST_F(Cli, SamplesOfRc) {
    write_picture("grey.pgm", make_picture(31, 9, 1));
    const Outcome drawn = residua(
        "sample", {"--model", "test", folder_ / "photo.png", folder_ / "grey.pgm", "-d", folder_ / "out"});
    ASSERT_EQ(drawn.exit_code, 0) << drawn.errors;
    ASSERT_EQ(residua("encode", {folder_ / "photo.png", "--effort", "5"}).exit_code, 0);
    ASSERT_EQ(residua("preview", {folder_ / "photo.rsd"}).exit_code, 0);
    const auto original = read_picture("photo.png").pixels, lossy = read_picture("photo.preview.png").pixels,
               sample = read_picture("out/photo.sample.png").pixels,
               residual = read_picture("out/photo.residual.png").pixels,
               drawn_residual = read_picture("out/photo.sample-residual.png").pixels;
    EXPECT_NE(sample, original);
    int range = 0;
    for (size_t i = 0; i < original.size(); ++i) range = std::max(range, std::abs(original[i] - lossy[i]));
    // White where all three are zero; otherwise black at −range, white at range.
    const auto expect_shown = [&](const std::vector<uint8_t>& shown, const std::vector<uint8_t>& picture) {
        for (size_t i = 0; i < shown.size(); ++i) {
            const size_t first = i / 3 * 3;
            const bool zero = std::equal(&picture[first], &picture[first] + 3, &lossy[first]);
            const double grey = 127.5 + 127.5 * (picture[i] - lossy[i]) / range;
            ASSERT_NEAR(shown[i], zero ? 255 : grey, 0.5 + 1e-9) << i;
        }
    };
    expect_shown(residual, original);
    expect_shown(drawn_residual, sample);
    EXPECT_EQ(read_picture("out/grey.sample.png").channels(), 1u);
    EXPECT_EQ(residua("sample", {"--model", "test", folder_ / "photo.png", "-o", "-"}).exit_code, 1);
    EXPECT_EQ(residua("sample", {"--model", "test", "-"}, {}, read_text(folder_ / "photo.png")).exit_code, 1);
}

TEST_F(Cli, EffortsStandForModels) {
    std::vector<std::string> files;
    const auto add = [&](const char* name, const olm::Parameters& parameters) {
        write_text(folder_ / (std::string(name) + ".rsm"), text_of(models::make_olm_model(name, parameters)));
        files.insert(files.end(), {"--model-file", folder_ / (std::string(name) + ".rsm")});
    };
    for (const char* name : olm::kParameterNames) add(name, olm::named_parameters(name));
    add("mine", olm::fast_parameters());
    const auto info_of = [&](const std::string& effort, const std::vector<std::string>& more) {
        std::vector<std::string> encode = {RESIDUA_TOOL, "encode",   folder_ / "photo.png",
                                           "--force",    "--effort", effort};
        encode.insert(encode.end(), files.begin(), files.end());
        encode.insert(encode.end(), more.begin(), more.end());
        const Outcome encoded = run_program(encode);
        EXPECT_EQ(encoded.exit_code, 0) << encoded.errors;
        std::vector<std::string> verify = {RESIDUA_TOOL, "verify", folder_ / "photo.rsd"};
        verify.insert(verify.end(), files.begin(), files.end());
        EXPECT_EQ(run_program(verify).exit_code, 0);
        verify[1] = "info";
        return run_program(verify).output;
    };
    EXPECT_THAT(info_of("1", {}), ::testing::HasSubstr("(olm-light)"));
    EXPECT_THAT(info_of("3", {}), ::testing::HasSubstr("(olm-fast)"));
    EXPECT_THAT(info_of("5", {}), ::testing::HasSubstr("(olm-mid)"));
    EXPECT_THAT(info_of("7", {}), ::testing::HasSubstr("(olm)"));
    EXPECT_THAT(info_of("9", {"--codec", "olm"}), ::testing::HasSubstr("(olm-best)"));
    EXPECT_THAT(info_of("9", {"--model", "mine"}), ::testing::HasSubstr("(mine)"));
    for (const char* effort : {"0", "10", "best"})
        EXPECT_EQ(residua("encode", {"--effort", effort, folder_ / "photo.png"}).exit_code, 1) << effort;
}

TEST_F(Cli, ExitCodes) {
    EXPECT_EQ(run_program({RESIDUA_TOOL}).exit_code, 1);
    EXPECT_EQ(run_program({RESIDUA_TOOL, "--help"}).exit_code, 0);
    EXPECT_EQ(run_program({RESIDUA_TOOL, "encode", "--help"}).exit_code, 0);
    EXPECT_EQ(run_program({RESIDUA_TOOL, "--version"}).exit_code, 0);
    EXPECT_EQ(residua("encode", {"--effort", "11", folder_ / "photo.png"}).exit_code, 1);
    EXPECT_EQ(residua("encode", {folder_ / "missing.png"}).exit_code, 2);
    EXPECT_EQ(residua("encode", {folder_ / "photo.png", "-o", folder_ / "no/such/folder.rsd"}).exit_code, 2);
    EXPECT_EQ(residua("encode", {folder_ / "photo.png", "--memory-limit", "1"}).exit_code, 6);
    EXPECT_EQ(residua("encode", {"--model", "nothing", folder_ / "photo.png"}).exit_code, 5);

    ASSERT_EQ(residua("encode", {folder_ / "photo.png"}).exit_code, 0);
    const Outcome missing =
        run_program({RESIDUA_TOOL, "decode", folder_ / "photo.rsd", "-o", folder_ / "x.png"});
    EXPECT_EQ(missing.exit_code, 5);
    EXPECT_NE(missing.errors.find("not installed"), std::string::npos) << missing.errors;
    EXPECT_EQ(run_program({RESIDUA_TOOL, "info", folder_ / "photo.rsd"}).exit_code, 0)
        << "info needs no model";

    std::string damaged = read_text(folder_ / "photo.rsd");
    damaged[damaged.size() / 2] ^= 1;
    write_text(folder_ / "damaged.rsd", damaged);
    EXPECT_EQ(residua("decode", {folder_ / "damaged.rsd"}).exit_code, 4);
    EXPECT_EQ(residua("verify", {folder_ / "damaged.rsd"}).exit_code, 4);
    EXPECT_EQ(residua("decode", {folder_ / "photo.png", "-o", folder_ / "y.png"}).exit_code, 4);
    EXPECT_EQ(residua("decode", {folder_ / "photo.rsd", "-o", folder_ / "y.bmp"}).exit_code, 3);
    for (const std::string& name : folder_.names())
        EXPECT_EQ(name.find(".part"), std::string::npos) << "a temporary file was left: " << name;
}

TEST_F(Cli, ModelsFromFolders) {
    ASSERT_EQ(residua("encode", {folder_ / "photo.png"}).exit_code, 0);
    EXPECT_EQ(run_program({RESIDUA_TOOL, "verify", folder_ / "photo.rsd"}, {"RESIDUA_MODELS=" + folder_ / ""})
                  .exit_code,
              0);
}

// Real photographs with the released model, where someone has some: RESIDUA_TEST_PICTURES names a folder.
TEST_F(Cli, Photographs) {
    const char* pictures = std::getenv("RESIDUA_TEST_PICTURES");
    if (!pictures) GTEST_SKIP() << "RESIDUA_TEST_PICTURES is not set";
    if (run_program({RESIDUA_TOOL, "models"}).exit_code != 0) GTEST_SKIP() << "no model is built in";
    std::vector<std::string> paths;
    for (const auto& entry : std::filesystem::directory_iterator(pictures))
        if (entry.path().extension() == ".png") paths.push_back(entry.path().string());
    std::sort(paths.begin(), paths.end());
    constexpr size_t kPictures = 2;
    for (size_t i = 0; i < std::min(kPictures, paths.size()); ++i) {
        const std::string file = folder_ / "picture.rsd";
        const Outcome encoded = run_program({RESIDUA_TOOL, "encode", "--force", paths[i], "-o", file});
        ASSERT_EQ(encoded.exit_code, 0) << encoded.errors;
        const Outcome verified = run_program(
            {RESIDUA_TOOL, "verify", file, "--against", paths[i], "--threads", "1"}, {"RESIDUA_CPU=avx2"});
        EXPECT_EQ(verified.exit_code, 0) << verified.errors;
        EXPECT_LT(read_text(file).size(), read_text(paths[i]).size()) << paths[i];
    }
}

}  // namespace
}  // namespace residua::testing
