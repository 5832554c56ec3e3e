// encode --replace: originals go, pictures do not.
#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdint>
#include <functional>
#include <set>

#include "image_io/test_image.h"
#include "support/tool.h"

namespace residua::testing {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

class CliReplace : public ToolTest {};

TEST_F(CliReplace, OriginalsGoOnceTheirFilesAreThere) {
    put_picture("a.png", 1);
    put_picture("b.png", 2);
    set_mode("a.png", 0600);
    set_time("a.png", 1'500'000'000);
    const auto a = picture("a.png"), b = picture("b.png");
    const Outcome outcome = shell("$encode --replace a.png b.png");
    EXPECT_EQ(outcome.exit_code, 0) << outcome.errors;
    EXPECT_THAT(files(), ElementsAre("a.rsd", "b.rsd"));
    EXPECT_EQ(mode("a.rsd"), 0600u);
    EXPECT_EQ(status("a.rsd").st_mtim.tv_sec, 1'500'000'000);
    ASSERT_EQ(shell("$decode a.rsd b.rsd").exit_code, 0);
    EXPECT_EQ(picture("a.png").pixels, a.pixels);
    EXPECT_EQ(picture("b.png").metadata, b.metadata);
}

TEST_F(CliReplace, WhatWouldNotComeBackStays) {
    put_picture("a.png");
    make_folder("d");
    const auto kept = [&](const std::string& script, int code, const std::string& words) {
        const auto before = files();
        const Outcome outcome = shell(script);
        EXPECT_EQ(outcome.exit_code, code) << script << outcome.errors;
        EXPECT_THAT(outcome.errors, HasSubstr(words)) << script;
        EXPECT_EQ(files(), before) << script;
    };
    kept("$encode --replace <(cat a.png) -o x.rsd", 1, "pipe");
    kept("$encode --replace - -o x.rsd < a.png", 1, "pipe");
    kept("$encode --replace a.png -o - > /dev/null", 1, "--replace");
    kept("$encode --replace a.png -o /dev/null", 1, "--replace");
    kept("$encode --replace a.png -o d/x/y.rsd", 2, "d/x/y.rsd");
    kept("$encode --replace a.png --memory-limit 1", 6, "memory");
    EXPECT_EQ(shell("ln -s a.png link.png").exit_code, 0);
    kept("$encode --replace link.png", 1, "symbolic link");
    // By their content: a JPEG's pixels are not the JPEG.
    put("photo.png", "\xff\xd8\xff\xe0");
    EXPECT_NE(shell("$encode --replace photo.png").exit_code, 0);
    EXPECT_TRUE(exists("photo.png"));
    EXPECT_FALSE(exists("photo.rsd"));
}

// The same pixels are not the same picture.
TEST_F(CliReplace, MetadataCountToo) {
    put_picture("a.png");
    const auto image = picture("a.png");
    const auto bytes = image_io::write(image_io::test_image(image.width, image.height, 3, image.pixels),
                                       image_io::OutputFormat::kPng);
    ASSERT_EQ(shell("$encode a.png").exit_code, 0);
    put("a.png", {bytes.begin(), bytes.end()});
    const Outcome outcome = shell("$encode --replace a.png");
    EXPECT_EQ(outcome.exit_code, 2);
    EXPECT_THAT(outcome.errors, HasSubstr("in its metadata"));
    EXPECT_THAT(files(), ElementsAre("a.png", "a.rsd"));
}

TEST_F(CliReplace, AnOutputThatWasThereIsComparedFirst) {
    put_picture("a.png", 1);
    put_picture("b.png", 2);
    ASSERT_EQ(shell("$encode a.png && $encode a.png -o b.rsd").exit_code, 0);
    const std::string before = text("b.rsd");
    const Outcome outcome = shell("$encode --replace a.png b.png");
    EXPECT_EQ(outcome.exit_code, 2) << outcome.errors;
    EXPECT_THAT(outcome.errors, AllOf(HasSubstr("b.png"), HasSubstr("not this picture"),
                                      Not(HasSubstr("a.png:"
                                                    " 'a"))));
    EXPECT_THAT(files(), ElementsAre("a.rsd", "b.png", "b.rsd"));
    EXPECT_EQ(text("b.rsd"), before);
    put("c.rsd", "damaged");
    put_picture("c.png", 3);
    EXPECT_EQ(shell("$encode --replace c.png").exit_code, 2);
    EXPECT_TRUE(exists("c.png"));
    EXPECT_EQ(shell("$encode --replace --force b.png c.png").exit_code, 0);
    EXPECT_THAT(files(), ElementsAre("a.rsd", "b.rsd", "c.rsd"));
}

// What the tool asks of the system that changes files or what is on disk.
bool changes_files(uint64_t number) {
    static const std::set<uint64_t> changing = {
        SYS_openat, SYS_fsync, SYS_fchmod, SYS_fchown, SYS_linkat, SYS_unlinkat, SYS_utimensat, SYS_renameat2,
#ifdef SYS_open
        SYS_open,   SYS_link,  SYS_unlink, SYS_rename,
#endif
    };
    return changing.count(number) > 0;
}

struct Traced {
    bool possible;  // the system lets programs be stopped
    bool stopped;   // the program came so far
    int exit_code;  // −1 when it was killed
};

// Runs the program until it is about to ask for the `stop`th of these, and kills it there, or lets it go on
// after something has happened.
Traced run_until(const std::vector<std::string>& arguments, int stop,
                 const std::function<void()>& happening = nullptr) {
    const pid_t child = fork();
    if (child == 0) {
        if (ptrace(PTRACE_TRACEME, 0, nullptr, nullptr) != 0) _exit(125);
        for (const int stream : {1, 2}) dup2(open("/dev/null", O_WRONLY), stream);
        setenv("XDG_DATA_HOME", "/nonexistent", 1);  // not the user's installed models
        // LeakSanitizer fails at the end of a program that is traced.
        setenv("ASAN_OPTIONS", "detect_leaks=0", 1);
        std::vector<char*> pointers;
        pointers.reserve(arguments.size() + 1);
        for (const std::string& argument : arguments) pointers.push_back(const_cast<char*>(argument.c_str()));
        pointers.push_back(nullptr);
        execv(pointers[0], pointers.data());
        _exit(126);
    }
    int status = 0;
    waitpid(child, &status, 0);
    Traced result{WIFSTOPPED(status) && ptrace(PTRACE_SETOPTIONS, child, nullptr,
                                               PTRACE_O_TRACESYSGOOD | PTRACE_O_EXITKILL) == 0,
                  false, -1};
    bool in_main = false;
    for (int count = 0; result.possible && WIFSTOPPED(status);) {
        const int signal = WSTOPSIG(status);
        if (signal == (SIGTRAP | 0x80)) {
            __ptrace_syscall_info info = {};
            if (ptrace(PTRACE_GET_SYSCALL_INFO, child, sizeof info, &info) <= 0) result.possible = false;
            if (info.op == PTRACE_SYSCALL_INFO_ENTRY) {
                in_main = in_main || info.entry.nr == SYS_umask;  // the loader's files are no concern
                result.stopped = in_main && changes_files(info.entry.nr) && ++count == stop;
            }
        }
        if (result.stopped && !happening) break;
        if (result.stopped) happening();
        const bool own = signal == (SIGTRAP | 0x80) || signal == SIGTRAP;
        if (ptrace(PTRACE_SYSCALL, child, nullptr, own ? 0 : signal) != 0) break;
        waitpid(child, &status, 0);
    }
    if (WIFSTOPPED(status)) {
        kill(child, SIGKILL);
        waitpid(child, &status, 0);
    }
    if (WIFEXITED(status)) result.exit_code = WEXITSTATUS(status);
    return result;
}

TEST_F(CliReplace, KilledAtAnyMomentEachPictureIsThere) {
    const std::vector<std::string> names = {"a", "b"};
    for (uint64_t i = 0; i < names.size(); ++i) put_picture(names[i] + ".png", i);
    std::vector<std::string> originals, coded;
    for (const std::string& name : names) originals.push_back(text(name + ".png"));
    ASSERT_EQ(shell("$encode a.png b.png").exit_code, 0);
    for (const std::string& name : names) coded.push_back(text(name + ".rsd"));

    constexpr int kMost = 400;
    std::set<std::vector<bool>> seen;  // which originals were left, which files were there
    for (int stop = 1; stop <= kMost; ++stop) {
        shell("rm -f *");
        for (size_t i = 0; i < names.size(); ++i) put(names[i] + ".png", originals[i]);
        const Traced run =
            run_until(command("encode", {"--replace", folder_ / "a.png", folder_ / "b.png"}), stop);
        if (!run.possible) {
            shell("rm -f *");
            GTEST_SKIP() << "programs cannot be stopped here";
        }
        std::vector<bool> there;
        for (size_t i = 0; i < names.size(); ++i) {
            const bool original = exists(names[i] + ".png"), file = exists(names[i] + ".rsd");
            ASSERT_TRUE(original || file) << names[i] << " is lost at " << stop;
            ASSERT_TRUE(!original || text(names[i] + ".png") == originals[i]) << stop;
            ASSERT_TRUE(!file || text(names[i] + ".rsd") == coded[i]) << stop;
            there.push_back(original);
            there.push_back(file);
        }
        seen.insert(there);
        if (!run.stopped) break;
        ASSERT_LT(stop, kMost) << "the program does not come to its end";
        // The same command goes on where it was ended.
        const Outcome again = shell("$encode --replace *.png");
        ASSERT_TRUE(again.exit_code == 0 || (!there[0] && !there[2])) << again.errors;
        for (size_t i = 0; i < names.size(); ++i) {
            ASSERT_FALSE(exists(names[i] + ".png")) << stop << again.errors;
            ASSERT_TRUE(text(names[i] + ".rsd") == coded[i]) << stop;
        }
    }
    // Before, between and after the steps of both.
    EXPECT_EQ(seen.count({true, false, true, false}), 1u);
    EXPECT_EQ(seen.count({true, true, true, false}), 1u);
    EXPECT_EQ(seen.count({false, true, true, false}), 1u);
    EXPECT_EQ(seen.count({false, true, true, true}), 1u);
    EXPECT_EQ(seen.count({false, true, false, true}), 1u);
}

// Whenever somebody writes to an original: what was written stays, but for the moment between the tool's last
// look and the removal.
TEST_F(CliReplace, AnOriginalThatChangesMeanwhileStays) {
    put_picture("new.png", 2);
    const std::string changed_to = text("new.png");
    int refused = 0, unseen = 0;
    for (int stop = 1; stop < 100; ++stop) {
        shell("rm -f a.*");
        put_picture("a.png", 1);
        bool changed = false;
        const Traced run = run_until(command("encode", {"--replace", folder_ / "a.png"}), stop, [&] {
            changed = exists("a.png");
            if (changed) put("a.png", changed_to);
        });
        if (!run.possible) GTEST_SKIP() << "programs cannot be stopped here";
        if (!changed) break;
        const bool there = exists("a.png");
        ASSERT_EQ(run.exit_code == 0, !there) << stop;
        ASSERT_TRUE(!there || text("a.png") == changed_to) << stop;
        if (there) {
            ++refused;
        } else {
            ASSERT_EQ(shell("$decode a.rsd").exit_code, 0);
            if (picture("a.png").pixels != picture("new.png").pixels) ++unseen;
        }
    }
    EXPECT_GT(refused, 3);
    EXPECT_LE(unseen, 1);
}

}  // namespace
}  // namespace residua::testing
