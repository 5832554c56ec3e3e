// Runs a program as a user would.
#pragma once

#include <string>
#include <vector>

namespace residua::testing {

struct Outcome {
    int exit_code;  // −1 when it died from a signal
    std::string output;
    std::string errors;
};

// `environment`: more variables, "NAME=value". `input`: what it finds on standard input.
Outcome run_program(const std::vector<std::string>& arguments,
                    const std::vector<std::string>& environment = {}, const std::string& input = "");

// A folder that is deleted with all its contents.
class TemporaryFolder {
  public:
    TemporaryFolder();
    ~TemporaryFolder();
    TemporaryFolder(const TemporaryFolder&) = delete;
    std::string operator/(const std::string& name) const { return path_ + "/" + name; }
    std::vector<std::string> names() const;  // of its files, sorted

  private:
    std::string path_;
};

// A program that goes on while the test does other things. What it finds
// on standard input is what write() gives it; its output is thrown away,
// its errors are kept. From the first one on, this process ignores SIGPIPE.
class RunningProgram {
  public:
    explicit RunningProgram(const std::vector<std::string>& arguments);
    ~RunningProgram();  // kills it, if it still runs
    RunningProgram(const RunningProgram&) = delete;

    void write(const std::string& input);
    bool has_read();   // all of it
    void end_input();  // nothing is written after that
    void send(int signal);
    int process() const { return process_; }
    bool ended();
    int wait();  // for its end; the exit code, −1 when it died from a signal
    std::string errors() const;

  private:
    const TemporaryFolder folder_;
    int process_, input_, status_ = 0;
    bool ended_ = false;
};

std::string read_text(const std::string& path);
void write_text(const std::string& path, const std::string& text);

}  // namespace residua::testing
