// prototype
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <vector>

#include "base/error.h"
#include "dct/component.h"
#include "dct/decision.h"

namespace residua::dct {

// 0, 1, 2, 3, 4-5, 6-7, 8-11, 12-15, 16-23, ...: half octaves.
inline uint32_t level(uint32_t x) {
    if (x < 2) return x;
    const uint32_t w = static_cast<uint32_t>(std::bit_width(x));
    return 2 * (w - 1) + ((x >> (w - 2)) & 1);
}
inline uint32_t level(uint32_t x, uint32_t most) { return std::min(level(x), most); }
inline int signed_level(int x, int most) {
    const int l = static_cast<int>(level(static_cast<uint32_t>(std::abs(x)), static_cast<uint32_t>(most)));
    return x < 0 ? -l : l;
}

// What later blocks want to know of a block.
struct BlockInfo {
    std::array<int16_t, 64> value{};
    std::array<uint16_t, 64> magnitude{};
    std::array<uint16_t, 64> around{};    // weighted sum of 3x3
    std::array<int32_t, 8> right{};       // per v: continued over right edge
    std::array<int32_t, 8> below{};       // per u
    std::array<int32_t, 8> right2{};
    std::array<int32_t, 8> below2{};
    std::array<uint8_t, 3> counts{};
    int dc_error = 0;
    bool known = false;
};

// Order
struct Order {
    std::array<uint8_t, 49> inner{};
};
constexpr std::array<uint8_t, 49> make_inner() {
    std::array<uint8_t, 49> o{};
    size_t n = 0;
    for (int d = 2; d <= 14; ++d)
        for (int i = 0; i <= d; ++i) {
            const int v = d % 2 ? d - i : i, u = d - v;
            if (u >= 1 && v >= 1 && u < 8 && v < 8) o[n++] = static_cast<uint8_t>(8 * v + u);
        }
    return o;
}
inline constexpr std::array<uint8_t, 49> kInner = make_inner();
inline constexpr std::array<uint8_t, 7> kRow = {1, 2, 3, 4, 5, 6, 7};
inline constexpr std::array<uint8_t, 7> kColumn = {8, 16, 24, 32, 40, 48, 56};

// basis at border (2^13): alpha_u * cos(pi u / 16)
inline constexpr std::array<int32_t, 8> kEdge = {2896, 4017, 3784, 3406, 2896, 2276, 1567, 799};
// 1.5 * at border - 0.5 * next sample
inline constexpr std::array<int32_t, 8> kSlope = {2896, 4324, 4893, 5508, 5793, 5422, 4242, 2338};

template <class Bits>
class CoefficientModel {
  public:
    explicit CoefficientModel(int kind) : kind_(kind) {
        for (auto& t : coefficient_tables_) t.resize(kTable);
        for (auto& t : sign_tables_) t.resize(kSignTable);
        for (auto& t : bits_tables_) t.resize(kBitsTable);
        for (auto& t : dc_tables_) t.resize(kCountTable);
        for (auto& t : count_tables_) t.resize(kCountTable);
    }

    struct Side {  // other components at this block; null where none
        const int16_t* first = nullptr;   // co-located block of luma if of equal size (or Cb's for Cr)
        const int16_t* cb = nullptr;
        std::array<uint16_t, 64> luma{};
        std::array<int16_t, 64> luma_value{};
        int luma_error = 0, cb_error = 0;
    };

    void block(Bits& bits, int16_t* c, const uint16_t* steps, BlockInfo& info, const BlockInfo& L, const BlockInfo& A,
               const BlockInfo& AL, const BlockInfo& AR, const Side& side);

  private:
    static constexpr int N = 18;
    static constexpr size_t kNodes = 16;
    static constexpr size_t kTable = size_t{1} << 19;
    static constexpr size_t kSignTable = size_t{1} << 16;
    static constexpr size_t kBitsTable = size_t{1} << 17;
    static constexpr size_t kCountTable = size_t{1} << 18;

    int count(Bits& bits, int group, int value, int nbits, const std::array<uint32_t, 8>& contexts);
    int coefficient(Bits& bits, int pos, int value, bool forced);
    int dc(Bits& bits, int d, uint32_t spread, const BlockInfo& info, const BlockInfo& L, const BlockInfo& A,
           const BlockInfo& AL, const BlockInfo& AR, const Side& side, int tilt);

