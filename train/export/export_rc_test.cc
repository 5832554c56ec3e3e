// The exported integer network computes what the float network computes, up to the coarseness of 8 bits.
#include "export/export_rc.h"

#include <gtest/gtest.h>

#include "base/test_session.h"
#include "export/test_export.h"
#include "models/model_file.h"
#include "network/observed_steps.h"
#include "nn/graph_io.h"
#include "rc/rc_network.h"
#include "stages/rc/network_input.h"

namespace residua::train {
namespace {

TEST(Export, RcFollowsTheFloatNetwork) {
    torch::manual_seed(11);
    for (const auto& [shared_tail, gdn] : {std::pair{true, true}, {false, true}, {true, false}}) {
        torch::NoGradGuard no_grad;
        RcConfig config = {.features = 16, .blocks = 2, .components = 3};
        config.shared_tail = shared_tail;
        config.gdn = gdn;
        config.fine = shared_tail;  // both kinds of input
        const auto conditioning = config.fine ? models::Conditioning::kFine : models::Conditioning::kPaper;
        RcNetwork network(config, torch::kCPU, 5);
        // A fresh network's outputs are hardly larger than the units they are rounded to.
        for (const char* name : {"mu", "log_sigma", "weight", "lambda"})
            network.parameters()[std::string(name) + ".out.weight"].mul_(16);

        constexpr int kWidth = 48, kHeight = 32;
        const Tensor fine = test_picture(kWidth, kHeight, 64 * 255);
        const Tensor input = network_input(fine, config);
        const Tensor expected = network.forward(input, false);
        const StepTable steps = observed_steps(
            network, [&] { network.forward(input, false); }, kAllSamples);
        const auto bytes = export_rc(weights_of(network), config, steps, "name=test\ncodec=rc\n");
        network.set_steps(steps);  // quantisation-aware: the same roundings, in floats
        const Tensor simulated = network.forward(input, false);

        // The codec's own view of the same lossy layer.
        Tensor whole = fine.to(torch::kInt16);
        codec::NetworkInput codec_input(
            {reinterpret_cast<uint16_t*>(whole.data_ptr<int16_t>()), kWidth, kHeight, 3}, conditioning, 2);
        const int channels = config.fine ? 6 : 3;
        std::vector<uint8_t> rows(static_cast<size_t>(kWidth * kHeight * channels));
        for (int y = 0; y < kHeight; ++y) codec_input.row(y, rows.data() + y * kWidth * channels);
        const Tensor seen =
            torch::tensor(rows).to(torch::kFloat32).reshape({kHeight, kWidth, channels}) - 128;
        const Tensor step =
            torch::cat({torch::full({3}, kPixelStep), torch::full({channels - 3}, kDetailStep)});
        ASSERT_LT((seen * step - input[0]).abs().max().item<double>(), 1e-6);

        const models::ModelFile file = models::parse_model_file(bytes);
        ByteReader reader(file.graph, "graph");
        const nn::Network integers(nn::parse_graph(reader), Isa::kScalar);
        expect_mixture(run_integers(integers, kWidth, kHeight, {seen}), expected[0], simulated[0], 4,
                       !gdn          ? "without GDN"
                       : shared_tail ? "one tail"
                                     : "three tails");
    }
}

}  // namespace
}  // namespace residua::train
