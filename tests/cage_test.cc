// What a process in a cage can still do, and what it cannot: asked of the kernel, by a program that is linked
// with the tool's own cage.
#include "sandbox/cage.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <functional>
#include <string>
#include <thread>
#include <vector>

#include "support/program.h"

namespace residua::testing {
namespace {

// Something that a process may want. `done`: whether it has it now.
struct Wish {
    const char* what;
    std::function<bool()> done;
};

bool opened(long descriptor) {
    if (descriptor < 0) return false;
    ::close(static_cast<int>(descriptor));
    return true;
}

bool started(long process) {
    if (process == 0) ::_exit(0);
    return process > 0 && ::waitpid(static_cast<pid_t>(process), nullptr, 0) == process;
}

bool mapped(int protection, int change) {
    void* memory = ::mmap(nullptr, 4096, protection, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED) return false;
    const bool changed = change == 0 || ::mprotect(memory, 4096, change) == 0;
    ::munmap(memory, 4096);
    return changed;
}

// By their numbers, so that no library stands between. In a folder with a file "old".
std::vector<Wish> wishes(const std::string& folder) {
    const std::string old = folder + "/old", made = folder + "/made";
    const pid_t outside = ::getppid();
    return {
        {"open a file to read",
         [=] { return opened(::syscall(SYS_openat, AT_FDCWD, old.c_str(), O_RDONLY)); }},
        {"open a file to write",
         [=] { return opened(::syscall(SYS_openat, AT_FDCWD, old.c_str(), O_WRONLY)); }},
        {"make a file",
         [=] { return opened(::syscall(SYS_openat, AT_FDCWD, made.c_str(), O_WRONLY | O_CREAT, 0600)); }},
        {"open a device", [] { return opened(::syscall(SYS_openat, AT_FDCWD, "/dev/null", O_RDWR)); }},
        {"open a folder",
         [=] { return opened(::syscall(SYS_openat, AT_FDCWD, folder.c_str(), O_DIRECTORY)); }},
        {"make a folder", [=] { return ::mkdir((folder + "/below").c_str(), 0700) == 0; }},
        {"make a link", [=] { return ::symlink(old.c_str(), (folder + "/link").c_str()) == 0; }},
        {"change a mode", [=] { return ::chmod(old.c_str(), 0600) == 0; }},
        {"cut a file", [=] { return ::truncate(old.c_str(), 1) == 0; }},
        {"rename a file", [=] { return ::rename(old.c_str(), (folder + "/new").c_str()) == 0; }},
        {"remove a file", [=] { return ::unlink((folder + "/new").c_str()) == 0; }},
        {"open a socket", [] { return opened(::socket(AF_INET, SOCK_STREAM, 0)); }},
        {"open a socket to this machine", [] { return opened(::socket(AF_UNIX, SOCK_STREAM, 0)); }},
        {"make a pair of sockets",
         [] {
             int ends[2];
             return ::socketpair(AF_UNIX, SOCK_STREAM, 0, ends) == 0 && opened(ends[0]) && opened(ends[1]);
         }},
        {"make a pipe",
         [] {
             int ends[2];
             return ::pipe(ends) == 0 && opened(ends[0]) && opened(ends[1]);
         }},
        {"make a file in memory", [] { return opened(::syscall(SYS_memfd_create, "x", 0U)); }},
        {"copy a descriptor", [] { return opened(::dup(1)); }},
        {"start a process", [] { return started(::fork()); }},
        {"start a process by clone", [] { return started(::syscall(SYS_clone, SIGCHLD, 0L, 0L, 0L, 0L)); }},
        {"run memory that is written", [] { return mapped(PROT_READ | PROT_WRITE | PROT_EXEC, 0); }},
        {"run memory that was written", [] { return mapped(PROT_READ | PROT_WRITE, PROT_READ | PROT_EXEC); }},
        {"reach another process", [=] { return ::kill(outside, 0) == 0; }},
    };
}

// Those that do not come back, or not as they were.
std::vector<Wish> last_wishes() {
    return {
        {"be traced", [] { return ::ptrace(PTRACE_TRACEME, 0, nullptr, nullptr) == 0; }},
        {"become another program",
         [] {
             char name[] = "/bin/true";
             char* arguments[] = {name, nullptr};
             ::execv(name, arguments);
             return false;  // or there is no return
         }},
    };
}

// What the decoder needs.
bool works() {
    std::atomic<int> sum{0};
    std::vector<std::thread> threads;
    for (int i = 1; i <= 4; ++i)
        threads.emplace_back([&sum, i] {
            const std::vector<char> memory(size_t{8} << 20, static_cast<char>(i));
            sum += memory.back();
        });
    for (std::thread& thread : threads) thread.join();
    return sum == 10;
}

// Runs `inside` in another process and gives back what it reports.
std::string report_of(const std::function<void(const std::function<void(const std::string&)>&)>& inside) {
    const TemporaryFolder folder;
    const std::string path = folder / "report";
    write_text(path, "");
    const pid_t child = ::fork();
    if (child == 0) {
        const int report = ::open(path.c_str(), O_WRONLY | O_APPEND);
        ::dup2(report, 2);
        inside([](const std::string& line) {
            if (::write(2, (line + "\n").c_str(), line.size() + 1) < 0) ::_exit(3);
        });
        ::_exit(0);
    }
    int status = 0;
    ::waitpid(child, &status, 0);
    const std::string text = read_text(path);
    return WIFEXITED(status) && WEXITSTATUS(status) == 0 ? text
                                                         : text + "ended by " + std::to_string(status) + "\n";
}

class Cage : public ::testing::Test {
  protected:
    void SetUp() override {
        const tool::CageKind kind = tool::cage_kind();
        if (!kind.calls || !kind.files) GTEST_SKIP() << "this build or this system has no cage";
        write_text(folder_ / "old", "some text");
    }
    const TemporaryFolder folder_;
};

// So that what is refused below is refused by the cage.
TEST_F(Cage, WithoutItAllIsGranted) {
    const std::string report = report_of([&](const auto& say) {
        for (const Wish& wish : wishes(folder_ / "")) say(std::string(wish.done() ? "" : "NOT ") + wish.what);
        if (!works()) say("NOT its work");
    });
    EXPECT_EQ(report.find("NOT"), std::string::npos) << report;
    EXPECT_NE(report.find("reach another process"), std::string::npos) << report;
}

TEST_F(Cage, RefusesAllButWorkOnWhatIsThere) {
    const std::string report = report_of([&](const auto& say) {
        const std::vector<Wish> all = wishes(folder_ / ""), last = last_wishes();
        if (!tool::enter_cage(2)) say("WRONG: not entered");
        for (const Wish& wish : all)
            if (wish.done()) say(std::string("WRONG: can ") + wish.what);
        if (!works()) say("WRONG: cannot work");
        // A thread is no way out.
        std::thread([&] {
            for (const Wish& wish : all)
                if (wish.done()) say(std::string("WRONG: a thread can ") + wish.what);
        }).join();
        for (const Wish& wish : last)
            if (wish.done()) say(std::string("WRONG: can ") + wish.what);
        say("end");
    });
    EXPECT_EQ(report, "end\n");
    EXPECT_EQ(read_text(folder_ / "old"), "some text");
    EXPECT_EQ(folder_.names().size(), 1u);
}

// Threads that were there before it are in it, too.
TEST_F(Cage, HoldsThreadsThatWereThereBefore) {
    const std::string report = report_of([&](const auto& say) {
        std::atomic<bool> entered{false};
        const std::string old = folder_ / "old";
        std::thread before([&] {
            while (!entered) std::this_thread::yield();
            if (opened(::open(old.c_str(), O_RDONLY))) say("WRONG: can open a file");
            if (opened(::socket(AF_INET, SOCK_STREAM, 0))) say("WRONG: can open a socket");
        });
        tool::enter_cage(2);
        entered = true;
        before.join();
        say("end");
    });
    EXPECT_EQ(report, "end\n");
}

// The second wall, without the first one.
TEST_F(Cage, HasASecondWallBeforeFiles) {
    const std::string report = report_of([&](const auto& say) {
        const std::vector<Wish> all = wishes(folder_ / "");
        if (::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 || !tool::give_up_files())
            say("WRONG: not given up");
        // Those that its first version knew.
        for (const Wish& wish : all)
            for (const char* known : {"open a file to read", "open a file to write", "make a file",
                                      "open a folder", "make a folder", "rename a file"})
                if (std::string(known) == wish.what && wish.done()) say(std::string("WRONG: can ") + known);
        say("end");
    });
    EXPECT_EQ(report, "end\n");
}

TEST_F(Cage, ClosesWhatItDoesNotNeed) {
    const std::string report = report_of([&](const auto& say) {
        const int kept = ::open((folder_ / "old").c_str(), O_RDONLY);
        const int others[] = {::open("/dev/null", O_RDONLY), ::dup(kept), ::fcntl(kept, F_DUPFD, 100)};
        tool::enter_cage(kept);
        char byte = 0;
        if (::read(kept, &byte, 1) != 1 || byte != 's') say("WRONG: cannot read what is open");
        for (const int other : others)
            if (::fcntl(other, F_GETFD) >= 0) say("WRONG: has a descriptor yet");
        say("end");
    });
    EXPECT_EQ(report, "end\n");
}

}  // namespace
}  // namespace residua::testing
