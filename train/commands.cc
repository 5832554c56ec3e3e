#include "commands.h"

#include <cmath>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <residua/residua.hpp>

#include "calibrate.h"
#include "checkpoint.h"
#include "export_rc.h"
#include "pair_cache.h"
#include "photo.h"

namespace residua::train {

namespace {

std::vector<uint8_t> read_file(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    if (!file) throw std::runtime_error(path + ": cannot be opened");
    return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

}  // namespace

void run_export(const ExportSettings& settings) {
    const std::string weights_path = settings.run + "/model.safetensors";
    const RcConfig config = read_config(weights_path);
    const Checkpoint weights = load_safetensors(weights_path);
    StepTable steps = read_steps(weights);
    if (steps.empty()) {
        std::cerr
            << "the network was not trained with quantisation (residua-train rc --quantised): calibrating\n";
        RcNetwork network(config, torch::kCPU, 1);
        load_model(weights_path, network);
        const auto pairs = open_pairs(settings.pairs.empty() ? settings.run + "/pairs" : settings.pairs);
        std::vector<const Pair*> views;
        for (const auto& pair : pairs) views.push_back(pair.get());
        steps = calibrate(network, views);
    }
    std::string description = "name=" + settings.name + "\ncodec=rc\n";
    description += "default_q=" + std::to_string(settings.default_q) + "\n";
    description += "default_bit_depth=" + std::to_string(settings.default_bit_depth) + "\n";
    description += "steps=" + weights.metadata.at("steps") + "\n";
    if (!settings.trained_on.empty()) description += "trained_on=" + settings.trained_on + "\n";
    const auto bytes = export_rc(weights, config, steps, description);

    residua::context context;
    const residua_model_info info =
        context.add_model(bytes.data(), bytes.size());  // as any user would load it
    const std::string temporary = settings.out + ".tmp";
    {
        std::ofstream file(temporary, std::ios::binary);
        file.write(reinterpret_cast<const char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
        file.flush();
        if (!file) throw std::runtime_error(settings.out + ": cannot be written");
    }
    std::filesystem::rename(temporary, settings.out);
    std::printf("%s: %zu bytes, model %016llx; every accumulator's bound is proved\n", settings.out.c_str(),
                bytes.size(), static_cast<unsigned long long>(info.hash));
}

void run_evaluate(const EvaluateSettings& settings) {
    const auto model = read_file(settings.model);
    residua::context context;
    const residua_model_info info = context.add_model(model.data(), model.size());
    char hash[24];
    std::snprintf(hash, sizeof hash, "%016llx", static_cast<unsigned long long>(info.hash));
    const RcConfig config = read_config(settings.weights);
    RcNetwork network(config, torch::kCPU, 1);
    load_model(settings.weights, network);
    MixtureShape shape;
    shape.components = config.components;
    torch::NoGradGuard no_grad;

    double float_sum = 0, real_sum = 0, total_sum = 0;
    int count = 0;
    std::printf("%-28s %9s %9s %8s %9s\n", "picture", "float", "real", "excess", "file bpsp");
    for (const auto& path : list_photos(settings.data)) {
        Photo photo = load_photo(path, 1.0);
        residua_image image = {};
        image.pixels = photo.rgb.data();
        image.width = static_cast<uint32_t>(photo.width);
        image.height = static_cast<uint32_t>(photo.height);
        image.channels = 3;
        residua_encode_options options = {};
        options.model = hash;
        options.q = settings.q ? settings.q : info.default_q;
        options.bit_depth = info.default_bit_depth;
        options.effort = settings.effort;
        options.proof = RESIDUA_PROOF_FAST;
        const auto file = context.encode(image, options);
        const residua_info details = context.inspect(file.data(), file.size());
        if (details.coded_channels != 3) continue;  // the float network here is for colour
        const auto lossy = context.lossy_layer_fine(image, options.q, options.bit_depth, options.effort);
        const torch::Tensor fine = torch::from_blob(const_cast<uint16_t*>(lossy.data()),
                                                    {1, photo.height, photo.width, 3}, torch::kInt16)
                                       .to(torch::kFloat32);
        const torch::Tensor pixels =
            torch::from_blob(photo.rgb.data(), {1, photo.height, photo.width, 3}, torch::kUInt8)
                .to(torch::kFloat32);
        // Odd sides are padded by reflection, as the codec does it.
        const torch::Tensor padded =
            torch::nn::functional::pad(
                network_input(fine, config).permute({0, 3, 1, 2}),
                torch::nn::functional::PadFuncOptions({0, photo.width % 2, 0, photo.height % 2})
                    .mode(torch::kReflect))
                .permute({0, 2, 3, 1});
        const torch::Tensor raw =
            network.forward(padded, settings.bfloat16).narrow(1, 0, photo.height).narrow(2, 0, photo.width);
        const torch::Tensor target = residual_target(pixels, fine, config);
        const double subpixels = 3.0 * photo.width * photo.height;
        const double ideal = mixture_loss_tensor(raw, target, shape).item<double>() / M_LN2 / subpixels;
        const double real = 8.0 * static_cast<double>(details.residual_size) / subpixels;
        std::printf("%-28s %9.4f %9.4f %+7.2f%% %9.4f\n", std::filesystem::path(path).filename().c_str(),
                    ideal, real, 100 * (real / ideal - 1), details.bpsp);
        std::fflush(stdout);
        float_sum += ideal;
        real_sum += real;
        total_sum += details.bpsp;
        ++count;
    }
    if (count == 0) throw std::runtime_error(settings.data + " holds no colour picture");
    std::printf("%-28s %9.4f %9.4f %+7.2f%% %9.4f\n", "mean", float_sum / count, real_sum / count,
                100 * (real_sum / float_sum - 1), total_sum / count);
}

}  // namespace residua::train
