// The model file with a Q-classifier chooses as the trained network does.
#include "commands/compare_q.h"

#include <gtest/gtest.h>

#include "data/codec.h"
#include "export/attach_q.h"
#include "models/model_file.h"
#include "q/labelled_pictures.h"
#include "q/test_q_training.h"
#include "stages/rc/q_classifier.h"

namespace residua::train {
namespace {

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

}  // namespace
}  // namespace residua::train
