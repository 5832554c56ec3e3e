// In builds without an HEVC encoder (RESIDUA_X265=OFF): the tests that encode with codec rc are skipped, by name. Tests
// link this by residua_add_test.
#include <fnmatch.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>

namespace residua::testing {
namespace {

// "SUITE.TEST VALUE", VALUE being that of the parameter, if there is one. "test" and "plain" are RC's models in tests.
constexpr const char* kNeedRc[] = {
    "* \"test\"",
    "* \"plain\"",
    "*(*pointing to \"test\")",
    "*(*pointing to \"plain\")",
    "AnyKind.OtherCodecsRefuseByName *",
    "Arguments.AreChecked *",
    "Arguments.OfSamplesAreChecked *",
    "Cli.CodecsAndModelsMustAgree *",
    "Cli.ExitCodes *",
    "Cli.ExplainsAsJson *",
    "Cli.ExplainsWhereTheBytesGo *",
    "Cli.FilesAndPixelsAreTheSameOnEveryInstructionSetAndAnyNumberOfThreads *",
    "Cli.InfoVerifyPreviewModels *",
    "Cli.PaintsHeatMaps *",
    "Cli.QIsTheClassifiersOrTheModelsOrTheUsers *",
    "Cli.SamplesOfRc *",
    "Cli.TauCanBeOffOrOn *",
    "Cli.TimingIsALineOfJsonForEachInput *",
    "ExplainedFile.HasTheStagesOfItsMethod *",
    "ExplainedFile.SaysItsTau *",
    "ExplainedFile.SaysWhatItsPlanesAre *",
    "FailingNew.LossyFilesAndPreviews *",
    "Models.AreChosenByCodec *",
    "Models.AreChosenByNameAndHash *",
    "PaperMode.SamplesStayInThePicturesOwnRange *",
    "PaperMode.TauIsOnWhereMixturesDoNotAdapt *",
    "PaperMode.TheModelSaysWhetherMixturesAdapt *",
    "PaperMode.TimesAreOfTheLastCallsParts *",
    "Preview.GivesTheLossyLayerOfEncodeAndOfLossyLayer *",
    "QChoice.*",
    "RoundTrip.EveryEffortAndDepth *",
    "RoundTrip.NoiseAtExtremeQ *",
    "Runner.ChangesNoByte *",
    "StripsOfSeveralModels.AreDecoded *",
    "StripsProgress.NeverFallsWithAQClassifier *",
    "Tau.*",
    "Tau/TauOf.*",
    "Ways/Explain.*/rc *",
    "Ways/Explain.*/rc_* *",
};

class SkipRc : public ::testing::EmptyTestEventListener {
    void OnTestStart(const ::testing::TestInfo& test) override {
        const std::string text = std::string(test.test_suite_name()) + "." + test.name() + " " +
                                 (test.value_param() ? test.value_param() : "");
        if (std::ranges::any_of(kNeedRc,
                                [&](const char* pattern) { return fnmatch(pattern, text.c_str(), 0) == 0; }))
            GTEST_SKIP() << "this build cannot encode with codec rc";
    }
};

const bool kListening = [] {
    ::testing::UnitTest::GetInstance()->listeners().Append(new SkipRc);  // which owns it
    return true;
}();

}  // namespace
}  // namespace residua::testing
