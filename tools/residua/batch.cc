#include "batch.h"

#include <algorithm>
#include <atomic>
#include <cinttypes>
#include <cstdio>
#include <memory>
#include <mutex>
#include <optional>
#include <system_error>
#include <thread>

#include "interrupt.h"
#include "report.h"
#include "sandbox/inside.h"
#include "sandbox/outside.h"
#include "text.h"
#include "timing.h"

namespace tool {

namespace {

// What a worker must have at least, so that a picture of usual size fits.
constexpr uint64_t kLeastMemory = uint64_t{16} << 20;

// How many threads may help at one file, whatever their number: each takes some memory, used or not.
constexpr size_t kHelpers = 8;

class Batch {
  public:
    Batch(const Options& options, const Work& work, const Action& action, Plan plan)
        : options_(options),
          work_(work),
          action_(action),
          plan_(std::move(plan)),
          ready_(plan_.jobs.size()),
          console_(std::make_shared<Console>(!options.quiet)),
          memory_(memory_limit_of(options)) {}

    int run() {
        std::vector<size_t> together, alone;
        uint64_t bytes = 0;
        for (size_t i = 0; i < plan_.jobs.size(); ++i) {
            const Job& job = plan_.jobs[i];
            bytes += job.weight();
            ready_[i] = !job.open();
            if (job.open()) (job.regular ? together : alone).push_back(i);  // a pipe is not read twice
        }
        together_ = together.size();
        add_app();
        report_.emplace(*apps_[0], work_);
        const Timing timing(*apps_[0]);
        console_->expect(plan_.jobs.size(), bytes);
        for (Job& job : plan_.jobs) {
            if (!job.open()) console_->skip(job.weight());
            if (job.outcome.status == Status::kSkipped) look_at_skipped(job);
        }
        tell();
        if (workers() > 1) {
            work_together(together);
            alone.insert(alone.end(), again_.begin(), again_.end());
        } else {
            alone.insert(alone.end(), together.begin(), together.end());
        }
        std::ranges::sort(alone);
        work_alone(alone);
        for (size_t i = 0; i < plan_.jobs.size(); ++i) {
            if (!ready_[i]) plan_.jobs[i].outcome.status = Status::kNotBegun;
            ready_[i] = true;
        }
        tell();
        timing.write(*apps_[0], plan_.jobs);
        report_->finish();
        sum_up();
        return result();
    }

  private:
    // What cannot be looked at is not worth an error where nothing is done with it.
    void look_at_skipped(Job& job) {
        try {
            report_->look_at(*apps_[0], job);
        } catch (const residua::error&) {
            job.outcome.note =
                "left out, though '" + (job.output.empty() ? job.input : job.output) + "' cannot be read";
        }
    }
    // How many inputs are worked on at once.
    size_t workers() const {
        const uint64_t room = memory_ == UINT64_MAX ? UINT64_MAX : memory_ / kLeastMemory;
        return std::max<size_t>(1, std::min<uint64_t>({thread_count(options_), together_, room}));
    }
    void add_app() {
        const size_t count = workers(), threads = thread_count(options_);
        Share share{apps_.size(), memory_, nullptr};
        if (count > 1) {
            if (memory_ != UINT64_MAX) share.memory = memory_ / count;
            share.threads = &threads_;
            share.at_one_file = std::max(std::min(threads, kHelpers), (threads + count - 1) / count);
        }
        apps_.push_back(std::make_unique<App>(options_, console_, share));
    }

    void work_together(const std::vector<size_t>& jobs) {
        try {
            while (apps_.size() < workers()) add_app();
        } catch (const std::exception&) {
            // Then with those that there are.
        }
        std::vector<std::thread> threads;
        busy_ = apps_.size();
        {
            const SignalsHeld held;  // on those threads, so that this one's are enough
            for (const auto& app : apps_) {
                try {
                    threads.emplace_back([this, worker = app.get(), &jobs] { work(*worker, jobs); });
                } catch (const std::system_error&) {
                    leave();
                }
            }
            add_helpers(threads);
        }
        for (std::thread& thread : threads) thread.join();
        if (threads.empty()) again_ = jobs;
    }

    // Where there are more threads than files.
    void add_helpers(std::vector<std::thread>& threads) {
        try {
            while (!threads.empty() && threads.size() < thread_count(options_))
                threads.emplace_back([this] { threads_.help(); });
        } catch (const std::system_error&) {
            // Then without.
        }
    }

    void work(App& app, const std::vector<size_t>& jobs) {
        for (size_t next; !interrupted() && (next = next_++) < jobs.size();) {
            const size_t index = jobs[next];
            attempt(app, index, true);
            Job& job = plan_.jobs[index];
            const std::lock_guard lock(mutex_);
            if (job.outcome.code == kMemory) {  // it may need more than the worker's share
                job.outcome = {};
                again_.push_back(index);
                console_->take_back(app.worker());
                continue;
            }
            ready_[index] = true;
            console_->end(app.worker());
            tell();
        }
        leave();
        threads_.help();
    }
    void leave() {
        if (--busy_ == 0) threads_.stop();
    }

    // With all threads and all memory.
    void work_alone(const std::vector<size_t>& jobs) {
        if (!jobs.empty() && workers() > 1 && !interrupted()) {
            apps_.clear();
            together_ = 0;
            add_app();
        }
        for (const size_t index : jobs) {
            if (interrupted()) return;
            attempt(*apps_[0], index, index != told_);
            ready_[index] = true;
            console_->end(0);
            tell();
        }
    }