    int kind_;
    std::array<std::vector<Slot>, N> coefficient_tables_;
    std::array<std::vector<Slot>, 8> sign_tables_;
    std::array<std::vector<Slot>, 6> bits_tables_;
    std::array<std::vector<Slot>, 8> count_tables_;
    std::array<std::vector<Slot>, 8> dc_tables_;
    Decision<8, 2> dc_{{128, 1024}, 128, {128, 2048}, 1000};
    Decision<N, 4> coefficient_{{64 * 16, 64 * 16, 1024, 1024}, 64*16, {1024, 1024*16}, 1000};
    Decision<8, 2> sign_{{64, 324}, 64, {1024, 64}, 1000};
    Decision<6, 2> bits_{{256, 64}, 256, {1024, 64}, 1000};
    Decision<8, 2> count_{{256, 1024}, 4, {1024, 1024}, 1000};

    // state of the block at hand
    std::array<uint32_t, 100> padded_{};
    std::array<int16_t, 64> now_{};
    std::array<int32_t, 8> across_{}, down_{}, across2_{}, down2_{};
    const BlockInfo *L_ = nullptr, *A_ = nullptr, *AL_ = nullptr, *AR_ = nullptr;
    const uint16_t* steps_ = nullptr;
    const Side* side_ = nullptr;
    uint32_t remaining_ = 0, places_ = 0, sum_ = 0, last_ = 0, last2_ = 0, group_ = 0, index_ = 0, coded_ = 0;
};

template <class Bits>
int CoefficientModel<Bits>::count(Bits& bits, int group, int value, int nbits, const std::array<uint32_t, 8>& contexts) {
    uint32_t node = 1;
    for (int b = nbits - 1; b >= 0; --b) {
        for (size_t i = 0; i < 8; ++i)
            count_.slots[i] = &count_tables_[i][(static_cast<uint32_t>(group) << 16 | ((contexts[i] << 6) & 0xffff) | node) & (kCountTable - 1)];
        count_.selected = {static_cast<uint32_t>(group) << 6 | node, static_cast<uint32_t>(group) << 8 | (contexts[0] & 31) << 3 | static_cast<uint32_t>(b)};
        count_.final_selected = static_cast<uint32_t>(group);
        count_.refined = {static_cast<uint32_t>(group) << 6 | node, static_cast<uint32_t>(group) << 6 | node};
        node = node << 1 | static_cast<uint32_t>(count_.code(bits, (value >> b) & 1));
    }
    return static_cast<int>(node) - (1 << nbits);
}

inline int ratio(int64_t edge, int32_t basis, int32_t step) {
    // in eighths of a quantised coefficient
    return static_cast<int>(std::clamp<int64_t>(edge * 8 / (int64_t{basis} * step), -16384, 16384));
}

template <class Bits>
int CoefficientModel<Bits>::coefficient(Bits& bits, int pos, int value, bool forced) {
    const uint32_t p = static_cast<uint32_t>(pos);
    const int v = pos >> 3, u = pos & 7;
    const int step = std::max<int>(1, steps_[pos]);
    const uint32_t l = L_->magnitude[p], a = A_->magnitude[p], al = AL_->magnitude[p], ar = AR_->magnitude[p];
    const uint32_t f1 = 3 * (l + a) + al + ar;  // *8
    const uint32_t at = static_cast<uint32_t>(10 * (v + 1) + u + 1);
    const auto& q = padded_;
    const uint32_t f2 = 2 * (q[at - 10] + q[at + 10] + q[at - 1] + q[at + 1]) + q[at - 11] + q[at - 9] + q[at + 9] + q[at + 11];
    uint32_t far = (v >= 1 ? q[at - 20] : 0) + (u >= 1 ? q[at - 2] : 0) + (v < 7 ? q[at + 20] : 0) + (u < 7 ? q[at + 2] : 0);
    const uint32_t f3 = L_->around[p] + A_->around[p];  // weights 4+4*2+4 = 16 each
    const uint32_t f4 = AL_->around[p] + AR_->around[p];
    // predictions
    const bool hl = L_->known, ha = A_->known;
    const int pl = hl ? ratio(across_[v], kEdge[u], step) : 0;
    const int pa = ha ? ratio(down_[u], kEdge[v], step) : 0;
    const int pl2 = hl ? ratio(across2_[v], kSlope[u], step) : 0;
    const int pa2 = ha ? ratio(down2_[u], kSlope[v], step) : 0;
    int both;
    if (group_ == 1) both = pa;
    else if (group_ == 2) both = pl;
    else both = (pl + pa) / 2;
    const int both_slope = group_ == 1 ? pa2 : group_ == 2 ? pl2 : (pl2 + pa2) / 2;
    const uint32_t e = f1 * 2 + f2 * 2 + f3 + 2 * far;  // energy estimate
    const uint32_t zone = group_ == 0 ? std::min<uint32_t>(static_cast<uint32_t>(u + v) - 2, 7) : 7 + group_;
    const uint32_t fill = remaining_ * 16 / places_;  // 0..16
    const uint32_t lumaq = kind_ ? level(side_->luma[p], 15) : level(f4, 15);
    const uint32_t cbm = side_->cb ? static_cast<uint32_t>(std::abs(side_->cb[pos])) : ar;

    std::array<uint32_t, N> x;
    x[0] = p << 5 | level(f1, 31);
    x[1] = p << 5 | level(f2 + far, 31);
    x[2] = p << 5 | level(f3, 31);
    x[3] = p << 6 | remaining_;
    x[4] = (level(f1, 15) << 4 | level(f2, 15)) << 4 | zone;
    x[5] = (level(f2 + far, 15) << 4 | level(f3, 15)) << 5 | fill;
    x[6] = p << 6 | 0;  // later
    x[7] = (p << 3 | std::min(level(l), 7u)) << 3 | std::min(level(a), 7u);
    x[8] = (remaining_ << 6 | index_) << 3 | level(f1 / 4, 7);
    x[9] = level(e, 31) << 6;  // later
    x[10] = zone << 9;
    x[11] = (p << 3 | level(last_, 7)) << 3 | level(last2_, 7);
    x[12] = (level(e, 31) << 5 | fill) << 4 | zone;
    x[13] = p << 4 | lumaq;
    x[14] = (p << 3 | level(cbm, 7)) << 3 | level(f2, 7);
    x[15] = (p << 4 | level(sum_, 15)) << 2 | level(coded_,3);
    x[16] = (level(f1, 15) << 4 | level(f3, 15)) << 4 | lumaq;
    x[17] = level(e, 31) << 6;
    const uint32_t set1 = level(f1 + f2, 15);
    const uint32_t set3 = level(e, 31);

    auto& d = coefficient_;
    auto node = [&](uint32_t n, int agree, int bit) {
        // agree: prediction (of the sign's direction) in eighths
        const uint32_t q1 = static_cast<uint32_t>(n == 0 ? static_cast<int>(level(static_cast<uint32_t>(std::abs(agree)), 15)) : signed_level(agree, 15) + 16);
        for (int i = 0; i < N; ++i) {
            uint32_t c = x[static_cast<size_t>(i)];
            if (i == 6 || i == 9) c |= q1;
            if (i == 10) c |= static_cast<uint32_t>(signed_level(pl, 10) + 11) * 22 + static_cast<uint32_t>(signed_level(pa, 10) + 11);
            d.slots[static_cast<size_t>(i)] = &coefficient_tables_[static_cast<size_t>(i)][(c * kNodes + n) & (kTable - 1)];
            if (i == 17) {
                const int ag2 = n == 0 ? std::abs(both_slope) : (agree == both ? both_slope : -both_slope);
                d.slots[17] = &coefficient_tables_[17][((c | static_cast<uint32_t>(signed_level(ag2, 15) + 16)) * kNodes + n) & (kTable - 1)];
            }
        }
        d.selected = {p << 4 | n, set1 << 4 | n | (group_ << 8), (fill << 4 | n), set3 << 4 | n};
        d.final_selected = p << 4 | n;
        d.refined = {level(e, 31) << 4 | n, p << 8 | q1 << 4 | n};
        if (n != 0) d.refined[1] = p << 4 | n;
        return d.code(bits, bit);
    };
    const int magnitude_in = std::abs(value);
    if (!forced && !node(0, both, value != 0)) return 0;

    // sign
    auto& s = sign_;
    {
        auto sg = [](int t) { return static_cast<uint32_t>((t > 0) - (t < 0) + 1); };
        auto s5 = [](int t) { return static_cast<uint32_t>(std::clamp(t, -2, 2) + 2); };
        std::array<uint32_t, 8> y;
        y[0] = p << 5 | static_cast<uint32_t>(signed_level(pl, 12) + 12);
        y[1] = p << 5 | static_cast<uint32_t>(signed_level(pa, 12) + 12);
        y[2] = (static_cast<uint32_t>(signed_level(pl, 12) + 12) << 5 | static_cast<uint32_t>(signed_level(pa, 12) + 12)) << 2 | group_;
        y[3] = p << 6 | s5(L_->value[p]) * 5 + s5(A_->value[p]);
        y[4] = (static_cast<uint32_t>(signed_level(pl2, 12) + 12) << 5 | static_cast<uint32_t>(signed_level(pa2, 12) + 12)) << 2 | group_;
        const int n1 = u > 1 ? now_[p - 2] : 0, n2 = v > 1 ? now_[p - 16] : 0;
        const int n3 = u > 0 && v > 0 ? now_[p - 9] : 0;
        y[5] = p << 5 | (sg(n1) * 9 + sg(n2) * 3 + sg(n3));
        y[6] = p << 6 | (side_->cb ? s5(side_->cb[pos]) : 0) * 5 + s5(side_->luma_value[p]);
        y[7] = p << 6 | static_cast<uint32_t>(signed_level(both, 12) + 12);
        for (size_t i = 0; i < 8; ++i) s.slots[i] = &sign_tables_[i][y[i] & (kSignTable - 1)];
        s.selected = {p, static_cast<uint32_t>(signed_level(pl, 8) + 8) * 18 + static_cast<uint32_t>(signed_level(pa, 8) + 8)};
        s.final_selected = p;
        s.refined = {y[2] & 1023, p};
        (void)0;
    }
    const int negative = s.code(bits, value < 0);
    const int agree = negative ? -both : both;
    int length = 1;
    while (length < 11 && node(static_cast<uint32_t>(length), agree, (magnitude_in >> length) != 0)) ++length;
    int m = 1;
    for (int b = length - 2; b >= 0; --b) {
        const int lo = m << (b + 1), mid = lo + (1 << b);
        const int where = std::clamp(((agree - 8 * mid) * 2) >> (b + 2), -16, 15) + 16;
        const int scale = static_cast<int>(std::clamp<int64_t>((int64_t(f1) - 8 * mid) >> (b + 1), -8, 7) + 8);
        const uint32_t n = static_cast<uint32_t>(length - 1) << 4 | static_cast<uint32_t>(b);
        const uint32_t prefix = static_cast<uint32_t>(std::min(m, 63));
        std::array<uint32_t, 6> y;
        y[0] = n << 5 | static_cast<uint32_t>(where);
        y[1] = n << 6 | p;
        y[2] = n << 6 | prefix;
        y[3] = (n << 4 | static_cast<uint32_t>(scale)) << 4 | level(f2 / 4, 15);
        y[4] = (n << 4 | static_cast<uint32_t>(scale)) << 4 | zone;
        y[5] = (n << 4 | level(remaining_, 15)) << 4 | level(sum_, 15);
        for (size_t i = 0; i < 6; ++i) bits_.slots[i] = &bits_tables_[i][y[i] & (kBitsTable - 1)];
        bits_.selected = {n & 255, p};
        bits_.final_selected = n & 255;
        bits_.refined = {static_cast<uint32_t>(where) << 5 | std::min(prefix, 31u), p};
        m = m << 1 | bits_.code(bits, (magnitude_in >> b) & 1);
    }
    if (m > kMaxCoefficient) throw Error(ErrorCode::kCorrupt, "a coefficient is out of range");
    return negative ? -m : m;
}

template <class Bits>
int CoefficientModel<Bits>::dc(Bits& bits, int d, uint32_t spread, const BlockInfo& info, const BlockInfo& L,
                               const BlockInfo& A, const BlockInfo& AL, const BlockInfo& AR, const Side& side, int tilt) {
    const uint32_t el = static_cast<uint32_t>(std::abs(L.dc_error)), ea = static_cast<uint32_t>(std::abs(A.dc_error));
    const uint32_t ex = el + ea + static_cast<uint32_t>(std::abs(AL.dc_error) + std::abs(AR.dc_error));
    const uint32_t coded = info.counts[0] + info.counts[1] + info.counts[2];
    const int side_error = side.cb ? side.cb_error : side.luma_error;
    auto sg = [](int t) { return static_cast<uint32_t>(signed_level(t, 5) + 5); };
    std::array<uint32_t, 8> x;
    x[0] = level(spread, 31);
    x[1] = level(ex, 31);
    x[2] = level(sum_, 31) << 3 | level(spread / 4, 7);
    x[3] = level(el, 15) << 4 | level(ea, 15);
    x[4] = (level(coded, 15) << 4 | level(spread, 15)) << 1;
    x[5] = static_cast<uint32_t>(signed_level(tilt, 15) + 15) << 4 | level(ex / 4, 15);
    x[6] = static_cast<uint32_t>(signed_level(side_error, 15) + 15) << 4 | level(ex / 4, 15);
    x[7] = sg(L.dc_error) * 11 + sg(A.dc_error);
    auto node = [&](uint32_t n, int bit) {
        for (size_t i = 0; i < 8; ++i) dc_.slots[i] = &dc_tables_[i][(x[i] << 7 | n) & (kCountTable - 1)];
        dc_.selected = {n, level(spread, 31) << 5 | std::min(n, 31u)};
        dc_.final_selected = n;
        dc_.refined = {n, level(ex, 15) << 7 | n};
        return dc_.code(bits, bit);
    };
    if (!node(0, d != 0)) return 0;
    const uint32_t negative = static_cast<uint32_t>(node(1, d < 0));
    const int size = std::abs(d);
    int length = 1;
    while (length < 12 && node(static_cast<uint32_t>(length) + 1 + (negative ? 0 : 12), (size >> length) != 0)) ++length;
    int m = 1;
    for (int b = length - 2; b >= 0; --b) {
        const uint32_t n = b == length - 2 ? 26 + static_cast<uint32_t>(length) : b == length - 3 ? 40 + 2 * static_cast<uint32_t>(length) + (static_cast<uint32_t>(m) & 1) : 66 + static_cast<uint32_t>(b);
        m = m << 1 | node(n, (size >> b) & 1);
    }
    return negative ? -m : m;
}

template <class Bits>
void CoefficientModel<Bits>::block(Bits& bits, int16_t* c, const uint16_t* steps, BlockInfo& info, const BlockInfo& L,
                                   const BlockInfo& A, const BlockInfo& AL, const BlockInfo& AR, const Side& side) {
    padded_.fill(0);
    now_.fill(0);
    across_ = L.right;
    across2_ = L.right2;
    down_ = A.below;
    down2_ = A.below2;
    L_ = &L, A_ = &A, AL_ = &AL, AR_ = &AR, steps_ = steps, side_ = &side;
    sum_ = coded_ = 0;
    info = BlockInfo{};
    info.known = true;

    auto put = [&](int pos, int value, int coded) {
        const int v = pos >> 3, u = pos & 7;
        const uint32_t p = static_cast<uint32_t>(pos);
        now_[p] = static_cast<int16_t>(value);
        c[pos] = static_cast<int16_t>(value);
        padded_[static_cast<size_t>(10 * (v + 1) + u + 1)] = static_cast<uint32_t>(std::abs(coded));
        const int32_t w = std::clamp(value * steps[pos], -16384, 16383);
        across_[v] -= w * kEdge[u];
        across2_[v] -= w * kSlope[u];
        down_[u] -= w * kEdge[v];
        down2_[u] -= w * kSlope[v];
        info.right[v] += (u & 1 ? -w : w) * kEdge[u];
        info.right2[v] += (u & 1 ? -w : w) * kSlope[u];
        info.below[u] += (v & 1 ? -w : w) * kEdge[v];
        info.below2[u] += (v & 1 ? -w : w) * kSlope[v];
    };
    uint32_t luma_count = 0;
    for (size_t i = 1; i < 64; ++i) luma_count += side.luma[i] != 0;
    uint32_t cb_count = 0;
    if (side.cb)
        for (size_t i = 1; i < 64; ++i) cb_count += side.cb[i] != 0;

    auto run = [&](uint32_t group, auto& order) {
        group_ = group;
        int n = 0;
        const int size = static_cast<int>(order.size());
        for (const uint8_t pos : order) n += c[pos] != 0;
        const uint32_t nl = L.counts[group], na = A.counts[group], nal = AL.counts[group], nar = AR.counts[group];
        const uint32_t mean = (3 * (nl + na) + nal + nar) / (group ? 2 : 4);
        std::array<uint32_t, 8> x;
        const uint32_t in = info.counts[0];
        uint32_t edge_e = 0;
        if (group) {
            // expected from edge: sum of |pred| over the group's coefs
            for (const uint8_t pos : order) {
                const int v = pos >> 3, u = pos & 7;
                const int64_t t = group == 1 ? down_[u] : across_[v];
                edge_e += static_cast<uint32_t>(std::min<int64_t>(std::abs(t) / (kEdge[0] * int64_t{std::max<int>(1, steps[pos])}) , 1000));
            }
        }
        x[0] = std::min(mean, 99u);
        x[1] = level(nl, 15) << 4 | level(na, 15);
        x[2] = group ? std::min(in, 31u) << 3 | nl : nl;
        x[3] = group ? std::min(in, 31u) << 3 | na : na;
        x[4] = group ? level(edge_e, 15) << 4 | level(in, 15) : (nl + na) * 4 + (nar > nal) * 2 + (nl > nal);
        x[5] = kind_ ? std::min(luma_count, 63u) : (group ? std::min(mean, 31u) << 3 | level(in, 7) : nar);
        x[6] = side.cb ? cb_count : (group == 2 ? info.counts[1] << 5 | std::min(in, 31u) : nal);
        x[7] = group == 2 ? (info.counts[1] << 3 | nl) << 3 | na : level(L.magnitude[0] , 0) | level(edge_e, 15) << 4 | level(nl + na, 15);
        for (auto& t : x) t = std::min(t, 1023u);
        n = count(bits, static_cast<int>(group), n, group ? 3 : 6, x);
        if (n > size) throw Error(ErrorCode::kCorrupt, "a block has too many coefficients");
        info.counts[group] = static_cast<uint8_t>(n);
        remaining_ = static_cast<uint32_t>(n);
        places_ = static_cast<uint32_t>(size);
        index_ = group == 0 ? 0 : group == 1 ? 49 : 56;
        last_ = last2_ = 0;
        for (const uint8_t pos : order) {
            if (remaining_ == 0) {
                c[pos] = 0;
                continue;
            }
            const int value = coefficient(bits, pos, c[pos], remaining_ == places_);
            --places_;
            ++index_;
            last2_ = last_;
            last_ = static_cast<uint32_t>(std::abs(value));
            if (value) {
                --remaining_;
                ++coded_;
                sum_ += last_;
                put(pos, value, value);
            }
        }
    };
    run(0, kInner);
    run(1, kRow);
    run(2, kColumn);
    // DC
    {
        group_ = 3;
        const int step = std::max<int>(1, steps[0]);
        int pl = ratio(across2_[0], kSlope[0], step), pa = ratio(down2_[0], kSlope[0], step);
        int guess = 0;
        if (L.known && A.known) guess = pl + pa;
        else if (L.known) guess = 2 * pl;
        else if (A.known) guess = 2 * pa;
        guess = std::clamp((guess + 8) >> 4, -kMaxCoefficient, kMaxCoefficient);
        const uint32_t spread = L.known && A.known ? static_cast<uint32_t>(std::abs(pl - pa)) : 0;
        const int low = -kMaxCoefficient - guess, high = kMaxCoefficient - guess;
        int d = c[0] - guess;
        remaining_ = level(spread, 31);
        places_ = 63;
        index_ = 63;
        last_ = static_cast<uint32_t>(std::abs(L.dc_error));
        last2_ = static_cast<uint32_t>(std::abs(A.dc_error));
        d = dc(bits, d, spread, info, L, A, AL, AR, side, pl - pa);
        if (d < low || d > high) throw Error(ErrorCode::kCorrupt, "a coefficient is out of range");
        info.dc_error = d;
        put(0, guess + d, d);
    }
    for (size_t i = 0; i < 64; ++i) info.magnitude[i] = static_cast<uint16_t>(padded_[10 * (i / 8 + 1) + i % 8 + 1]);
    info.value = now_;
    for (size_t i = 0; i < 64; ++i) {
        const size_t at = 10 * (i / 8 + 1) + i % 8 + 1;
        const auto& q = padded_;
        uint32_t t = 4 * q[at] + 2 * (q[at - 10] + q[at + 10] + q[at - 1] + q[at + 1]) + q[at - 11] + q[at - 9] + q[at + 9] + q[at + 11];
        info.around[i] = static_cast<uint16_t>(std::min(t, 65535u));
    }
}

}  // namespace residua::dct
