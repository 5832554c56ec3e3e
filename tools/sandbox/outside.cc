#include "sandbox/outside.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstring>
#include <memory>
#include <optional>

#include "residua/batch.h"
#include "residua/interrupt.h"
#include "residua/model_files.h"
#include "sandbox/cage.h"
#include "sandbox/inside.h"
#include "sandbox/request.h"
#ifdef __linux__
#include <sys/prctl.h>
#endif

#ifndef SOCK_CLOEXEC  // where there is no cage
#define SOCK_CLOEXEC 0
#endif

namespace tool {

namespace {

class Descriptor {
  public:
    explicit Descriptor(int number) : number_(number) {}
    ~Descriptor() { close(); }
    Descriptor(const Descriptor&) = delete;
    int number() const { return number_; }
    void close() {
        if (number_ >= 0) ::close(number_);
        number_ = -1;
    }

  private:
    int number_;
};

Failure cannot(const char* what, const std::string& path) {
    return Failure(kFileError, std::string("cannot ") + what + " '" + path + "': " + std::strerror(errno));
}

// Serves one caged process.
class Server {
  public:
    Server(const Options& options, const FilesToServe& files) : options_(options), files_(files) {}

    // Until the other side has closed its end, or does not keep to the rules.
    void serve(int socket, pid_t child) {
        for (Request request; wait_for_request(socket, child) && receive_request(socket, request);) {
            Answer answer;
            std::optional<Descriptor> given;
            try {
                given.emplace(answer_to(request, answer));
                answer.descriptor = given->number();
            } catch (const std::exception& failure) {
                answer = {exit_code(failure), 0, failure.what(), -1};
            }
            if (!send_answer(socket, answer)) return;
        }
    }

    // Once, to a process that does not hear what the terminal sends.
    void pass_on_interrupt(pid_t child) {
        if (!interrupted() || passed_on_) return;
        ::kill(child, SIGUSR1);
        passed_on_ = true;
    }

  private:
    bool wait_for_request(int socket, pid_t child) {
        for (;;) {
            pass_on_interrupt(child);
            pollfd waiting = {socket, POLLIN, 0};
            // A signal between the look at it and the wait would be lost for as long as nothing is asked.
            constexpr int kAgain = 200;
            const int ready = ::poll(&waiting, 1, kAgain);
            if (ready > 0) return true;
            if (ready < 0 && errno != EINTR) return false;
        }
    }

    // A descriptor to give, or −1.
    int answer_to(const Request& request, Answer& answer) {
        switch (request.asked) {
            case Asked::kRead:
                return open(request.path);
            case Asked::kCreate:
                return create(request.path, request.number == 1, answer.number);
            case Asked::kCommit:
                made(request.number).commit();
                outputs_[request.number].reset();
                return -1;
            case Asked::kDiscard:
                made(request.number);
                outputs_[request.number].reset();
                return -1;
        }
        return -1;
    }

    int open(const std::string& path) {
        if (!files_.inputs.contains(path))
            throw Failure(kInternal, "'" + path + "' is none of this command's files");
        const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
        if (descriptor < 0) throw cannot("read", path);
        struct stat status;
        if (::fstat(descriptor, &status) == 0 && S_ISDIR(status.st_mode)) {
            ::close(descriptor);
            throw Failure(kFileError, "'" + path + "' is a folder");
        }
        return descriptor;
    }

