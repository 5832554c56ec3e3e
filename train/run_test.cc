// Runs from photographs to a model, and what export and evaluate make of it.
#include "run.h"

#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <residua/research.hpp>

#include "checkpoint.h"
#include "commands.h"
#include "finetune.h"
#include "l3c_config.h"
#include "prepare.h"
#include "rc_config.h"

namespace residua::train {
namespace {

namespace fs = std::filesystem;

RcConfig tiny_rc(bool shared_tail) {
    return {.features = 16, .blocks = 2, .components = 3, .shared_tail = shared_tail};
}

// A preset's kind of network, but small.
L3cConfig tiny_l3c(const std::string& preset) {
    L3cConfig config = l3c_preset(preset);
    config.scales = 2;
    config.features = 16;
    config.blocks = 1;
    config.components = 2;
    return config;
}

class Run : public testing::Test {
  protected:
    void SetUp() override {
        std::string pattern = (fs::temp_directory_path() / "residua-run-XXXXXX").string();
        folder_ = mkdtemp(pattern.data());
        fs::create_directory(folder_ + "/photos");
        for (int i = 0; i < 2; ++i) {
            std::ofstream file((folder_ + "/photos/").append(std::to_string(i)) + ".ppm", std::ios::binary);
            file << "P6\n99 85\n255\n";
            // All files have the whole alphabet, so that the codec may fold no more tails than the loss does.
            file << std::string("\0\0\0\xff\xff\xff", 6);
            for (int y = 0; y < 85; ++y)
                for (int x = y ? 0 : 2; x < 99; ++x)
                    for (int c = 0; c < 3; ++c)
                        file.put(static_cast<char>(120 +
                                                   80 * std::sin(0.07 * x + i) * std::cos(0.05 * y + c) +
                                                   (x * 7 + y * 13 + c * 5) % 6));
        }
    }
    void TearDown() override { fs::remove_all(folder_); }

    RunSettings settings(const std::string& name, const Description& network, int64_t steps) const {
        RunSettings run;
        PrepareSettings prepare;
        prepare.effort = 1;
        prepare.lossy_layer = network.at("codec") == "rc";
        run.shards = prepare_shards(folder_ + "/photos", folder_ + "/cache", prepare, true);
        run.out = folder_ + "/" + name;
        run.network = network;
        run.steps = steps;
        run.batch = 2;
        run.crop = 32;
        run.threads = 1;
        run.bfloat16 = false;
        run.log_every = 1;
        run.optimizer.schedule = Schedule::kPaper;  // does not depend on the run's length
        run.optimizer.learning_rate = network.at("codec") == "rc" ? 2e-3 : 1e-4;
        return run;
    }

    Checkpoint model(const std::string& name) const {
        return load_safetensors(folder_ + "/" + name + "/model.safetensors");
    }

    void expect_same_weights(const std::string& first, const std::string& second) const {
        const Checkpoint a = model(first), b = model(second);
        ASSERT_EQ(a.tensors.size(), b.tensors.size());
        for (const auto& [name, array] : a.tensors)
            EXPECT_EQ(array.values, b.tensors.at(name).values) << name;
    }

    // The log's lines of one event.
    std::vector<nlohmann::json> log(const std::string& name, const std::string& event) const {
        std::vector<nlohmann::json> entries;
        std::ifstream file(folder_ + "/" + name + "/log.jsonl");
        for (std::string line; std::getline(file, line);) {
            nlohmann::json entry = nlohmann::json::parse(line);
            if (entry.at("event") == event) entries.push_back(std::move(entry));
        }
        return entries;
    }

