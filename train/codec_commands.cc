#include "codec_commands.h"

#include <cstdio>

#include "shard.h"

namespace residua::train {

namespace {

void add_prepare(CLI::App& app, CodecCommands& commands) {
    CLI::App* command =
        app.add_subcommand("prepare",
                           "Turn photographs into shards of training patches, on all cores; an "
                           "interrupted call goes on where it was");
    command->add_option("--codec", commands.codec, "rc (pictures and their lossy layers) or l3c (pictures)")
        ->check(CLI::IsMember({"rc", "l3c"}))
        ->capture_default_str();
    CLI::Option* data =
        command->add_option("--data", commands.data, "Folder of photographs (JPEG, PNG, TIFF, WebP, PPM)");
    command->add_option("--out", commands.out, "Folder for the shards")->needs(data);
    command->add_option("--verify", commands.verify, "Only check the shards of this folder")->excludes(data);
    add_prepare_options(*command, commands.prepare, true);
    command->add_option("--shard-size", commands.prepare.shard_mib, "MiB that a shard has, about")
        ->capture_default_str();
    command->add_option("--workers", commands.prepare.workers, "Threads (0: as many as cores)")
        ->capture_default_str();
    command->callback([&commands] {
        if (!commands.verify.empty()) {
            const auto paths = find_shards(commands.verify);
            verify_shards(paths);
            std::printf("%zu shards are as they were written\n", paths.size());
            return;
        }
        if (commands.data.empty() || commands.out.empty())
            throw std::runtime_error("prepare needs --data and --out, or --verify");
        commands.prepare.lossy_layer = commands.codec == "rc";
        const auto paths = prepare_shards(commands.data, commands.out, commands.prepare, false);
        size_t patches = 0;
        for (const auto& path : paths) patches += Shard(path).patches().size();
        std::printf("%s: %zu patches in %zu shards\n", commands.out.c_str(), patches, paths.size());
    });
}

void add_olm(CLI::App& app, CodecCommands& commands) {
    CLI::App* command =
        app.add_subcommand("olm", "Train the head of OLM on what its experts say of photographs");
    OlmRunSettings& run = commands.olm;
    OlmRecordSettings& records = commands.olm_records;
    run.optimizer.learning_rate = 3e-3;
    run.optimizer.weight_decay = 1e-4;
    command->add_option(
        "--data", commands.olm_data,
        "Folder of photographs (JPEG, PNG, TIFF, WebP, PPM); without it, --records must be there");
    command->add_option("--records", run.records, "Folder for the records (default: OUT/records)");
    command->add_option("--scale-low", records.scale_low, "Smallest downscaling factor")
        ->capture_default_str();
    command->add_option("--scale-high", records.scale_high, "Largest downscaling factor")
        ->capture_default_str();
    command->add_option("--as-is", records.as_is, "Share of the pictures that keep their size")
        ->check(CLI::Range(0.0, 1.0))
        ->capture_default_str();
    command->add_option("--photo-cd", records.photo_cd, "Share of the others that are made as on a Photo CD")
        ->capture_default_str();
    command->add_option("--variants", records.variants, "Pictures made from each photograph")
        ->capture_default_str();
    command->add_option("--window", records.window, "Side of the part taken of each")->capture_default_str();
    command->add_option("--share", records.share, "Share of its samples that are kept")
        ->capture_default_str();
    command->add_option("--out", run.out, "Folder of the run: checkpoints, logs")->required();
    command
        ->add_option("--preset", commands.olm_preset,
                     "Experts and widths of the heads: olm-fast, olm or olm-best, the models of efforts 1 to "
                     "3, 4 to 6 and 7 to 9")
        ->capture_default_str();
    command->add_option("--steps", run.steps, "Length of the run in steps");
    command->add_option("--minutes", run.minutes, "Length of the run in minutes, when no --steps is given");
    command->add_option("--batch", run.batch, "Records of each plane per step")->capture_default_str();
    command->add_option("--learning-rate", run.optimizer.learning_rate, "Highest learning rate")
        ->capture_default_str();
    command
        ->add_option("--quantised-from", run.quantised_from,
                     "Share of the run after which it rounds as the integer network does")
        ->capture_default_str();
    command->add_option("--threads", run.threads, "Threads (0: all cores)")->capture_default_str();
    command->add_option("--start", run.start, "Start from this model.safetensors");
    command->add_flag("--resume", run.resume, "Go on from the last checkpoint in --out");
    command->add_option("--checkpoint-every", run.checkpoint_every, "Minutes between checkpoints")
        ->capture_default_str();
    command->add_option("--seed", run.seed, "Seed of every random choice")->capture_default_str();
    command->callback([&commands] {
        OlmRunSettings& settings = commands.olm;
        settings.network = olm_preset(commands.olm_preset);
        commands.olm_records.experts = settings.network.experts;
        if (settings.records.empty()) settings.records = settings.out + "/records";
        commands.olm_records.seed = settings.seed;
        commands.olm_records.workers = settings.threads;
        if (!commands.olm_data.empty())
            prepare_olm_records(commands.olm_data, settings.records, commands.olm_records);
        run_olm(settings);
    });
}

void add_export(CLI::App& app, ExportSettings& settings) {
    CLI::App* command = app.add_subcommand("export", "Turn a trained network into a model file of integers");
    command->add_option("--run", settings.run, "Folder of the run")->required();
    command->add_option("-o,--output", settings.out, "The model file (.rsm) to write")->required();
    command->add_option("--name", settings.name, "The model's name (default: the codec's)");
    command->add_option(
        "--shards", settings.shards,
        "Patches to calibrate on when the run was not quantisation-aware (default: RUN/shards)");
    command->add_option("--trained-on", settings.trained_on, "One line about the training pictures");
    command->add_option(
        "--default-q", settings.default_q,
        "Q of the lossy layer unless the user gives one (default: the middle of those trained on)");
    command
        ->add_option("--default-bit-depth", settings.default_bit_depth,
                     "Bits of the lossy layer: 8 or 10 (default: those trained on)")
        ->check(CLI::IsMember({8, 10}));
    command->add_option("--q-classifier", settings.q_classifier,
                        "Run of residua-train q-classifier, or a model (.rsm), whose classifier chooses Q");
    command->callback([&settings] { run_export(settings); });
}

void add_evaluate(CLI::App& app, EvaluateSettings& settings) {
    CLI::App* command = app.add_subcommand(
        "evaluate",
        "Compare the float network's cross-entropy with the bytes of real files, picture by picture");
    command->add_option("--model", settings.model, "The model file (.rsm)")->required();
    command->add_option("--weights", settings.weights, "model.safetensors of the same network")->required();
    command->add_option("--data", settings.data, "Folder of pictures, taken as they are")->required();
    command->add_option("--q", settings.q, "Q of the lossy layer (0: the model's default)");
    command->add_option("--effort", settings.effort, "Effort of the lossy layer, 1 to 9")
        ->capture_default_str();
    command->add_flag("--bfloat16", settings.bfloat16, "Run the float network in bfloat16");
    command->add_flag("--quantised", settings.quantised,
                      "Run the float network with the roundings that it was trained with");
    command->callback([&settings] { run_evaluate(settings); });
}

void add_finetune(CLI::App& app, FinetuneSettings& settings) {
    CLI::App* command = app.add_subcommand(
        "finetune",
        "Adapt a released model to your own pictures, and measure on some of them what it brings");
    command->add_option("--model", settings.model, "The released model: its name, or its .safetensors file")
        ->capture_default_str();
    command->add_option("--data", settings.data, "Folder of your pictures")->required();
    command->add_option("--out", settings.out, "Folder for the run and the new model")->required();
    command->add_option("--name", settings.name,
                        "Name of the new model (default: the model's and the folder's)");
    command->add_option("--minutes", settings.minutes, "Length of the training")->capture_default_str();
    command->add_option("--steps", settings.steps, "Length of the training in steps, instead of minutes");
    command
        ->add_option("--scale-low", settings.scale_low,
                     "Smallest factor of a random downscaling (default: pictures as they are)")
        ->capture_default_str();
    command
        ->add_option("--megapixels", settings.megapixels,
                     "How much of the pictures to prepare at most; of large ones a part is taken")
        ->capture_default_str();
    command->add_option("--learning-rate", settings.learning_rate, "Highest learning rate")
        ->capture_default_str();
    command->add_option("--batch", settings.batch, "Crops per step")->capture_default_str();
    command->add_option("--crop", settings.crop, "Side of a crop in pixels")->capture_default_str();
    command->add_option("--threads", settings.threads, "Threads of torch (0: all cores)")
        ->capture_default_str();
    command->add_flag("--resume", settings.resume, "Go on with an interrupted call");
    command->add_option("--seed", settings.seed, "Seed of every random choice")->capture_default_str();
    command->callback([&settings] { run_finetune(settings); });
}

}  // namespace

void add_prepare_options(CLI::App& command, PrepareSettings& settings, bool lossy_layer) {
    command.add_option("--scale-low", settings.scale_low, "Smallest downscaling factor")
        ->capture_default_str();
    command.add_option("--scale-high", settings.scale_high, "Largest downscaling factor")
        ->capture_default_str();
    command.add_option("--variants", settings.variants, "Pictures made from each photograph")
        ->capture_default_str();
    command.add_option("--patch", settings.patch, "Side of a patch")->capture_default_str();
    if (!lossy_layer) return;
    command.add_option("--q-low", settings.q_low, "Lowest Q of the lossy layer")->capture_default_str();
    command.add_option("--q-high", settings.q_high, "Highest Q of the lossy layer")->capture_default_str();
    command.add_option("--qualities", settings.qualities, "Lossy layers of different Q for each picture")
        ->capture_default_str();
    command
        .add_option("--bit-depths", settings.bit_depths, "Bits of the lossy layers: 8, 10, or 8,10 for both")
        ->delimiter(',')
        ->check(CLI::IsMember({8, 10}))
        ->capture_default_str();
    command.add_option("--effort", settings.effort, "Effort of the lossy layer, 1 to 9")
        ->capture_default_str();
}

void add_codec_commands(CLI::App& app, CodecCommands& commands) {
    add_olm(app, commands);
    add_prepare(app, commands);
    add_export(app, commands.exporting);
    add_evaluate(app, commands.evaluation);
    add_finetune(app, commands.finetune);
    add_q_commands(app, commands.q_classifier);
}

}  // namespace residua::train
