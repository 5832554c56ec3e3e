// Many files in one run.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <filesystem>
#include <sstream>

#include "support/tool.h"

namespace residua::testing {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

std::vector<std::string> lines_of(const std::string& text) {
    std::vector<std::string> lines;
    std::istringstream stream(text);
    for (std::string line; std::getline(stream, line);) lines.push_back(line);
    return lines;
}

// What stands behind "name": in a line of a report.
std::string field(const std::string& line, const std::string& name) {
    const size_t begin = line.find("\"" + name + "\": ");
    if (begin == std::string::npos) return "missing";
    const size_t value = begin + name.size() + 4;
    const size_t end = line.find(", \"", value);
    return line.substr(value, end == std::string::npos ? line.size() - 1 - value : end - value);
}

std::string numbered(uint64_t i) { return std::string("p").append(std::to_string(i)).append(".png"); }

class CliBatch : public ToolTest {
  protected:
    void make_tree() {
        make_folder("photos/2020/deep");
        make_folder("photos/.hidden");
        put_picture("photos/a.png", 1);
        put_picture("photos/2020/b.png", 2);
        put_picture("photos/2020/deep/no-extension", 3);
        put_picture("photos/.hidden/c.png", 4);
        put_picture("photos/.d.png", 5);
        put_picture("photos/e.png.part77-0", 6);
        put("photos/notes.txt", "words");
        put("photos/2020/done.rsd", "\x89RSD and so on");
        std::filesystem::create_symlink("..", folder_ / "photos/2020/loop");
        std::filesystem::create_symlink("nowhere", folder_ / "photos/broken.png");
    }
    bool has_unfinished() const {
        const auto names = files();
        return std::ranges::any_of(
            names, [](const std::string& name) { return name.find(".part") != std::string::npos; });
    }
};

TEST_F(CliBatch, FoldersAreMirrored) {
    make_tree();
    set_mode("photos/2020/deep", 0700);
    const Outcome encoded = shell("$encode -r photos -d out");
    EXPECT_EQ(encoded.exit_code, 0) << encoded.errors;
    EXPECT_THAT(shell("cd out; find . -type f | sort").output,
                "./2020/b.rsd\n./2020/deep/no-extension.rsd\n./a.rsd\n");
    EXPECT_EQ(mode("out/2020/deep"), 0700u);
    const auto lines = lines_of(encoded.errors);
    ASSERT_GE(lines.size(), 4u) << encoded.errors;
    EXPECT_THAT(lines.front(), StartsWith("photos/2020/b.png: -> out/2020/b.rsd"));
    EXPECT_THAT(lines.back(),
                AllOf(StartsWith("residua: 3 files: 3 encoded; "), HasSubstr("7 in the folders left out")));
    EXPECT_THAT(shell("$encode -v -r photos -d out2").errors,
                AllOf(HasSubstr("photos/notes.txt: left out"), HasSubstr("photos/2020/loop: left out")));

    put("out/.part", "no coded file");
    EXPECT_EQ(shell("$residua verify --model-file " + models_ / "experts.rsm" + " -r out -q").exit_code, 0);
    const Outcome decoded = shell("$decode -r out/ -d back");
    EXPECT_EQ(decoded.exit_code, 0) << decoded.errors;
    EXPECT_EQ(picture("back/2020/deep/no-extension.png").pixels,
              picture("photos/2020/deep/no-extension").pixels);
    EXPECT_EQ(shell("$encode -r photos -o x").exit_code, 1);
}

TEST_F(CliBatch, WithoutAFolderTheyLieBesideTheInputs) {
    make_tree();
    EXPECT_EQ(shell("cd photos; $encode -r . -q").errors, "");
    EXPECT_TRUE(exists("photos/a.rsd") && exists("photos/2020/b.rsd"));
    EXPECT_EQ(shell("mkdir empty; $encode -r empty missing").exit_code, 2);
    EXPECT_EQ(shell("$encode -r empty").exit_code, 0);
}

TEST_F(CliBatch, WhatIsDoneIsLeftOutWithoutAWord) {
    make_tree();
    ASSERT_EQ(shell("$encode photos/a.png -q").exit_code, 0);
    const std::string first = text("photos/a.rsd");
    const std::string again = "$encode -r photos --skip-existing --report report";
    const Outcome resumed = shell(again);
    EXPECT_EQ(resumed.exit_code, 0);
    EXPECT_THAT(resumed.errors, AllOf(Not(HasSubstr("a.png")), HasSubstr("2 encoded, 1 done before")));
    EXPECT_EQ(text("photos/a.rsd"), first);
    const Outcome third = shell(again);
    EXPECT_EQ(third.exit_code, 0) << third.errors;
    EXPECT_EQ(lines_of(third.errors).size(), 1u) << third.errors;
    for (const std::string& line : lines_of(text("report"))) {
        EXPECT_EQ(field(line, "status"), "\"skipped\"");
        EXPECT_EQ(field(line, "pixel_checksum").size(), 18u) << line;
    }
    EXPECT_EQ(shell("$encode photos/* photos/2020/b.png --skip-existing -q").errors.find("done.rsd"),
              std::string::npos);

    // What has changed since is named, and what only has the name is no output.
    set_time("photos/a.png", 4'000'000'000);
    const Outcome newer = shell(again);
    EXPECT_EQ(newer.exit_code, 0);
    EXPECT_THAT(newer.errors, AllOf(HasSubstr("photos/a.png: note: left out, though it is newer"),
                                    Not(HasSubstr("b.png"))));
    put("photos/a.rsd", "");
    EXPECT_EQ(shell(again).exit_code, 2);
    EXPECT_EQ(shell("$encode --force --skip-existing photos/a.png").exit_code, 1);
}

TEST_F(CliBatch, AReportHasALineForEachInput) {
    const std::string odd = "\"odd\"\n\xff\\.png";
    put_picture("a.png", 1, 50, 30);
    put_picture(odd, 2);
    put("bad.png", "no picture");
    const std::vector<std::string> inputs = {folder_ / "a.png", folder_ / "missing.png", folder_ / "bad.png",
                                             folder_ / odd};
    std::vector<std::string> arguments = inputs;
    arguments.insert(arguments.end(), {"--report", folder_ / "report", "--timing", folder_ / "times", "-q"});
    EXPECT_EQ(residua("encode", arguments).exit_code, 2) << "of the first failure";
    const auto lines = lines_of(text("report"));
    ASSERT_EQ(lines.size(), 4u);
    EXPECT_EQ(field(lines[0], "input"), std::string("\"").append(inputs[0]).append("\""));
    EXPECT_EQ(field(lines[0], "output"), std::string("\"").append(folder_ / "a.rsd").append("\""));
    EXPECT_EQ(field(lines[0], "status"), "\"done\"");
    EXPECT_EQ(field(lines[0], "error"), "null");
    EXPECT_EQ(field(lines[0], "input_bytes"), std::to_string(text("a.png").size()));
    EXPECT_EQ(field(lines[0], "output_bytes"), std::to_string(text("a.rsd").size()));
    EXPECT_EQ(field(lines[0], "width") + field(lines[0], "height") + field(lines[0], "bits"), "50308");
    EXPECT_EQ(field(lines[0], "colour") + field(lines[0], "alpha"), "\"rgb\"false");
    const std::string checksum = field(lines[0], "pixel_checksum");
    EXPECT_THAT(residua("info", {folder_ / "a.rsd"}).output, HasSubstr(checksum.substr(1, 16)));
    EXPECT_EQ(field(lines[1], "status") + field(lines[1], "exit_code"), "\"failed\"2");
    EXPECT_THAT(field(lines[1], "error"), HasSubstr("No such file"));
    EXPECT_EQ(field(lines[1], "output_bytes") + field(lines[1], "pixel_checksum"), "nullnull");
    EXPECT_EQ(field(lines[2], "status") + field(lines[2], "exit_code"), "\"failed\"4");
    EXPECT_THAT(lines[3], HasSubstr("\\\"odd\\\"\\u000a\\ufffd\\\\.png\", \"output\""));
    EXPECT_EQ(lines_of(text("times")).size(), 2u) << "of what was done";

    const Outcome decoded = residua("decode", {folder_ / "a.rsd", "-o", folder_ / "b.png", "--report", "-"});
    EXPECT_EQ(field(decoded.output, "pixel_checksum"), checksum);
    EXPECT_EQ(field(decoded.output, "output_bytes"), std::to_string(text("b.png").size()));
    put("precious", "words");
    EXPECT_EQ(shell("$encode a.png -d new --report precious").exit_code, 2);
    EXPECT_EQ(text("precious"), "words");
    EXPECT_FALSE(exists("new")) << "known before the work";
}

TEST_F(CliBatch, AllIsTheSameWithAnyNumberOfThreads) {
    std::vector<std::string> names;
    for (uint64_t i = 0; i < 12; ++i) {
        names.push_back(numbered(100 + i));
        if (i % 5 == 3)
            put(names.back(), "no picture");
        else
            put_picture(names.back(), i, i == 0 ? 400 : 30, 40);
    }
    const auto run = [&](const char* threads) {
        std::vector<std::string> arguments = {"--threads", threads,    "-v",
                                              "--force",   "--report", folder_ / "report"};
        for (const std::string& name : names) arguments.push_back(folder_ / name);
        const Outcome outcome = residua("encode", arguments);
        EXPECT_EQ(outcome.exit_code, 4);
        std::string all = outcome.errors;
        for (const std::string& line : lines_of(text("report")))
            all += line.substr(0, line.rfind(", \"seconds")) + "\n";
        for (const std::string& name : files())
            if (name.ends_with(".rsd")) all += name + text(name);
        return all;
    };
    const std::string one = run("1");
    EXPECT_THAT(one, HasSubstr("12 files: 10 encoded, 2 failed"));
    for (const char* threads : {"2", "3", "20"}) EXPECT_TRUE(run(threads) == one) << threads;
    EXPECT_FALSE(has_unfinished());
}

TEST_F(CliBatch, SeveralFilesAreWorkedOnAtOnce) {
    for (uint64_t i = 0; i < 3; ++i) put_picture(numbered(i), i, 400, 300);
    make_folder("out");
    RunningProgram program(command("encode", {"--threads", "3", folder_ / "p0.png", folder_ / "p1.png",
                                              folder_ / "p2.png", "-d", folder_ / "out"}));
    size_t most = 0;
    while (!program.ended()) {
        const auto names = files();
        most = std::max<size_t>(most, std::ranges::count_if(names, [](const std::string& name) {
                                    return name.find(".part") != std::string::npos;
                                }));
    }
    EXPECT_EQ(program.wait(), 0) << program.errors();
    EXPECT_EQ(most, 3u);
}

// Less memory for each worker is no reason to fail.
TEST_F(CliBatch, WhatNeedsAllTheMemoryGetsIt) {
    put_picture("small.png");
    std::string pixels;
    for (int i = 0; i < 600 * 600; ++i)
        for (const int period : {251, 241, 239}) pixels += static_cast<char>(i % period);
    put("large.ppm", "P6\n600 600\n255\n" + pixels);
    const std::string encode = "$encode large.ppm small.png -q --force --threads ";
    EXPECT_EQ(shell(encode + "1 --memory-limit 20").exit_code, 6) << "this picture is too small for the test";
    const Outcome both = shell(encode + "2 --memory-limit 40");
    EXPECT_EQ(both.exit_code, 0) << both.errors;
    EXPECT_TRUE(exists("large.rsd") && exists("small.rsd"));
}

TEST_F(CliBatch, AnInterruptedRunLeavesWholeFilesOnly) {
    std::vector<std::string> arguments = {"--threads",     "2",        "-d",
                                          folder_ / "out", "--report", folder_ / "report"};
    for (uint64_t i = 0; i < 40; ++i) {
        put_picture(numbered(i), i, 200, 150);
        arguments.push_back(folder_ / numbered(i));
    }
    make_folder("out");
    RunningProgram program(command("encode", arguments));
    while (!program.ended() && files().size() < 45) usleep(1000);
    program.send(SIGTERM);
    EXPECT_EQ(program.wait(), 130) << program.errors();
    EXPECT_FALSE(has_unfinished());
    const auto lines = lines_of(text("report"));
    ASSERT_EQ(lines.size(), 40u);
    EXPECT_EQ(field(lines[0], "status"), "\"done\"");
    EXPECT_EQ(field(lines[39], "status"), "\"not begun\"");
    EXPECT_EQ(residua("verify", {"-r", folder_ / "out", "-q"}).exit_code, 0);
}

}  // namespace
}  // namespace residua::testing
