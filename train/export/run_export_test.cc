#include "export/run_export.h"

#include <gtest/gtest.h>

#include "data/codec.h"
#include "patches/test_run.h"
#include "weights/lossy_range.h"

namespace residua::train {
namespace {

// Nobody needs to say for which lossy layers a network of RC is meant.
TEST_F(Run, ExportTakesWhatItWasTrainedOn) {
    run(settings("whole", tiny_rc(true).description(), 2));
    const LossyRange trained = LossyRange::of(model("whole").metadata);
    ExportSettings exporting;
    exporting.run = folder_ / "whole";
    exporting.shards = folder_ / "cache";
    exporting.out = folder_ / "whole.rsm";
    run_export(exporting);
    residua::context context;
    const residua_research_model_info info =
        residua::research::model(context, add_model_file(context, exporting.out).hash);
    EXPECT_EQ(info.default_q, (trained.q_low + trained.q_high) / 2);
    EXPECT_EQ(info.default_bit_depth, 10);
}

}  // namespace
}  // namespace residua::train
