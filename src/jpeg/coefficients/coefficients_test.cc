// The coder of JPEG files' coefficients: what is written comes back, whatever the kernel and the order of bands;
// damage never leads astray; the stream is the same everywhere.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <iterator>

#include "base/checksum.h"
#include "base/error.h"
#include "jpeg/coefficients/dec_coefficients.h"
#include "jpeg/coefficients/enc_coefficients.h"
#include "jpeg/coefficients/kernels.h"
#include "jpeg/coefficients/light_start.h"
#include "jpeg/coefficients/light_state.h"
#include "jpeg/coefficients/weighted_sums.h"
#include "jpeg/coefficients/work.h"

namespace residua::jpeg {
namespace {

constexpr size_t kGoldenSize[] = {22041, 21900, 21672, 22208};
constexpr uint64_t kGoldenChecksum[] = {8789110045041720778u, 13464795156373585676u, 18004245498532143464u,
                                        5743261037205157758u};
constexpr Effort kMixingEfforts[] = {Effort::kFast, Effort::kDefault, Effort::kDense};
constexpr Effort kAllEfforts[] = {Effort::kFast, Effort::kDefault, Effort::kDense, Effort::kLight};

// Numbers of a fixed sequence, the same everywhere.
class Sequence {
  public:
    explicit Sequence(uint32_t seed) : state_(seed) {}
    uint32_t next() {
        state_ = state_ * 1664525u + 1013904223u;
        return state_ >> 8;
    }
    int between(int low, int high) {
        return low + static_cast<int>(next() % static_cast<uint32_t>(high - low + 1));
    }

  private:
    uint32_t state_;
};

struct Picture {
    std::vector<ComponentShape> shapes;
    std::vector<std::vector<int16_t>> coefficients;  // the DC among them

    void add(int columns, int rows, int across = 1, int down = 1) {
        ComponentShape shape{columns, rows, across, down, {}};
        for (size_t i = 0; i < 64; ++i) shape.steps[i] = static_cast<uint16_t>(3 + i / 8 + i % 8);
        shapes.push_back(shape);
        coefficients.emplace_back(64 * size_t(columns) * size_t(rows));
    }
    std::vector<std::vector<int16_t>> dc() const {
        std::vector<std::vector<int16_t>> dc;
        for (const auto& of_component : coefficients) {
            dc.emplace_back();
            for (size_t i = 0; i < of_component.size(); i += 64) dc.back().push_back(of_component[i]);
        }
        return dc;
    }
};

template <class Pointer, class Vectors>
std::vector<Pointer> places(Vectors& of) {
    std::vector<Pointer> places;
    places.reserve(of.size());
    for (auto& v : of) places.push_back(v.data());
    return places;
}

// Something like photographs: DC that wander, AC that shrink with the frequency and are busier in some places.
Picture made_picture(std::initializer_list<ComponentShape> shapes, uint32_t seed, int noise = 12) {
    Sequence sequence(seed);
    Picture picture;
    for (const ComponentShape& shape : shapes) {
        picture.add(shape.columns, shape.rows, shape.across, shape.down);
        auto& all = picture.coefficients.back();
        for (size_t i = 0; i < all.size(); i += 64) {
            const int row = int(i / 64) / shape.columns, column = int(i / 64) % shape.columns;
            all[i] = static_cast<int16_t>(20 * row - 13 * column + sequence.between(-noise, noise));
            const int busy = 1 + (row / 4 + column / 4) % 3 * noise;
            for (size_t p = 1; p < 64; ++p)
                all[i + p] = static_cast<int16_t>(sequence.between(-busy, busy) / (1 + int(p / 8 + p % 8)));
        }
    }
    return picture;
}

ComponentShape shape(int columns, int rows, int across = 1, int down = 1) {
    return {columns, rows, across, down, {}};
}

struct Streams {
    std::vector<std::vector<uint8_t>> dc, ac;

