// A decoder of the light coder's streams from the text of docs/format-jpeg-light.md alone, in plain integers: what it
// reads must be what was written.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cstdlib>

#include "base/bytes.h"
#include "jpeg/coefficients/enc_coefficients.h"
#include "jpeg/coefficients/light_start.h"
#include "jpeg/coefficients/model.h"
#include "jpeg/coefficients/state.h"
#include "jpeg/coefficients/weighted_sums.h"

namespace residua::jpeg {
namespace {

using Block = std::array<int, 64>;  // by 8·v + u
using Sums = std::array<int, 16>;

int fine_of(int x) {
    if (x < 4) return x;
    const int w = std::bit_width(static_cast<unsigned>(x)) - 1;
    return 4 * (w - 1) + ((x >> (w - 2)) & 3);
}
int level_of(int x) {
    if (x < 2) return x;
    const int w = std::bit_width(static_cast<unsigned>(x)) - 1;
    return 2 * w + ((x >> (w - 1)) & 1);
}

struct Digits {
    std::vector<uint8_t> bytes;
    size_t next = 0;

    int bit() {
        const size_t byte = next / 8;
        const int value = byte < bytes.size() ? bytes[byte] >> (7 - next % 8) & 1 : 0;
        ++next;
        return value;
    }
    int number(int count) {
        int value = 0;
        for (int i = 0; i < count; ++i) value = 2 * value + bit();
        return value;
    }
};

// The number less low, in 16 bits and one at a time what is behind them.
struct Interval {
    Digits digits;
    int value = 0, range = 65535;

    explicit Interval(std::span<const uint8_t> bytes) : digits{{bytes.begin(), bytes.end()}} {
        value = digits.number(16);
    }
    void narrow(int from, int to) {
        value -= from;
        for (range = to - from; range < 32768; range *= 2) value = 2 * value + digits.bit();
    }
};

struct Slot {
    Sums sums;
    int used = 0;

    explicit Slot(const int16_t* start) {
        std::copy_n(start, 15, sums.begin());
        sums[15] = 32767;
    }
    Slot() {
        for (int i = 0; i < 16; ++i) sums[static_cast<size_t>(i)] = 2048 * (i + 1) - 1;
    }
    void learn(int symbol) {
        const int rate = 4 + (used >= 8) + (used >= 40) + (used >= 200);
        for (int i = 0; i < 16; ++i) {
            int& s = sums[static_cast<size_t>(i)];
            s += ((i >= symbol ? 32767 : 0) - s) >> rate;
        }
        used = std::min(used + 1, 200);
    }
};

struct Share {
    int ones = 32768, used = 0;
};

struct Stranger {
    Interval symbols, bits;
    Digits digits;

    int symbol(Slot& a, Slot& b) {
        int x = 0, end = 0, begin = 0;
        for (;; ++x) {
            const auto i = static_cast<size_t>(x);
            begin = end;
            end = static_cast<int>(int64_t{a.sums[i] + b.sums[i]} * (symbols.range - 16) / 65536) + x + 1;
            if (symbols.value < end || x == 15) break;
        }
        symbols.narrow(begin, end);
        a.learn(x);
        b.learn(x);
        return x;
    }
    int bit(Share& share) {
        const int bound = static_cast<int>(int64_t{bits.range} * std::clamp(share.ones, 32, 65503) / 65536);
        const int one = bits.value < bound;
        if (one)
            bits.narrow(0, bound);
        else
            bits.narrow(bound, bits.range);
        share.ones += (65535 * one - share.ones) >> (2 + share.used / 4);
        share.used = std::min(share.used + 1, 16);
        return one;
    }
    int digits_of(Share& share, int count) {
        if (count == 0) return 0;
        const int high = bit(share);
        return high << (count - 1) | digits.number(count - 1);
    }
    int escaped(Slot& slot) {
        const int count = symbol(slot, slot);
        return 1 << count | digits.number(count);
    }
};

Stranger stranger_of(std::span<const uint8_t> stream) {
    ByteReader reader(stream, "stream");
    const uint64_t symbols = reader.varint(), bits = reader.varint();
    const auto first = reader.take(symbols), second = reader.take(bits);
    const auto rest = reader.take(reader.remaining());
    return {Interval(first), Interval(second), {{rest.begin(), rest.end()}}};
}

struct Shape {
    ComponentShape shape;
    std::vector<Block> blocks;

    const Block* at(int row, int column) const {
        const bool there = row >= 0 && column >= 0 && row < shape.rows && column < shape.columns;
        return there ? &blocks[static_cast<size_t>(row * shape.columns + column)] : nullptr;
    }
};

struct Ac {
    std::vector<Slot> expected, place, around, count_expected;
    Slot escape;
    std::vector<Share> sign, digit = std::vector<Share>(16), count_digit = std::vector<Share>(64);

