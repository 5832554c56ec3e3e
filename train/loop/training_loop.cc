#include "loop/training_loop.h"

#include <torch/utils.h>
#include <torch/version.h>

#include <algorithm>
#include <chrono>
#include <iostream>
#include <nlohmann/json.hpp>
#include <optional>
#include <stdexcept>

#include "loop/stop_signals.h"

namespace residua::train {

namespace {

// After so many batches in a row without a finite gradient, none is going to come.
constexpr int kMostLost = 100;

// A number as a number, anything else as words.
nlohmann::json entry_of(const std::string& text) {
    nlohmann::json value = nlohmann::json::parse(text, nullptr, false);
    return value.is_number() ? value : nlohmann::json(text);
}

class Loop {
  public:
    Loop(Trainee& trainee, const RunState& state, const RunFolder& folder, const LoopSettings& settings,
         ProcessGroup& group, const SecondsNow& now)
        : trainee_(trainee),
          optimizer_(trainee.optimizer()),
          state_(state),
          folder_(folder),
          settings_(settings),
          group_(group),
          clock_(state.seconds, now),
          last_save_(state.seconds),
          last_report_(state.seconds),
          waited_before_(trainee.seconds_waited()) {
        if (group.rank() == 0) log_.emplace(folder.path());
    }

    void run() {
        const StopSignals signals;
        const int64_t last = settings_.stop_after > 0 ? optimizer_.steps() + settings_.stop_after : INT64_MAX;
        clock_.apart([&] {
            start_log();
            if (trainee_.validates_at_start() && !folder_.resumes()) validate();
        });
        bool stop = false;
        for (done_ = progress(); done_ < 1 && !stop && optimizer_.steps() < last;) {
            const bool learned = step();
            stop = group_.any(signals.received());
            if ((learned && optimizer_.steps() % settings_.log_every == 0) || done_ >= 1) report();
            if (learned && done_ < 1 && !stop && checkpoint_is_due()) keep();
        }
        if (done_ >= 1) trainee_.finish();
        keep();
        if (log_) std::cerr << (done_ >= 1 ? "done\n" : "stopped; go on with --resume\n");
    }

  private:
    void start_log() {
        if (!log_) return;
        const nlohmann::json facts = trainee_.facts();
        const int64_t weights = trainee_.network().weights();
        nlohmann::json entry = facts;
        entry["event"] = folder_.resumes() ? "resume" : "start";
        entry["command"] = settings_.command;
        entry["preset"] = settings_.preset;
        entry["parameters"] = weights;
        entry["processes"] = group_.size();
        entry["device"] = trainee_.network().device().str();
        entry["torch"] = TORCH_VERSION;
        entry["torch_threads"] = torch::get_num_threads();
        for (const auto& [name, text] : settings_.notes) entry[name] = entry_of(text);
        for (const auto& [name, text] : state_.recipe) entry["recipe"][name] = entry_of(text);
        log_->start(entry.dump());
        std::cerr << settings_.preset << ": " << weights << " parameters";
        for (const auto& [name, value] : facts.items()) {
            std::string words = name;
            std::replace(words.begin(), words.end(), '_', ' ');
            std::cerr << ", " << value << " " << words;
        }
        std::cerr << "\n";
        if (folder_.resumes()) std::cerr << "resumed at step " << optimizer_.steps() << "\n";
    }

    // The share of the run that is done; the same for all processes.
    double progress() {
        return settings_.steps > 0
                   ? static_cast<double>(optimizer_.steps()) / static_cast<double>(settings_.steps)
                   : group_.broadcast(state_.seconds) / (60 * settings_.minutes);
    }

    // Whether the weights have changed: not by gradients that are not finite.
    bool step() {
        trainee_.begin_step(done_);
        trainee_.learn(state_.batches + group_.rank());
        state_.batches += group_.size();
        group_.average(optimizer_.all_gradients());
        learning_rate_ = optimizer_.learning_rate(done_);
        const int64_t before = optimizer_.steps();
        norms_ += optimizer_.step(done_);
        ++counted_;
        state_.seconds = clock_.seconds();
        done_ = progress();
        const bool learned = optimizer_.steps() > before;
        lost_ = learned ? 0 : lost_ + 1;
        if (lost_ == kMostLost)
            throw std::runtime_error(
                "the gradients of " + std::to_string(kMostLost) +
                " batches in a row were not finite, at step " + std::to_string(before) +
                ": go on from the last checkpoint by --resume --change-recipe with a lower "
                "--learning-rate, or begin anew");
        return learned;
    }

    void report() {
        if (!log_) return;
        const double steps = static_cast<double>(counted_), seconds = state_.seconds;
        const double pixels = steps * trainee_.pixels_per_step() * group_.size();
        StepReport report = {optimizer_.steps(), seconds, learning_rate_, norms_ / steps, 0, 0, 0, {}};
        report.pixels_per_second = pixels / std::max(1e-9, seconds - last_report_);
        report.waiting_share =
            (trainee_.seconds_waited() - waited_before_) / std::max(1e-9, clock_.of_this_call());
        report.seconds_left = done_ > 0 ? seconds * (1 - done_) / done_ : 0;
        report.rates = trainee_.take_rates();
        log_->step(report);
        norms_ = 0;
        counted_ = 0;
        last_report_ = seconds;
    }

    bool checkpoint_is_due() const {
        if (settings_.checkpoint_steps > 0) return optimizer_.steps() % settings_.checkpoint_steps == 0;
        return state_.seconds - last_save_ >= 60 * settings_.checkpoint_every;
    }

    void keep() {
        last_save_ = state_.seconds;
        clock_.apart([&] {
            if (log_) folder_.save(trainee_.network(), optimizer_, state_, trainee_.lossy());
            validate();
        });
    }

    void validate() {
        if (!log_) return;
        const Rates rates = trainee_.validate();
        if (!rates.empty()) log_->validation(optimizer_.steps(), state_.seconds, rates);
    }

    Trainee& trainee_;
    Optimizer& optimizer_;
    RunState state_;
    const RunFolder& folder_;
    const LoopSettings& settings_;
    ProcessGroup& group_;
    TrainingClock clock_;
    std::optional<RunLog> log_;  // of the first process
    double done_ = 0;
    double last_save_, last_report_;  // seconds of training
    double waited_before_;            // seconds, for data: what came before the first step is not counted
    int lost_ = 0;                    // batches in a row whose gradients were not finite
    // Since the last report.
    double norms_ = 0, learning_rate_ = 0;
    int64_t counted_ = 0;
};

}  // namespace

double steady_seconds() {
    return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

void check_length(const LoopSettings& settings) {
    if (settings.steps <= 0 && settings.minutes <= 0)
        throw std::runtime_error("say how long to train: --steps or --minutes");
}

void check_start(const LoopSettings& settings) {
    check_length(settings);
    RunFolder(settings.out, settings.resume);
}

RunFolder begin_run(const LoopSettings& settings) {
    if (settings.threads > 0) torch::set_num_threads(settings.threads);
    return RunFolder(settings.out, settings.resume);
}

void run_loop(Trainee& trainee, const RunState& state, const RunFolder& folder, const LoopSettings& settings,
              ProcessGroup& group, const SecondsNow& now) {
    Loop(trainee, state, folder, settings, group, now).run();
}

}  // namespace residua::train
