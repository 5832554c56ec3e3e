#include "commands.h"

#include <cmath>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <residua/research.hpp>

#include "calibrate.h"
#include "checkpoint.h"
#include "export_l3c.h"
#include "export_olm.h"
#include "export_q.h"
#include "export_rc.h"
#include "network.h"
#include "photo.h"
#include "shard.h"

namespace residua::train {

namespace {

constexpr int kUsualQ = 9;  // suits the fine input without adaptation

}  // namespace

residua_model_info add_model_file(residua::context& context, const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    if (!file) throw std::runtime_error(path + ": cannot be opened");
    const std::vector<char> bytes{std::istreambuf_iterator<char>(file), {}};
    return context.add_model(bytes.data(), bytes.size());
}

void write_whole_file(const std::string& path, const std::vector<uint8_t>& bytes) {
    const std::string temporary = path + ".tmp";
    {
        std::ofstream file(temporary, std::ios::binary);
        file.write(reinterpret_cast<const char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
        file.flush();
        if (!file) throw std::runtime_error(path + ": cannot be written");
    }
    std::filesystem::rename(temporary, path);
}

std::string hash_text(uint64_t hash) {
    char text[20];
    std::snprintf(text, sizeof text, "%016llx", static_cast<unsigned long long>(hash));
    return text;
}

void run_export(const ExportSettings& settings) {
    const std::string weights_path = settings.run + "/model.safetensors";
    const Checkpoint weights = load_safetensors(weights_path);
    const Description network_description = read_description(weights_path);
    const std::string codec = network_description.at("codec");
    StepTable steps = read_steps(weights);
    if (steps.empty() && codec == "olm")
        throw std::runtime_error("the run has not come to its quantised part yet");
    if (steps.empty()) {
        std::cerr << "the network was not trained with quantisation (--quantised): calibrating\n";
        const auto network = make_network(network_description, torch::kCPU, 1);
        load_model(weights_path, *network);
        const PatchSet set(find_shards(settings.shards.empty() ? settings.run + "/shards" : settings.shards));
        std::vector<PatchReference> patches;
        for (const PatchReference& reference : set.all())  // one folder may hold those of both codecs
            if (!reference.patch().versions.empty() || !network->needs_lossy_layer())
                patches.push_back(reference);
        if (patches.empty())
            throw std::runtime_error("there are no patches with a lossy layer to calibrate on");
        steps = calibrate(*network, patches);
    }
    std::string description =
        "name=" + (settings.name.empty() ? codec : settings.name) + "\ncodec=" + codec + "\n";
    if (codec == "rc") {
        const LossyRange trained = LossyRange::of(network_description);
        const int q = settings.default_q  ? settings.default_q
                      : trained.q_low > 0 ? (trained.q_low + trained.q_high) / 2
                                          : kUsualQ;
        const int bit_depth = settings.default_bit_depth ? settings.default_bit_depth : trained.bit_depth;
        description += "default_q=" + std::to_string(q) + "\n";
        description += "default_bit_depth=" + std::to_string(bit_depth) + "\n";
    }
    description += "steps=" + weights.metadata.at("steps") + "\n";
    if (!settings.trained_on.empty()) description += "trained_on=" + settings.trained_on + "\n";
    auto bytes = codec == "rc" ? export_rc(weights, RcConfig::of(network_description), steps, description)
                 : codec == "olm"
                     ? export_olm(weights, OlmConfig::of(network_description), steps, description)
                     : export_l3c(weights, L3cConfig::of(network_description), steps, description);
    if (!settings.q_classifier.empty())
        bytes = with_q_classifier(bytes, q_classifier_section(settings.q_classifier));

    residua::context context;
    const residua_model_info info =
        context.add_model(bytes.data(), bytes.size());  // as any user would load it
    write_whole_file(settings.out, bytes);
    std::printf("%s: %zu bytes, model %s; every accumulator's bound is proved\n", settings.out.c_str(),
                bytes.size(), hash_text(info.hash).c_str());
}

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
        residua_image image = RESIDUA_INIT(residua_image);
        image.pixels = photo.rgb.data();
        image.width = static_cast<uint32_t>(photo.width);
        image.height = static_cast<uint32_t>(photo.height);
        image.colour = RESIDUA_COLOUR_RGB;
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
