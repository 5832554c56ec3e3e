#include "support/program.h"

#include <fcntl.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <utility>

namespace residua::testing {

namespace {

// In the child: becomes the program. `folder`: empty, and its own.
[[noreturn]] void become(const std::vector<std::string>& arguments, const TemporaryFolder& folder,
                         const std::vector<std::string>& environment) {
    signal(SIGPIPE, SIG_DFL);
    setenv("XDG_DATA_HOME", (folder / "data").c_str(), 1);  // not the user's installed models
    for (const std::string& variable : environment) putenv(const_cast<char*>(variable.c_str()));
    std::vector<char*> pointers;
    pointers.reserve(arguments.size() + 1);
    for (const std::string& argument : arguments) pointers.push_back(const_cast<char*>(argument.c_str()));
    pointers.push_back(nullptr);
    execv(pointers[0], pointers.data());
    _exit(126);
}

int exit_code(int status) { return WIFEXITED(status) ? WEXITSTATUS(status) : -1; }

}  // namespace

Outcome run_program(const std::vector<std::string>& arguments, const std::vector<std::string>& environment,
                    const std::string& input) {
    const TemporaryFolder folder;
    const std::string in = folder / "in", out = folder / "out", err = folder / "err";
    write_text(in, input);
    const pid_t child = fork();
    if (child < 0) throw std::runtime_error("cannot start a program");
    if (child == 0) {
        dup2(open(in.c_str(), O_RDONLY), 0);
        dup2(open(out.c_str(), O_WRONLY | O_CREAT, 0600), 1);
        dup2(open(err.c_str(), O_WRONLY | O_CREAT, 0600), 2);
        become(arguments, folder, environment);
    }
    int status = 0;
    waitpid(child, &status, 0);
    return {exit_code(status), read_text(out), read_text(err)};
}

RunningProgram::RunningProgram(const std::vector<std::string>& arguments) {
    signal(SIGPIPE, SIG_IGN);  // write() tells it instead
    int ends[2];
    if (pipe(ends) != 0) throw std::runtime_error("cannot start a program");
    // So that no other program holds them open.
    for (const int end : ends) fcntl(end, F_SETFD, FD_CLOEXEC);
    const std::string err = folder_ / "err";
    if ((process_ = fork()) < 0) throw std::runtime_error("cannot start a program");
    if (process_ == 0) {
        dup2(ends[0], 0);
        dup2(open("/dev/null", O_WRONLY), 1);
        dup2(open(err.c_str(), O_WRONLY | O_CREAT, 0600), 2);
        become(arguments, folder_, {});
    }
    close(ends[0]);
    input_ = ends[1];
}

RunningProgram::~RunningProgram() {
    if (!ended()) {
        send(SIGKILL);
        wait();
    }
    end_input();
}

void RunningProgram::write(const std::string& input) {
    if (::write(input_, input.data(), input.size()) != static_cast<ssize_t>(input.size()))
        throw std::runtime_error("the program does not read its input");
}

bool RunningProgram::has_read() {
    int waiting = 0;
    return ioctl(input_, FIONREAD, &waiting) == 0 && waiting == 0;
}

void RunningProgram::end_input() {
    if (input_ >= 0) close(std::exchange(input_, -1));
}

void RunningProgram::send(int signal) { kill(process_, signal); }

bool RunningProgram::ended() {
    ended_ = ended_ || waitpid(process_, &status_, WNOHANG) == process_;
    return ended_;
}

int RunningProgram::wait() {
    ended_ = ended_ || waitpid(process_, &status_, 0) == process_;
    return exit_code(status_);
}

std::string RunningProgram::errors() const { return read_text(folder_ / "err"); }

TemporaryFolder::TemporaryFolder() {
    std::string pattern = (std::filesystem::temp_directory_path() / "residua-test-XXXXXX").string();
    if (!mkdtemp(pattern.data())) throw std::runtime_error("cannot make a folder");
    path_ = pattern;
}

TemporaryFolder::~TemporaryFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
}

std::vector<std::string> TemporaryFolder::names() const {
    std::vector<std::string> names;
    for (const auto& entry : std::filesystem::directory_iterator(path_))
        names.push_back(entry.path().filename().string());
    std::sort(names.begin(), names.end());
    return names;
}

std::string read_text(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
}

void write_text(const std::string& path, const std::string& text) {
    std::ofstream(path, std::ios::binary) << text;
}

}  // namespace residua::testing
