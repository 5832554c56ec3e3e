#include "commands/recipe_options.h"

#include <map>
#include <set>

namespace residua::train {

namespace {

void add_batch_options(CLI::App& command, const std::string& codec, RunSettings& run) {
    command.add_option("--batch", run.batch, "Crops per step, of each process")->capture_default_str();
    command.add_option("--crop", run.crop, "Side of a crop in pixels")->capture_default_str();
    if (codec != "rc") return;
    command
        .add_option("--train-depth", run.bit_depth,
                    "Bits of the lossy layers to train on: 8 or 10 (--data prepares these)")
        ->check(CLI::IsMember({8, 10}))
        ->capture_default_str();
    command.add_option("--train-q-low", run.q_low,
                       "Lowest Q of the lossy layers to train on (default: all that there are; --data "
                       "prepares these)");
    command.add_option("--train-q-high", run.q_high, "Highest Q of the lossy layers to train on");
}

void add_optimizer_options(CLI::App& command, RunSettings& run) {
    OptimizerSettings& optimizer = run.optimizer;
    command
        .add_option("--learning-rate", optimizer.learning_rate,
                    "Highest learning rate; with --schedule paper: its first, by default the paper's (rc "
                    "5e-5, l3c 1e-4)")
        ->capture_default_str();
    const std::map<std::string, Schedule> schedules = {{"cosine", Schedule::kCosine},
                                                       {"paper", Schedule::kPaper}};
    command
        .add_option("--schedule", optimizer.schedule,
                    "cosine (AdamW, warm-up, cosine) or paper (RMSProp, x 0.75 every --decay-every steps or "
                    "--decay-epochs)")
        ->transform(CLI::CheckedTransformer(schedules, CLI::ignore_case));
    CLI::Option* every = command
                             .add_option("--decay-every", optimizer.decay_every,
                                         "Steps after which the paper's schedule lowers the rate")
                             ->check(CLI::PositiveNumber)
                             ->capture_default_str();
    command
        .add_option("--decay-epochs", run.decay_epochs,
                    "The same in epochs, of so many crops as there are patches (default: rc none, l3c 5)")
        ->check(CLI::PositiveNumber)
        ->excludes(every);
    command.add_option("--warm-up", optimizer.warm_up, "Steps of the cosine schedule's warm-up")
        ->capture_default_str();
    command.add_option("--weight-decay", optimizer.weight_decay, "Weight decay")->capture_default_str();
    command.add_option("--gradient-clip", optimizer.gradient_clip, "Largest norm of the gradient (0: any)")
        ->capture_default_str();
    command
        .add_option("--average", optimizer.average,
                    "Decay of the weights' moving average, which is what is exported (0: the last weights)")
        ->check(CLI::Range(0.0, 1.0))
        ->capture_default_str();
}

void add_start_options(CLI::App& command, const std::string& codec, RunSettings& run) {
    const std::map<std::string, bool> switches = {{"on", true}, {"off", false}};
    command
        .add_option("--fit-start", run.fit_start,
                    codec == "rc"
                        ? "on: the outputs' biases begin as the mixture that fits the pictures (off)"
                        : "on: channels of z that pass no picture begin with a small spread (off)")
        ->transform(CLI::CheckedTransformer(switches, CLI::ignore_case));
    if (codec != "l3c") return;
    const std::map<std::string, FirstWeights> starts = {{"pyramid", FirstWeights::kPyramid},
                                                        {"random", FirstWeights::kRandom}};
    command
        .add_option("--first-weights", run.learning.first_weights,
                    "pyramid (begin as a coder that interpolates) or random")
        ->transform(CLI::CheckedTransformer(starts, CLI::ignore_case));
    command.add_option("--encoder-rate", run.learning.encoder_rate, "E's share of the learning rate")
        ->check(CLI::Range(0.0, 1.0))
        ->capture_default_str();
    command
        .add_option("--encoder-from", run.learning.encoder_from,
                    "Share of the run that E rests for, with anchored means and learned z (0: none)")
        ->check(CLI::Range(0.0, 1.0))
        ->capture_default_str();
    command
        .add_option("--ease", run.learning.ease,
                    "Share of the run over which the price of z grows to its full size (0: none)")
        ->check(CLI::Range(0.0, 1.0))
        ->capture_default_str();
}

bool was_said(const CLI::App& command, const std::string& name) {
    const CLI::Option* option = command.get_option_no_throw("--" + name);
    return option && option->count() > 0;
}

// The values that somebody said, by the names of the recipe.
std::set<std::string> said_values(const CLI::App& command) {
    std::set<std::string> said;
    for (const auto& name : recipe_names())
        if (was_said(command, name)) said.insert(name);
    if (was_said(command, "float32") || was_said(command, "bfloat16")) said.insert("precision");
    if (said.count("decay-every")) said.insert("decay-epochs");
    return said;
}

// What was said of lossy layers to train on is said of those to prepare, and the other way round.
void share_lossy_layers(std::set<std::string>& said, RunSettings& run, PrepareSettings& prepare) {
    const auto share = [&](const char* train, int& trained, const char* made, int& prepared) {
        if (said.count(train) && !said.count(made)) prepared = trained;
        if (said.count(made) && !said.count(train)) trained = prepared;
        if (said.count(train) || said.count(made)) said.insert({train, made});
    };
    share("train-q-low", run.q_low, "q-low", prepare.q_low);
    share("train-q-high", run.q_high, "q-high", prepare.q_high);
    if (said.count("train-depth") && !said.count("bit-depths")) prepare.bit_depths = {run.bit_depth};
    const bool one = said.count("bit-depths") && prepare.bit_depths.size() == 1;
    if (one && !said.count("train-depth")) run.bit_depth = prepare.bit_depths[0];
    if (said.count("train-depth")) said.insert("bit-depths");
    if (one) said.insert("train-depth");
}

}  // namespace

void add_recipe_options(CLI::App& command, const std::string& codec, RunSettings& run) {
    begin_as_ours(codec, run);
    command
        .add_option("--recipe", run.recipe,
                    "ours, or paper: the paper's to the letter, its preset included; options that are given "
                    "win over it")
        ->check(CLI::IsMember({"ours", "paper"}))
        ->capture_default_str();
    command.add_flag("--change-recipe", run.change_recipe,
                     "Let a run that resumes go on with other values than those that it began with");
    add_batch_options(command, codec, run);
    add_optimizer_options(command, run);
    add_start_options(command, codec, run);
    CLI::Option* single = command.add_flag_callback(
        "--float32", [&run] { run.precision = Precision::kFloat32; },
        "Train in float32 (default on the CPU: what is faster here, elsewhere bfloat16)");
    command
        .add_flag_callback(
            "--bfloat16", [&run] { run.precision = Precision::kBfloat16; },
            "Convolutions in bfloat16, sums in float32")
        ->excludes(single);
}

void settle_recipe(const CLI::App& command, const std::string& codec, RunSettings& run,
                   PrepareSettings& prepare) {
    std::set<std::string> said = said_values(command);
    if (said.count("decay-every")) run.decay_epochs = 0;
    if (codec == "rc") share_lossy_layers(said, run, prepare);
    const Description recorded = run.resume ? recorded_recipe(run.out) : Description();
    Description values = recorded;
    const bool anew = !run.resume || (run.change_recipe && said.count("recipe"));
    if (anew && run.recipe == "paper")
        for (const auto& [name, value] : paper_recipe(codec)) values[name] = value;
    take_recipe(values, said, run, prepare);
    if (was_said(command, "data") && run.q_low == 0 && run.q_high == 51) {
        run.q_low = prepare.q_low;
        run.q_high = prepare.q_high;
    }
    const bool has_rate = said.count("learning-rate") || values.count("learning-rate");
    if (!has_rate && run.optimizer.schedule == Schedule::kPaper)
        run.optimizer.learning_rate = codec == "l3c" ? 1e-4 : 5e-5;
}

}  // namespace residua::train
