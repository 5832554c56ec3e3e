#include "commands/compare_q.h"

#include <cstdio>

#include "data/codec.h"
#include "loop/checkpoint.h"
#include "q/labelled_pictures.h"
#include "q/q_windows.h"
#include "weights/model_weights.h"

namespace residua::train {

namespace {

// The class of the Q that the codec itself takes for a picture.
size_t coded_class(residua::context& context, const std::string& model, const Patch& patch,
                   const QRange& range) {
    const residua_image image = rgb_image(patch.image, patch.width, patch.height);
    residua::research::encode_options options;
    options.model = model.c_str();
    options.effort = 1;  // the choice is made before
    options.proof = RESIDUA_PROOF_FAST;
    options.tau = RESIDUA_TAU_OFF;
    const auto file = context.encode(image, options);
    return static_cast<size_t>(residua::research::inspect(context, file.data(), file.size()).q - range.first);
}

}  // namespace

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

}  // namespace residua::train