    explicit Ac(size_t of) : place(16) {
        for (const auto& s : light_start::kExpected[of]) expected.emplace_back(s);
        for (unsigned z = 1; z < 64; ++z)
            for (const auto& s : light_start::kPlace[of][std::bit_width(z) - 1]) place.emplace_back(s);
        for (const auto& s : light_start::kCountAround[of]) around.emplace_back(s);
        for (const auto& s : light_start::kCountExpected[of]) count_expected.emplace_back(s);
        for (size_t i = 0; i < 64 * 32; ++i) sign.push_back({light_start::kSign[of][i % 32], 7});
    }
};

int wrapped_16(int x) { return static_cast<int16_t>(static_cast<unsigned>(x)); }
int product(int64_t weight, int x) { return static_cast<int>((weight * x + (1 << 14)) >> 15); }

// Everything of one band of pictures whose components have the sampling factors 2 × 2, 1 × 1, 1 × 1, or all 1 × 1.
class Reader {
  public:
    Reader(std::vector<Shape>& picture, Stranger& stream) : picture_(picture), stream_(stream) {}

    void run() {
        Ac models[] = {Ac(0), Ac(1)};
        for (size_t k = 0; k < picture_.size(); ++k) component(k, models[k > 0]);
    }

  private:
    int step(size_t k, size_t p) const { return std::max<int>(picture_[k].shape.steps[p], 1); }
    // From frequency p to q, with the step that p has.
    int weight(int64_t w, int from, size_t k, size_t q, int shift) const {
        return static_cast<int>(
            std::clamp<int64_t>((w * from * ((1 << 24) / step(k, q))) >> shift, -32767, 32767));
    }

    void component(size_t k, Ac& model) {
        Shape& own = picture_[k];
        std::vector<int> counts(own.blocks.size());
        const auto count_at = [&](int row, int column) {
            return own.at(row, column) ? counts[static_cast<size_t>(row * own.shape.columns + column)] : 0;
        };
        for (int row = 0; row < own.shape.rows; ++row)
            for (int column = 0; column < own.shape.columns; ++column) {
                begin(k, row, column);
                const int l = count_at(row, column - 1), a = count_at(row - 1, column);
                const int near =
                    column == 0 ? 8 * a
                    : row == 0  ? 8 * l
                                : 3 * (l + a) + count_at(row - 1, column - 1) + count_at(row - 1, column + 1);
                int total = 0;
                for (size_t q = 1; q < 64; ++q) total += std::min(size_[q] & 0xffff, 16);
                const int high =
                    stream_.symbol(model.around[static_cast<size_t>(
                                       near < 128 ? near / 4 : std::min(32 + (near / 4 - 32) / 2, 63))],
                                   model.count_expected[static_cast<size_t>(std::min(total / 8, 63))]);
                Share* const digit = &model.count_digit[static_cast<size_t>(4 * high)];
                const int second = stream_.bit(digit[1]);
                const int count = 4 * high + 2 * second + stream_.bit(digit[2 + second]);
                counts[static_cast<size_t>(row * own.shape.columns + column)] = count;
                Block& block = own.blocks[static_cast<size_t>(row * own.shape.columns + column)];
                std::fill(block.begin() + 1, block.end(), 0);
                for (int z = 1, left = count; left > 0 && z < 64; ++z) {
                    const int value = coefficient(model, z, left);
                    if (value == 0) continue;
                    --left;
                    block[kZigzag[z]] = value;
                    learn(k, static_cast<size_t>(z), std::clamp(value, -255, 255));
                }
            }
    }