    std::string folder_;
};

TEST_F(Run, RcLearnsLogsAndResumesExactly) {
    const Description network = tiny_rc(true).description();
    run(settings("whole", network, 12));
    run(settings("parts", network, 5));
    EXPECT_THROW(run(settings("parts", network, 12)),
                 std::runtime_error);  // never overwrites a run by accident
    RunSettings resumed = settings("parts", network, 12);
    resumed.resume = true;
    run(resumed);
    expect_same_weights("whole", "parts");

    EXPECT_EQ(log("whole", "train").size(), 12u);
    EXPECT_TRUE(log("whole", "train").back().contains("residual_bpsp"));
    const auto validations = log("whole", "validation");
    ASSERT_EQ(validations.size(), 2u);
    EXPECT_LT(validations[1].at("residual_bpsp"), validations[0].at("residual_bpsp"));
    EXPECT_NEAR(
        validations[1].at("bpsp"),
        validations[1].at("residual_bpsp").get<double>() + validations[1].at("lossy_bpsp").get<double>(),
        1e-9);
    EXPECT_TRUE(fs::exists(folder_ + "/whole/tensorboard"));
    EXPECT_EQ(log("whole", "train").front().at("learning_rate"),
              log("whole", "train").back().at("learning_rate"));

    // It knows what it was trained on, and an export takes that.
    const LossyRange trained = LossyRange::of(model("whole").metadata);
    EXPECT_GE(trained.q_low, PrepareSettings().q_low);
    EXPECT_LE(trained.q_high, PrepareSettings().q_high);
    EXPECT_LE(trained.q_low, trained.q_high);
    EXPECT_EQ(trained.bit_depth, 10);
    ExportSettings exporting;
    exporting.run = folder_ + "/whole";
    exporting.shards = folder_ + "/cache";
    exporting.out = folder_ + "/whole.rsm";
    run_export(exporting);
    residua::context context;
    const residua_research_model_info info =
        residua::research::model(context, add_model_file(context, exporting.out).hash);
    EXPECT_EQ(info.default_q, (trained.q_low + trained.q_high) / 2);
    EXPECT_EQ(info.default_bit_depth, 10);

    // A quantisation-aware last part stays near, keeps its steps, and goes on with them.
    RunSettings quantised = settings("parts", network, 14);
    quantised.resume = quantised.quantised = true;
    run(quantised);
    const StepTable steps = read_steps(model("parts"));
    EXPECT_EQ(steps.at("merge").size(), 16u);
    EXPECT_TRUE(read_steps(model("whole")).empty());
    quantised.steps = 15;
    quantised.quantised = false;
    run(quantised);
    EXPECT_EQ(read_steps(model("parts")), steps);
    EXPECT_LT(log("parts", "validation").back().at("residual_bpsp"), validations[0].at("residual_bpsp"));
}

TEST_F(Run, StartsFromGivenWeights) {
    run(settings("first", tiny_rc(true).description(), 1));
    RunSettings started = settings("started", tiny_rc(false).description(), 1);  // the weights' own sizes win
    started.start = folder_ + "/first/model.safetensors";
    started.optimizer.learning_rate = 0;
    run(started);
    expect_same_weights("first", "started");

    RunSettings other = settings("other", tiny_l3c("l3c").description(), 1);
    other.start = started.start;
    EXPECT_THROW(run(other), std::runtime_error);  // but not those of another codec
    other = settings("started", tiny_l3c("l3c").description(), 2);
    other.resume = true;
    EXPECT_THROW(run(other), std::runtime_error);
    other = settings("none", tiny_rc(true).description(), 12);
    other.resume = true;
    EXPECT_THROW(run(other), std::runtime_error);
}

TEST_F(Run, GrowsFromASmallerNetwork) {
    run(settings("small", tiny_rc(true).description(), 6));
    RcConfig larger = tiny_rc(false);
    larger.features = 20;
    RunSettings growing = settings("larger", larger.description(), 3);
    growing.start = folder_ + "/small/model.safetensors";
    growing.grow = true;
    run(growing);
    EXPECT_EQ(read_description(folder_ + "/larger/model.safetensors").at("features"), "20");
    const double reached = log("small", "validation").back().at("residual_bpsp");
    EXPECT_NEAR(log("larger", "validation").front().at("residual_bpsp"), reached, 1e-4);
    growing.steps = 4;
    growing.resume = true;
    run(growing);  // as what it has become
    EXPECT_EQ(log("larger", "train").size(), 4u);

    RunSettings other = settings("other", tiny_l3c("l3c").description(), 1);
    run(settings("l3c", tiny_l3c("l3c").description(), 1));
    other.start = folder_ + "/l3c/model.safetensors";
    other.grow = true;
    EXPECT_THROW(run(other), std::runtime_error);
}

TEST_F(Run, L3cResumesExactly) {
    const Description network = tiny_l3c("l3c").description();
    run(settings("whole", network, 8));
    run(settings("parts", network, 3));
    RunSettings resumed = settings("parts", network, 8);
    resumed.resume = true;
    run(resumed);
    expect_same_weights("whole", "parts");
    // The paper's schedule for L3C goes by epochs, of which this run has many.
    EXPECT_LT(log("whole", "train").back().at("learning_rate"),
              log("whole", "train").front().at("learning_rate"));
}

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

    fs::copy(folder_ + "/float", folder_ + "/quantised");
    whole.out = folder_ + "/quantised";
    whole.steps = 26;
    whole.resume = whole.quantised = true;
    run(whole);
    for (const char* name : {"float", "quantised"}) {  // calibrated by the export, and before by the run
        ExportSettings exporting;
        exporting.run = folder_ + "/" + name;
        exporting.shards = folder_ + "/cache";
        exporting.out = folder_ + "/" + name + ".rsm";
        exporting.name = name;
        run_export(exporting);
    }

