#include "olm/tile_coder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <bit>
#include <cfenv>
#include <cmath>
#include <random>

#include "base/checksum.h"
#include "base/error.h"
#include "entropy/code_length.h"
#include "entropy/enc_rans.h"
#include "olm/test_tiles.h"

namespace residua::olm {
namespace {

using testing::ElementsAreArray;

struct Size {
    int width, height, planes;
};

class OlmTiles : public testing::TestWithParam<Size> {
  protected:
    TestPlanes picture() const { return test_planes(GetParam().width, GetParam().height, GetParam().planes); }
    Allocator allocator_;
};

std::vector<uint8_t> encode(const Model& model, const TestPlanes& picture, Allocator& allocator, Isa isa) {
    entropy::SymbolList list(allocator, picture.samples.size());
    TileCoder coder(model, picture.shape(), allocator, isa);
    coder.encode(picture.source(), list);
    EXPECT_EQ(list.intervals().size(), picture.samples.size());
    return entropy::encode_symbols(list.intervals(), list.positions());
}

// Every instruction set's encoder writes the same bytes, and every one's decoder reads them.
TEST_P(OlmTiles, ComeBackOnEveryInstructionSet) {
    const TestPlanes original = picture();
    const std::vector<uint8_t> specified =
        encode(test_model(Isa::kScalar), original, allocator_, Isa::kScalar);
    for (const Isa isa : kAllIsas) {
        if (!isa_available(isa)) continue;
        SCOPED_TRACE(isa_name(isa));
        const Model model = test_model(isa);
        EXPECT_THAT(encode(model, original, allocator_, isa), ElementsAreArray(specified));
        std::vector<uint8_t> decoded(original.samples.size());
        entropy::RansDecoder decoder(specified);
        TileTarget target;
        for (int p = 0; p < original.planes; ++p)
            target[static_cast<size_t>(p)] = {decoded.data() + p, original.stride(),
                                              ptrdiff_t{original.planes}};
        TileCoder(model, original.shape(), allocator_, isa).decode(decoder, target);
        decoder.finish();
        EXPECT_THAT(decoded, ElementsAreArray(original.samples));
    }
}

INSTANTIATE_TEST_SUITE_P(Sizes, OlmTiles,
                         testing::Values(Size{1, 1, 3}, Size{1, 1, 1}, Size{1, 40, 3}, Size{40, 1, 3},
                                         Size{17, 33, 1}, Size{70, 50, 3}, Size{300, 35, 3}, Size{263, 18, 1},
                                         // Narrow ones, where not all lanes have pixels at the same time.
                                         Size{4, 20, 3}, Size{13, 64, 1}, Size{32, 32, 3}, Size{57, 67, 1},
                                         Size{64, 64, 3}, Size{120, 36, 1}, Size{125, 53, 1},
                                         Size{239, 34, 1}, Size{248, 50, 1}),
                         [](const auto& info) {
                             return std::to_string(info.param.width) + "x" +
                                    std::to_string(info.param.height) + "x" +
                                    std::to_string(info.param.planes);
                         });

// Chroma planes smaller than luma: the bytes come back, as many symbols as there are samples.
TEST(OlmSmallerChroma, ComesBack) {
    const TestPlanes luma = test_planes(37, 41, 1, 2), chroma = test_planes(19, 21, 3, 3);
    const TileSource from_chroma = chroma.source();
    TileShape shape = luma.shape();
    shape.set_plain_planes(3);
    shape.chroma = {19, 21, 2, 2, 1, 1};
    ASSERT_EQ(shape.samples(), 37U * 41 + 2 * 19 * 21);
    Allocator allocator;
    entropy::SymbolList list(allocator, shape.samples());
    const Model model = test_model();
    TileCoder(model, shape, allocator).encode({luma.source()[0], from_chroma[1], from_chroma[2]}, list);
    ASSERT_EQ(list.intervals().size(), shape.samples());
    const auto stream = entropy::encode_symbols(list.intervals(), list.positions());
    std::vector<uint8_t> decoded_luma(luma.samples.size()), decoded_chroma = chroma.samples;
    for (size_t i = 0; i < decoded_chroma.size(); i += 3) decoded_chroma[i + 1] = decoded_chroma[i + 2] = 0;
    entropy::RansDecoder decoder(stream);
    TileCoder coder(model, shape, allocator);
    // Each sample's length once.
    std::array<std::vector<uint32_t>, 3> lengths = {
        std::vector<uint32_t>(37 * 41), std::vector<uint32_t>(19 * 21), std::vector<uint32_t>(19 * 21)};
    uint64_t noted = 0, expected = 0;
    coder.note = [&](int plane, int y, int x, uint32_t length) {
        const auto at = static_cast<size_t>(y * (plane == 0 ? 37 : 19) + x);
        EXPECT_EQ(lengths[static_cast<size_t>(plane)].at(at), 0u);
        lengths[static_cast<size_t>(plane)][at] = length + 1;
        noted += length;
    };
    coder.decode(decoder, {PlaneSamples<uint8_t>{decoded_luma.data(), 37, 1},
                           {decoded_chroma.data() + 1, 57, 3},
                           {decoded_chroma.data() + 2, 57, 3}});
    decoder.finish();
    for (const entropy::Interval interval : list.intervals())
        expected += entropy::code_length_units(interval.frequency);
    EXPECT_EQ(noted, expected);
    for (const auto& of_plane : lengths) EXPECT_THAT(of_plane, testing::Each(testing::Gt(0u)));
    EXPECT_THAT(decoded_luma, ElementsAreArray(luma.samples));
    EXPECT_THAT(decoded_chroma, ElementsAreArray(chroma.samples));
}

// The sum that the wavefront keeps of products of two inputs, as the format defines it, in double precision
// and raster order: what a row's blocks have, then what the rows above have left.
class ReferenceSums {
  public:
    ReferenceSums(int width, double along, double down)
        : along_(along),
          down_(down),
          blocks_(static_cast<size_t>((std::max(width + 2 * kPadding, 256) + kBlock - 1) / kBlock)),
          above_(blocks_, 0.0),
          row_(blocks_, 0.0) {}

