// A folder of mixed pictures on which encode -r --replace works, killed now and then: each picture is there
// at any moment, and all come back.
//
// RESIDUA_TEST_ARCHIVE="PICTURES KILLS" in the environment makes it larger; "500 20" takes some minutes.
#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <map>
#include <random>
#include <set>
#include <sstream>

#include "image_io/test_image.h"
#include "support/kept_files.h"
#include "support/tool.h"

namespace residua::testing {
namespace {

namespace fs = std::filesystem;

std::string text_of(const Bytes& bytes) { return {bytes.begin(), bytes.end()}; }
Bytes bytes_of(const std::string& text) { return {text.begin(), text.end()}; }

// "in" is what is worked on.
class CliArchive : public ToolTest {
  protected:
    enum Kind { kJpeg, kPng, kTiff, kPnm };
    struct Original {
        Kind kind;
        std::string bytes;
    };

    // Two JPEGs of five pictures, of all kinds, damaged ones and cut ones too. No two are alike.
    void make_pictures(size_t count) {
        std::vector<KeptFile> jpegs = kept_files();
        std::erase_if(jpegs, [](const KeptFile& file) { return file.name == "None"; });
        static constexpr Kind kKinds[] = {kJpeg, kPng, kJpeg, kTiff, kPnm};
        static constexpr const char* kJpegNames[] = {".jpg", ".JPG", ".jpeg", ".jpe"};
        static constexpr const char* kNames[] = {"", ".png", ".tif", ".ppm"};
        size_t next_jpeg = 0;
        for (size_t i = 0; i < count; ++i) {
            const Kind kind = kKinds[i % 5];
            const std::string number = std::to_string(i), stem = folder_of(kind) + "/" + number;
            if (kind != kJpeg) {
                add(stem + kNames[kind], kind, picture_of(kind, static_cast<uint32_t>(i)));
                continue;
            }
            const Bytes& jpeg = jpegs[next_jpeg++ % jpegs.size()].bytes;
            add(stem + kJpegNames[i % 4], kind, text_of(with_segment(jpeg, 0xfe, bytes_of(number))));
        }
    }

    // Where a picture's file of ours lies.
    static std::string coded(const std::string& name) {
        return "in/" + fs::path(name).replace_extension(".rsd").string();
    }
    static std::string folder_of(Kind kind) {
        static constexpr const char* kFolders[] = {"jpeg", "png", "tiff", "pnm"};
        return kFolders[kind];
    }

    // Without a model that is named, as only pixels have them.
    std::vector<std::string> archive() const {
        return {RESIDUA_TOOL, "encode", "--threads", "1",         "--model-file", models_ / "experts.rsm",
                "--effort",   "1",      "-r",        "--replace", folder_ / "in"};
    }

    // Kills the work once so many more files are there, and some more calls of the system have been made.
    // Returns whether it was still at work.
    bool run_and_kill(size_t more, std::mt19937& random) {
        const size_t until = files_of_ours() + more;
        RunningProgram program(archive());
        while (!program.ended() && files_of_ours() < until) usleep(500);
        for (unsigned i = random() % 40; i > 0 && !program.ended(); --i) usleep(500);
        program.send(SIGKILL);
        return program.wait() == -1;
    }

    size_t files_of_ours() const {
        size_t count = 0;
        for (const auto& entry : fs::recursive_directory_iterator(folder_ / "in"))
            if (entry.path().extension() == ".rsd") ++count;
        return count;
    }

    // Each picture is there: itself, or a file that becomes it.
    void expect_all_there() {
        std::set<std::string> kinds;
        for (const auto& [name, original] : originals_) {
            if (exists("in/" + name)) {
                EXPECT_TRUE(text("in/" + name) == original.bytes) << name << " is not what it was";
                continue;
            }
            ASSERT_TRUE(exists(coded(name))) << name << " is lost";
            // What has come back once does so as long as it is the same.
            const std::string file = text(coded(name));
            std::string& good = came_back_[name];
            if (file == good) continue;
            EXPECT_EQ(good, "") << name << " was written again";
            good = file;
            new_ones_.push_back(name);
        }
        expect_new_ones_come_back();
    }

