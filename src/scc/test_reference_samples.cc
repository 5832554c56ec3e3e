#include "scc/test_reference_samples.h"

#include <algorithm>
#include <cstdlib>

namespace residua::scc::reference {
namespace {

constexpr uint64_t kFirst = 0x9E3779B97F4A7C15u, kSecond = 0xD6E8FEB86659FD93u, kThird = 0xC2B2AE3D27D4EB4Fu,
                   kPlace = 0xA0761D6478BD642Fu;

uint32_t upper(uint64_t s) { return static_cast<uint32_t>(((s ^ (s >> 32)) * kSecond) >> 32); }

struct Channel {  // the samples around, 0 where there is no such channel
    int w = 0, n = 0, nw = 0, ne = 0, ww = 0, www = 0, nn = 0, nne = 0, nnn = 0;
    int here = 0;  // of channels before
};

Channel around(const Known& known, int y, int x, int c, bool with_here) {
    if (c < 0) return {};
    const auto at = [&](int down, int right) { return known.sample(y + down, x + right, c); };
    return {at(0, -1), at(-1, 0), at(-1, -1), at(-1, 1), at(0, -2),
            at(0, -3), at(-2, 0), at(-2, 1),  at(-3, 0), with_here ? at(0, 0) : 0};
}

struct Parts {
    int64_t u = 0, v = 0, t = 0;
};

}  // namespace

struct Samples::Around {
    int c, most;
    Channel own, one, two;
    int p3 = 0, guess = 0, guess_before = 0, asked = 0;
    int number_w = 0, number_n = 0, number_nw = 0, number_ne = 0;

