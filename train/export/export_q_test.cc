#include "export/export_q.h"

#include <gtest/gtest.h>

#include <set>

#include "data/codec.h"
#include "loop/checkpoint.h"
#include "network/observed_steps.h"
#include "q/q_network.h"
#include "tests/support/test_model.h"
#include "weights/test_folder.h"

namespace residua::train {
namespace {

// Scores of the float network with its roundings, and of the exported integers, over many random pictures.
TEST(QExport, IntegersScoreAsTheNetworkWithItsRoundings) {
    constexpr int kSide = 48, kPictures = 24;
    QNetwork network({.widths = {8, 16, 24}, .blocks = 2, .range = {6, 7}}, torch::kCPU, 3);
    torch::manual_seed(5);
    // Different contrasts, so that the pictures do not all look alike to it.
    const torch::Tensor contrast = torch::linspace(4, 120, kPictures).reshape({-1, 1, 1, 1});
    const torch::Tensor pictures =
        (128 + contrast * (torch::rand({kPictures, kSide, kSide, 3}) * 2 - 1)).round().to(torch::kUInt8);
    network.set_steps(observed_steps(network, [&] { network.features(pictures, false); }));
    torch::NoGradGuard no_grad;
    // A last layer that tells these pictures apart.
    const torch::Tensor means = network.features(pictures, false);
    const torch::Tensor weight = torch::randn({7, means.size(1)}) / (means.std(0) + 1e-3);
    network.parameters().at("scores.weight").copy_(weight.reshape({7, -1, 1, 1}));
    network.parameters().at("scores.bias").copy_(-torch::matmul(weight, means.mean(0)));
    const torch::Tensor expected = network.scores(network.features(pictures, false));

    OptimizerSettings no_average;
    no_average.average = 0;
    Optimizer optimizer(network.parameters(), no_average);
    const Folder folder;
    save_model(folder / "model.safetensors", network, optimizer);
    const auto section = q_classifier_section(folder.path());
    const auto model = with_q_classifier(residua::testing::make_test_model(), section);
    residua::context context;
    const std::string name = hash_text(context.add_model(model.data(), model.size()).hash);
    int equal = 0;
    std::set<int> chosen;
    for (int i = 0; i < kPictures; ++i) {
        torch::Tensor picture = pictures[i].contiguous();
        const residua_image image = rgb_image(picture.data_ptr<uint8_t>(), kSide, kSide);
        residua_encode_options options = RESIDUA_INIT(residua_encode_options);
        options.model = name.c_str();
        options.effort = 1;
        const auto file = context.encode(image, options);
        const int q = residua::research::inspect(context, file.data(), file.size()).q;
        chosen.insert(q);
        const auto best = expected[i].argmax().item<int64_t>();
        equal += q - 6 == best;
        // Where they differ, the scores hardly do.
        EXPECT_GT(expected[i][q - 6].item<double>(), expected[i][best].item<double>() - 0.2) << i;
    }
    EXPECT_GE(equal, kPictures * 9 / 10);
    EXPECT_GE(chosen.size(), 2u) << "a test that could fail";
}

}  // namespace
}  // namespace residua::train