    void expect_new_ones_come_back() {
        static constexpr const char* kFormats[] = {"jpg", "png", "tif", "pnm"};
        for (const Kind kind : {kJpeg, kPng, kTiff, kPnm}) {
            std::vector<std::string> arguments = {"-d", folder_ / "out", "--to", kFormats[kind]};
            for (const std::string& name : new_ones_)
                if (originals_.at(name).kind == kind) arguments.push_back(folder_ / coded(name));
            if (arguments.size() == 4) continue;
            const Outcome outcome = residua("decode", arguments);
            EXPECT_EQ(outcome.exit_code, 0) << outcome.errors;
        }
        for (const std::string& name : new_ones_) expect_same(name);
        fs::remove_all(folder_ / "out");
        new_ones_.clear();
    }

    void expect_same(const std::string& name) const {
        const Original& original = originals_.at(name);
        const std::string stem = "out/" + fs::path(name).stem().string();
        if (original.kind == kJpeg) {
            EXPECT_TRUE(text(stem + ".jpg") == original.bytes) << name << " came back as another file";
            return;
        }
        static constexpr const char* kNames[] = {"", ".png", ".tif", ".pnm"};
        const image_io::Image again = picture(stem + kNames[original.kind]);
        const image_io::Image before = image_io::read(bytes_of(original.bytes), UINT64_MAX);
        EXPECT_TRUE(again.pixels == before.pixels && again.width == before.width) << name;
        EXPECT_EQ(again.bits, before.bits) << name;
        EXPECT_EQ(again.metadata, before.metadata) << name;
    }

    std::map<std::string, Original> originals_;  // by their names in "in"

  private:
    void add(const std::string& name, Kind kind, const std::string& bytes) {
        make_folder("in/" + folder_of(kind));
        put("in/" + name, bytes);
        originals_[name] = {kind, bytes};
    }

    // Of 8 or 16 bits, with metadata that the format has.
    static std::string picture_of(Kind kind, uint32_t seed) {
        static constexpr image_io::OutputFormat kFormats[] = {
            image_io::OutputFormat::kPng, image_io::OutputFormat::kPng, image_io::OutputFormat::kTiff,
            image_io::OutputFormat::kPnm};
        const uint32_t width = 30 + seed % 9, height = 20 + seed % 5, channels = seed % 2 ? 1 : 3;
        const bool deep = seed % 3 == 0;
        const TestPicture made = make_picture(deep ? 2 * width : width, height, channels, seed + 1);
        const Bytes profile(100, 0x31);
        image_io::Image image = image_io::test_image(width, height, channels, made.pixels,
                                                     kind == kPnm ? std::span<const uint8_t>() : profile);
        if (deep) image.set_kind(image.colour, false, 16);
        return text_of(image_io::write(image, kFormats[kind]));
    }

    std::map<std::string, std::string> came_back_;  // the files of ours
    std::vector<std::string> new_ones_;
};

TEST_F(CliArchive, KilledAgainAndAgainNothingIsLost) {
    size_t pictures = 60, kills = 6;
    if (const char* const larger = std::getenv("RESIDUA_TEST_ARCHIVE")) {
        std::istringstream numbers(larger);
        ASSERT_TRUE(numbers >> pictures >> kills) << "RESIDUA_TEST_ARCHIVE is no two numbers";
    }
    make_pictures(pictures);
    std::mt19937 random(1);
    size_t killed_at_work = 0;
    for (size_t i = 0; i < kills; ++i) {
        // Of what is left, on average as many for each run that is left.
        const size_t left = pictures - files_of_ours(), share = left / (kills + 1 - i);
        if (run_and_kill(random() % (2 * share + 1), random)) ++killed_at_work;
        expect_all_there();
        if (HasFatalFailure()) return;
    }
    EXPECT_GE(killed_at_work, kills / 2);

    const Outcome outcome = run_program(archive());
    EXPECT_EQ(outcome.exit_code, 0) << outcome.errors;
    expect_all_there();
    if (HasFatalFailure()) return;
    for (const auto& [name, original] : originals_) EXPECT_FALSE(exists("in/" + name)) << name;
    EXPECT_EQ(files_of_ours(), pictures);
    // What was killed while it wrote may leave that, and nothing else.
    for (const std::string& name : files())
        EXPECT_TRUE(name.ends_with(".rsd") || name.find(".rsd.part") != std::string::npos) << name;
}

}  // namespace
}  // namespace residua::testing
