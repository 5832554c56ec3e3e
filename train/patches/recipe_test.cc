#include "patches/recipe.h"

#include <gtest/gtest.h>

namespace residua::train {
namespace {

struct Settings {
    RunSettings run;
    PrepareSettings prepare;
};

Settings paper(const std::string& codec, const std::set<std::string>& said = {}) {
    Settings settings;
    begin_as_ours(codec, settings.run);
    take_recipe(paper_recipe(codec), said, settings.run, settings.prepare);
    return settings;
}

// What both papers say, or leave out.
void expect_the_papers(const Settings& settings) {
    const OptimizerSettings& optimizer = settings.run.optimizer;
    EXPECT_EQ(settings.run.recipe, "paper");
    EXPECT_EQ(settings.run.crop, 128);
    EXPECT_EQ(settings.run.precision, Precision::kFloat32);
    EXPECT_FALSE(settings.run.fit_start);
    EXPECT_EQ(optimizer.schedule, Schedule::kPaper);
    EXPECT_EQ(optimizer.gradient_clip, 0);
    EXPECT_EQ(optimizer.average, 0);
    EXPECT_EQ(settings.prepare.scale_low, 0.6);
    EXPECT_EQ(settings.prepare.scale_high, 0.8);
}

TEST(Recipe, OfThePaperOfRc) {
    const Settings settings = paper("rc");
    expect_the_papers(settings);
    const RunSettings& run = settings.run;
    EXPECT_EQ(run.preset, "rc-paper");
    EXPECT_EQ(run.batch, 16);
    EXPECT_EQ(run.optimizer.learning_rate, 5e-5);
    EXPECT_EQ(run.optimizer.decay_every, 100000);
    EXPECT_EQ(run.decay_epochs, 0);
    EXPECT_EQ(run.optimizer.weight_decay, 1e-4);
    EXPECT_EQ(run.bit_depth, 8);
    EXPECT_EQ(run.q_low, 9);
    EXPECT_EQ(run.q_high, 11);
    EXPECT_EQ(settings.prepare.bit_depths, std::vector<int>{8});
    EXPECT_EQ(settings.prepare.q_low, 9);
    EXPECT_EQ(settings.prepare.q_high, 11);
    EXPECT_EQ(settings.prepare.qualities, 1);
}

TEST(Recipe, OfThePaperOfL3c) {
    const Settings settings = paper("l3c");
    expect_the_papers(settings);
    const RunSettings& run = settings.run;
    EXPECT_EQ(run.preset, "l3c-paper");
    EXPECT_EQ(run.batch, 30);
    EXPECT_EQ(run.optimizer.learning_rate, 1e-4);
    EXPECT_EQ(run.decay_epochs, 5);
    EXPECT_EQ(run.optimizer.weight_decay, 0);
    EXPECT_EQ(run.learning.first_weights, FirstWeights::kRandom);
    EXPECT_EQ(run.learning.encoder_rate, 1);
    EXPECT_EQ(run.learning.encoder_from, 0);
    EXPECT_EQ(run.learning.ease, 0);
}

TEST(Recipe, IsReadAsItIsWritten) {
    for (const std::string codec : {"rc", "l3c"}) {
        Settings settings = paper(codec);
        settings.run.optimizer.learning_rate = 0.1 / 3;
        settings.run.seed = 12345678901234567u;
        settings.prepare.bit_depths = {8, 10};
        settings.run.prepared = settings.prepare;
        Settings read;
        read.run.decay_epochs = settings.run.decay_epochs;
        const Description values = recipe_of(settings.run, codec);
        take_recipe(values, {}, read.run, read.prepare);
        read.run.prepared = read.prepare;
        EXPECT_EQ(recipe_of(read.run, codec), values);
        EXPECT_EQ(read.run.optimizer.learning_rate, 0.1 / 3);
        EXPECT_EQ(values.count("ease"), codec == "l3c" ? 1u : 0u);
        EXPECT_EQ(values.count("bit-depths"), codec == "rc" ? 1u : 0u);
    }
    Settings settings;
    for (const auto& [name, value] :
         Description{{"batch", "many"}, {"crop", ""}, {"schedule", "none"}, {"average", "0.5x"}})
        EXPECT_THROW(take_recipe({{name, value}}, {}, settings.run, settings.prepare), std::runtime_error);
}

TEST(Recipe, WhatWasSaidWinsAndIsADeparture) {
    EXPECT_EQ(departures(recipe_of(paper("rc").run, "rc"), "rc"), std::vector<std::string>());
    EXPECT_EQ(departures(recipe_of(paper("l3c").run, "l3c"), "l3c"), std::vector<std::string>());
    Settings settings = paper("l3c", {"batch", "scale-low"});
    EXPECT_EQ(settings.run.batch, 16);
    settings.run.prepared = settings.prepare;
    EXPECT_EQ(departures(recipe_of(settings.run, "l3c"), "l3c"),
              (std::vector<std::string>{"batch 16 (30)", "scale-low 0.5 (0.6)"}));
    RunSettings ours;
    EXPECT_EQ(departures(recipe_of(ours, "rc"), "rc"), std::vector<std::string>());
    ours.optimizer.gradient_clip = 0;
    EXPECT_EQ(departures(recipe_of(ours, "rc"), "rc"), std::vector<std::string>{"gradient-clip 0 (1)"});
}

std::string refusal(const Description& recorded, const Description& values) {
    try {
        check_resumed(recorded, values, "RUN");
        return "";
    } catch (const std::runtime_error& error) {
        return error.what();
    }
}

TEST(Recipe, AResumedRunSaysTheSame) {
    const Description recorded = recipe_of(paper("rc").run, "rc");
    EXPECT_EQ(refusal(recorded, recorded), "");
    for (const auto& [name, value] : recorded) {
        Description other = recorded;
        other[name] = "7";
        const std::string expected = "RUN was begun with " + name + " " + value + " and not 7";
        EXPECT_EQ(refusal(recorded, other).substr(0, expected.size()), expected);
    }
    Description measured = recorded;
    measured["precision"] = "measured";
    EXPECT_EQ(refusal(recorded, measured), "");
    // Older checkpoints say nothing; all of them began by our recipe.
    EXPECT_EQ(refusal({}, {{"recipe", "ours"}, {"batch", "7"}}), "");
    EXPECT_NE(refusal({}, recorded), "");
    EXPECT_EQ(refusal({{"recipe", "ours"}}, {{"recipe", "ours"}, {"batch", "7"}}), "");
}

}  // namespace
}  // namespace residua::train
