#include "q_commands.h"

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <residua/research.hpp>

#include "checkpoint.h"
#include "commands.h"
#include "export_q.h"
#include "q_network.h"

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
            "on (as the encoder does by default) or off: whether the mixtures of the labels' files adapt")
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

void add_training(CLI::App& app, QTrainingSettings& settings) {
    CLI::App* command = app.add_subcommand("q-classifier",
                                           "Train what chooses the lossy layer's Q for a picture: every "
                                           "photograph is encoded with each Q, and the "
                                           "network learns which file was smallest. The paper's way: "
                                           "--preset q-paper --loss label --schedule paper "
                                           "--learning-rate 1e-4 --epochs 11 --average 0");
    add_picture_options(*command, settings);
    command->add_option("--out", settings.out, "Folder of the run")->required();
    command->add_option("--preset", settings.preset, "q-paper (the paper's network) or q-small")
        ->capture_default_str();
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
    command->add_option("--threads", settings.threads, "Threads of torch (0: all cores)")
        ->capture_default_str();
    command->add_flag("--labels-only", settings.labels_only, "Only make what the training needs");
    command->add_flag("--resume", settings.resume, "Go on from the last checkpoint in --out");
    command->add_option("--seed", settings.seed, "Seed of every random choice")->capture_default_str();
    command->callback([&settings] {
        settings.network = q_preset(settings.preset);
        settings.prepare.patch = settings.prepare.window;
        train_q_classifier(settings);
    });
}

void add_attach(CLI::App& app, AttachSettings& settings) {
    CLI::App* command = app.add_subcommand(
        "attach-q-classifier", "Put a Q-classifier into a model file, which gets another hash by it");
    command->add_option("--model", settings.model, "The RC model (.rsm)")->required();
    command
        ->add_option(
            "--run", settings.run,
            "Folder of the run of residua-train q-classifier, or a model (.rsm) whose classifier to take")
        ->required();
    command->add_option("-o,--output", settings.out, "The model file (.rsm) to write")->required();
    command->callback([&settings] { run_attach(settings); });
}

void add_compare(CLI::App& app, CompareSettings& settings) {
    CLI::App* command = app.add_subcommand(
        "compare-q-classifier",
        "Compare what a model's integer classifier and the float network chose for the pictures held out");
    add_picture_options(*command, settings.pictures);
    command->add_option("--model", settings.model, "The RC model with the run's classifier (.rsm)")
        ->required();
    command->add_option("--run", settings.run, "Folder of the run")->required();
    command->callback([&settings] {
        settings.pictures.prepare.patch = settings.pictures.prepare.window;
        run_compare(settings);
    });
}

// The class of the Q that the codec itself takes for a picture.
size_t coded_class(residua::context& context, const std::string& model, const Patch& patch,
                   const QRange& range) {
    residua_image image = RESIDUA_INIT(residua_image);
    image.pixels = const_cast<uint8_t*>(patch.image);
    image.width = static_cast<uint32_t>(patch.width);
    image.height = static_cast<uint32_t>(patch.height);
    image.colour = RESIDUA_COLOUR_RGB;
    residua::research::encode_options options;
    options.model = model.c_str();
    options.effort = 1;  // the choice is made before
    options.proof = RESIDUA_PROOF_FAST;
    options.tau = RESIDUA_TAU_OFF;
    const auto file = context.encode(image, options);
    return static_cast<size_t>(residua::research::inspect(context, file.data(), file.size()).q - range.first);
}

}  // namespace

void run_attach(const AttachSettings& settings) {
    std::ifstream in(settings.model, std::ios::binary);
    if (!in) throw std::runtime_error(settings.model + ": cannot be opened");
    const std::vector<uint8_t> model{std::istreambuf_iterator<char>(in), {}};
    const auto bytes = with_q_classifier(model, q_classifier_section(settings.run));
    residua::context context;
    const residua_model_info info =
        context.add_model(bytes.data(), bytes.size());  // as any user would load it
    write_whole_file(settings.out, bytes);
    std::printf("%s: %zu bytes, %zu more, model %s\n", settings.out.c_str(), bytes.size(),
                bytes.size() - model.size(), hash_text(info.hash).c_str());
}

Agreement run_compare(const CompareSettings& settings) {
    const std::string weights = settings.run + "/model.safetensors";
    QNetwork network(QConfig::of(read_description(weights)), torch::kCPU, 1);
    load_model(weights, network);
    QTrainingSettings wanted = settings.pictures;
    wanted.out = settings.run;
    wanted.labels.range = network.config().range;
    const QPictures pictures = labelled_pictures(wanted, true);
    residua::context context;
    const std::string model = hash_text(add_model_file(context, settings.model).hash);
    std::vector<size_t> integers;
    for (const QPicture& picture : pictures.held_out)
        integers.push_back(coded_class(context, model, picture.patch(), wanted.labels.range));
    const std::vector<size_t> floats = choose_classes(network, pictures.held_out, wanted.crop, false);
    Agreement result;
    result.pictures = integers.size();
    for (size_t i = 0; i < integers.size(); ++i) {
        result.equal += integers[i] == floats[i];
        result.within_one += integers[i] <= floats[i] + 1 && floats[i] <= integers[i] + 1;
    }
    result.integers = judge(pictures.held_out, integers, pictures.fixed);
    result.floats = judge(pictures.held_out, floats, pictures.fixed);
    std::printf("%zu pictures: the integer network chose as the float one did for %zu, within 1 for %zu\n",
                result.pictures, result.equal, result.within_one);
    std::printf("%10s %8s %8s %8s\n", "", "bpsp", "exact", "within 1");
    std::printf("%10s %8.4f\n", "fixed", result.integers.fixed_bpsp);
    std::printf("%10s %8.4f\n", "best", result.integers.best_bpsp);
    for (const auto& [name, row] :
         {std::pair("float", result.floats), std::pair("integers", result.integers)})
        std::printf("%10s %8.4f %6.1f %% %6.1f %%\n", name, row.bpsp, 100 * row.accuracy,
                    100 * row.within_one);
    return result;
}

void add_q_commands(CLI::App& app, QCommands& commands) {
    add_training(app, commands.training);
    add_attach(app, commands.attach);
    add_compare(app, commands.compare);
}

}  // namespace residua::train
