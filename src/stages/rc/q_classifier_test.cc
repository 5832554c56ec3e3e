#include "stages/rc/q_classifier.h"

#include <gtest/gtest.h>

#include <functional>

#include "base/error.h"
#include "models/registry.h"
#include "stages/methods.h"
#include "stages/rc/model.h"
#include "stages/test_models.h"

namespace residua::models {
namespace {

const std::vector<uint8_t> kOther(20, 3);  // sections that nobody reads here

std::vector<uint8_t> model_with(std::span<const uint8_t> section) {
    return write_model_file({.description = "name=rc-test\ncodec=rc\n",
                             .graph = kOther,
                             .distribution = kOther,
                             .q_classifier = section});
}

ErrorCode result_of(std::span<const uint8_t> section) {
    const auto bytes = model_with(section);
    try {
        QClassifier classifier(parse_model_file(bytes));
    } catch (const Error& error) {
        EXPECT_NE(std::string(error.what()), "");
        return error.code();
    }
    return ErrorCode::kOk;
}

// A graph with one convolution to `channels` features, changed, and scores for three classes.
ErrorCode changed(const std::function<void(nn::Graph&, QScores&)>& change) {
    nn::Random random(1);
    nn::Graph graph;
    graph.align = 2;
    const int input = graph.add(nn::Input{});
    nn::Convolution layer = nn::random_convolution(random, 3, 4, 3, nn::ElementKind::kI16);
    layer.stride = 2;
    graph.outputs.push_back({"features", graph.add(std::move(layer), {input})});
    QScores scores{6, std::vector<int16_t>(12, 1), std::vector<int32_t>(3, 1)};
    change(graph, scores);
    return result_of(serialise_q_classifier(scores, graph));
}

TEST(QClassifier, ReadsBackWhatWasWritten) {
    const auto bytes = model_with(make_brightness_q_classifier(9));
    const QClassifier classifier(parse_model_file(bytes));
    EXPECT_EQ(classifier.scores.first_q, 9);
    EXPECT_EQ(classifier.scores.classes(), 3);
    EXPECT_EQ(classifier.scores.weights, (std::vector<int16_t>{1, 0, -1}));
    EXPECT_EQ(classifier.scores.bias[0], 0);
    EXPECT_GT(classifier.scores.bias[1], 0);
    EXPECT_EQ(classifier.network.graph().outputs.size(), 1u);
}

TEST(QClassifier, WhatDoesNotFitIsRefused) {
    const auto result = [](const auto& change) { return changed(change); };
    EXPECT_EQ(result([](nn::Graph&, QScores&) {}), ErrorCode::kOk);
    EXPECT_EQ(result([](nn::Graph& graph, QScores&) { graph.outputs[0].name = "feature"; }),
              ErrorCode::kCorrupt);
    EXPECT_EQ(result([](nn::Graph& graph, QScores&) {
                  graph.outputs.push_back({"more", 1});
              }),
              ErrorCode::kCorrupt);
    EXPECT_EQ(result([](nn::Graph& graph, QScores&) {
                  std::get<nn::Convolution>(graph.nodes[1].layer).out.kind = nn::ElementKind::kQ8;
              }),
              ErrorCode::kCorrupt);
    EXPECT_EQ(result([](nn::Graph& graph, QScores&) {
                  std::get<nn::Convolution>(graph.nodes[1].layer).stride = 1;
              }),
              ErrorCode::kCorrupt)
        << "features as large as the picture";
    EXPECT_EQ(result([](nn::Graph& graph, QScores&) {
                  std::get<nn::Convolution>(graph.nodes[1].layer).padding = 2;
              }),
              ErrorCode::kCorrupt)
        << "an odd size";
    EXPECT_EQ(result([](nn::Graph& graph, QScores&) {
                  std::get<nn::Input>(graph.nodes[0].layer).kind = nn::ElementKind::kU8;
              }),
              ErrorCode::kCorrupt);
    EXPECT_EQ(result([](nn::Graph&, QScores& scores) { scores.first_q = 0; }), ErrorCode::kCorrupt);
    EXPECT_EQ(result([](nn::Graph&, QScores& scores) { scores.first_q = 49; }), ErrorCode::kOk);
    EXPECT_EQ(result([](nn::Graph&, QScores& scores) { scores.first_q = 50; }), ErrorCode::kCorrupt);
    EXPECT_EQ(result([](nn::Graph&, QScores& scores) { scores.weights.push_back(0); }), ErrorCode::kCorrupt);
    EXPECT_EQ(result([](nn::Graph&, QScores& scores) { scores.weights.pop_back(); }), ErrorCode::kTruncated);
    for (const size_t classes : {1u, 17u})
        EXPECT_EQ(result([=](nn::Graph&, QScores& scores) {
                      scores.bias.resize(classes);
                      scores.weights.resize(4 * classes);
                  }),
                  ErrorCode::kCorrupt)
            << classes;
}

TEST(QClassifier, TruncationsAreRefused) {
    const auto section = make_random_q_classifier(6, 7);
    EXPECT_EQ(result_of(section), ErrorCode::kOk);
    for (size_t size = 1; size < section.size(); size += size < 40 ? 1 : 37)
        ASSERT_NE(result_of(std::span(section).first(size)), ErrorCode::kOk) << size;
}

TEST(QScores, TheHighestScoreWinsAndTheFinestOfEqualOnes) {
    const QScores scores{6, {1, 0, 0, 1, -1, -1}, {0, 0, 10}};  // features a and b; a, b, 10 − a − b
    const auto best = [&](int64_t a, int64_t b, int64_t positions) {
        const int64_t sums[] = {a, b};
        return scores.best_q(sums, positions);
    };
    EXPECT_EQ(best(30, 20, 5), 6);
    EXPECT_EQ(best(20, 30, 5), 7);
    EXPECT_EQ(best(10, 10, 5), 8);
    EXPECT_EQ(best(30, 30, 5), 6);
    EXPECT_EQ(best(-30, -30, 5), 8);
    EXPECT_EQ(best(0, 0, 0), 6);
}

TEST(QScores, NothingOverflowsAtTheLimits) {
    constexpr int kFeatures = nn::kMaxChannels;
    QScores scores{6, std::vector<int16_t>(2 * kFeatures, INT16_MIN), {INT32_MIN, INT32_MAX}};
    std::fill_n(scores.weights.begin() + kFeatures, kFeatures, int16_t{INT16_MAX});
    const std::vector<int64_t> low(kFeatures, kMaxPositions * INT16_MIN),
        high(kFeatures, kMaxPositions * INT16_MAX);
    EXPECT_EQ(scores.best_q(low, kMaxPositions), 6);
    EXPECT_EQ(scores.best_q(high, kMaxPositions), 7);
}

TEST(QClassifier, ABadOneIsNotedWhenAModelIsAdded) {
    Registry registry(codec::model_methods());
    const Method& rc = codec::method_named("rc");
    for (size_t i = 0; i < registry.count(); ++i) {
        const Registry::Entry& entry = registry.at(i);
        if (!entry.built_in || entry.method != &rc) continue;
        ModelSections sections = entry.file;
        const auto section = make_random_q_classifier(6, 7);
        sections.q_classifier = section;
        const auto& added =
            static_cast<const RcModel&>(registry.parsed(registry.add(write_model_file(sections)), rc));
        ASSERT_NE(added.q_classifier(), nullptr);
        EXPECT_EQ(added.q_classifier(), added.q_classifier());
        EXPECT_EQ(added.q_classifier()->scores.first_q, 6);
        const size_t count = registry.count();
        sections.q_classifier = std::span(section).first(section.size() - 1);
        EXPECT_THROW(registry.add(write_model_file(sections)), Error);
        EXPECT_EQ(registry.count(), count);
        sections.q_classifier = {};
        const auto& without =
            static_cast<const RcModel&>(registry.parsed(registry.add(write_model_file(sections)), rc));
        EXPECT_EQ(without.q_classifier(), nullptr);
        return;
    }
    GTEST_SKIP() << "no RC model is built in";
}

}  // namespace
}  // namespace residua::models
