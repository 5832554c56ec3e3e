// How the tool treats files: names, links, modes, times, pipes.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>

#include "support/tool.h"

namespace residua::testing {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr time_t kOld = 1'500'000'000;

class CliFiles : public ToolTest {
  protected:
    // Refused as a whole: nothing was written, and the message has these parts.
    void expect_refused(const Outcome& outcome, const std::string& first, const std::string& second) {
        EXPECT_EQ(outcome.exit_code, 1) << outcome.errors;
        EXPECT_THAT(outcome.errors, AllOf(HasSubstr(first), HasSubstr(second)));
        EXPECT_EQ(std::count(outcome.errors.begin(), outcome.errors.end(), '\n'), 1) << outcome.errors;
    }
};

TEST_F(CliFiles, TwoInputsNeverShareAnOutput) {
    make_folder("a");
    make_folder("b");
    put_picture("one.png", 1);
    put_picture("one.tiff", 2);  // by its content
    put_picture("a/p.png", 3);
    put_picture("b/p.png", 4);
    const auto before = files();
    for (const char* force : {"", " --force", " --skip-existing"}) {
        const std::string more = force;
        expect_refused(shell("$encode one.png one.tiff" + more), "'one.png'", "'one.tiff'");
        expect_refused(shell("$encode a/p.png b/p.png -d out" + more), "'a/p.png'", "'b/p.png'");
        expect_refused(shell("$encode one.png ./one.png" + more), "'one.png'", "'./one.png'");
        expect_refused(shell("$encode a/p.png b/../a/p.png" + more), "'a/p.png'", "'b/../a/p.png'");
        expect_refused(
            shell("ln -sfn a link; $encode a/p.png link/p.png" + more + "; e=$?; rm link; exit $e"),
            "'a/p.png'", "'link/p.png'");
        expect_refused(shell("$encode -r a b -d out" + more), "'a/p.png'", "'b/p.png'");
    }
    EXPECT_EQ(files(), before);
}

TEST_F(CliFiles, OutputsThatAreLinksToOneFileAreShared) {
    make_folder("store");
    put_picture("one.png", 1);
    put_picture("two.png", 2);
    put("store/real.rsd", "old");
    expect_refused(shell("ln -s store/real.rsd one.rsd; ln -s store/real.rsd two.rsd; "
                         "$encode one.png two.png --force"),
                   "'one.png'", "'two.png'");
    expect_refused(shell("rm one.rsd two.rsd; ln store/real.rsd one.rsd; ln store/real.rsd two.rsd; "
                         "$encode one.png two.png --force"),
                   "'one.png'", "'two.png'");
    // Not there yet, and still one.
    expect_refused(shell("rm one.rsd two.rsd; ln -s store/new.rsd one.rsd; ln -s store/new.rsd two.rsd; "
                         "$encode one.png two.png"),
                   "'one.png'", "'two.png'");
    EXPECT_EQ(text("store/real.rsd"), "old");
    EXPECT_FALSE(exists("store/new.rsd"));
}

TEST_F(CliFiles, NoOutputFallsOnAnInput) {
    make_folder("d");
    put_picture("photo.png", 1);
    put_picture("other.png", 2);
    const std::string photo = text("photo.png"), other = text("other.png");
    expect_refused(shell("$encode photo.png -o photo.png"), "photo.png", "input");
    expect_refused(shell("$encode photo.png -o photo.png --force"), "photo.png", "input");
    expect_refused(shell("$encode photo.png -o photo.png --skip-existing"), "photo.png", "input");
    expect_refused(shell("$encode photo.png -o ./d/../photo.png --force"), "photo.png", "input");
    expect_refused(shell("ln -s photo.png link; $encode photo.png -o link --force"), "link", "input");
    expect_refused(shell("ln photo.png hard; $encode photo.png -o hard --force"), "hard", "input");
    expect_refused(shell("$encode link -o photo.png --force"), "photo.png", "input");
    expect_refused(shell("$encode - -o photo.png --force < photo.png"), "photo.png", "standard input");
    // That of another input of the run, or one that a command only compares with or works with.
    expect_refused(shell("cp photo.png other.rsd; $encode other.png other.rsd --force"), "'other.png'",
                   "'other.rsd'");
    expect_refused(shell("$encode other.png photo.png --report photo.png --force"), "--report",
                   "'photo.png'");
    expect_refused(shell("$encode other.png --report same --timing same"), "--report", "--timing");
    EXPECT_EQ(text("photo.png"), photo);
    EXPECT_EQ(text("other.png"), other);
    EXPECT_EQ(text("other.rsd"), photo);
    EXPECT_EQ(shell("rm other.rsd; $encode photo.png && $decode photo.rsd -o photo.rsd --force").exit_code,
              1);
}

// What cannot be printed is no success.
TEST_F(CliFiles, AFullDiskIsSaid) {
    if (::access("/dev/full", W_OK) != 0) GTEST_SKIP() << "this system has no /dev/full";
    put_picture("photo.png");
    ASSERT_EQ(shell("$encode photo.png").exit_code, 0);
    for (const std::string line :
         {"$residua info photo.rsd", "$residua info --json photo.rsd", "$residua metadata list photo.rsd",
          "$residua models", "$residua --help", "$residua --version", "$decode photo.rsd -o -"}) {
        const Outcome outcome = shell(line + " > /dev/full");
        EXPECT_EQ(outcome.exit_code, 2) << line;
        EXPECT_THAT(outcome.errors, HasSubstr("cannot write to standard output")) << line;
    }
}

TEST_F(CliFiles, AFolderIsNoOutputAndAFileNoFolder) {
    make_folder("d");
    put_picture("photo.png");
    expect_refused(shell("$encode photo.png -o d"), "'d' is a folder", "-d");
    expect_refused(shell("$encode photo.png -o new/"), "'new/' is a folder", "-d");
    expect_refused(shell("$encode photo.png -d photo.png"), "'photo.png'", "no folder");
    EXPECT_THAT(files(), ElementsAre("photo.png"));
    const Outcome folder = shell("$encode d photo.png");
    EXPECT_EQ(folder.exit_code, 2);
    EXPECT_THAT(folder.errors, AllOf(HasSubstr("d: this is a folder"), HasSubstr("-r")));
    EXPECT_TRUE(exists("photo.rsd")) << "the others are done";
}

TEST_F(CliFiles, ModesAndTimesGoAlongBothWays) {
    put_picture("photo.png");
    for (const unsigned kept : {0600u, 0640u, 0444u, 0664u}) {
        set_mode("photo.png", kept);
        set_time("photo.png", kOld);
        const Outcome outcome = shell("umask 022; $encode photo.png && $decode photo.rsd -o back.png");
        for (const char* name : {"photo.rsd", "back.png"}) {
            EXPECT_EQ(mode(name), kept) << name << outcome.errors;
            EXPECT_EQ(status(name).st_mtim.tv_sec, kOld) << name;
            EXPECT_EQ(status(name).st_mtim.tv_nsec, 222) << name;
            std::filesystem::remove(folder_ / name);
        }
    }
    // What has no input's mode has that of the user's umask.
    EXPECT_EQ(shell("umask 027; cat photo.png | $encode - -o piped.rsd").exit_code, 0);
    EXPECT_EQ(mode("piped.rsd"), 0640u);
    EXPECT_EQ(shell("umask 027; $encode photo.png -d new --report report").exit_code, 0);
    EXPECT_EQ(mode("new"), 0750u);
    EXPECT_EQ(mode("report"), 0640u);
}

TEST_F(CliFiles, WhatIsOverwrittenKeepsItsModeAndLinks) {
    make_folder("store");
    put_picture("photo.png");
    set_mode("photo.png", 0600);
    set_time("photo.png", kOld);
    put("photo.rsd", "old");
    set_mode("photo.rsd", 0640);
    EXPECT_EQ(shell("$encode --force photo.png").exit_code, 0);
    EXPECT_EQ(mode("photo.rsd"), 0640u);
    EXPECT_EQ(status("photo.rsd").st_mtim.tv_sec, kOld);

    EXPECT_EQ(shell("ln -s store/real.rsd link.rsd; $encode photo.png -o link.rsd").exit_code, 0);
    EXPECT_TRUE(S_ISLNK(status("link.rsd").st_mode));
    EXPECT_EQ(text("store/real.rsd"), text("photo.rsd"));
    put("store/real.rsd", "old");
    EXPECT_EQ(shell("$encode photo.png -o link.rsd").exit_code, 2) << "it exists";
    EXPECT_EQ(shell("$encode photo.png -o link.rsd --force").exit_code, 0);
    EXPECT_TRUE(S_ISLNK(status("link.rsd").st_mode));
    EXPECT_EQ(text("store/real.rsd"), text("photo.rsd"));
    EXPECT_THAT(files(), ElementsAre("link.rsd", "photo.png", "photo.rsd", "store/real.rsd"));
}

TEST_F(CliFiles, PipesAreReadAsStandardInputIs) {
    put_picture("photo.png");
    ASSERT_EQ(shell("$encode photo.png").exit_code, 0);
    const std::string coded = text("photo.rsd");
    for (const char* script :
         {"$encode <(cat photo.png) -o x.rsd", "cat photo.png | $encode /dev/stdin -o x.rsd",
          "$encode /dev/stdin -o x.rsd < photo.png",
          "mkfifo pipe; cat photo.png > pipe & $encode pipe -o x.rsd; rm pipe",
          "$encode <(cat photo.png) > x.rsd", "$encode photo.png -o /dev/stdout | cat > x.rsd",
          "mkfifo out; cat out > x.rsd & $encode photo.png -o out; wait; rm out"}) {
        const Outcome outcome = shell(script);
        EXPECT_EQ(text("x.rsd"), coded) << script << outcome.errors;
        shell("rm -f x.rsd");
    }
    EXPECT_EQ(shell("$decode <(cat photo.rsd) -o back.png && $residua verify --model-file " +
                    models_ / "experts.rsm" + " <(cat photo.rsd) && $residua info <(cat photo.rsd)")
                  .exit_code,
              0);
    EXPECT_EQ(picture("back.png").pixels, picture("photo.png").pixels);
    expect_refused(shell("$encode <(cat photo.png) photo.png -d out"), "no name", "-o");
    expect_refused(shell("$encode <(cat photo.png) <(cat photo.png)"), "/dev/fd/", "standard output");
    EXPECT_EQ(shell("$encode /dev/null -o x.rsd").exit_code, 4);
}

TEST_F(CliFiles, NamesThatLookLikeOptionsAreNotTaken) {
    put_picture("-d.png");
    put_picture("-q");
    put_picture("a.png", 2);
    const auto before = files();
    expect_refused(shell("$encode *.png"), "'-d.png'", "./-d.png");
    expect_refused(shell("$encode a.png -q"), "'-q'", "--");
    EXPECT_EQ(files(), before);
    EXPECT_EQ(shell("$encode -- -d.png a.png").exit_code, 0);
    EXPECT_EQ(shell("$encode ./-q --quiet").exit_code, 0);
    EXPECT_THAT(files(), ElementsAre("-d.png", "-d.rsd", "-q", "-q.rsd", "a.png", "a.rsd"));
    EXPECT_EQ(shell("rm -- -q; $encode -q --force a.png").errors, "");
}

TEST_F(CliFiles, NamesReachNoTerminalRaw) {
    const std::string evil = "\x1b[2J.png";
    put_picture(evil);
    const Outcome done = residua("encode", {folder_ / evil});
    EXPECT_THAT(done.errors, AllOf(HasSubstr("\\x1b[2J"), Not(HasSubstr("\x1b"))));
    EXPECT_THAT(residua("encode", {folder_ / evil}).errors, Not(HasSubstr("\x1b")));
    EXPECT_THAT(residua("encode", {folder_ / evil, folder_ / evil}).errors, Not(HasSubstr("\x1b")));
}

// The system's limit for files is no end without a word.
TEST_F(CliFiles, ADiskThatIsFullLeavesNothing) {
    put_picture("photo.png", 1, 200, 100);
    const Outcome outcome = shell("ulimit -f 4; $encode photo.png");
    EXPECT_EQ(outcome.exit_code, 2) << outcome.errors;
    EXPECT_THAT(outcome.errors, HasSubstr("photo.rsd': File too large"));
    EXPECT_THAT(files(), ElementsAre("photo.png"));
}

}  // namespace
}  // namespace residua::testing
