// From photographs to model files, and what evaluate makes of them.
#include "commands/evaluate.h"

#include <gtest/gtest.h>

#include <fstream>

#include "data/codec.h"
#include "export/run_export.h"
#include "patches/test_run.h"

namespace residua::train {
namespace {

class RunL3c : public Run, public testing::WithParamInterface<const char*> {};

TEST_P(RunL3c, LearnsAndItsModelCodesPictures) {
    const L3cConfig config = tiny_l3c(GetParam());
    RunSettings whole = settings("float", config.description(), 24);
    whole.optimizer.schedule = Schedule::kCosine;
    whole.optimizer.learning_rate = 3e-4;
    whole.optimizer.warm_up = 8;
    run(whole);

    EXPECT_EQ(log("float", "train").size(), 24u);
    const auto validations = log("float", "validation");
    ASSERT_EQ(validations.size(), 2u);
    EXPECT_LT(validations[1].at("bpsp"), validations[0].at("bpsp"));
    for (const auto& entries : {log("float", "train"), validations}) {
        const auto& entry = entries.back();
        double sum = 0;
        for (const char* part : {"x_bpsp", "z1_bpsp", "z2_bpsp"}) sum += entry.at(part).get<double>();
        EXPECT_NEAR(entry.at("bpsp"), sum, 1e-9);
    }
    // The uniform prior of z^(2).
    EXPECT_NEAR(log("float", "train").back().at("z2_bpsp"), config.channels * std::log2(config.levels) / 48,
                1e-9);

    fs::copy(folder_ / "float", folder_ / "quantised");
    whole.out = folder_ / "quantised";
    whole.steps = 26;
    whole.resume = whole.quantised = true;
    run(whole);
    for (const char* name : {"float", "quantised"}) {  // calibrated by the export, and before by the run
        ExportSettings exporting;
        exporting.run = folder_ / name;
        exporting.shards = folder_ / "cache";
        exporting.out = folder_ / name + ".rsm";
        exporting.name = name;
        run_export(exporting);
    }

    EvaluateSettings evaluation;
    evaluation.data = folder_ / "photos";
    evaluation.model = folder_ / "quantised.rsm";
    evaluation.weights = folder_ / "quantised/model.safetensors";
    evaluation.quantised = true;
    const Evaluation sizes = run_evaluate(evaluation);
    EXPECT_LT(sizes.ideal, 6);  // of whole photographs, which are not downscaled
    EXPECT_NEAR(sizes.streams / sizes.ideal, 1, 0.01);
    EXPECT_GT(sizes.file, sizes.streams);
    evaluation.quantised = false;
    EXPECT_NE(run_evaluate(evaluation).ideal, sizes.ideal);
    evaluation.quantised = true;
    evaluation.weights = folder_ / "float/model.safetensors";
    EXPECT_THROW(run_evaluate(evaluation), std::runtime_error);  // it has no roundings

    residua::context context;
    for (const char* name : {"float", "quantised"}) {
        std::ifstream file(folder_ / name + ".rsm", std::ios::binary);
        const std::vector<char> bytes{std::istreambuf_iterator<char>(file), {}};
        EXPECT_STREQ(context.add_model(bytes.data(), bytes.size()).codec, "l3c");
        std::vector<uint8_t> pixels(51 * 37 * 3);
        for (size_t i = 0; i < pixels.size(); ++i) pixels[i] = static_cast<uint8_t>(i * i / 700 + i % 7);
        const residua_image picture = rgb_image(pixels.data(), 51, 37);
        residua_encode_options options = RESIDUA_INIT(residua_encode_options);
        options.model = name;
        const auto coded = context.encode(picture, options);
        const auto decoded = context.decode(coded.data(), coded.size());
        EXPECT_TRUE(std::equal(pixels.begin(), pixels.end(), decoded.pixels()));
    }
}

INSTANTIATE_TEST_SUITE_P(All, RunL3c,
                         testing::Values("l3c", "l3c-learned", "l3c-paper", "l3c-rgb", "l3c-rgb-shared"),
                         [](const auto& info) {
                             std::string name = info.param;
                             std::erase(name, '-');
                             return name;
                         });

TEST_F(Run, EvaluateWantsModelAndWeightsOfOneCodec) {
    run(settings("rc", tiny_rc(true).description(), 1));
    run(settings("l3c", tiny_l3c("l3c").description(), 1));
    ExportSettings exporting;
    exporting.run = folder_ / "rc";
    exporting.shards = folder_ / "cache";  // where those of L3C, without a lossy layer, lie as well
    exporting.out = folder_ / "rc.rsm";
    run_export(exporting);
    EvaluateSettings evaluation;
    evaluation.data = folder_ / "photos";
    evaluation.model = exporting.out;
    evaluation.weights = folder_ / "l3c/model.safetensors";
    EXPECT_THROW(run_evaluate(evaluation), std::runtime_error);
}

}  // namespace
}  // namespace residua::train
