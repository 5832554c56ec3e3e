#include "commands/recipe_options.h"

#include <gtest/gtest.h>

#include "commands/loop_options.h"
#include "commands/prepare_options.h"
#include "weights/safetensors.h"
#include "weights/test_folder.h"

namespace residua::train {
namespace {

// As the commands do it.
Description settled(const std::string& codec, const std::string& arguments) {
    CLI::App app;
    RunSettings run;
    PrepareSettings prepare;
    run.preset = codec;
    app.add_option("--data");
    add_loop_options(app, run, "");
    add_recipe_options(app, codec, run);
    add_prepare_options(app, prepare, codec == "rc");
    app.parse(arguments.find("--out") == std::string::npos ? arguments + " --out none" : arguments);
    settle_recipe(app, codec, run, prepare);
    run.prepared = prepare;
    return recipe_of(run, codec);
}

// But for the values that the recipe leaves open.
void expect_recipe(const Description& values, Description recipe) {
    for (const auto& [name, value] : values) recipe.emplace(name, value);
    if (recipe.at("decay-epochs") != "0") recipe.erase("decay-every");
    EXPECT_EQ(values, recipe);
}

TEST(RecipeOptions, ThePapersRecipeAndOurs) {
    for (const std::string codec : {"rc", "l3c"}) {
        expect_recipe(settled(codec, "--recipe paper"), paper_recipe(codec));
        EXPECT_EQ(settled(codec, "").at("recipe"), "ours");
        EXPECT_EQ(departures(settled(codec, ""), codec), std::vector<std::string>());
    }
    const Description ours = settled("l3c", "");
    EXPECT_EQ(ours.at("first-weights"), "pyramid");
    EXPECT_EQ(ours.at("encoder-rate"), "0.1");
    EXPECT_EQ(ours.at("ease"), "0.05");
    EXPECT_EQ(ours.at("precision"), "measured");
}

TEST(RecipeOptions, EachSwitchWins) {
    using Cases = std::vector<std::pair<std::string, Description>>;
    const Cases both = {{"--batch 4", {{"batch", "4"}}},
                        {"--crop 64", {{"crop", "64"}}},
                        {"--bfloat16", {{"precision", "bfloat16"}}},
                        {"--schedule cosine", {{"schedule", "cosine"}}},
                        {"--learning-rate 0.25", {{"learning-rate", "0.25"}}},
                        {"--decay-every 7", {{"decay-every", "7"}, {"decay-epochs", "0"}}},
                        {"--decay-epochs 2.5", {{"decay-epochs", "2.5"}}},
                        {"--warm-up 9", {{"warm-up", "9"}}},
                        {"--weight-decay 0.5", {{"weight-decay", "0.5"}}},
                        {"--gradient-clip 2", {{"gradient-clip", "2"}}},
                        {"--average 0.5", {{"average", "0.5"}}},
                        {"--fit-start on", {{"fit-start", "on"}}},
                        {"--scale-low 0.5", {{"scale-low", "0.5"}}},
                        {"--scale-high 0.75", {{"scale-high", "0.75"}}},
                        {"--variants 3", {{"variants", "3"}}}};
    const Cases l3c = {{"--first-weights pyramid", {{"first-weights", "pyramid"}}},
                       {"--encoder-rate 0.5", {{"encoder-rate", "0.5"}}},
                       {"--encoder-from 0.5", {{"encoder-from", "0.5"}}},
                       {"--ease 0.25", {{"ease", "0.25"}}},
                       {"--preset l3c-rgb", {{"preset", "l3c-rgb"}}}};
    // What is trained on and what is prepared are the same, unless both were said.
    const Cases rc = {{"--train-depth 10", {{"train-depth", "10"}, {"bit-depths", "10"}}},
                      {"--bit-depths 10", {{"train-depth", "10"}, {"bit-depths", "10"}}},
                      {"--bit-depths 8,10", {{"bit-depths", "8,10"}}},
                      {"--train-q-low 6", {{"train-q-low", "6"}, {"q-low", "6"}}},
                      {"--q-high 15", {{"train-q-high", "15"}, {"q-high", "15"}}},
                      {"--q-low 3 --train-q-low 5", {{"train-q-low", "5"}, {"q-low", "3"}}},
                      {"--qualities 2", {{"qualities", "2"}}},
                      {"--preset rc", {{"preset", "rc"}}}};
    const auto check = [](const std::string& codec, const Cases& cases) {
        for (const auto& [arguments, expected] : cases) {
            SCOPED_TRACE(codec + " " + arguments);
            Description wanted = expected;
            wanted.merge(paper_recipe(codec));
            const Description values = settled(codec, "--recipe paper " + arguments);
            expect_recipe(values, wanted);
            EXPECT_FALSE(departures(values, codec).empty());
        }
    };
    check("rc", both);
    check("rc", rc);
    check("l3c", both);
    check("l3c", l3c);
    EXPECT_THROW(settled("rc", "--decay-every 5 --decay-epochs 2"), CLI::ParseError);
    EXPECT_THROW(settled("rc", "--float32 --bfloat16"), CLI::ParseError);
    EXPECT_THROW(settled("rc", "--ease 0"), CLI::ParseError);
}

TEST(RecipeOptions, OursGoesByTheSchedule) {
    EXPECT_EQ(settled("rc", "--schedule paper").at("learning-rate"), "5e-05");
    EXPECT_EQ(settled("l3c", "--schedule paper").at("learning-rate"), "1e-04");
    EXPECT_EQ(settled("l3c", "--schedule paper --learning-rate 0.01").at("learning-rate"), "0.01");
    EXPECT_EQ(settled("l3c", "--schedule paper").at("decay-epochs"), "5");
    EXPECT_EQ(settled("rc", "").at("train-q-high"), "51");
    EXPECT_EQ(settled("rc", "--data photos").at("train-q-high"), "22");
    EXPECT_EQ(settled("rc", "--data photos --train-q-high 30").at("q-high"), "30");
}

TEST(RecipeOptions, AResumedRunGoesOnAsItBegan) {
    const Folder folder;
    const std::string resume = "--resume --out " + folder.path();
    const auto record = [&](const Description& recipe) {
        Checkpoint checkpoint;
        for (const auto& [name, value] : recipe) checkpoint.metadata["recipe." + name] = value;
        save_safetensors(folder / "checkpoint.safetensors", checkpoint);
    };
    record(settled("l3c", "--recipe paper --batch 4 --crop 64"));
    const Description begun = recorded_recipe(folder.path());
    EXPECT_EQ(begun.at("batch"), "4");
    EXPECT_EQ(settled("l3c", resume), begun);
    EXPECT_EQ(settled("l3c", resume + " --recipe paper"), begun);
    EXPECT_EQ(settled("l3c", resume + " --batch 5").at("batch"), "5");  // which check_resumed() refuses
    EXPECT_EQ(settled("l3c", resume + " --batch 5 --change-recipe").at("crop"), "64");

    record(settled("l3c", "--batch 4"));
    EXPECT_EQ(settled("l3c", resume + " --recipe paper").at("crop"), "128");
    EXPECT_EQ(settled("l3c", resume + " --recipe paper").at("average"), "0.999");  // refused
    const Description changed = settled("l3c", resume + " --recipe paper --change-recipe");
    expect_recipe(changed, paper_recipe("l3c"));
    record({});  // from before recipes were recorded
    EXPECT_EQ(settled("l3c", resume), settled("l3c", ""));
}

}  // namespace
}  // namespace residua::train
