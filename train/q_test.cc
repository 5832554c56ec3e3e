// The Q-classifier from photographs to a model file that chooses as the trained network does.
#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>
#include <residua/research.hpp>
#include <set>
#include <sstream>

#include "calibrate.h"
#include "checkpoint.h"
#include "commands.h"
#include "export_q.h"
#include "models/model_file.h"
#include "q_commands.h"
#include "q_network.h"
#include "stages/rc/q_classifier.h"
#include "test_photos.h"
#include "tests/support/test_model.h"

namespace residua::train {
namespace {

std::string read_text(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
}

void write_bytes(const std::string& path, const std::vector<uint8_t>& bytes) {
    std::ofstream file(path, std::ios::binary);
    file.write(reinterpret_cast<const char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
}

std::vector<nlohmann::json> log_lines(const std::string& run, const std::string& event) {
    std::vector<nlohmann::json> lines;
    std::istringstream text(read_text(run + "/log.jsonl"));
    for (std::string line; std::getline(text, line);)
        if (nlohmann::json entry = nlohmann::json::parse(line); entry["event"] == event)
            lines.push_back(entry);
    return lines;
}

class QTraining : public ::testing::Test {
  protected:
    static constexpr int kPhotos = 14;

    QTraining() {
        fs::create_directory(folder_ / "photos");
        for (int i = 0; i < kPhotos; ++i)
            write_photo(folder_ / ("photos/" + std::to_string(i) + ".png"), 70 + i, 66,
                        static_cast<uint32_t>(i));
        write_bytes(folder_ / "test.rsm", residua::testing::make_test_model());
    }

    QTrainingSettings settings(const std::string& run) const {
        QTrainingSettings settings;
        settings.data = folder_ / "photos";
        settings.cache = folder_ / "cache";
        settings.out = folder_ / run;
        settings.prepare.scale_low = settings.prepare.scale_high = 1;
        settings.prepare.window = settings.prepare.patch = 64;
        settings.labels = {folder_ / "test.rsm", {6, 7}, 1, 2};
        settings.network = {.widths = {8, 8, 8}, .blocks = 1, .range = {}};
        settings.optimizer.schedule = Schedule::kPaper;  // does not depend on the run's length
        settings.optimizer.learning_rate = 1e-3;
        settings.epochs = 4;
        settings.batch = 4;
        settings.crop = 32;
        settings.windows = 2;
        settings.bfloat16 = false;
        settings.threads = 1;
        return settings;
    }

    Folder folder_;
};

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
    residua_image image = RESIDUA_INIT(residua_image);
    image.pixels = const_cast<uint8_t*>(picture.patch().image);
    image.width = static_cast<uint32_t>(picture.patch().width);
    image.height = static_cast<uint32_t>(picture.patch().height);
    image.colour = RESIDUA_COLOUR_RGB;
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
            EXPECT_EQ(fixed_q(settings), default_q) << info.name;
            EXPECT_EQ(with_range(settings).range.first, default_q - 3) << info.name;
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

TEST_F(QTraining, LearnsAndResumesExactly) {
    for (const QLoss loss : {QLoss::kLabel, QLoss::kSoft}) {
        const std::string name = loss == QLoss::kLabel ? "label" : "soft";
        QTrainingSettings whole = settings(name);
        whole.loss = loss;
        whole.epochs = 12;
        whole.rounded_share = 1;
        train_q_classifier(whole);
        const auto steps = log_lines(whole.out, "train");
        ASSERT_GE(steps.size(), 2u);
        EXPECT_LT(steps.back()["loss_value"], steps.front()["loss_value"]);
        const auto held_out = log_lines(whole.out, "validation");
        EXPECT_EQ(held_out.size(), 12u);
        for (const char* key :
             {"exact_percent", "within_one_percent", "over_best_percent", "over_fixed_percent"})
            EXPECT_TRUE(held_out.back().contains(key)) << key;

        QTrainingSettings halves = whole;
        halves.out += "-halves";
        halves.epochs = 5;
        train_q_classifier(halves);
        EXPECT_THROW(train_q_classifier(halves), std::runtime_error) << "without --resume";
        halves.epochs = 12;
        halves.resume = true;
        train_q_classifier(halves);
        const Checkpoint a = load_safetensors(whole.out + "/model.safetensors");
        const Checkpoint b = load_safetensors(halves.out + "/model.safetensors");
        for (const auto& [tensor, array] : a.tensors)
            EXPECT_EQ(array.values, b.tensors.at(tensor).values) << tensor;
    }
}

TEST_F(QTraining, TheModelFileChoosesAsTheNetworkDoes) {
    QTrainingSettings wanted = settings("run");
    wanted.rounded_share = 0.5;
    train_q_classifier(wanted);
    run_attach({folder_ / "test.rsm", folder_ / "run", folder_ / "with.rsm"});
    const std::string text = read_text(folder_ / "with.rsm");
    const std::vector<uint8_t> bytes(text.begin(), text.end());
    const models::ModelFile file = models::parse_model_file(bytes);
    EXPECT_EQ(file.keys.at("q_classifier"), "Q 6 to 12");
    EXPECT_EQ(models::QClassifier(file).scores.classes(), 7);
    const Agreement agreement = run_compare({folder_ / "with.rsm", folder_ / "run", wanted});
    EXPECT_EQ(agreement.pictures, labelled_pictures(wanted, true).held_out.size());
    EXPECT_EQ(agreement.within_one, agreement.pictures);

    // From one model file to another, and in a classifier's place.
    run_attach({folder_ / "with.rsm", folder_ / "with.rsm", folder_ / "again.rsm"});
    EXPECT_EQ(read_text(folder_ / "again.rsm"), text);
    EXPECT_THROW(run_attach({folder_ / "with.rsm", folder_ / "test.rsm", folder_ / "no.rsm"}),
                 std::runtime_error);
    EXPECT_THROW(run_attach({folder_ / "with.rsm", folder_ / "photos", folder_ / "no.rsm"}),
                 std::runtime_error);
    EXPECT_FALSE(fs::exists(folder_ / "no.rsm"));
}

// Scores of the float network with its roundings, and of the exported integers, over many random pictures.
TEST(QExport, IntegersScoreAsTheNetworkWithItsRoundings) {
    constexpr int kSide = 48, kPictures = 24;
    QNetwork network({.widths = {8, 16, 24}, .blocks = 2, .range = {6, 7}}, torch::kCPU, 3);
    torch::manual_seed(5);
    // Different contrasts, so that the pictures do not all look alike to it.
    const torch::Tensor contrast = torch::linspace(4, 120, kPictures).reshape({-1, 1, 1, 1});
    const torch::Tensor pictures =
        (128 + contrast * (torch::rand({kPictures, kSide, kSide, 3}) * 2 - 1)).round().to(torch::kUInt8);
    network.set_steps(observed_steps(network, [&] { network.features(pictures, false); }));
    torch::NoGradGuard no_grad;
    // A last layer that tells these pictures apart.
    const torch::Tensor means = network.features(pictures, false);
    const torch::Tensor weight = torch::randn({7, means.size(1)}) / (means.std(0) + 1e-3);
    network.parameters().at("scores.weight").copy_(weight.reshape({7, -1, 1, 1}));
    network.parameters().at("scores.bias").copy_(-torch::matmul(weight, means.mean(0)));
    const torch::Tensor expected = network.scores(network.features(pictures, false));

    OptimizerSettings no_average;
    no_average.average = 0;
    Optimizer optimizer(network.parameters(), no_average);
    const Folder folder;
    save_model(folder / "model.safetensors", network, optimizer);
    const auto section = q_classifier_section(folder.path());
    const auto model = with_q_classifier(residua::testing::make_test_model(), section);
    residua::context context;
    const std::string name = hash_text(context.add_model(model.data(), model.size()).hash);
    int equal = 0;
    std::set<int> chosen;
    for (int i = 0; i < kPictures; ++i) {
        torch::Tensor picture = pictures[i].contiguous();
        residua_image image = RESIDUA_INIT(residua_image);
        image.pixels = picture.data_ptr<uint8_t>();
        image.width = image.height = kSide;
        image.colour = RESIDUA_COLOUR_RGB;
        residua_encode_options options = RESIDUA_INIT(residua_encode_options);
        options.model = name.c_str();
        options.effort = 1;
        const auto file = context.encode(image, options);
        const int q = residua::research::inspect(context, file.data(), file.size()).q;
        chosen.insert(q);
        const auto best = expected[i].argmax().item<int64_t>();
        equal += q - 6 == best;
        // Where they differ, the scores hardly do.
        EXPECT_GT(expected[i][q - 6].item<double>(), expected[i][best].item<double>() - 0.2) << i;
    }
    EXPECT_GE(equal, kPictures * 9 / 10);
    EXPECT_GE(chosen.size(), 2u) << "a test that could fail";
}

}  // namespace
}  // namespace residua::train
