// From photographs to records, and from records to heads.
#include "olm/olm_run.h"

#include <gtest/gtest.h>

#include <fstream>

#include "loop/test_several.h"
#include "olm/kernels.h"
#include "olm/test_olm_run.h"
#include "weights/safetensors.h"

namespace residua::train {
namespace {

TEST_F(OlmTraining, RecordsAreMadeOnceAndSayWhatTheCodecSays) {
    const std::string folder = folder_ / "records";
    prepare_olm_records(folder_ / "photos", folder, records_);
    size_t records = 0;
    for (int plane = 0; plane < kOlmPlanes; ++plane)
        for (const bool held_out : {false, true}) {
            const OlmRecordFile file(olm_record_path(folder, plane, held_out));
            EXPECT_EQ(file.inputs(), olm::head_inputs(plane, 4));
            EXPECT_GT(file.count(), 0u);
            records += file.count();
            for (size_t i = 0; i < file.count(); i += 97) {
                const OlmRecord record = file.at(i);
                EXPECT_GE(record.centre, 0);
                EXPECT_LE(record.centre, 255 * 64);
                EXPECT_GE(record.scale, 7);  // 0.12 of a sample
                EXPECT_GE(record.sample, 0);
                EXPECT_LE(record.sample, 255);
            }
        }
    EXPECT_NEAR(static_cast<double>(records), 0.5 * 60 * 3 * 38 * 34, 0.2 * 60 * 3 * 38 * 34);
    const auto written = fs::last_write_time(olm_record_path(folder, 0, false));
    prepare_olm_records(folder_ / "photos", folder, records_);
    EXPECT_EQ(fs::last_write_time(olm_record_path(folder, 0, false)), written);
    std::ofstream(folder_ / "nonsense") << "nonsense, but long enough for a head";
    EXPECT_THROW(OlmRecordFile(folder_ / "nonsense"), std::runtime_error);
    EXPECT_THROW(OlmRecordFile(folder_ / "nothing"), std::runtime_error);
}

TEST_F(OlmTraining, AResumedRunEndsAsAnUninterruptedOne) {
    prepare_olm_records(folder_ / "photos", folder_ / "records", records_);
    OlmRunSettings whole = settings("whole", 30);
    whole.quantised_from = 0.5;
    whole.threads = 1;
    run_olm(whole);
    // The same schedule, stopped by its length and gone on with.
    OlmRunSettings part = whole;
    part.out = folder_ / "part";
    part.stop_after = 12;
    run_olm(part);
    part.stop_after = 0;
    part.resume = true;
    run_olm(part);
    const Checkpoint a = load_safetensors(folder_ / "whole/model.safetensors");
    const Checkpoint b = load_safetensors(folder_ / "part/model.safetensors");
    for (const auto& [name, array] : a.tensors) EXPECT_EQ(array.values, b.tensors.at(name).values) << name;
    EXPECT_THROW(run_olm(whole), std::runtime_error);  // its folder holds a run
}

// Said before the hours of making records.
TEST_F(OlmTraining, RefusesBeforeRecordsAreMade) {
    OlmRunSettings run = settings("run", 3);
    check_olm_start(run);
    run.resume = true;
    EXPECT_THROW(check_olm_start(run), std::runtime_error);
    run.resume = false;
    run.steps = 0;
    EXPECT_THROW(check_olm_start(run), std::runtime_error);
    run.steps = 3;
    const TwoProcesses two;
    EXPECT_THROW(check_olm_start(run), std::runtime_error);
    EXPECT_THROW(run_olm(run), std::runtime_error);
    EXPECT_FALSE(fs::exists(run.out));
}

}  // namespace
}  // namespace residua::train
