// OLM's head from photographs to a model file that encodes and decodes pictures.
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <nlohmann/json.hpp>
#include <residua/research.hpp>

#include "checkpoint.h"
#include "commands.h"
#include "export_olm.h"
#include "models/model_file.h"
#include "olm/kernels.h"
#include "olm_network.h"
#include "olm_records.h"
#include "olm_run.h"
#include "photo.h"
#include "stages/olm/model.h"
#include "test_photos.h"

namespace residua::train {
namespace {

class OlmTraining : public ::testing::Test {
  protected:
    OlmTraining() {
        fs::create_directory(folder_ / "photos");
        for (int i = 0; i < 60; ++i)
            write_photo(folder_ / ("photos/" + std::to_string(i) + ".png"), 40, 36, static_cast<uint32_t>(i));
        records_.scale_low = 0.9;
        records_.share = 0.5;
        records_.workers = 2;
    }
    OlmRunSettings settings(const std::string& run, int64_t steps) const {
        OlmRunSettings settings;
        settings.records = folder_ / "records";
        settings.out = folder_ / run;
        settings.network.widths = {16, 8};
        settings.network.components = 3;
        settings.steps = steps;
        settings.batch = 512;
        settings.optimizer.learning_rate = 3e-3;
        settings.optimizer.warm_up = 5;
        settings.threads = 2;
        return settings;
    }
    std::vector<nlohmann::json> log(const std::string& run, const std::string& event) const {
        std::vector<nlohmann::json> lines;
        std::ifstream file(folder_ / (run + "/log.jsonl"));
        for (std::string line; std::getline(file, line);)
            if (nlohmann::json entry = nlohmann::json::parse(line); entry["event"] == event)
                lines.push_back(entry);
        return lines;
    }

    Folder folder_;
    OlmRecordSettings records_;
};

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

TEST_F(OlmTraining, AHeadLearnsAndItsModelCodesPictures) {
    prepare_olm_records(folder_ / "photos", folder_ / "records", records_);
    run_olm(settings("run", 120));
    const auto steps = log("run", "train");
    ASSERT_GE(steps.size(), 2u);
    EXPECT_LT(steps.back()["bpsp"].get<double>(), steps.front()["bpsp"].get<double>());

    ExportSettings exporting;
    exporting.run = folder_ / "run";
    exporting.out = folder_ / "olm.rsm";
    exporting.name = "tiny";
    run_export(exporting);
    residua::context context;
    add_model_file(context, folder_ / "olm.rsm");
    Photo photo = load_photo(folder_ / "photos/3.png", 1);
    residua_image image = RESIDUA_INIT(residua_image);
    image.pixels = photo.rgb.data();
    image.width = static_cast<uint32_t>(photo.width);
    image.height = static_cast<uint32_t>(photo.height);
    image.colour = RESIDUA_COLOUR_RGB;
    residua_encode_options options = RESIDUA_INIT(residua_encode_options);
    options.model = "tiny";
    const auto file = context.encode(image, options);
    const auto decoded = context.decode(file.data(), file.size());
    EXPECT_TRUE(std::equal(photo.rgb.begin(), photo.rgb.end(), decoded.pixels()));
    EXPECT_LT(residua::research::inspect(context, file.data(), file.size()).bpsp, 5.5);
}

TEST_F(OlmTraining, EachPresetHasItsExpertsAndRefusesRecordsOfOthers) {
    for (const std::string preset : olm::kParameterNames) {
        SCOPED_TRACE(preset);
        OlmRunSettings run = settings("run-" + preset, 8);
        const OlmConfig config = olm_preset(preset);
        run.network.experts = config.experts;
        run.network.components = config.components;
        run.records = folder_ / ("records-" + preset);
        run.quantised_from = 0.5;
        records_.experts = config.experts;
        prepare_olm_records(folder_ / "photos", run.records, records_);
        EXPECT_EQ(olm_record_experts(run.records), preset);
        run_olm(run);

        ExportSettings exporting;
        exporting.run = run.out;
        exporting.out = folder_ / (preset + ".rsm");
        run_export(exporting);
        residua::context context;
        add_model_file(context, exporting.out);
        std::ifstream file(exporting.out, std::ios::binary);
        const std::vector<uint8_t> bytes{std::istreambuf_iterator<char>(file), {}};
        EXPECT_TRUE(std::ranges::equal(models::parse_model_file(bytes).experts,
                                       models::serialise_experts(olm::named_parameters(preset))));

        OlmRunSettings other = run;
        other.network.experts = preset == "olm" ? "olm-best" : "olm";
        other.out = folder_ / ("other-" + preset);
        EXPECT_THROW(run_olm(other), std::runtime_error);  // its records
        other.records = run.records;
        other.start = run.out + "/model.safetensors";
        EXPECT_THROW(run_olm(other), std::runtime_error);
        run.start = other.start;
        run.out = folder_ / ("further-" + preset);
        EXPECT_NO_THROW(run_olm(run));
        records_.experts = other.network.experts;
        EXPECT_THROW(prepare_olm_records(folder_ / "photos", run.records, records_), std::runtime_error);
    }
    EXPECT_THROW(olm_preset("olm-worst"), std::invalid_argument);
    EXPECT_THROW(olm_record_experts(folder_ / "photos"), std::runtime_error);
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

}  // namespace
}  // namespace residua::train
