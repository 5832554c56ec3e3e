#include "commands/finetune.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <stdexcept>

#include "data/codec.h"
#include "data/photo.h"
#include "data/prepare.h"
#include "export/export_q.h"
#include "export/run_export.h"
#include "loop/process_group.h"
#include "patches/run.h"
#include "weights/model_weights.h"

namespace residua::train {

namespace {

namespace fs = std::filesystem;

constexpr uint64_t kHoldOut = 10;
constexpr size_t kTestPictures = 12;  // that are compressed at the end
constexpr int kSmallestWindow = 256;
constexpr int kQAround = 3;      // the model's default Q
constexpr int64_t kWarmUp = 50;  // the weights are good already; only Adam's moments are not

// NAME.safetensors without its extension.
std::string find_weights(const std::string& model) {
    std::string tried = model;
    if (fs::path(model).extension() == ".safetensors") {
        if (fs::exists(model)) return fs::path(model).replace_extension().string();
    } else {
        const char* variable = std::getenv("RESIDUA_MODELS");
        std::string folders = variable ? std::string(variable) + ":" : "";
        folders += RESIDUA_RELEASED_MODELS;
        for (size_t begin = 0; begin < folders.size();) {
            const size_t end = std::min(folders.find(':', begin), folders.size());
            const fs::path path = fs::path(folders.substr(begin, end - begin)) / model;
            if (fs::exists(path.string() + ".safetensors")) return path.string();
            tried += (begin ? ", " : " in ") + path.parent_path().string();
            begin = end + 1;
        }
    }
    throw std::runtime_error("there are no float weights (.safetensors) of " + tried);
}

uint64_t size_of_file(residua::context& context, const Photo& photo, const std::string& model) {
    const residua_image image = rgb_image(photo.rgb.data(), photo.width, photo.height);
    residua_encode_options options = RESIDUA_INIT(residua_encode_options);
    options.model = model.c_str();
    const auto file = context.encode(image, options);  // with the full proof: decoded and compared
    return file.size();
}

}  // namespace

FinetuneResult run_finetune(const FinetuneSettings& settings) {
    refuse_several("adapt one model together: start one, or train on shards by `residua-train rc --start`");
    const std::string base = find_weights(settings.model);
    const Description network = read_description(base + ".safetensors");
    const std::string codec = network.at("codec");
    if (codec != "rc" && codec != "l3c")
        throw std::runtime_error(settings.model + " is a model of " + codec +
                                 ": finetune adapts those of rc and l3c (the heads of OLM go on learning by "
                                 "`residua-train olm --start`)");
    const bool lossy_layer = codec == "rc";
    residua::context context;
    const uint64_t released_hash = add_model_file(context, base + ".rsm").hash;
    const residua_research_model_info released = residua::research::model(context, released_hash);
    const auto photos = list_photos(settings.data);
    if (photos.size() < 2)
        throw std::runtime_error(
            settings.data + " holds one picture: one is trained on and another one shows what came of it");

    PrepareSettings prepare;
    prepare.lossy_layer = lossy_layer;
    prepare.scale_low = settings.scale_low;
    prepare.scale_high = 1;
    prepare.seed = settings.seed;
    if (lossy_layer) {
        prepare.q_low = std::max(1, released.default_q - kQAround);
        prepare.q_high = std::min(51, released.default_q + kQAround);
        prepare.bit_depths = {released.default_bit_depth};
    }
    prepare.window =
        std::max(kSmallestWindow,
                 static_cast<int>(std::sqrt(settings.megapixels * 1e6 / static_cast<double>(photos.size()))));
    RunSettings run_settings;
    run_settings.bit_depth = prepare.bit_depths[0];
    run_settings.hold_out_every = kHoldOut;
    run_settings.out = settings.out;
    run_settings.preset = settings.model;
    run_settings.network = network;
    run_settings.start = base + ".safetensors";
    run_settings.resume = settings.resume;
    run_settings.quantised = true;
    run_settings.steps = settings.steps;
    run_settings.minutes = settings.minutes;
    run_settings.optimizer.warm_up = kWarmUp;
    run_settings.batch = settings.batch;
    run_settings.crop = settings.crop;
    run_settings.threads = settings.threads;
    run_settings.seed = settings.seed;
    run_settings.optimizer.learning_rate = settings.learning_rate;
    run_settings.command = settings.command;
    run_settings.recipe = "finetune";
    run_settings.precision = settings.precision;
    run_settings.prepared = prepare;
    check_run_start(run_settings);
    std::fprintf(stderr, "1. preparing %zu pictures\n", photos.size());
    run_settings.shards = prepare_shards(settings.data, settings.out + "/shards", prepare, false);
    const std::set<uint64_t> held_out = PatchSet(run_settings.shards, kHoldOut).held_out_photos();
    std::fprintf(stderr, "2. training\n");
    run(run_settings);

    ExportSettings exporting;
    exporting.run = settings.out;
    exporting.name = settings.name;
    if (exporting.name.empty())
        exporting.name = fs::path(base).filename().string() + "-" +
                         fs::weakly_canonical(settings.data).filename().string();
    exporting.out = settings.out + "/" + exporting.name + ".rsm";
    // What suits a picture's noise and detail, suits them with the new weights as well.
    if (has_q_classifier(base + ".rsm")) exporting.q_classifier = base + ".rsm";
    exporting.trained_on = "fine-tuned on " + std::to_string(photos.size() - held_out.size()) + " pictures";
    exporting.default_q = released.default_q;
    exporting.default_bit_depth = released.default_bit_depth;
    run_export(exporting);

    std::fprintf(stderr, "3. compressing pictures that were held out\n");
    const std::string before = hash_text(released_hash);
    const std::string after = hash_text(add_model_file(context, exporting.out).hash);
    FinetuneResult result;
    result.model = exporting.out;
    std::printf("%-32s %12s %12s\n", "picture", "before", "after");
    for (const auto& path : photos) {
        if (!held_out.count(photo_identity(path))) continue;
        if (static_cast<size_t>(result.pictures) == kTestPictures) break;
        const Photo photo = load_photo(path, 1);
        const uint64_t first = size_of_file(context, photo, before);
        const uint64_t second = size_of_file(context, photo, after);
        std::printf("%-32s %12llu %12llu\n", fs::path(path).filename().string().c_str(),
                    static_cast<unsigned long long>(first), static_cast<unsigned long long>(second));
        std::fflush(stdout);
        result.bytes_before += first;
        result.bytes_after += second;
        ++result.pictures;
    }
    const double change =
        100 * (static_cast<double>(result.bytes_after) / static_cast<double>(result.bytes_before) - 1);
    std::printf("%d pictures that it was not trained on: %.2f %% %s than with %s\n", result.pictures,
                std::fabs(change), change < 0 ? "smaller" : "larger", settings.model.c_str());
    std::printf("to use it: residua models add %s\n", exporting.out.c_str());
    return result;
}

}  // namespace residua::train
