// The papers' networks at their full size, from a step of training to files: trained hardly
// at all, so that this says nothing about how small files get, but all of their size is coded
// and decoded. CTest runs Make once and the others for each instruction set (RESIDUA_CPU).
#include <gtest/gtest.h>

#include <filesystem>

#include "base/cpu.h"
#include "base/error.h"
#include "data/codec.h"
#include "export/export_q.h"
#include "export/run_export.h"
#include "patches/make_network.h"
#include "patches/test_run.h"
#include "weights/whole_file.h"

namespace residua::train {
namespace {

const std::string kFolder = RESIDUA_PAPER_NETWORKS_FOLDER;
constexpr int kWidth = 58, kHeight = 38;  // multiples of neither 4 nor 8

struct Preset {
    const char *codec, *name;
};
constexpr Preset kPresets[] = {{"rc", "rc-paper"}, {"l3c", "l3c-paper"}};

std::string path_of(const Preset& preset, const char* end) { return kFolder + "/" + preset.name + end; }

std::vector<uint8_t> picture() {
    std::vector<uint8_t> rgb;
    for (int y = 0; y < kHeight; ++y)
        for (int x = 0; x < kWidth; ++x)
            for (int c = 0; c < 3; ++c)
                rgb.push_back(static_cast<uint8_t>(60 + x + 2 * y + 9 * c + (x + y > 50 ? 40 : 0) +
                                                   (x * 5 + y * 11) % 4));
    return rgb;
}

// By the codec and the model alone: everything else is the model's own choice.
residua::buffer encode(residua::context& context, const Preset& preset, const std::vector<uint8_t>& rgb) {
    residua::research::encode_options options;
    options.codec = preset.codec;
    options.model = preset.name;
    options.effort = 1;
    return context.encode(rgb_image(rgb.data(), kWidth, kHeight), options);
}

void expect_same(residua::context& context, const uint8_t* file, size_t size,
                 const std::vector<uint8_t>& rgb) {
    const residua::image back = context.decode(file, size);
    EXPECT_TRUE(std::equal(rgb.begin(), rgb.end(), back.pixels()));
}

class PaperNetworks : public Run {};

TEST_F(PaperNetworks, Make) {
    std::filesystem::remove_all(kFolder);
    std::filesystem::create_directories(kFolder);
    for (const Preset& preset : kPresets) {
        RunSettings training = settings(preset.name, train::preset(preset.codec, preset.name), 1);
        training.batch = 1;
        training.quantised = true;
        run(training);
        ExportSettings exporting;
        exporting.run = folder_ / preset.name;
        exporting.name = preset.name;
        exporting.out = path_of(preset, ".rsm");
        if (preset.codec == std::string("rc"))
            exporting.q_classifier = RESIDUA_RELEASED_MODELS "/rc-small.rsm";
        run_export(exporting);

        residua::context context;
        const residua_model_info info = add_model_file(context, exporting.out);
        const std::vector<uint8_t> rgb = picture();
        const residua::buffer file = encode(context, preset, rgb);
        expect_same(context, file.data(), file.size(), rgb);
        write_whole_file(path_of(preset, ".rsd"), {file.data(), file.data() + file.size()});
        // As the papers have it.
        const residua_research_model_info defaults = residua::research::model(context, info.hash);
        EXPECT_EQ(defaults.default_adaptation, RESIDUA_ADAPTATION_OFF);
        EXPECT_EQ(defaults.has_q_classifier, preset.codec == std::string("rc"));
        EXPECT_EQ(residua::research::inspect(context, file.data(), file.size()).adapts, 0);
    }
}

TEST(PaperNetworksOn, ThisInstructionSet) {
    try {
        active_isa();
    } catch (const Error& error) {
        GTEST_SKIP() << error.what();  // an instruction set which this processor lacks
    }
    for (const Preset& preset : kPresets) {
        residua::context context;
        add_model_file(context, path_of(preset, ".rsm"));
        const std::vector<uint8_t> rgb = picture(), made = read_whole_file(path_of(preset, ".rsd"));
        expect_same(context, made.data(), made.size(), rgb);
        const residua::buffer file = encode(context, preset, rgb);
        EXPECT_EQ(std::vector<uint8_t>(file.data(), file.data() + file.size()), made) << preset.name;
    }
}

}  // namespace
}  // namespace residua::train
