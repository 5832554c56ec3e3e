#include <memory>
#include <string>
#include <vector>

#include "commands/commands.h"
#include "commands/loop_options.h"
#include "olm/olm_records.h"
#include "olm/olm_run.h"

namespace residua::train {

namespace {

struct OlmCommand {
    std::string data;
    OlmRecordSettings records;
    OlmRunSettings run;
    std::vector<int> widths;  // in place of the preset's, where there are any
};

}  // namespace

void add_olm_command(CLI::App& app, const std::string& command_line) {
    const auto owner = std::make_shared<OlmCommand>();
    CLI::App* command =
        app.add_subcommand("olm", "Train the head of OLM on what its experts say of photographs");
    OlmRunSettings& run = owner->run;
    OlmRecordSettings& records = owner->records;
    run.command = command_line;
    run.preset = "olm";
    run.optimizer.learning_rate = 3e-3;
    run.optimizer.weight_decay = 1e-4;
    command->add_option(
        "--data", owner->data,
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
    add_loop_options(*command, run,
                     "Experts and widths of the heads: olm-light, olm-fast, olm-mid, olm or olm-best, the "
                     "models of efforts 1 and 2, 3, 4 to 6, 7 and 8, and 9; olm-deep: olm's, trained on deep "
                     "pictures that are made of the photographs");
    command->add_option("--widths", owner->widths, "Of the hidden layers, instead of the preset's")
        ->delimiter(',')
        ->check(CLI::Range(1, 512));
    add_length_options(*command, run);
    command->add_option("--batch", run.batch, "Records of each plane per step")->capture_default_str();
    command->add_option("--learning-rate", run.optimizer.learning_rate, "Highest learning rate")
        ->capture_default_str();
    command
        ->add_option("--quantised-from", run.quantised_from,
                     "Share of the run after which it rounds as the integer network does")
        ->capture_default_str();
    command->add_option("--start", run.start, "Start from this model.safetensors");
    command->callback([owner] {
        OlmRunSettings& run = owner->run;
        OlmRecordSettings& records = owner->records;
        run.network = olm_preset(run.preset);
        if (!owner->widths.empty()) run.network.widths = owner->widths;
        if (run.records.empty()) run.records = run.out + "/records";
        records.experts = run.network.experts;
        records.seed = run.seed;
        records.workers = run.threads;
        check_olm_start(run);
        if (!owner->data.empty()) prepare_olm_records(owner->data, run.records, records);
        run_olm(run);
    });
}

}  // namespace residua::train
