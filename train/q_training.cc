#include "q_training.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <csignal>
#include <cstdio>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <numeric>

#include "calibrate.h"
#include "checkpoint.h"
#include "q_network.h"
#include "run_log.h"

namespace residua::train {

namespace {

using torch::Tensor;
using Json = nlohmann::json;
using Clock = std::chrono::steady_clock;

constexpr uint64_t kHoldOut = 10;
constexpr size_t kCalibrationPictures = 64;
constexpr int64_t kLogEvery = 10;  // steps
constexpr double kTemperature =
    0.004;  // of QLoss::kSoft, in bpsp: what a wrong choice among neighbours costs

volatile std::sig_atomic_t g_stop = 0;

Tensor bytes_tensor(const std::vector<uint8_t>& bytes, int crop) {
    const auto count = static_cast<int64_t>(bytes.size()) / (3 * int64_t{crop} * crop);
    return torch::from_blob(const_cast<uint8_t*>(bytes.data()), {count, crop, crop, 3}, torch::kUInt8)
        .clone();
}

// Which pictures step n takes, and which windows of them, depends on the seed and n alone.
class Batches {
  public:
    Batches(const std::vector<QPicture>& pictures, const QTrainingSettings& settings)
        : pictures_(pictures), settings_(settings), order_(pictures.size()) {}

    int64_t steps_per_epoch() const {
        return std::max<int64_t>(1, static_cast<int64_t>(pictures_.size()) / settings_.batch);
    }

    struct Batch {
        Tensor windows;  // [batch · windows, crop, crop, 3] bytes
        Tensor excess;   // [batch, classes]: bpsp beyond the best
        Tensor best;     // [batch], classes
    };
    Batch at(int64_t step) {
        shuffle(step / steps_per_epoch());
        std::mt19937_64 random(settings_.seed * 1000003 + static_cast<uint64_t>(step));
        Batch batch;
        std::vector<uint8_t> bytes;
        std::vector<float> excess;
        std::vector<int64_t> best;
        for (int i = 0; i < settings_.batch; ++i) {
            const size_t place = static_cast<size_t>(step % steps_per_epoch() * settings_.batch + i);
            const QPicture& picture = pictures_[order_[place % order_.size()]];
            for (int w = 0; w < settings_.windows; ++w)
                append_window(picture.patch(), random_window(picture.patch(), settings_.crop, random),
                              settings_.crop, bytes);
            best.push_back(static_cast<int64_t>(best_class(picture.sizes)));
            const double fewest = picture.bpsp(best_class(picture.sizes));
            for (size_t k = 0; k < picture.sizes.size(); ++k)
                excess.push_back(static_cast<float>(picture.bpsp(k) - fewest));
        }
        batch.windows = bytes_tensor(bytes, settings_.crop);
        batch.excess = torch::tensor(excess).reshape({settings_.batch, -1});
        batch.best = torch::tensor(best);
        return batch;
    }

  private:
    void shuffle(int64_t epoch) {
        if (epoch == epoch_) return;
        epoch_ = epoch;
        std::iota(order_.begin(), order_.end(), size_t{0});
        std::mt19937_64 random(settings_.seed + 7919 * static_cast<uint64_t>(epoch));
        std::shuffle(order_.begin(), order_.end(), random);
    }

