#include "olm_run.h"

#include <chrono>
#include <cmath>
#include <csignal>
#include <filesystem>
#include <iostream>
#include <nlohmann/json.hpp>
#include <random>
#include <stdexcept>

#include "calibration.h"
#include "checkpoint.h"
#include "olm_network.h"
#include "olm_records.h"
#include "run_log.h"

namespace residua::train {

namespace {

using Json = nlohmann::json;
using Clock = std::chrono::steady_clock;
using torch::Tensor;

constexpr int64_t kLogEvery = 50;
constexpr size_t kHeldOut = 1 << 17;      // records of each plane
constexpr size_t kCalibration = 1 << 16;  // likewise
constexpr double kBitsPerNat = 1.4426950408889634;

volatile std::sig_atomic_t g_stop = 0;

OlmBatch make_batch(const OlmRecordFile& file, const std::vector<size_t>& numbers) {
    const auto N = static_cast<int64_t>(numbers.size());
    const int64_t F = file.inputs();
    OlmBatch batch = {torch::empty({N, F}), torch::empty({N}), torch::empty({N}), torch::empty({N}),
                      torch::empty({N})};
    float* inputs = batch.inputs.data_ptr<float>();
    for (int64_t i = 0; i < N; ++i) {
        const OlmRecord record = file.at(numbers[static_cast<size_t>(i)]);
        for (int64_t f = 0; f < F; ++f) *inputs++ = static_cast<float>(record.inputs[f]) - 128;
        batch.centre.data_ptr<float>()[i] = static_cast<float>(record.centre) / 64 - 128;
        batch.scale.data_ptr<float>()[i] = static_cast<float>(record.scale) / 64;
        batch.log_scale.data_ptr<float>()[i] =
            static_cast<float>(record.log_scale) / 32 * static_cast<float>(M_LN2);
        batch.symbols.data_ptr<float>()[i] = static_cast<float>(record.sample) - 128;
    }
    return batch;
}

// Every so many records, `count` at most.
std::vector<size_t> spread(size_t all, size_t count) {
    std::vector<size_t> numbers;
    count = std::min(count, all);
    for (size_t i = 0; i < count; ++i) numbers.push_back(i * all / count);
    return numbers;
}

struct RecordSet {
    OlmRecordFile files[kOlmPlanes];

