#include "q/q_training.h"

#include <cstdio>
#include <stdexcept>

#include "q/labelled_pictures.h"
#include "q/q_trainee.h"
#include "weights/model_weights.h"

namespace residua::train {

namespace {

// A class of the checkpoint would be another Q, or its weights would not fit.
void check_same(const std::string& checkpoint, const QConfig& wanted) {
    const Description found = QConfig::of(read_description(checkpoint)).description();
    for (const auto& [key, value] : wanted.description())
        if (found.at(key) != value)
            throw std::runtime_error(checkpoint + " is of another classifier (" + key + " " + found.at(key) +
                                     ", not " + value +
                                     "): resume with the --preset, --q-low and --classes of before");
}

}  // namespace

QResult train_q_classifier(QTrainingSettings settings) {
    if (settings.crop < kQAlign || settings.crop % kQAlign)
        throw std::runtime_error("--crop must be a multiple of " + std::to_string(kQAlign));
    if (settings.epochs < 1) throw std::runtime_error("--epochs must be 1 at least");
    refuse_several("train a Q-classifier together: start one");
    const RunFolder folder = begin_run(settings);
    folder.create();
    settings.labels = with_range(settings.labels);
    settings.network.range = settings.labels.range;
    if (folder.resumes()) check_same(folder.checkpoint(), settings.network);
    const QPictures pictures = labelled_pictures(settings, false);
    const auto no_choice = std::vector<size_t>(pictures.held_out.size(), pictures.fixed);
    const QResult fixed = judge(pictures.held_out, no_choice, pictures.fixed);
    std::fprintf(stderr,
                 "%zu pictures to train on, %zu held out, whose files have %.4f bpsp at Q %d, %.4f at best\n",
                 pictures.training.size(), pictures.held_out.size(), fixed.fixed_bpsp,
                 settings.labels.range.q(pictures.fixed), fixed.best_bpsp);
    if (settings.labels_only) return fixed;

    QBatches batches(pictures.training, {settings.batch, settings.windows, settings.crop, settings.seed});
    settings.steps = settings.epochs * batches.per_epoch();
    settings.checkpoint_steps = batches.per_epoch();
    QNetwork network(settings.network, torch::kCPU, settings.seed);
    QTrainee trainee(network, settings, pictures, batches);
    RunState state;
    if (folder.resumes()) state = folder.load(network, trainee.optimizer());
    ProcessGroup alone;
    run_loop(trainee, state, folder, settings, alone);
    return trainee.last_result();
}

}  // namespace residua::train