    int k(int v) const { return std::clamp(v, 0, most); }
    int gradient(const Channel& a) const { return k(a.w + a.n - a.nw); }
    int median() const {
        const int low = std::min(own.w, own.n), high = std::max(own.w, own.n);
        return std::clamp(own.w + own.n - own.nw, low, high);
    }
    Parts parts(size_t context) const;
    std::vector<int> expected() const;
    std::vector<uint32_t> hashes(size_t contexts) const;
};

Parts Samples::Around::parts(size_t context) const {
    const auto [w, n, nw, ne, ww, www, nn, nne, nnn, here] = own;
    const int w1 = one.w, n1 = one.n, nw1 = one.nw, ne1 = one.ne, ww1 = one.ww, nn1 = one.nn, p1 = one.here;
    const int w2 = two.w, n2 = two.n, ne2 = two.ne, p2 = two.here;
    const int grad = gradient(own), grad1 = gradient(one), grad2 = gradient(two), mean = (w + n) / 2;
    switch (context) {
        case 0:
            return {p1, p2, p3};
        case 1:
            return {k(w + n - nw + p1 - grad1)};
        case 2:
            return {};
        case 3:
            return {number_w, p1, p2};
        case 4:
            return {k(2 * w - ww)};
        case 5:
            return {number_n, p1, p2};
        case 6:
            return {guess, c > 0 && p1 == guess_before, asked};
        case 7:
            return {k(w + p1 - w1), p1 - w1};
        case 8:
            return {k(n + p1 - n1)};
        case 9:
            return {k(w + p2 - w2), p1 - w1};
        case 10:
            return {k(n + p2 - n2)};
        case 11:
            return {median(), p1 - w1};
        case 12:
            return {k(2 * n - nn)};
        case 13:
            return {(w + ne) / 2, p1};
        case 14:
            return {k(w + ne - n)};
        case 15:
            return {k(n + ne - nne)};
        case 16:
            return {(3 * w + 3 * n - 2 * nw + ne) / 5, (p1 - w1) / 4};
        case 17: {
            const int mean1 = k(mean + p1 - (w1 + n1) / 2), mean2 = k(mean + p2 - (w2 + n2) / 2);
            return {mean1, mean2 - mean1};
        }
        case 18:
            return {w, p1, p2};
        case 19:
            return {n, p1, p2};
        case 20:
            return {w, n, p1};
        case 21:
            return {grad, p1 - grad1};
        case 22:
            return {k(grad + p1 - grad1), w - n};
        case 23:
            return {k(grad + p1 - grad1), p2 - grad2};
        case 24:
            return {k(grad + p2 - grad2), p1 - grad1};
        case 25:
            return {mean, std::abs(w - n)};
        case 26:
            return {w, n, nw};
        case 27:
            return {number_w, number_n, p1};
        case 28:
            return {number_w, number_n, number_ne + (int64_t{number_nw} << 18)};
        case 29:
            return {k(3 * (w - ww) + www), p1 - w1};
        case 30:
            return {k(3 * (n - nn) + nnn), p1 - n1};
        case 31:
            return {k(2 * w - ww + p1 - k(2 * w1 - ww1))};
        case 32:
            return {k(2 * n - nn + p1 - k(2 * n1 - nn1))};
        case 33:
            return {k(ne + p1 - ne1), (w - nw) / 2};
        case 34:
            return {k(nw + p1 - nw1), (n - ne) / 2};
        case 35:
            return {k(w + (ne - n) / 2 + p1 - w1 - (ne1 - n1) / 2)};
        case 36:
            return {k(n + (w - nw) / 2), p1 - n1};
        case 37:
            return {k((w + n + ne + nw + 2) / 4), (p1 - (w1 + n1 + ne1 + nw1 + 2) / 4) / 2};
        case 38:
            return {k((w + ne) / 2 + p1 - (w1 + ne1) / 2), k((w + ne) / 2 + p2 - (w2 + ne2) / 2)};
        case 39:
            return {k((4 * w + 4 * n + ne - 3 * nw) / 6), (ww + nn) / 32};
        case 40:
            return {guess, w, n};
        default:
            return {w / 4, n / 4, (int64_t{nw / 4} << 10) + ne / 4 + (int64_t{nn / 4} << 20)};
    }
}

std::vector<uint32_t> Samples::Around::hashes(size_t contexts) const {
    std::vector<uint32_t> all;
    for (size_t i = 0; i < contexts; ++i) {
        const Parts p = parts(i);
        all.push_back(upper(static_cast<uint64_t>(p.u) * kFirst + static_cast<uint64_t>(p.v) * kSecond +
                            static_cast<uint64_t>(p.t) * kThird +
                            (i + 32 * static_cast<uint64_t>(c) + 1) * kPlace));
    }
    return all;
}

std::vector<int> Samples::Around::expected() const {
    return {guess,
            c > 0 ? one.here : own.n,
            c > 1 ? two.here : own.w,
            gradient(own),
            c > 0 ? k(own.w + one.here - one.w) : (own.w + own.n) / 2,
            c > 0 ? k(own.n + one.here - one.n) : median()};
}

Samples::Samples(const Known& known)
    : shape_(known.shape()),
      contexts_(shape_.effort == 0       ? 5
                : shape_.effort % 2 == 1 ? 18  // 1 and 3
                                         : 42),
      expectations_(shape_.effort == 0 ? 3 : 6),
      table_bits_(
          std::clamp(bits_of(static_cast<uint64_t>(shape_.width) * static_cast<uint64_t>(shape_.height)) -
                         (shape_.effort >= 3 ? 4 : 5),
                     7, shape_.effort >= 3 ? 16 : 15)),
      decision_(shape_.effort == 0 ? 1 : 3,
                4096 / std::max<int64_t>(static_cast<int64_t>(contexts_ + expectations_), 24) << 19),
      tables_(contexts_, std::vector<Slot>(size_t{16} << table_bits_)) {}

void Samples::decode(Reader& reader, Known& known, int y, int x, int guess, int asked, int misses) {
    for (int c = 0; c < shape_.channels; ++c) {
        const auto guessed = [&](int channel) {
            return guess == 0 || channel < 0 ? 0 : known.colour(guess)[static_cast<size_t>(channel)];
        };
        Around a{};
        a.c = c;
        a.most = (1 << shape_.bits) - 1;
        a.own = around(known, y, x, c, false);
        a.one = around(known, y, x, c - 1, true);
        a.two = around(known, y, x, c - 2, true);
        a.p3 = c > 2 ? known.sample(y, x, 0) : 0;
        a.guess = guessed(c);
        a.guess_before = guessed(c - 1);
        a.asked = asked;
        a.number_w = known.number(y, x - 1);
        a.number_n = known.number(y - 1, x);
        a.number_nw = known.number(y - 1, x - 1);
        a.number_ne = known.number(y - 1, x + 1);
        known.put_sample(y, x, c, sample(reader, c, a, misses));
    }
}

int Samples::sample(Reader& reader, int c, const Around& a, int misses) {
    const int bits = shape_.bits;
    const std::vector<uint32_t> hashes = a.hashes(contexts_);
    const std::vector<int> expected = a.expected();
    const int t =
        (std::abs(a.own.w - a.own.n) + std::abs(a.own.n - a.own.ne) + std::abs(a.own.w - a.own.nw)) >>
        std::max(bits - 8, 0);
    int texture = 0;
    for (const int least : {2, 6, 14, 30, 60}) texture += least <= t;
    const int asked = std::min(a.asked, 3);

    uint64_t value = 1, value_of_group = 1;
    int group = 0, node = 1;
    for (int left = bits - 1; left >= 0; --left) {
        if (left < bits - 1 && left % 4 == 3) {
            ++group;
            node = 1;
            value_of_group = value;
        }
        std::vector<Slot*> slots;
        for (size_t i = 0; i < contexts_; ++i) {
            const uint32_t hash = group == 0 ? hashes[i] : upper(hashes[i] + value_of_group * kFirst);
            const size_t place = hash & ((1u << table_bits_) - 1);
            slots.push_back(&tables_[i][place * 16 + static_cast<size_t>(node)]);
        }
        const auto so_far = [&](int sample) {
            return value == ((uint64_t{1} << bits) + static_cast<uint64_t>(sample)) >> (left + 1);
        };
        for (size_t i = 0; i < expectations_; ++i)
            slots.push_back(&expected_slots_[together(
                {static_cast<int>(i), asked, c, left, so_far(expected[i]), expected[i] >> left & 1})]);
        const std::vector<uint64_t> votes = {together({c, left, texture, std::min(misses, 7)}),
                                             together({c, group, node}),
                                             together({c, left, asked, so_far(a.guess)})};
        const bool bit =
            decision_.decide(reader, slots, votes, together({c}),
                             {together({c, group, node}), upper(hashes[1] + value * kFirst) % 16384});
        value = 2 * value + bit;
        node = 2 * node + bit;
    }
    return static_cast<int>(value - (uint64_t{1} << bits));
}

}  // namespace residua::scc::reference