    EvaluateSettings evaluation;
    evaluation.data = folder_ + "/photos";
    evaluation.model = folder_ + "/quantised.rsm";
    evaluation.weights = folder_ + "/quantised/model.safetensors";
    evaluation.quantised = true;
    const Evaluation sizes = run_evaluate(evaluation);
    EXPECT_LT(sizes.ideal, 6);  // of whole photographs, which are not downscaled
    EXPECT_NEAR(sizes.streams / sizes.ideal, 1, 0.01);
    EXPECT_GT(sizes.file, sizes.streams);
    evaluation.quantised = false;
    EXPECT_NE(run_evaluate(evaluation).ideal, sizes.ideal);
    evaluation.quantised = true;
    evaluation.weights = folder_ + "/float/model.safetensors";
    EXPECT_THROW(run_evaluate(evaluation), std::runtime_error);  // it has no roundings

    residua::context context;
    for (const char* name : {"float", "quantised"}) {
        std::ifstream file(folder_ + "/" + name + ".rsm", std::ios::binary);
        const std::vector<char> bytes{std::istreambuf_iterator<char>(file), {}};
        EXPECT_STREQ(context.add_model(bytes.data(), bytes.size()).codec, "l3c");
        std::vector<uint8_t> pixels(51 * 37 * 3);
        for (size_t i = 0; i < pixels.size(); ++i) pixels[i] = static_cast<uint8_t>(i * i / 700 + i % 7);
        residua_image picture = RESIDUA_INIT(residua_image);
        picture.pixels = pixels.data();
        picture.width = 51;
        picture.height = 37;
        picture.colour = RESIDUA_COLOUR_RGB;
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

// From a tiny "released" model: what comes out is a model file that codes the held-out picture, and the sizes
// are those of real files.
TEST_F(Run, FinetuneMakesAModelForAFolder) {
    run(settings("base", tiny_rc(true).description(), 2));
    ExportSettings exporting;
    exporting.run = folder_ + "/base";
    exporting.shards = folder_ + "/cache";
    exporting.out = folder_ + "/released.rsm";
    exporting.default_q = 13;
    run_export(exporting);
    fs::copy(folder_ + "/base/model.safetensors", folder_ + "/released.safetensors");

    FinetuneSettings finetune;
    finetune.model = "released";
    finetune.data = folder_ + "/photos";
    finetune.out = folder_ + "/fine";
    finetune.steps = 150;
    finetune.learning_rate = 2e-3;
    finetune.batch = 2;
    finetune.crop = 32;
    finetune.threads = 1;
    EXPECT_THROW(run_finetune(finetune), std::runtime_error);  // nobody knows where that model is
    setenv("RESIDUA_MODELS", folder_.c_str(), 1);
    const FinetuneResult result = run_finetune(finetune);
    unsetenv("RESIDUA_MODELS");
    EXPECT_EQ(result.pictures, 1);
    EXPECT_GT(result.bytes_before, 1000u);
    EXPECT_LT(result.bytes_after, result.bytes_before);
    EXPECT_EQ(result.model, folder_ + "/fine/released-photos.rsm");
    std::ifstream file(result.model, std::ios::binary);
    const std::vector<char> bytes{std::istreambuf_iterator<char>(file), {}};
    residua::context context;
    const residua_model_info info = context.add_model(bytes.data(), bytes.size());
    EXPECT_STREQ(info.name, "released-photos");
    EXPECT_EQ(residua::research::model(context, info.hash).default_q,
              13);  // what it was and stays, and what it was adapted for
    const LossyRange trained = LossyRange::of(read_description(folder_ + "/fine/model.safetensors"));
    EXPECT_GE(trained.q_low, 10);
    EXPECT_LE(trained.q_high, 16);

    Checkpoint olm;
    olm.metadata["codec"] = "olm";
    save_safetensors(folder_ + "/experts.safetensors", olm);
    finetune.model = folder_ + "/experts.safetensors";
    finetune.out = folder_ + "/olm";
    EXPECT_THROW(run_finetune(finetune), std::runtime_error);
    EXPECT_FALSE(fs::exists(finetune.out));  // said before any work

    fs::remove(folder_ + "/photos/1.ppm");
    finetune.model = folder_ + "/released.safetensors";
    finetune.out = folder_ + "/one";
    EXPECT_THROW(run_finetune(finetune), std::runtime_error);  // nothing could be held out
}

TEST_F(Run, EvaluateWantsModelAndWeightsOfOneCodec) {
    run(settings("rc", tiny_rc(true).description(), 1));
    run(settings("l3c", tiny_l3c("l3c").description(), 1));
    ExportSettings exporting;
    exporting.run = folder_ + "/rc";
    exporting.shards = folder_ + "/cache";  // where those of L3C, without a lossy layer, lie as well
    exporting.out = folder_ + "/rc.rsm";
    run_export(exporting);
    EvaluateSettings evaluation;
    evaluation.data = folder_ + "/photos";
    evaluation.model = exporting.out;
    evaluation.weights = folder_ + "/l3c/model.safetensors";
    EXPECT_THROW(run_evaluate(evaluation), std::runtime_error);
}

}  // namespace
}  // namespace residua::train
