#include "commands/evaluate.h"

#include <cmath>
#include <cstdio>
#include <filesystem>
#include <stdexcept>

#include "data/codec.h"
#include "data/photo.h"
#include "loop/checkpoint.h"
#include "patches/make_network.h"
#include "weights/model_weights.h"

namespace residua::train {

Evaluation run_evaluate(const EvaluateSettings& settings) {
    residua::context context;
    const residua_model_info info = add_model_file(context, settings.model);
    const std::string hash = hash_text(info.hash);
    const Description weights = read_description(settings.weights);
    if (weights.at("codec") != info.codec)
        throw std::runtime_error(settings.weights + " is not of " + info.codec + ", as the model is");
    const auto network = make_network(weights, torch::kCPU, 1);
    load_model(settings.weights, *network);
    if (settings.quantised) {
        const StepTable steps = read_steps(load_safetensors(settings.weights));
        if (steps.empty())
            throw std::runtime_error(settings.weights + " was not trained with quantisation (--quantised)");
        network->set_steps(steps);
    }
    torch::NoGradGuard no_grad;

    const auto print = [](const std::string& name, const Evaluation& row) {
        std::printf("%-28s %9.4f %9.4f %+7.2f%% %9.4f\n", name.c_str(), row.ideal, row.streams,
                    100 * (row.streams / row.ideal - 1), row.file);
        std::fflush(stdout);
    };
    Evaluation mean;
    int count = 0;
    std::printf("%-28s %9s %9s %8s %9s\n", "picture", "float", "real", "excess", "file bpsp");
    for (const auto& path : list_photos(settings.data)) {
        Photo photo = load_photo(path, 1.0);
        const residua_image image = rgb_image(photo.rgb.data(), photo.width, photo.height);
        residua::research::encode_options options;
        options.model = hash.c_str();
        options.effort = settings.effort;
        options.proof = RESIDUA_PROOF_FAST;
        options.tau = RESIDUA_TAU_OFF;  // the float network has neither
        options.adaptation = RESIDUA_ADAPTATION_OFF;
        if (network->needs_lossy_layer()) {
            const residua_research_model_info defaults = residua::research::model(context, info.hash);
            options.q = settings.q ? settings.q : defaults.default_q;
            options.bit_depth = defaults.default_bit_depth;
        }
        const auto file = context.encode(image, options);
        const residua_research_info details = residua::research::inspect(context, file.data(), file.size());
        if (details.coded_channels != 3) continue;  // the float network here is for colour
        Samples samples;
        samples.image = torch::from_blob(photo.rgb.data(), {1, photo.height, photo.width, 3}, torch::kUInt8)
                            .to(torch::kFloat32);
        if (network->needs_lossy_layer()) {
            const auto lossy = residua::research::lossy_layer_fine(context, image, options.q,
                                                                   options.bit_depth, options.effort);
            samples.fine = torch::from_blob(const_cast<uint16_t*>(lossy.data()),
                                            {1, photo.height, photo.width, 3}, torch::kInt16)
                               .to(torch::kFloat32);
        }
        const double subpixels = 3.0 * photo.width * photo.height;
        double nats = 0;
        for (const auto& [name, part] : network->code_length(samples, settings.bfloat16).parts)
            nats += part.item<double>();
        uint64_t bytes = details.residual_size;
        for (uint32_t s = 0; s < details.latent_count; ++s) bytes += details.latent_size[s];
        const Evaluation row = {nats / M_LN2 / subpixels, 8.0 * static_cast<double>(bytes) / subpixels,
                                details.bpsp};
        print(std::filesystem::path(path).filename().string(), row);
        mean.ideal += row.ideal;
        mean.streams += row.streams;
        mean.file += row.file;
        ++count;
    }
    if (count == 0) throw std::runtime_error(settings.data + " holds no colour picture");
    for (double* sum : {&mean.ideal, &mean.streams, &mean.file}) *sum /= count;
    print("mean", mean);
    return mean;
}

}  // namespace residua::train
