#include "stages/olm/model.h"

#include <gtest/gtest.h>

#include <cmath>
#include <functional>

#include "base/error.h"
#include "models/mixture_network.h"
#include "olm/test_tiles.h"

namespace residua::models {
namespace {

struct Parts {
    olm::Parameters parameters = olm::default_parameters();
    std::vector<nn::Graph> graphs;
    std::vector<entropy::DistributionTables> tables;

    Parts() {
        for (int plane = 0; plane < olm::kPlanes; ++plane) {
            graphs.push_back(olm::test_head(olm::head_inputs(plane, 4), 3, 1));
            tables.push_back(entropy::make_tables(entropy::LambdaActivation::kNone, 3, 1));
        }
    }
    std::vector<uint8_t> written() const {
        std::vector<std::vector<uint8_t>> heads;
        for (size_t i = 0; i < graphs.size(); ++i) heads.push_back(serialise_network(graphs[i], tables[i]));
        const auto experts = serialise_experts(parameters);
        ModelSections sections;
        sections.description = "name=olm-test\ncodec=olm\n";
        sections.experts = experts;
        for (const auto& head : heads) sections.heads.push_back(head);
        return write_model_file(sections);
    }
};

ErrorCode result(const std::vector<uint8_t>& bytes) {
    try {
        const OlmModel model(parse_model_file(bytes));
    } catch (const Error& error) {
        return error.code();
    }
    return ErrorCode::kOk;
}

ErrorCode result(const std::function<void(Parts&)>& change) {
    Parts parts;
    change(parts);
    return result(parts.written());
}

TEST(OlmModel, ReadsBackWhatWasWritten) {
    const Parts parts;
    const auto bytes = parts.written();
    const OlmModel model(parse_model_file(bytes));
    EXPECT_EQ(model.parameters.solve_every, parts.parameters.solve_every);
    for (size_t p = 0; p < olm::kPlanes; ++p) {
        const olm::PlaneParameters &read = model.parameters.planes[p], &written = parts.parameters.planes[p];
        EXPECT_EQ(read.prior, written.prior);
        ASSERT_EQ(read.inputs.size(), written.inputs.size());
        for (size_t i = 0; i < read.inputs.size(); ++i) {
            EXPECT_EQ(read.inputs[i].plane, written.inputs[i].plane);
            EXPECT_EQ(read.inputs[i].dy, written.inputs[i].dy);
            EXPECT_EQ(read.inputs[i].dx, written.inputs[i].dx);
        }
        ASSERT_EQ(read.experts.size(), written.experts.size());
        for (size_t e = 0; e < read.experts.size(); ++e) {
            EXPECT_EQ(read.experts[e].inputs, written.experts[e].inputs);
            EXPECT_EQ(read.experts[e].along, written.experts[e].along);
            EXPECT_EQ(read.experts[e].down, written.experts[e].down);
            EXPECT_EQ(read.experts[e].ridge, written.experts[e].ridge);
        }
        EXPECT_EQ(model.heads[p]->inputs(), olm::head_inputs(static_cast<int>(p), 4));
        EXPECT_EQ(model.tables[p]->components, 3);
    }
}

TEST(OlmModel, WhatIsNotCodedYetIsNoInput) {
    const auto input = [](int plane, olm::Input input) {
        return result(
            [&](Parts& parts) { parts.parameters.planes[static_cast<size_t>(plane)].inputs[3] = input; });
    };
    EXPECT_EQ(input(0, {0, -3, 4}), ErrorCode::kOk);
    EXPECT_EQ(input(0, {0, 0, -4}), ErrorCode::kOk);
    EXPECT_EQ(input(1, {1, 2, 4}), ErrorCode::kOk);
    EXPECT_EQ(input(2, {2, 0, 0}), ErrorCode::kOk);
    EXPECT_EQ(input(0, {0, 0, 0}), ErrorCode::kCorrupt);
    EXPECT_EQ(input(0, {0, 0, 1}), ErrorCode::kCorrupt);
    EXPECT_EQ(input(0, {0, 1, -1}), ErrorCode::kCorrupt);
    EXPECT_EQ(input(0, {0, -4, 0}), ErrorCode::kCorrupt);
    EXPECT_EQ(input(0, {0, -1, 5}), ErrorCode::kCorrupt);
    EXPECT_EQ(input(0, {0, -1, -5}), ErrorCode::kCorrupt);
    EXPECT_EQ(input(0, {1, -1, 0}), ErrorCode::kCorrupt);
    EXPECT_EQ(input(1, {2, -1, 0}), ErrorCode::kCorrupt);
    EXPECT_EQ(input(1, {1, 3, 0}), ErrorCode::kCorrupt);
    EXPECT_EQ(input(1, {-1, -1, 0}), ErrorCode::kCorrupt);
}

TEST(OlmModel, NumbersHaveTheirRanges) {
    const auto expert = [](const std::function<void(olm::LeastSquares&)>& change) {
        return result([&](Parts& parts) { change(parts.parameters.planes[1].experts[2]); });
    };
    EXPECT_EQ(expert([](auto& e) { e.along = 0; }), ErrorCode::kOk);
    EXPECT_EQ(expert([](auto& e) { e.along = 1; }), ErrorCode::kCorrupt);
    EXPECT_EQ(expert([](auto& e) { e.along = -0.5F; }), ErrorCode::kCorrupt);
    EXPECT_EQ(expert([](auto& e) { e.along = NAN; }), ErrorCode::kCorrupt);
    EXPECT_EQ(expert([](auto& e) { e.down = 1; }), ErrorCode::kCorrupt);
    EXPECT_EQ(expert([](auto& e) { e.ridge = 0; }), ErrorCode::kCorrupt);
    EXPECT_EQ(expert([](auto& e) { e.ridge = INFINITY; }), ErrorCode::kCorrupt);
    EXPECT_EQ(expert([](auto& e) { e.inputs = 0; }), ErrorCode::kCorrupt);
    EXPECT_EQ(expert([](auto& e) { e.inputs = 1000; }), ErrorCode::kCorrupt);
    EXPECT_EQ(result([](Parts& parts) { parts.parameters.planes[0].prior[5] = 5; }), ErrorCode::kCorrupt);
    for (const int every : {1, 2, 4, 8})
        EXPECT_EQ(result([&](Parts& parts) { parts.parameters.solve_every = every; }), ErrorCode::kOk);
    for (const int every : {0, 3, 16})
        EXPECT_EQ(result([&](Parts& parts) { parts.parameters.solve_every = every; }), ErrorCode::kCorrupt);
}

TEST(OlmModel, HeadsFitTheExperts) {
    EXPECT_EQ(result([](Parts& parts) { std::swap(parts.graphs[0], parts.graphs[1]); }), ErrorCode::kCorrupt);
    EXPECT_EQ(result([](Parts& parts) { parts.graphs.pop_back(); }), ErrorCode::kCorrupt);
    EXPECT_EQ(result([](Parts& parts) { parts.parameters.planes[0].experts.pop_back(); }),
              ErrorCode::kCorrupt);
    EXPECT_EQ(result([](Parts& parts) {
                  parts.tables[1] = entropy::make_tables(entropy::LambdaActivation::kNone, 4, 1);
              }),
              ErrorCode::kCorrupt);
    EXPECT_EQ(result([](Parts& parts) {
                  parts.tables[1] = entropy::make_tables(entropy::LambdaActivation::kNone, 3, 2);
              }),
              ErrorCode::kCorrupt);
}

TEST(OlmModel, EveryTruncationIsRefused) {
    const auto experts = serialise_experts(olm::default_parameters());
    const Parts parts;
    for (size_t size = 0; size < experts.size(); ++size) {
        ModelSections sections;
        sections.description = "name=olm-test\ncodec=olm\n";
        sections.experts = std::span(experts).first(std::max<size_t>(size, 1));
        const auto head = serialise_network(parts.graphs[0], parts.tables[0]);
        sections.heads = {head, head, head};
        EXPECT_NE(result(write_model_file(sections)), ErrorCode::kOk) << size;
    }
}

}  // namespace
}  // namespace residua::models
