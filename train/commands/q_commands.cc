#include <map>
#include <memory>

#include "commands/commands.h"
#include "commands/compare_q.h"
#include "commands/loop_options.h"
#include "export/attach_q.h"
#include "q/q_training.h"

namespace residua::train {

namespace {

void add_picture_options(CLI::App& command, QTrainingSettings& settings) {
    command.add_option("--data", settings.data, "Folder of photographs (JPEG, PNG, TIFF, WebP, PPM)")
        ->required();
    command.add_option("--cache", settings.cache,
                       "Folder for the photographs' crops and their labels (default: the run's)");
    command.add_option("--label-model", settings.labels.model,
                       "RC model (.rsm) that the labels are made with (default: the built-in one)");
    const std::map<std::string, bool> adaptation = {{"on", true}, {"off", false}};
    command
        .add_option(
            "--adaptation", settings.labels.adaptation,
            "on or off: whether the mixtures of the labels' files adapt (default: as the model's files do)")
        ->transform(CLI::CheckedTransformer(adaptation, CLI::ignore_case));
    command.add_option("--q-low", settings.labels.range.first,
                       "Lowest Q to choose from (default: those around the model's own)");
    command.add_option("--classes", settings.labels.range.classes, "How many Q to choose from")
        ->check(CLI::Range(2, 16))
        ->capture_default_str();
    command.add_option("--effort", settings.labels.effort, "Effort of the lossy layer, 1 to 9")
        ->capture_default_str();
    command.add_option("--scale-low", settings.prepare.scale_low, "Smallest downscaling factor")
        ->capture_default_str();
    command.add_option("--scale-high", settings.prepare.scale_high, "Largest downscaling factor")
        ->capture_default_str();
    command.add_option("--variants", settings.prepare.variants, "Pictures made from each photograph")
        ->capture_default_str();
    command
        .add_option("--picture", settings.prepare.window,
                    "Side of the part of each photograph that is labelled")
        ->capture_default_str();
    command.add_option("--crop", settings.crop, "Side of a window in pixels")->capture_default_str();
}

void add_training(CLI::App& app, const std::string& command_line) {
    const auto owner = std::make_shared<QTrainingSettings>();
    QTrainingSettings& settings = *owner;
    settings.command = command_line;
    CLI::App* command = app.add_subcommand("q-classifier",
                                           "Train what chooses the lossy layer's Q for a picture: every "
                                           "photograph is encoded with each Q, and the "
                                           "network learns which file was smallest. The paper's way: "
                                           "--preset q-paper --loss label --schedule paper "
                                           "--learning-rate 1e-4 --epochs 11 --average 0");
    add_picture_options(*command, settings);
    add_loop_options(*command, settings, "q-paper (the paper's network) or q-small");
    const std::map<std::string, QLoss> losses = {{"label", QLoss::kLabel}, {"soft", QLoss::kSoft}};
    command
        ->add_option(
            "--loss", settings.loss,
            "label (cross entropy of the best Q: the paper's) or soft (cross entropy of all Q, weighted by "
            "how few bits their files waste)")
        ->transform(CLI::CheckedTransformer(losses, CLI::ignore_case));
    const std::map<std::string, Schedule> schedules = {{"cosine", Schedule::kCosine},
                                                       {"paper", Schedule::kClassifier}};
    command
        ->add_option("--schedule", settings.optimizer.schedule,
                     "paper (Adam, x 0.25 after 5/11 and 10/11 of the run) or cosine (with a warm-up)")
        ->transform(CLI::CheckedTransformer(schedules, CLI::ignore_case));
    command->add_option("--learning-rate", settings.optimizer.learning_rate, "Highest learning rate")
        ->capture_default_str();
    command->add_option("--average", settings.optimizer.average, "Decay of the weights' moving average")
        ->capture_default_str();
    command->add_option("--weight-decay", settings.optimizer.weight_decay, "Weight decay")
        ->capture_default_str();
    command->add_option("--epochs", settings.epochs, "Length of the run")->capture_default_str();
    command->add_option("--batch", settings.batch, "Pictures per step")->capture_default_str();
    command->add_option("--windows", settings.windows, "Windows of each picture, whose features are averaged")
        ->capture_default_str();
    command
        ->add_option("--rounded-share", settings.rounded_share,
                     "Share of the run, its end, with the roundings of the integer network")
        ->check(CLI::Range(0.0, 1.0))
        ->capture_default_str();
    command->add_flag("!--float32", settings.bfloat16, "Train in float32 (default: bfloat16 convolutions)");
    command->add_flag("--labels-only", settings.labels_only, "Only make what the training needs");
    command->callback([owner] {
        QTrainingSettings& settings = *owner;
        settings.network = q_preset(settings.preset);
        settings.prepare.patch = settings.prepare.window;
        train_q_classifier(settings);
    });
}

void add_attach(CLI::App& app) {
    const auto owner = std::make_shared<AttachSettings>();
    AttachSettings& settings = *owner;
    CLI::App* command = app.add_subcommand(
        "attach-q-classifier", "Put a Q-classifier into a model file, which gets another hash by it");
    command->add_option("--model", settings.model, "The RC model (.rsm)")->required();
    command
        ->add_option(
            "--run", settings.run,
            "Folder of the run of residua-train q-classifier, or a model (.rsm) whose classifier to take")
        ->required();
    command->add_option("-o,--output", settings.out, "The model file (.rsm) to write")->required();
    command->callback([owner] { run_attach(*owner); });
}

void add_compare(CLI::App& app) {
    const auto owner = std::make_shared<CompareSettings>();
    CompareSettings& settings = *owner;
    CLI::App* command = app.add_subcommand(
        "compare-q-classifier",
        "Compare what a model's integer classifier and the float network chose for the pictures held out");
    add_picture_options(*command, settings.pictures);
    command->add_option("--model", settings.model, "The RC model with the run's classifier (.rsm)")
        ->required();
    command->add_option("--run", settings.run, "Folder of the run")->required();
    command->callback([owner] {
        CompareSettings& settings = *owner;
        settings.pictures.prepare.patch = settings.pictures.prepare.window;
        run_compare(settings);
    });
}

}  // namespace

void add_q_commands(CLI::App& app, const std::string& command_line) {
    add_training(app, command_line);
    add_attach(app);
    add_compare(app);
}

}  // namespace residua::train