    int create(const std::string& path, bool like_input, uint32_t& number) {
        const auto found = files_.outputs.find(path);
        if (found == files_.outputs.end())
            throw Failure(kInternal, "'" + path + "' is none of this command's outputs");
        const auto& [overwrite, job] = found->second;
        std::optional<Attributes> like;
        if (job) {
            make_place(options_, *job);
            const Descriptor input(
                like_input && job->regular ? ::open(job->input.c_str(), O_RDONLY | O_CLOEXEC) : -1);
            if (input.number() >= 0) like = Attributes::of(input.number());
        } else if (!overwrite) {
            check_not_there(path);
        }
        if (!context_) {
            residua_settings settings = RESIDUA_INIT(residua_settings);
            settings.threads = 1;
            context_ = std::make_unique<residua::context>(settings);
        }
        auto output = std::make_unique<FileOutput>(*context_, path, overwrite, like);
        const std::string written = *output->temporary() ? output->temporary() : path;
        const int descriptor = ::open(written.c_str(), O_WRONLY | O_CLOEXEC | O_NOCTTY);
        if (descriptor < 0) throw cannot("write", path);
        number = static_cast<uint32_t>(outputs_.size());
        outputs_.push_back(std::move(output));
        return descriptor;
    }

    FileOutput& made(uint32_t number) {
        if (number >= outputs_.size() || !outputs_[number])
            throw Failure(kInternal, "no output has that number");
        return *outputs_[number];
    }

    const Options& options_;
    const FilesToServe& files_;
    std::unique_ptr<residua::context> context_;  // for its files
    std::vector<std::unique_ptr<FileOutput>> outputs_;
    bool passed_on_ = false;
};

// The end of a process that a signal has ended.
int end_as(int signal) {
    // As without a cage: what reads our output has gone, or the user wants a core.
    if (signal == SIGPIPE || signal == SIGQUIT) {
        ::signal(signal, SIG_DFL);
        ::raise(signal);
    }
    if (signal == SIGKILL)
        throw Failure(kMemory,
                      "the caged process that decodes was killed, most likely because the machine has no "
                      "memory left; lower --memory-limit");
    throw Failure(kInternal,
                  std::string("the caged process that decodes was ended by signal ") +
                      std::to_string(signal) + " (" + ::strsignal(signal) +
                      "): a defect of Residua, which a file may have been made to use; nothing of what it "
                      "was writing was kept. Please report it, with the file");
}

}  // namespace

bool wants_cage(const Options& options) {
    if (options.sandbox == "off") return false;
    const CageKind kind = cage_kind();
    if (options.sandbox == "on" && !(kind.calls && kind.files))
        throw Failure(kUnsupported, std::string("this system has no ") +
                                        (kind.calls ? "Landlock" : "seccomp") +
                                        " for --sandbox on; auto takes what there is");
    return kind.calls;
}

int run_in_cage(const Options& options, const FilesToServe& files, const std::function<int()>& work) {
    model_files(options);  // read now: they cannot be, from inside
    int ends[2];
    if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0)
        throw Failure(kInternal, std::string("cannot make a cage: ") + std::strerror(errno));
    Descriptor outside(ends[0]), inside(ends[1]);
    std::fflush(nullptr);
    std::optional<SignalsHeld> held(std::in_place);  // until both know what to do with them
    const pid_t parent = ::getpid(), child = ::fork();
    if (child < 0) throw Failure(kMemory, std::string("cannot start a process: ") + std::strerror(errno));
    if (child == 0) {
#ifdef __linux__
        ::prctl(PR_SET_PDEATHSIG, SIGKILL);
#endif
        if (::getppid() != parent) ::_exit(kInterrupted);
        obey_outside();
        held.reset();
        outside.close();
        // What was promised and cannot be had (a container may forbid it) is no reason to do nothing, unasked.
        if (!enter_cage(inside.number()) && options.sandbox == "on")
            throw Failure(kUnsupported,
                          "cannot enter the cage; --sandbox auto takes what there is, off none");
        static FilesOutside all(inside.number());  // as long as the process
        set_files_outside(&all);
        return work();
    }
    held.reset();
    inside.close();
    int status = 0;
    {
        Server server(options, files);
        server.serve(outside.number(), child);
        outside.close();
        while (::waitpid(child, &status, 0) != child && errno == EINTR) server.pass_on_interrupt(child);
    }  // what was not committed has gone
    return WIFSIGNALED(status) ? end_as(WTERMSIG(status)) : WEXITSTATUS(status);
}

}  // namespace tool
