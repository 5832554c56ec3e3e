// OLM's head from photographs to a model file that encodes and decodes pictures.
#include "export/export_olm.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>

#include "data/codec.h"
#include "data/photo.h"
#include "export/run_export.h"
#include "loop/test_log.h"
#include "models/model_file.h"
#include "olm/parameters.h"
#include "olm/test_olm_run.h"
#include "stages/olm/model.h"

namespace residua::train {
namespace {

TEST_F(OlmTraining, AHeadLearnsAndItsModelCodesPictures) {
    prepare_olm_records(folder_ / "photos", folder_ / "records", records_);
    run_olm(settings("run", 120));
    const auto steps = log_lines(folder_ / "run", "train");
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
    const residua_image image = rgb_image(photo.rgb.data(), photo.width, photo.height);
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
        run.network.bits = config.bits;
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

}  // namespace
}  // namespace residua::train