    const std::vector<QPicture>& pictures_;
    const QTrainingSettings& settings_;
    std::vector<size_t> order_;
    int64_t epoch_ = -1;
};

Tensor loss_of(QLoss loss, const Tensor& scores, const Batches::Batch& batch) {
    if (loss == QLoss::kLabel) return torch::cross_entropy_loss(scores, batch.best);
    return -(torch::softmax(batch.excess / -kTemperature, 1) * torch::log_softmax(scores, 1)).sum(1).mean();
}

Rates rates_of(const QResult& result) {
    return {{"exact_percent", 100 * result.accuracy},
            {"within_one_percent", 100 * result.within_one},
            {"bpsp", result.bpsp},
            {"over_best_percent", 100 * (result.bpsp / result.best_bpsp - 1)},
            {"over_fixed_percent", 100 * (result.bpsp / result.fixed_bpsp - 1)}};
}

}  // namespace

QPictures labelled_pictures(const QTrainingSettings& settings, bool quiet) {
    const QLabelSettings labels = with_range(settings.labels);
    const std::string cache = settings.cache.empty() ? settings.out : settings.cache;
    QPictures pictures;
    pictures.patches = std::make_shared<PatchSet>(
        prepare_shards(settings.data, cache + "/shards", settings.prepare, quiet), kHoldOut);
    const auto labelled = [&](std::vector<PatchReference> patches) {
        std::erase_if(patches, [&](const PatchReference& reference) {
            return std::min(reference.patch().width, reference.patch().height) < settings.crop;
        });
        std::vector<QSizes> sizes = label_patches(patches, cache, labels, quiet);
        std::vector<QPicture> result;
        for (size_t i = 0; i < patches.size(); ++i) result.push_back({patches[i], std::move(sizes[i])});
        return result;
    };
    pictures.held_out = labelled(pictures.patches->held_out());
    pictures.training = labelled(pictures.patches->others());
    if (pictures.training.empty() || pictures.held_out.empty())
        throw std::runtime_error(settings.data + " holds too few pictures of " +
                                 std::to_string(settings.crop) +
                                 " pixels or more a side: some to train on and one to judge by are needed");
    pictures.fixed = static_cast<size_t>(fixed_q(labels) - labels.range.first);
    return pictures;
}

std::vector<size_t> choose_classes(QNetwork& network, const std::vector<QPicture>& pictures, int crop,
                                   bool bfloat16) {
    torch::NoGradGuard no_grad;
    std::vector<size_t> choices;
    for (const QPicture& picture : pictures) {
        std::vector<uint8_t> bytes;
        for (const QWindow& window : grid_windows(picture.patch(), crop))
            append_window(picture.patch(), window, crop, bytes);
        const Tensor means = network.features(bytes_tensor(bytes, crop), bfloat16).mean(0, true);
        choices.push_back(static_cast<size_t>(network.scores(means).argmax(1).item<int64_t>()));
    }
    return choices;
}

QResult train_q_classifier(QTrainingSettings settings) {
    if (settings.crop < kQAlign || settings.crop % kQAlign)
        throw std::runtime_error("--crop must be a multiple of " + std::to_string(kQAlign));
    if (settings.threads > 0) torch::set_num_threads(settings.threads);
    std::filesystem::create_directories(settings.out);
    const std::string checkpoint_path = settings.out + "/checkpoint.safetensors";
    const bool exists = std::filesystem::exists(checkpoint_path);
    if (exists && !settings.resume)
        throw std::runtime_error(settings.out +
                                 " already holds a run; go on with it by --resume, or choose another folder");
    settings.labels = with_range(settings.labels);
    const QPictures pictures = labelled_pictures(settings, false);
    settings.network.range = settings.labels.range;
    const auto no_choice = std::vector<size_t>(pictures.held_out.size(), pictures.fixed);
    const QResult fixed = judge(pictures.held_out, no_choice, pictures.fixed);
    std::fprintf(stderr,
                 "%zu pictures to train on, %zu held out, whose files have %.4f bpsp at Q %d, %.4f at best\n",
                 pictures.training.size(), pictures.held_out.size(), fixed.fixed_bpsp,
                 settings.labels.range.q(pictures.fixed), fixed.best_bpsp);
    if (settings.labels_only) return fixed;

    QNetwork network(settings.network, torch::kCPU, settings.seed);
    Optimizer optimizer(network.parameters(), settings.optimizer);
    RunState state;
    if (exists) state = load_checkpoint(checkpoint_path, network, optimizer);
    RunLog log(settings.out);
    int64_t weights = 0;
    for (const auto& [name, value] : network.parameters()) weights += value.numel();
    log.start(Json{{"event", exists ? "resume" : "start"},
                   {"command", settings.command},
                   {"preset", settings.preset},
                   {"parameters", weights},
                   {"training_pictures", pictures.training.size()},
                   {"held_out_pictures", pictures.held_out.size()},
                   {"torch", TORCH_VERSION},
                   {"torch_threads", torch::get_num_threads()}}
                  .dump());
    g_stop = 0;
    std::signal(SIGINT, [](int) { g_stop = 1; });
    std::signal(SIGTERM, [](int) { g_stop = 1; });

    Batches batches(pictures.training, settings);
    const int64_t per_epoch = batches.steps_per_epoch(), steps = settings.epochs * per_epoch;
    const auto rounded_from =
        static_cast<int64_t>(std::lround((1 - settings.rounded_share) * static_cast<double>(steps)));
    const double seconds_before = state.seconds;
    const auto start = Clock::now();
    QResult result;
    const auto save_and_judge = [&] {
        save_checkpoint(checkpoint_path, network, optimizer, state);
        save_model(settings.out + "/model.safetensors", network, optimizer);
        result = judge(pictures.held_out,
                       choose_classes(network, pictures.held_out, settings.crop, settings.bfloat16),
                       pictures.fixed);
        log.validation(optimizer.steps(), state.seconds, rates_of(result));
    };
    const auto calibrate_now = [&] {
        network.set_steps(observed_steps(network, [&] {
            for (size_t i = 0; i < std::min(kCalibrationPictures, pictures.training.size()); ++i) {
                std::vector<uint8_t> bytes;
                const size_t at =
                    i * pictures.training.size() / std::min(kCalibrationPictures, pictures.training.size());
                const Patch& patch = pictures.training[at].patch();
                append_window(patch, grid_windows(patch, settings.crop)[0], settings.crop, bytes);
                network.features(bytes_tensor(bytes, settings.crop), false);
            }
        }));
    };

    Tensor sum_loss = torch::zeros({}), sum_excess = torch::zeros({});
    double norms = 0;
    int64_t counted = 0;
    while (optimizer.steps() < steps && !g_stop) {
        const int64_t step = optimizer.steps();
        if (step >= rounded_from && network.steps().empty()) calibrate_now();
        const Batches::Batch batch = batches.at(step);
        const double progress = static_cast<double>(step) / static_cast<double>(steps);
        const Tensor means = network.features(batch.windows, settings.bfloat16)
                                 .reshape({settings.batch, settings.windows, -1})
                                 .mean(1);
        const Tensor scores = network.scores(means);
        const Tensor loss = loss_of(settings.loss, scores, batch);
        loss.backward();
        sum_loss += loss.detach();
        sum_excess += batch.excess.gather(1, scores.detach().argmax(1, true)).mean();
        const double rate = optimizer.learning_rate(progress);
        norms += optimizer.step(progress);
        ++counted;
        state.batches = optimizer.steps();
        state.seconds = seconds_before + std::chrono::duration<double>(Clock::now() - start).count();
        if (optimizer.steps() % kLogEvery == 0) {
            const double n = static_cast<double>(counted);
            StepReport report = {optimizer.steps(), state.seconds, rate, norms / n, 0, 0, 0, {}};
            const double done = static_cast<double>(optimizer.steps()) / static_cast<double>(steps);
            const double pixels =
                static_cast<double>(settings.batch) * settings.windows * settings.crop * settings.crop;
            report.pixels_per_second =
                pixels * static_cast<double>(optimizer.steps()) / std::max(1e-9, state.seconds);
            report.seconds_left = state.seconds * (1 - done) / done;
            report.rates = {{"excess_bpsp", sum_excess.item<double>() / n},
                            {"loss_value", sum_loss.item<double>() / n}};
            log.step(report);
            sum_loss = torch::zeros({});
            sum_excess = torch::zeros({});
            norms = 0;
            counted = 0;
        }
        if (optimizer.steps() % per_epoch == 0 && optimizer.steps() < steps) save_and_judge();
    }
    if (!g_stop && network.steps().empty()) calibrate_now();  // rounded_share 0: for the exporter
    save_and_judge();
    std::fprintf(stderr, "%s", g_stop ? "stopped; go on with --resume\n" : "done\n");
    return result;
}

}  // namespace residua::train