    size_t size() const {
        size_t size = 0;
        for (const auto& s : dc) size += s.size();
        for (const auto& s : ac) size += s.size();
        return size;
    }
    std::vector<uint8_t> joined() const {
        std::vector<uint8_t> all;
        for (const auto* part : {&dc, &ac})
            for (const auto& s : *part) all.insert(all.end(), s.begin(), s.end());
        return all;
    }
};

Streams encoded(const Picture& picture, Effort effort) {
    const Layout layout(picture.shapes, effort);
    const auto dc = picture.dc();
    const auto dcs = places<const int16_t*>(dc);
    Streams streams;
    for (int b = 0; b < layout.dc_bands(); ++b) streams.dc.push_back(encode_dc(layout, b, dcs));
    for (int b = 0; b < layout.ac_bands(); ++b) {
        // Only the band's own rows, with another DC than the right one.
        std::vector<std::vector<int16_t>> rows;
        for (size_t k = 0; k < picture.shapes.size(); ++k) {
            const RowRange r = layout.ac_rows(b, int(k));
            const size_t row = 64 * size_t(picture.shapes[k].columns);
            rows.emplace_back(picture.coefficients[k].begin() + ptrdiff_t(row * size_t(r.first)),
                              picture.coefficients[k].begin() + ptrdiff_t(row * size_t(r.end)));
            for (size_t i = 0; i < rows.back().size(); i += 64) rows.back()[i] = 4711;
        }
        streams.ac.push_back(encode_ac(layout, b, dcs, places<const int16_t*>(rows)));
    }
    return streams;
}

// Bands last first, into rubbish: the decoder must depend on neither.
Picture decoded(const Picture& like, Effort effort, const Streams& streams) {
    const Layout layout(like.shapes, effort);
    Picture back = like;
    auto dc = like.dc();
    for (auto& of_component : dc) std::fill(of_component.begin(), of_component.end(), int16_t{-32768});
    for (auto& of_component : back.coefficients)
        std::fill(of_component.begin(), of_component.end(), int16_t{-32768});
    for (int b = layout.dc_bands(); b-- > 0;)
        decode_dc(layout, b, streams.dc[size_t(b)], places<int16_t*>(dc));
    const auto dcs = places<const int16_t*>(dc);
    for (int b = layout.ac_bands(); b-- > 0;) {
        std::vector<int16_t*> to;
        for (size_t k = 0; k < like.shapes.size(); ++k)
            to.push_back(back.coefficients[k].data() +
                         64 * ptrdiff_t(layout.ac_rows(b, int(k)).first) * like.shapes[k].columns);
        decode_ac(layout, b, streams.ac[size_t(b)], dcs, to);
    }
    return back;
}

void expect_round_trip(const Picture& picture) {
    for (const Effort effort : kAllEfforts) {
        const Picture back = decoded(picture, effort, encoded(picture, effort));
        for (size_t k = 0; k < picture.shapes.size(); ++k)
            EXPECT_TRUE(back.coefficients[k] == picture.coefficients[k]) << k;
    }
}

TEST(JpegCoefficients, ComeBackInAllShapes) {
    expect_round_trip(made_picture({shape(20, 15)}, 1));
    expect_round_trip(made_picture({shape(20, 15), shape(20, 15)}, 2));
    expect_round_trip(made_picture({shape(11, 9), shape(11, 9), shape(11, 9), shape(11, 9)}, 3));
    expect_round_trip(made_picture({shape(1, 1)}, 4));
    expect_round_trip(made_picture({shape(1, 40, 2, 2), shape(1, 20), shape(1, 20)}, 5));
    expect_round_trip(made_picture({shape(40, 1, 2, 2), shape(20, 1), shape(20, 1)}, 6));
    // Components of no blocks, and none that fit together.
    expect_round_trip(made_picture({shape(0, 3), shape(2, 0), shape(0, 0)}, 7));
    expect_round_trip(made_picture({shape(0, 0, 2, 2), shape(4, 3), shape(4, 2)}, 8));
    expect_round_trip(made_picture({shape(3, 2), shape(9, 7), shape(2, 8), shape(1, 1)}, 9));
}

TEST(JpegCoefficients, ComeBackWithEverySampling) {
    for (int across = 1; across <= 4; ++across)
        for (int down = 1; down <= 4; ++down) {
            expect_round_trip(made_picture(
                {shape(13, 11, across, down), shape(13 / across + 1, 11 / down + 1), shape(7, 5)},
                uint32_t(10 * across + down)));
            expect_round_trip(
                made_picture({shape(7, 5, 3, 2), shape(6, 6, across, down), shape(6, 6, across, down)},
                             uint32_t(10 * across + down)));
        }
}

TEST(JpegCoefficients, ExtremesComeBack) {
    for (const int step : {0, 1, 255, 65535}) {
        Picture picture = made_picture({shape(5, 6), shape(5, 6), shape(5, 6)}, 11);
        Sequence sequence(static_cast<uint32_t>(step));
        for (auto& s : picture.shapes) s.steps.fill(static_cast<uint16_t>(step));
        for (auto& all : picture.coefficients)
            for (auto& c : all) c = sequence.next() % 2 ? int16_t{32767} : int16_t{-32768};
        expect_round_trip(picture);
        for (auto& all : picture.coefficients)
            for (auto& c : all) c = static_cast<int16_t>(sequence.between(-32768, 32767));
        expect_round_trip(picture);
        for (auto& all : picture.coefficients)
            for (auto& c : all)
                c = static_cast<int16_t>(sequence.between(-3, 3) * (1 << sequence.between(0, 13)));
        expect_round_trip(picture);
    }
}

TEST(JpegCoefficients, LargePicturesAreCutIntoBands) {
    const Picture picture = made_picture({shape(300, 241, 2, 2), shape(150, 121), shape(150, 121)}, 12, 2);
    const Layout layout(picture.shapes, Effort::kFast);
    EXPECT_GE(layout.ac_bands(), 4);
    for (int k = 0; k < 3; ++k) {
        int row = 0;
        for (int b = 0; b < layout.ac_bands(); ++b) {
            const RowRange r = layout.ac_rows(b, k);
            EXPECT_EQ(r.first, row);
            row = r.end;
        }
        EXPECT_EQ(row, picture.shapes[size_t(k)].rows);
    }
    const Picture back = decoded(picture, Effort::kFast, encoded(picture, Effort::kFast));
    EXPECT_TRUE(back.coefficients == picture.coefficients);
}

TEST(JpegCoefficients, NothingCostsNextToNothing) {
    Picture picture;
    picture.add(64, 64, 2, 2);
    picture.add(32, 32);
    picture.add(32, 32);
    expect_round_trip(picture);
    EXPECT_LT(encoded(picture, Effort::kDefault).size(), 200u);  // 6144 blocks
}

// Ones leave the start of the interval where it is, at 0: words of zeros that the reader needs.
TEST(JpegCoefficients, StreamsOfZerosComeBack) {
    for (const int value : {-1, 1, -32768, 32767}) {
        Picture picture;
        picture.add(6, 5);
        std::fill(picture.coefficients[0].begin(), picture.coefficients[0].end(),
                  static_cast<int16_t>(value));
        expect_round_trip(picture);
    }
}

TEST(JpegCoefficients, EffortsDiffer) {
    const Picture picture = made_picture({shape(60, 60, 2, 2), shape(30, 30), shape(30, 30)}, 13);
    const size_t fast = encoded(picture, Effort::kFast).size();
    EXPECT_LT(encoded(picture, Effort::kDefault).size(), fast);
    EXPECT_LT(fast, encoded(picture, Effort::kLight).size());
}

TEST(JpegCoefficients, AComponentLearnsFromTheOneBefore) {
    Picture picture = made_picture({shape(30, 30), shape(30, 30), shape(30, 30)}, 14);
    const size_t alone = encoded(picture, Effort::kDefault).size();
    picture.coefficients[2] = picture.coefficients[1];
    EXPECT_LT(encoded(picture, Effort::kDefault).size(), alone * 9 / 10);
}

// Room for all that a kernel writes.
struct Room {
    std::vector<uint8_t> bytes = std::vector<uint8_t>(1 << 22);
    WordSink sink;
    Room() {
        sink.begin = sink.at = bytes.data();
        sink.end = sink.begin + bytes.size();
    }
    std::vector<uint8_t> written() const { return {sink.begin, sink.at}; }
};

std::vector<Picture> plain_and_wild() {
    Picture wild = made_picture({shape(9, 8, 2, 1), shape(5, 8), shape(5, 8)}, 15);
    Sequence sequence(16);
    for (auto& all : wild.coefficients)
        for (auto& c : all) c = static_cast<int16_t>(sequence.between(-32768, 32767));
    wild.shapes[1].steps.fill(65535);
    return {made_picture({shape(33, 29, 2, 2), shape(17, 15), shape(17, 15)}, 17), wild};
}

// The scalar kernel is the specification.
TEST(JpegCoefficients, KernelsAreEqual) {
    for (const Picture& picture : plain_and_wild())
        for (const Effort effort : kMixingEfforts) {
            const Layout layout(picture.shapes, effort);
            const auto dc = picture.dc();
            const auto dcs = places<const int16_t*>(dc);
            const auto all = places<const int16_t*>(picture.coefficients);
            std::vector<uint8_t> ac, dc_stream;
            for (const Isa isa : kAllIsas) {
                if (!isa_available(isa)) continue;
                SCOPED_TRACE(isa_name(isa));
                Room output, dc_output;
                State state = State::of_ac(int(dc.size()), effort), dc_state = State::of_dc(int(dc.size()));
                kernels(isa).write_ac[int(effort)](output.sink, tables(),
                                                   ac_work<const int16_t>(layout, 0, dcs, all, state));
                kernels(isa).write_dc(dc_output.sink, tables(),
                                      dc_work<const int16_t>(layout, 0, dcs, dc_state));
                if (isa == Isa::kScalar) {
                    ac = output.written();
                    dc_stream = dc_output.written();
                }
                EXPECT_TRUE(output.written() == ac) << int(effort);
                EXPECT_TRUE(dc_output.written() == dc_stream);
                // Each reads what the scalar one wrote.
                std::vector<std::vector<int16_t>> back;
                for (const auto& c : picture.coefficients) back.emplace_back(c.size());
                State read_state = State::of_ac(int(dc.size()), effort);
                WordSource source{ac.data(), ac.data() + ac.size(), 0};
                kernels(isa).read_ac[int(effort)](
                    source, tables(), ac_work<int16_t>(layout, 0, dcs, places<int16_t*>(back), read_state));
                EXPECT_TRUE(back == picture.coefficients);
            }
        }
}

// The same for the light coder.
TEST(JpegCoefficients, LightKernelsAreEqual) {
    using Parts = std::array<std::vector<uint8_t>, kLightParts>;
    for (const Picture& picture : plain_and_wild()) {
        const Layout layout(picture.shapes, Effort::kLight);
        const auto dc = picture.dc();
        const auto dcs = places<const int16_t*>(dc);
        const auto all = places<const int16_t*>(picture.coefficients);
        Parts ac, dc_parts;
        for (const Isa isa : kAllIsas) {
            if (!isa_available(isa)) continue;
            SCOPED_TRACE(isa_name(isa));
            const auto written = [&](const auto& write) {
                std::array<Room, kLightParts> rooms;
                std::array<WordSink*, kLightParts> sinks;
                for (size_t i = 0; i < kLightParts; ++i) sinks[i] = &rooms[i].sink;
                write(sinks.data());
                Parts parts;
                for (size_t i = 0; i < kLightParts; ++i) parts[i] = rooms[i].written();
                return parts;
            };
            LightState state;
            const Parts own_ac = written([&](WordSink* const* sinks) {
                kernels(isa).write_light_ac(sinks, state.ac_work<const int16_t>(layout, 0, dcs, all));
            });
            const Parts own_dc = written([&](WordSink* const* sinks) {
                kernels(isa).write_light_dc(sinks, state.dc_work<const int16_t>(layout, 0, dcs));
            });
            if (isa == Isa::kScalar) {
                ac = own_ac;
                dc_parts = own_dc;
            }
            EXPECT_TRUE(own_ac == ac);
            EXPECT_TRUE(own_dc == dc_parts);
            std::vector<std::vector<int16_t>> back;
            for (const auto& c : picture.coefficients) back.emplace_back(c.size());
            std::array<WordSource, kLightParts> sources;
            for (size_t i = 0; i < kLightParts; ++i)
                sources[i] = {ac[i].data(), ac[i].data() + ac[i].size(), 0};
            std::array<LightEnd, kLightParts> ends;
            LightState read_state;
            kernels(isa).read_light_ac(sources.data(), ends.data(),
                                       read_state.ac_work<int16_t>(layout, 0, dcs, places<int16_t*>(back)));
            EXPECT_TRUE(back == picture.coefficients);
        }
    }
}

// Symbols have an interval each, whatever is learned, only where no sum is below the one before.
TEST(JpegCoefficients, SumsThatSymbolsBeginWithRise) {
    const auto expect_rises = [](const auto& sums) {
        for (size_t i = 0; i < std::size(sums); ++i) {
            EXPECT_GE(sums[i], i == 0 ? 0 : sums[i - 1]);
            EXPECT_LE(sums[i], 32767);
        }
    };
    for (size_t of = 0; of < size_t(light_start::kClasses); ++of) {
        for (const auto& sums : light_start::kExpected[of]) expect_rises(sums);
        for (const auto& group : light_start::kPlace[of])
            for (const auto& sums : group) expect_rises(sums);
        for (const auto& sums : light_start::kCountAround[of]) expect_rises(sums);
        for (const auto& sums : light_start::kCountExpected[of]) expect_rises(sums);
        for (const auto& sums : light_start::kBusy[of]) expect_rises(sums);
        for (const auto& sums : light_start::kMissed[of]) expect_rises(sums);
    }
}

// No weighted sum leaves 31 bits, whatever the inputs are.
TEST(JpegCoefficients, WeightedSumsAreBounded) {
    for (int k = 0; k < 2; ++k) {
        const Prior& prior = kWeightedSums[k];
        for (size_t p = 0; p < 64; ++p) {
            int64_t mean = 0, size = 0;
            for (size_t i = 0; i < 64; ++i) {
                mean += std::abs(prior.left[i][p]) + std::abs(prior.above[i][p]) + std::abs(prior.own[i][p]);
                if (i < 8) mean += std::abs(prior.dc[i][p]);
                size += std::abs(prior.around_size[i][p]) + std::abs(prior.own_size[i][p]) +
                        std::abs(prior.luma_size[i][p]) + std::abs(prior.previous_size[i][p]);
            }
            EXPECT_LT(mean * kMostInput, int64_t{1} << 31) << p;
            EXPECT_LT(size * kMostInput, int64_t{1} << 31) << p;
        }
    }
}

// The format: this must never change. (docs/format-jpeg-coefficients.md)
TEST(JpegCoefficients, TheStreamsAreTheSameEverywhere) {
    const Picture picture = made_picture({shape(40, 30, 2, 2), shape(20, 15), shape(20, 15)}, 20);
    for (size_t effort = 0; effort < std::size(kAllEfforts); ++effort) {
        const auto streams = encoded(picture, kAllEfforts[effort]).joined();
        EXPECT_EQ(streams.size(), kGoldenSize[effort]);
        EXPECT_EQ(checksum64(streams), kGoldenChecksum[effort]);
    }
}

void expect_damage_is_borne(Effort effort) {
    const Picture picture = made_picture({shape(9, 9, 2, 2), shape(5, 5), shape(5, 5)}, 18, 40);
    const Streams streams = encoded(picture, effort);
    Sequence sequence(19);
    int refused = 0, trials = 0;
    const auto try_it = [&](const Streams& damaged) {
        ++trials;
        try {
            decoded(picture, effort, damaged);
        } catch (const Error& error) {
            EXPECT_TRUE(error.code() == ErrorCode::kCorrupt || error.code() == ErrorCode::kTruncated);
            ++refused;
        }
    };
    for (std::vector<std::vector<uint8_t>> Streams::*part : {&Streams::dc, &Streams::ac}) {
        const std::vector<uint8_t>& whole = (streams.*part)[0];
        for (int trial = 0; trial < 60; ++trial) {
            Streams damaged = streams;
            auto& bytes = (damaged.*part)[0];
            for (int i = 0; i <= trial % 4; ++i)
                bytes[sequence.next() % bytes.size()] ^= static_cast<uint8_t>(1 + sequence.next() % 255);
            try_it(damaged);
        }
        for (int trial = 0; trial < 60; ++trial) {
            Streams damaged = streams;
            (damaged.*part)[0].resize(whole.size() * size_t(trial) / 60);
            try_it(damaged);
            for (auto& byte : (damaged.*part)[0]) byte = static_cast<uint8_t>(sequence.next());
            try_it(damaged);
            std::fill((damaged.*part)[0].begin(), (damaged.*part)[0].end(), trial % 2 ? 255 : 0);
            try_it(damaged);
        }
    }
    EXPECT_GT(refused, trials / 2);
}

TEST(JpegCoefficients, DamageEndsInErrorOrSomeResult) { expect_damage_is_borne(Effort::kDefault); }
TEST(JpegCoefficients, DamageOfLightStreamsEndsInErrorOrSomeResult) {
    expect_damage_is_borne(Effort::kLight);
}

TEST(JpegCoefficients, RefusesWhatDoesNotFit) {
    EXPECT_FALSE(Layout::can_code({}));
    EXPECT_FALSE(Layout::can_code(std::vector<ComponentShape>(5, shape(1, 1))));
    EXPECT_FALSE(Layout::can_code({shape(-1, 1)}));
    EXPECT_FALSE(Layout::can_code({shape(1, Layout::kMaxBlocks + 1)}));
    EXPECT_FALSE(Layout::can_code({shape(1, 1, 0, 1)}));
    EXPECT_FALSE(Layout::can_code({shape(1, 1, 1, 5)}));
    EXPECT_TRUE(Layout::can_code({shape(Layout::kMaxBlocks, Layout::kMaxBlocks, 4, 3)}));
    EXPECT_THROW(Layout({}, Effort::kFast), Error);
    const Layout layout({shape(1, 1)}, Effort::kFast);
    EXPECT_THROW(layout.ac_rows(1, 0), Error);
    EXPECT_THROW(layout.ac_rows(0, 1), Error);
    EXPECT_THROW(encode_dc(layout, 0, {}), Error);
}

}  // namespace
}  // namespace residua::jpeg