    void attempt(App& app, size_t index, bool keep) {
        Job& job = plan_.jobs[index];
        app.attempt(job, keep, [&] {
            if (!files_outside()) make_place(options_, job);  // otherwise it is made there
            action_(app, job);
            report_->look_at(app, job);
        });
    }

    // In the inputs' order, whatever was ready first.
    void tell() {
        for (; told_ < plan_.jobs.size() && ready_[told_]; ++told_) {
            Job& job = plan_.jobs[told_];
            std::string lines = std::move(job.outcome.messages);
            if (job.outcome.status == Status::kFailed)
                lines += printable("residua: " + job.name() + ": " + job.outcome.error) + "\n";
            if (!job.outcome.note.empty() && !options_.quiet)
                lines += printable(job.name() + ": note: " + job.outcome.note) + "\n";
            if (job.outcome.status == Status::kSkipped && job.outcome.note.empty() && options_.verbose)
                lines += printable(job.name() + ": left out, it is done") + "\n";
            console_->print(lines);
            report_->add(job);
        }
    }

    void sum_up() const {
        if (options_.quiet) return;
        if (options_.verbose)
            for (const std::string& name : plan_.names)
                console_->print(printable(name + ": left out, hidden or of another kind") + "\n");
        if (plan_.jobs.size() < 2 && !options_.recursive) return;
        size_t counts[5] = {};
        uint64_t before = 0, after = 0;
        for (const Job& job : plan_.jobs) {
            ++counts[static_cast<size_t>(job.outcome.status)];
            if (job.outcome.status != Status::kDone || job.bytes == 0 || !job.outcome.written) continue;
            before += job.bytes;
            after += *job.outcome.written;
        }
        const auto count = [&](Status status) { return counts[static_cast<size_t>(status)]; };
        std::string line = "residua: " + std::to_string(plan_.jobs.size()) +
                           (plan_.jobs.size() == 1 ? " file: " : " files: ") +
                           std::to_string(count(Status::kDone)) + " " + work_.done;
        const auto add = [&](size_t number, const char* what) {
            if (number > 0) line.append(", ").append(std::to_string(number)).append(" ").append(what);
        };
        add(count(Status::kSkipped), "done before");
        add(count(Status::kFailed), "failed");
        add(count(Status::kNotBegun), "not begun");
        if (before > 0) {
            char text[100];
            std::snprintf(text, sizeof text, "; %" PRIu64 " -> %" PRIu64 " bytes (%.1f %%)", before, after,
                          100.0 * static_cast<double>(after) / static_cast<double>(before));
            line += text;
        }
        if (plan_.left_out > 0) {
            char text[100];
            std::snprintf(text, sizeof text, "; %zu in the folders left out, hidden or of another kind",
                          plan_.left_out);
            line += text;
        }
        console_->print(line + "\n");
    }

    int result() const {
        if (interrupted()) return kInterrupted;
        for (const Job& job : plan_.jobs)
            if (job.outcome.status == Status::kFailed) return job.outcome.code;
        return kSuccess;
    }

    const Options& options_;
    const Work& work_;
    const Action& action_;
    Plan plan_;
    std::vector<char> ready_;  // jobs that have their outcome
    size_t told_ = 0;          // jobs before this one have been told of
    std::shared_ptr<Console> console_;
    const uint64_t memory_;
    SharedThreads threads_;
    std::vector<std::unique_ptr<App>> apps_;
    std::optional<Report> report_;
    std::mutex mutex_;  // of ready_, told_, again_, and what tell() writes to
    std::vector<size_t> again_;
    size_t together_ = 0;  // jobs that several workers share
    std::atomic<size_t> next_{0}, busy_{0};
};

// All that a run opens.
FilesToServe files_of(const Options& options, const Plan& plan) {
    FilesToServe files;
    for (const Job& job : plan.jobs) {
        if (job.input != "-") files.inputs.insert(job.input);
        if (!job.output.empty() && job.output != "-") files.outputs[job.output] = {options.force, &job};
    }
    if (!options.against.empty()) files.inputs.insert(options.against);
    const auto add = [&](const std::string& path, bool overwrite) {
        if (!path.empty() && path != "-") files.outputs[path] = {overwrite, nullptr};
    };
    add(options.report, options.force || is_report(options.report));
    add(options.timing, options.force);
    add(options.map, options.force);
    return files;
}

}  // namespace

void make_place(const Options& options, const Job& job) {
    if (options.directory.empty() || job.output == "-" || job.output.empty()) return;
    make_folder(options.directory);
    for (size_t end = job.place.find('/'); end != std::string::npos; end = job.place.find('/', end + 1)) {
        const std::string part = job.place.substr(0, end);
        make_folder(options.directory + "/" + part, job.root + "/" + part);
    }
}

int run_batch(const Options& options, const Work& work, const Action& action) {
    const bool caged = work.inputs == InputKind::kCoded && wants_cage(options);
    Plan plan = make_plan(options, work);
    if (!options.force) {  // before any work, and not from inside a cage, where nothing can be seen
        if (!is_report(options.report)) check_not_there(options.report);
        check_not_there(options.timing);
        check_not_there(options.map);
    }
    if (!caged) return Batch(options, work, action, std::move(plan)).run();
    const FilesToServe files = files_of(options, plan);
    return run_in_cage(options, files, [&] { return Batch(options, work, action, plan).run(); });
}

}  // namespace tool