    RecordSet(const std::string& folder, bool held_out) {
        for (int plane = 0; plane < kOlmPlanes; ++plane)
            files[plane] = OlmRecordFile(olm_record_path(folder, plane, held_out));
    }
};

Rates validate(OlmNetwork& network, const RecordSet& held_out) {
    torch::NoGradGuard no_grad;
    Rates rates;
    for (int plane = 0; plane < kOlmPlanes; ++plane) {
        const OlmRecordFile& file = held_out.files[plane];
        const auto numbers = spread(file.count(), kHeldOut);
        const double nats = network.nats(plane, make_batch(file, numbers)).item<double>();
        const double bits = nats * kBitsPerNat / static_cast<double>(numbers.size());
        rates["plane" + std::to_string(plane) + "_bpsp"] = bits;
        rates["bpsp"] += bits / kOlmPlanes;
    }
    return rates;
}

StepTable calibrate(OlmNetwork& network, const RecordSet& records) {
    torch::NoGradGuard no_grad;
    Calibration calibration;
    network.observer = [&](const std::string& name, const Tensor& x) {
        const Tensor values = x.permute({1, 0, 2, 3}).reshape({x.size(1), -1}).contiguous();
        auto& channels = calibration[name].channel;
        channels.resize(static_cast<size_t>(values.size(0)));
        for (int64_t c = 0; c < values.size(0); ++c) {
            const float* from = values[c].data_ptr<float>();
            channels[static_cast<size_t>(c)].assign(from, from + values.size(1));
        }
    };
    for (int plane = 0; plane < kOlmPlanes; ++plane)
        network.nats(plane,
                     make_batch(records.files[plane], spread(records.files[plane].count(), kCalibration)));
    network.observer = nullptr;
    return choose_steps(calibration);
}

template <typename Action>
void with_averages(Optimizer& optimizer, Action&& action) {
    torch::NoGradGuard no_grad;
    const Tensor own = optimizer.all_values().clone();
    optimizer.all_values().copy_(optimizer.all_averages());
    action();
    optimizer.all_values().copy_(own);
}

}  // namespace

void run_olm(const OlmRunSettings& settings) {
    if (settings.steps <= 0 && settings.minutes <= 0)
        throw std::runtime_error("say how long to train: --steps or --minutes");
    // (With one thread torch makes plain matrix products of pointwise convolutions, which may be slow.)
    if (settings.threads > 0) torch::set_num_threads(settings.threads);
    std::filesystem::create_directories(settings.out);
    const std::string checkpoint = settings.out + "/checkpoint.safetensors";
    const bool exists = std::filesystem::exists(checkpoint);
    if (exists && !settings.resume)
        throw std::runtime_error(settings.out +
                                 " already holds a run; go on with it by --resume, or choose another folder");
    if (settings.resume && !exists)
        throw std::runtime_error(settings.out + " holds no checkpoint to resume from");

    const std::string experts = olm_record_experts(settings.records);
    const RecordSet records(settings.records, false), held_out(settings.records, true);
    OlmConfig config = settings.network;
    if (exists || !settings.start.empty()) {
        config = OlmConfig::of(read_description(exists ? checkpoint : settings.start));
        if (config.experts != settings.network.experts)
            throw std::runtime_error((exists ? checkpoint : settings.start) + " is of the experts " +
                                     config.experts + ", not of " + settings.network.experts + " (--preset)");
    } else {
        for (const OlmRecordFile& file : records.files) config.inputs.push_back(file.inputs());
    }
    if (config.experts != experts)
        throw std::runtime_error(settings.records + " has records of the experts " + experts + ", not of " +
                                 config.experts + "; choose another folder or delete it");
    for (int plane = 0; plane < kOlmPlanes; ++plane)
        if (records.files[plane].inputs() != config.inputs[static_cast<size_t>(plane)])
            throw std::runtime_error(settings.records +
                                     " has records of other inputs than the head; delete it");
    OlmNetwork network(config, torch::kCPU, settings.seed);
    Optimizer optimizer(network.parameters(), settings.optimizer);
    RunState state;
    if (exists) {
        state = load_checkpoint(checkpoint, network, optimizer);
    } else {
        if (!settings.start.empty()) load_model(settings.start, network);
        network.set_steps({});
        optimizer.all_averages().copy_(optimizer.all_values());
    }
    RunLog log(settings.out);
    int64_t weights = 0;
    for (const auto& [name, value] : network.parameters()) weights += value.numel();
    log.start(Json{{"event", exists ? "resume" : "start"},
                   {"command", settings.command},
                   {"preset", config.experts},
                   {"parameters", weights},
                   {"training_records", records.files[0].count() * kOlmPlanes},
                   {"torch_threads", torch::get_num_threads()}}
                  .dump());

    g_stop = 0;
    std::signal(SIGINT, [](int) { g_stop = 1; });
    std::signal(SIGTERM, [](int) { g_stop = 1; });
    const double seconds_before = state.seconds;
    const auto start = Clock::now();
    const auto progress = [&] {
        return settings.steps > 0
                   ? static_cast<double>(optimizer.steps()) / static_cast<double>(settings.steps)
                   : state.seconds / (60 * settings.minutes);
    };
    const auto save = [&] {
        save_checkpoint(checkpoint, network, optimizer, state);
        save_model(settings.out + "/model.safetensors", network, optimizer);
        with_averages(optimizer,
                      [&] { log.validation(optimizer.steps(), state.seconds, validate(network, held_out)); });
    };
    double norms = 0, last_save = state.seconds, last_log = state.seconds;
    double sums[kOlmPlanes] = {};
    int64_t counted = 0;
    double done = progress();
    const int64_t last = settings.stop_after > 0 ? optimizer.steps() + settings.stop_after : INT64_MAX;
    while (done < 1 && !g_stop && optimizer.steps() < last) {
        if (done >= settings.quantised_from && network.steps().empty()) {
            StepTable steps;
            with_averages(optimizer, [&] { steps = calibrate(network, records); });
            network.set_steps(steps);
            std::cerr << "quantisation-aware from here on\n";
        }
        std::mt19937_64 random(settings.seed * 1000003 + static_cast<uint64_t>(state.batches++));
        Tensor nats;
        for (int plane = 0; plane < kOlmPlanes; ++plane) {
            const OlmRecordFile& file = records.files[plane];
            std::vector<size_t> numbers(static_cast<size_t>(settings.batch));
            for (size_t& number : numbers) number = random() % file.count();
            const Tensor of_plane = network.nats(plane, make_batch(file, numbers));
            sums[plane] += of_plane.item<double>();
            nats = nats.defined() ? nats + of_plane : of_plane;
        }
        (nats / (static_cast<double>(settings.batch) * kOlmPlanes)).backward();
        const double rate = optimizer.learning_rate(done);
        norms += optimizer.step(done);
        ++counted;
        state.seconds = seconds_before + std::chrono::duration<double>(Clock::now() - start).count();
        done = progress();
        if (optimizer.steps() % kLogEvery == 0 || done >= 1) {
            Rates rates;
            const double each = kBitsPerNat / static_cast<double>(settings.batch * counted);
            for (int plane = 0; plane < kOlmPlanes; ++plane) {
                rates["plane" + std::to_string(plane) + "_bpsp"] = sums[plane] * each;
                rates["bpsp"] += sums[plane] * each / kOlmPlanes;
                sums[plane] = 0;
            }
            const double seconds = state.seconds - last_log;
            log.step({optimizer.steps(), state.seconds, rate, norms / static_cast<double>(counted),
                      static_cast<double>(settings.batch * counted) / std::max(seconds, 1e-9), 0,
                      done > 0 ? (1 - done) / done * state.seconds : 0, rates});
            norms = 0;
            counted = 0;
            last_log = state.seconds;
        }
        if (state.seconds - last_save > 60 * settings.checkpoint_every) {
            save();
            last_save = state.seconds;
        }
    }
    save();
    std::cerr << (done >= 1 ? "done\n" : "stopped; go on with --resume\n");
}

}  // namespace residua::train