    void begin(size_t k, int row, int column) {
        mean_ = size_ = {};
        const Shape& own = picture_[k];
        const Prior& prior = kWeightedSums[k > 0];
        const auto kept = [](const Block* block, size_t p) {
            return block ? std::clamp((*block)[p], -255, 255) : 0;
        };
        const Block* const left = own.at(row, column - 1);
        const Block* const above = own.at(row - 1, column);
        for (size_t z = 1; z < 64; ++z) {
            const size_t q = kZigzag[z];
            int mean = 0, size = 0;
            for (size_t p = 1; p < 64; ++p) {
                const int s = step(k, p);
                mean += product(weight(prior.left[p][q], s, k, q, 24), 128 * kept(left, p)) +
                        product(weight(prior.above[p][q], s, k, q, 24), 128 * kept(above, p));
                const int b = std::min(3 * (std::abs(kept(left, p)) + std::abs(kept(above, p))) +
                                           std::abs(kept(own.at(row - 1, column - 1), p)) +
                                           std::abs(kept(own.at(row - 1, column + 1), p)),
                                       1023);
                size += product(weight(prior.around_size[p][q], s, k, q, 22) / 3, 32 * b);
                if (k == 0) continue;
                size += product(weight(of_luma(k, p, q), step(0, p), k, q, 24), 32 * luma(k, row, column, p));
                if (k == 2)
                    size += product(weight(prior.previous_size[p][q], step(1, p), k, q, 24),
                                    128 * std::abs(kept(picture_[1].at(row, column), p)));
            }
            constexpr int kDown[] = {0, -1, -1, -1, 0, 1, 1, 1}, kAcross[] = {-1, 0, -1, 1, 1, -1, 0, 1};
            for (int i = 0; i < 8; ++i)
                if (const Block* const other = own.at(row + kDown[i], column + kAcross[i])) {
                    const int d = std::clamp((*other)[0] - (*own.at(row, column))[0], -1023, 1023);
                    mean += product(weight(prior.dc[i][q], step(k, 0), k, q, 22), 32 * d);
                }
            mean_[z] = wrapped_16(mean);
            size_[z] = wrapped_16(size);
        }
    }
    int ratio(size_t k) const { return picture_[0].shape.down / picture_[k].shape.down; }
    int64_t of_luma(size_t k, size_t p, size_t q) const {
        const auto belongs = [&](size_t f) {
            const auto r = static_cast<size_t>(ratio(k));
            return 8 * ((f / 8 + r - 1) / r) + (f % 8 + r - 1) / r;
        };
        int64_t total = 0;
        for (size_t f = 1; f < 64; ++f)
            if (belongs(f) == p) total += kWeightedSums[1].luma_size[f][q];
        return total;
    }
    int luma(size_t k, int row, int column, size_t p) const {
        const Shape& of = picture_[0];
        int total = 0;
        for (int i = 0; i < ratio(k) * ratio(k); ++i) {
            const int y = std::min(row * ratio(k) + i / ratio(k), of.shape.rows - 1);
            const int x = std::min(column * ratio(k) + i % ratio(k), of.shape.columns - 1);
            total += std::min(std::abs((*of.at(y, x))[p]), 255);
        }
        return std::min(total * (1024 / (ratio(k) * ratio(k))) / 256, 1023);
    }

    void learn(size_t k, size_t z, int value) {
        const Prior& prior = kWeightedSums[k > 0];
        const size_t p = kZigzag[z];
        for (size_t to = 1; to < 64; ++to) {
            const size_t q = kZigzag[to];
            mean_[to] =
                wrapped_16(mean_[to] + product(weight(prior.own[p][q], step(k, p), k, q, 24), 128 * value));
            size_[to] = wrapped_16(size_[to] + product(weight(prior.own_size[p][q], step(k, p), k, q, 24),
                                                       128 * std::abs(value)));
        }
    }

    int coefficient(Ac& model, int z, int left) {
        constexpr int kFirst[] = {1, 2, 3, 4, 5, 6, 8, 10, 13, 17, 23, 31, 39, 51};
        const auto lower =
            std::count_if(std::begin(kFirst), std::end(kFirst), [&](int n) { return n <= left; });
        const int expected = std::min(fine_of(size_[static_cast<size_t>(z)] & 0xffff), 39);
        const int symbol = stream_.symbol(
            model.expected[static_cast<size_t>(8 * expected + std::min(8 * left / (64 - z), 7))],
            model.place[static_cast<size_t>(16 * z + lower)]);
        if (symbol == 0) return 0;
        const int guess = z < 32 ? mean_[static_cast<size_t>(z)] : 0;
        const int sure = std::min(fine_of(std::abs(guess) / 2), 31);
        const bool other = stream_.bit(model.sign[static_cast<size_t>(32 * z + sure)]) != 0;
        int magnitude = symbol;
        if (symbol == 15)
            magnitude = 134 + stream_.escaped(model.escape);
        else if (symbol > 8)
            magnitude = 7 + (1 << (symbol - 8) |
                             stream_.digits_of(model.digit[static_cast<size_t>(symbol)], symbol - 8));
        return other != (guess < 0) ? -magnitude : magnitude;
    }

    std::vector<Shape>& picture_;
    Stranger& stream_;
    std::array<int, 64> mean_{}, size_{};
};

class Sequence {
  public:
    explicit Sequence(uint32_t seed) : state_(seed) {}
    int between(int low, int high) {
        state_ = state_ * 1664525u + 1013904223u;
        return low + static_cast<int>((state_ >> 8) % static_cast<uint32_t>(high - low + 1));
    }

