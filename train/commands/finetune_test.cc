#include "commands/finetune.h"

#include <gtest/gtest.h>

#include "data/codec.h"
#include "export/run_export.h"
#include "loop/test_several.h"
#include "patches/test_run.h"
#include "weights/lossy_range.h"
#include "weights/model_weights.h"

namespace residua::train {
namespace {

// From a tiny "released" model: what comes out is a model file that codes the held-out picture, and the sizes
// are those of real files.
TEST_F(Run, FinetuneMakesAModelForAFolder) {
    run(settings("base", tiny_rc(true).description(), 2));
    ExportSettings exporting;
    exporting.run = folder_ / "base";
    exporting.shards = folder_ / "cache";
    exporting.out = folder_ / "released.rsm";
    exporting.default_q = 13;
    run_export(exporting);
    fs::copy(folder_ / "base/model.safetensors", folder_ / "released.safetensors");

    FinetuneSettings finetune;
    finetune.model = "released";
    finetune.data = folder_ / "photos";
    finetune.out = folder_ / "fine";
    finetune.steps = 150;
    finetune.learning_rate = 2e-3;
    finetune.batch = 2;
    finetune.crop = 32;
    finetune.threads = 1;
    finetune.precision = Precision::kFloat32;
    EXPECT_THROW(run_finetune(finetune), std::runtime_error);  // nobody knows where that model is
    setenv("RESIDUA_MODELS", folder_.path().c_str(), 1);
    // Said before any work.
    finetune.resume = true;
    EXPECT_THROW(run_finetune(finetune), std::runtime_error);
    finetune.resume = false;
    {
        const TwoProcesses two;
        EXPECT_THROW(run_finetune(finetune), std::runtime_error);
    }
    EXPECT_FALSE(fs::exists(finetune.out));
    const FinetuneResult result = run_finetune(finetune);
    unsetenv("RESIDUA_MODELS");
    EXPECT_EQ(result.pictures, 1);
    EXPECT_GT(result.bytes_before, 1000u);
    EXPECT_LT(result.bytes_after, result.bytes_before);
    EXPECT_EQ(result.model, folder_ / "fine/released-photos.rsm");
    std::ifstream file(result.model, std::ios::binary);
    const std::vector<char> bytes{std::istreambuf_iterator<char>(file), {}};
    residua::context context;
    const residua_model_info info = context.add_model(bytes.data(), bytes.size());
    EXPECT_STREQ(info.name, "released-photos");
    EXPECT_EQ(residua::research::model(context, info.hash).default_q,
              13);  // what it was and stays, and what it was adapted for
    const LossyRange trained = LossyRange::of(read_description(folder_ / "fine/model.safetensors"));
    EXPECT_GE(trained.q_low, 10);
    EXPECT_LE(trained.q_high, 16);

    Checkpoint olm;
    olm.metadata["codec"] = "olm";
    save_safetensors(folder_ / "experts.safetensors", olm);
    finetune.model = folder_ / "experts.safetensors";
    finetune.out = folder_ / "olm";
    EXPECT_THROW(run_finetune(finetune), std::runtime_error);
    EXPECT_FALSE(fs::exists(finetune.out));  // said before any work

    fs::remove(folder_ / "photos/1.ppm");
    finetune.model = folder_ / "released.safetensors";
    finetune.out = folder_ / "one";
    EXPECT_THROW(run_finetune(finetune), std::runtime_error);  // nothing could be held out
}

}  // namespace
}  // namespace residua::train