    void add(int x, double product) { row_[block(x)] += product; }
    // What a prediction at column x of the row in progress uses.
    double at(int x) const {
        double row = 0;
        for (size_t b = 0; b < block(x); ++b) row = along_ * row + row_[b];
        return above_[block(x)] + along_ * row + row_[block(x)];
    }
    void end_row() {
        double row = 0;
        std::vector<double> next(blocks_);
        for (size_t b = 0; b < blocks_; ++b) {
            row = along_ * row + row_[b];
            const double following = b + 1 < blocks_ ? row_[b + 1] : 0;
            next[b] = down_ * (above_[b] + row + along_ * following);
        }
        above_ = next;
        row_.assign(blocks_, 0.0);
    }

  private:
    static size_t block(int x) { return static_cast<size_t>((x + kPadding) / kBlock); }
    double along_, down_;
    size_t blocks_;
    std::vector<double> above_, row_;
};

// The first plane's first expert against the normal equations
// solved in double precision by Gaussian elimination.
TEST(OlmExperts, SolveTheEquationsOfTheFormat) {
    const TestPlanes picture = test_planes(45, 40, 1);
    Parameters parameters = default_parameters();
    parameters.solve_every = 1;
    PlaneParameters& plane = parameters.planes[0];
    plane.experts = {plane.experts[0]};
    const LeastSquares expert = plane.experts[0];
    const int n = expert.inputs;
    Allocator allocator;
    TileArrays arrays(picture.width, picture.height, 1, allocator);
    TileState tile(parameters, arrays, 0, {}, {}, allocator);
    PlaneState& s = tile.state();
    // What each sample said, in the wavefront's order.
    struct Sample {
        std::vector<double> inputs;
        double mean, share, prediction;
    };
    std::vector<Sample> samples(picture.samples.size());
    alignas(64) float symbols[kLanes];
    for (int t = 0; t < tile.wave().steps; ++t) {
        tile.begin_step(t, symbols);
        kScalarKernels.predict(s, t);
        for (int l = 0; l < kLanes; ++l) {
            if (!s.active[l]) continue;
            symbols[l] = static_cast<float>(picture.at(tile.row(l), tile.column(l), 0));
            Sample& sample = samples[static_cast<size_t>(tile.row(l) * picture.width + tile.column(l))];
            for (int i = 0; i < n; ++i) sample.inputs.push_back(s.value[0][i][l]);
            sample.mean = s.mean[l];
            sample.share = s.share[0][l];
            sample.prediction = s.expert[0][l];
        }
        kScalarKernels.update(s, t, symbols);
    }
    std::vector<ReferenceSums> sums(static_cast<size_t>((n + 1) * (n + 1)),
                                    ReferenceSums(picture.width, expert.along, expert.down));
    double worst = 0;
    for (int y = 0; y < picture.height; ++y) {
        for (int x = 0; x < picture.width; ++x) {
            const Sample& sample = samples[static_cast<size_t>(y * picture.width + x)];
            std::vector<std::vector<double>> m(static_cast<size_t>(n),
                                               std::vector<double>(static_cast<size_t>(n + 1)));
            for (int i = 0; i < n; ++i) {
                const auto row = static_cast<size_t>(i);
                for (int j = 0; j <= n; ++j)
                    m[row][static_cast<size_t>(j)] = sums[static_cast<size_t>(i * (n + 1) + j)].at(x);
                m[row][row] += expert.ridge;
                m[row][static_cast<size_t>(n)] += double{expert.ridge} * plane.prior[row];
            }
            for (size_t k = 0; k < m.size(); ++k)  // symmetric and positive: no pivoting
                for (size_t i = 0; i < m.size(); ++i) {
                    if (i == k) continue;
                    const double factor = m[i][k] / m[k][k];
                    for (size_t j = k; j < m[i].size(); ++j) m[i][j] -= factor * m[k][j];
                }
            double prediction = sample.mean;
            for (size_t i = 0; i < m.size(); ++i) prediction += m[i].back() / m[i][i] * sample.inputs[i];
            worst = std::max(worst, std::fabs(std::clamp(prediction, 0.0, 255.0) - sample.prediction));
            const double target = picture.at(y, x, 0) - sample.mean;
            for (int i = 0; i < n; ++i)
                for (int j = 0; j <= n; ++j)
                    sums[static_cast<size_t>(i * (n + 1) + j)].add(
                        x, sample.share * sample.inputs[static_cast<size_t>(i)] *
                               (j < n ? sample.inputs[static_cast<size_t>(j)] : target));
        }
        for (ReferenceSums& sum : sums) sum.end_row();
    }
    EXPECT_LT(worst, 0.02);
}

// Neighbours of every lane lie where Wavefront says, the
// copies between groups of rows and the padding included.
TEST(OlmWavefront, FindsNeighbours) {
    const TestPlanes picture = test_planes(21, 70, 1, 3);
    const Parameters parameters = default_parameters();
    Allocator allocator;
    TileArrays arrays(picture.width, picture.height, 1, allocator);
    TileState tile(parameters, arrays, 0, {}, {}, allocator);
    const PlaneState& s = tile.state();
    alignas(64) float symbols[kLanes];
    for (int t = 0; t < tile.wave().steps; ++t) {
        tile.begin_step(t, symbols);
        kScalarKernels.predict(tile.state(), t);
        for (int l = 0; l < kLanes; ++l) {
            if (!s.active[l]) continue;
            const int y = tile.row(l), x = tile.column(l);
            symbols[l] = static_cast<float>(picture.at(y, x, 0));
            const float* place = s.samples + Wavefront::offset(t) + l;
            for (int dy = -kLanesBefore; dy <= 0; ++dy)
                for (int dx = -kReach; dx <= (dy < 0 ? kReach : -1); ++dx) {
                    if (y + dy < 0) continue;
                    // Before a row's first pixel stands the one above that; behind its last, that again.
                    int from_y = y + dy, from_x = std::min(x + dx, picture.width - 1);
                    if (from_x < 0) --from_y, from_x = 0;
                    const float expected =
                        from_y < 0 ? 128.0F : static_cast<float>(picture.at(from_y, from_x, 0));
                    ASSERT_EQ(place[Wavefront::neighbour(dy, dx)], expected)
                        << "pixel " << x << ", " << y << ", neighbour " << dx << ", " << dy;
                }
        }
        kScalarKernels.update(tile.state(), t, symbols);
    }
    arrays.end(0);
    for (int y = 0; y < picture.height; ++y)
        for (int x = 0; x < picture.width; ++x)
            for (int dy = 1; dy <= kLanesAfter; ++dy) {
                const float* place = s.samples + Wavefront::offset(tile.wave().step(y, x)) + y % kLanes;
                ASSERT_EQ(place[Wavefront::neighbour(dy, 0)],
                          static_cast<float>(picture.at(std::min(y + dy, picture.height - 1), x, 0)));
            }
}

TEST(OlmArithmetic, IsTheSameUnderAnyRounding) {
    const TestPlanes picture = test_planes(60, 20, 3);
    Allocator allocator;
    const Model model = test_model();
    const auto expected = encode(model, picture, allocator, active_isa());
    ASSERT_EQ(std::fesetround(FE_UPWARD), 0);
    const auto upward = encode(model, picture, allocator, active_isa());
    EXPECT_EQ(std::fegetround(), FE_UPWARD);  // the caller's setting is back
    std::fesetround(FE_TONEAREST);
    EXPECT_THAT(upward, ElementsAreArray(expected));
}

// What the experts say of a picture has been the same since the format was written, whatever compiles this.
TEST(OlmArithmetic, IsTheSameForEveryCompiler) {
    const TestPlanes picture = test_planes(70, 50, 3);
    Allocator allocator;
    Checksum checksum;
    visit_training_samples(default_parameters(), picture.shape(), picture.source(), allocator,
                           [&](const TrainingSample& s) {
                               checksum.update({s.inputs, static_cast<size_t>(head_inputs(s.plane, 4))});
                               for (const int value : {s.whole_centre, s.whole_scale, s.log_scale})
                                   for (int shift = 0; shift < 16; shift += 8) {
                                       const auto byte = static_cast<uint8_t>(value >> shift);
                                       checksum.update({&byte, 1});
                                   }
                           });
    EXPECT_EQ(checksum.value(), 0x40f68867b90a6bd9ULL);
}

// What a ReLU hands on in 8 bits, and in 7, for which some processors have kernels of their own.
TEST(OlmHead, EveryInstructionSetGivesTheSame) {
    constexpr int kInputs = 44, kComponents = 3;
    std::mt19937 random(3);
    std::vector<uint8_t> input(kInputs * kLanes + 64);
    for (uint8_t& byte : input) byte = static_cast<uint8_t>(random());
    for (const nn::ElementKind hidden : {nn::ElementKind::kU8, nn::ElementKind::kQ8}) {
        for (const int weight : {0, 127, -127}) {
            nn::Graph graph = test_head(kInputs, kComponents, 5, hidden);
            auto& layer = std::get<nn::Convolution>(graph.nodes[2].layer);
            if (weight != 0) std::ranges::fill(layer.weights, static_cast<int8_t>(weight));
            for (const int samples : {1, 7, kLanes}) {
                std::vector<int16_t> expected;
                for (const Isa isa : kAllIsas) {
                    if (!isa_available(isa)) continue;
                    const Head head(graph, kInputs, kComponents, isa);
                    Allocator allocator;
                    Head::Scratch scratch(head, allocator);
                    const int16_t* out = head.run(input.data(), samples, scratch);
                    const std::vector<int16_t> result(out, out + samples * head.outputs());
                    if (expected.empty()) expected = result;
                    EXPECT_EQ(result, expected) << samples << " samples, weights " << weight;
                }
            }
        }
    }
}

TEST(OlmHead, RefusesGraphsThatAreNoHeads) {
    const nn::Graph good = test_head(44, 3, 1);
    EXPECT_NO_THROW(Head(good, 44, 3));
    EXPECT_THROW(Head(good, 48, 3), Error);
    EXPECT_THROW(Head(good, 44, 4), Error);
    nn::Graph wide = good;
    auto& layer = std::get<nn::Convolution>(wide.nodes[1].layer);
    layer.kernel = 3;
    layer.padding = 1;
    layer.weights.resize(layer.weights.size() * 9);
    EXPECT_THROW(Head(wide, 44, 3), Error);
    nn::Graph branched = good;
    branched.outputs[0].node = 1;
    EXPECT_THROW(Head(branched, 44, 3), Error);
}

}  // namespace
}  // namespace residua::olm