  private:
    uint32_t state_;
};

std::vector<Shape> made_picture(int ratio, int busy) {
    Sequence sequence(static_cast<uint32_t>(ratio + 10 * busy));
    std::vector<Shape> picture;
    for (int k = 0; k < 3; ++k) {
        Shape& own = picture.emplace_back();
        own.shape = {
            k == 0 ? 7 * ratio : 7, k == 0 ? 5 * ratio : 5, k == 0 ? ratio : 1, k == 0 ? ratio : 1, {}};
        for (size_t p = 0; p < 64; ++p)
            own.shape.steps[p] = static_cast<uint16_t>(2 + k + 3 * (p / 8 + p % 8));
        own.blocks.resize(static_cast<size_t>(own.shape.columns * own.shape.rows));
        for (Block& block : own.blocks)
            for (int p = 0; p < 64; ++p) {
                const int most = busy / (1 + p / 8 * 2 + p % 8);
                const int value = sequence.between(-most, most);
                block[static_cast<size_t>(p)] = p == 0 ? 5 * value : value;
            }
    }
    return picture;
}

void expect_read_by_a_stranger(int ratio, int busy) {
    const std::vector<Shape> picture = made_picture(ratio, busy);
    std::vector<ComponentShape> shapes;
    std::vector<std::vector<int16_t>> coefficients, dc;
    for (const Shape& own : picture) {
        shapes.push_back(own.shape);
        coefficients.emplace_back();
        dc.emplace_back();
        for (const Block& block : own.blocks) {
            dc.back().push_back(static_cast<int16_t>(block[0]));
            for (const int c : block) coefficients.back().push_back(static_cast<int16_t>(c));
        }
    }
    const Layout layout(shapes, Effort::kLight);
    ASSERT_EQ(layout.ac_bands(), 1);
    std::vector<const int16_t*> dcs, blocks;
    for (size_t k = 0; k < 3; ++k) {
        dcs.push_back(dc[k].data());
        blocks.push_back(coefficients[k].data());
    }
    const std::vector<uint8_t> ac_stream = encode_ac(layout, 0, dcs, blocks);
    std::vector<Shape> read = picture;
    for (Shape& own : read)
        for (Block& block : own.blocks) std::fill(block.begin() + 1, block.end(), 4711);
    Stranger stream = stranger_of(ac_stream);
    Reader(read, stream).run();
    for (size_t k = 0; k < 3; ++k) EXPECT_TRUE(read[k].blocks == picture[k].blocks) << k;
    EXPECT_EQ((stream.digits.next + 7) / 8, stream.digits.bytes.size());
}

TEST(JpegLightFormat, AStrangerReadsTheAc) {
    expect_read_by_a_stranger(2, 40);
    expect_read_by_a_stranger(1, 40);
    expect_read_by_a_stranger(2, 900);
    expect_read_by_a_stranger(1, 4000);
}

// The errors' symbols, in the order in which they come, of a picture whose guesses are known: all 0 but the last DC.
TEST(JpegLightFormat, AStrangerReadsTheDc) {
    for (const int last : {0, 1, -3, 7, -100, 191, 192, -1000, 32767}) {
        std::vector<int16_t> dc(12);
        dc.back() = static_cast<int16_t>(last);
        const Layout layout({{4, 3, 1, 1, {}}}, Effort::kLight);
        const std::vector<const int16_t*> dcs = {dc.data()};
        Stranger stream = stranger_of(encode_dc(layout, 0, dcs));
        Slot busy(light_start::kBusy[0][0]), missed(light_start::kMissed[0][0]), escape;
        Share sign;
        std::vector<Share> digit(16);
        for (int i = 0; i < 12; ++i) {
            const int symbol = stream.symbol(busy, missed);
            int magnitude = symbol;
            bool negative = false;
            if (symbol > 0) negative = stream.bit(sign) != 0;
            if (symbol == 15) magnitude = 191 + stream.escaped(escape);
            if (symbol > 3 && symbol < 15) {
                const int count = symbol / 2 - 1;
                magnitude =
                    (2 + symbol % 2) << count | stream.digits_of(digit[static_cast<size_t>(symbol)], count);
            }
            EXPECT_EQ(negative ? -magnitude : magnitude, i == 11 ? last : 0) << last;
            EXPECT_EQ(symbol, i == 11 ? std::min(level_of(std::abs(last)), 15) : 0);
        }
    }
}

}  // namespace
}  // namespace residua::jpeg
