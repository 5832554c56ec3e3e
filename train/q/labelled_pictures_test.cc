// Labels are sizes of real files.
#include "q/labelled_pictures.h"

#include <gtest/gtest.h>

#include "data/codec.h"
#include "q/test_q_training.h"

namespace residua::train {
namespace {

TEST_F(QTraining, LabelsAreTheSizesOfRealFiles) {
    QTrainingSettings wanted = settings("run");
    const QPictures pictures = labelled_pictures(wanted, true);
    wanted.labels.adaptation = false;
    const QPictures plain = labelled_pictures(wanted, true);
    EXPECT_EQ(pictures.training.size() + pictures.held_out.size(), size_t{kPhotos});
    EXPECT_GE(pictures.held_out.size(), 1u);
    residua::context context;
    const residua_model_info model = add_model_file(context, folder_ / "test.rsm");
    const int default_q = residua::research::model(context, model.hash).default_q;
    EXPECT_EQ(static_cast<int>(pictures.fixed) + 6, default_q);
    wanted.labels.range.first = 0;
    EXPECT_EQ(with_range(wanted.labels).range.first, default_q - 3);
    wanted.labels.range.first = default_q + 1;
    wanted.cache = folder_ / "unused";
    EXPECT_THROW(labelled_pictures(wanted, true), std::runtime_error);
    EXPECT_FALSE(fs::exists(wanted.cache));  // said before any work
    const QPicture& picture = pictures.training.front();
    const residua_image image =
        rgb_image(picture.patch().image, picture.patch().width, picture.patch().height);
    for (size_t i = 0; i < 7; ++i) {
        residua::research::encode_options options;
        options.model = model.name;
        options.q = 6 + static_cast<int>(i);
        options.effort = 1;
        options.tau = RESIDUA_TAU_OFF;
        EXPECT_EQ(context.encode(image, options).size(), picture.sizes[i]);
        options.adaptation = RESIDUA_ADAPTATION_OFF;
        EXPECT_EQ(context.encode(image, options).size(), plain.training.front().sizes[i]);
    }
    EXPECT_NE(plain.training.front().sizes, picture.sizes);
}

TEST(QLabels, WithoutAFileTheModelIsTheCodecsOwn) {
    residua::context context;
    bool released = false;
    for (const residua_model_info& info : context.models()) {
        for (const bool adaptation : {true, false}) {
            if (info.name != std::string(adaptation ? "rc-coarse" : "rc-small")) continue;
            QLabelSettings settings;
            settings.adaptation = adaptation;
            const int default_q = residua::research::model(context, info.hash).default_q;
            settings = with_range(settings);
            EXPECT_EQ(settings.fixed_q, default_q) << info.name;
            EXPECT_EQ(settings.range.first, default_q - 3) << info.name;
            released = true;
        }
    }
    if (!released) GTEST_SKIP() << "this build has no models";
}

TEST_F(QTraining, LabelsAreMadeOnce) {
    const QTrainingSettings wanted = settings("run");
    const QPictures first = labelled_pictures(wanted, true);
    std::string path;
    for (const auto& entry : fs::directory_iterator(folder_ / "cache"))
        if (entry.path().extension() == ".jsonl") path = entry.path();
    const std::string text = read_text(path);
    EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), kPhotos);
    const auto again = [&](const std::string& changed) {
        std::ofstream(path, std::ios::binary) << changed;
        const QPictures second = labelled_pictures(wanted, true);
        EXPECT_EQ(second.training.size(), first.training.size());
        for (size_t i = 0; i < std::min(second.training.size(), first.training.size()); ++i)
            EXPECT_EQ(second.training[i].sizes, first.training[i].sizes);
        return read_text(path);
    };
    EXPECT_EQ(again(text), text);
    // A digit of a size, a torn last line, a line that is no JSON: that one label is made again.
    std::string wrong = text;
    char& digit = wrong[wrong.find("sizes\":[") + 8];
    digit = digit == '9' ? '8' : '9';
    for (const std::string& damaged :
         {wrong, text.substr(0, text.size() - 9), "what\n" + text.substr(text.find('\n') + 1)}) {
        const std::string mended = again(damaged);
        EXPECT_GT(mended.size(), text.size());
        EXPECT_EQ(again(mended), mended);
    }
    QTrainingSettings other = wanted;
    other.labels.range = {9, 4};
    EXPECT_EQ(labelled_pictures(other, true).training[0].sizes.size(), 4u);
    EXPECT_EQ(again(read_text(path)), read_text(path)) << "labels of other settings have a file of their own";
}

}  // namespace
}  // namespace residua::train
