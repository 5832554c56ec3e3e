#include "scc/test_reference_colours.h"

#include <algorithm>

namespace residua::scc::reference {
namespace {

constexpr int kWeights[] = {60, 50, 40, 30, 24, 16, 12, 12, 10, 6, 6, 16, 10};

class Hash {
  public:
    explicit Hash(uint64_t k) : h_((k + 1) * 0x9E3779B97F4A7C15u) {}
    Hash& add(std::initializer_list<int> values) {
        for (const int v : values) {
            h_ = (h_ ^ static_cast<uint64_t>(v)) * 0xD6E8FEB86659FD93u;
            h_ ^= h_ >> 32;
        }
        return *this;
    }
    // Of 32 bits, modulo 2^32.
    void add_32(int value) {
        h_ = (h_ ^ static_cast<uint32_t>(value)) * 0xD6E8FEB86659FD93u;
        h_ ^= h_ >> 32;
    }
    uint32_t value() const { return static_cast<uint32_t>(h_ >> 16); }

  private:
    uint64_t h_;
};

size_t often(int n) {
    size_t count = 0;
    for (const int least : {1, 2, 3, 4, 6, 8, 12, 16, 32, 64, 128}) count += least <= std::min(n, 255);
    return count;
}

int of_pixels(const Known& known) {
    return bits_of(static_cast<uint64_t>(known.shape().width) * static_cast<uint64_t>(known.shape().height));
}

bool holds(const std::vector<int>& numbers, int number) {
    return std::find(numbers.begin(), numbers.end(), number) != numbers.end();
}

}  // namespace

Colours::Colours(const Known& known)
    : known_(known),
      context_bits_(has_levels() ? std::clamp(of_pixels(known) - 3, 8, 18)
                                 : std::clamp(of_pixels(known) - 4, 8, 16)),
      match_bits_(std::clamp(of_pixels(known) - 2, 8, 18)),
      matches_(size_t{1} << match_bits_, -1),
      decision_(known.shape().effort == 0 ? 1
                : has_levels()            ? 4
                                          : 3,
                int64_t{has_levels() ? 100 : 219} << 19),
      count_slots_(kContexts * 4 * 256),
      level_bits_(std::clamp(of_pixels(known) - 4, 8, 16)),
      level_slots_(has_levels() ? size_t{16 * 4} << level_bits_ : 0) {
    for (auto& table : tables_) table.resize(size_t{1} << context_bits_);
}

std::array<uint32_t, Colours::kContexts> Colours::values() const {
    const int w = at(0, -1), ww = at(0, -2), www = at(0, -3), wwww = at(0, -4);
    const int n = at(-1, 0), nw = at(-1, -1), nww = at(-1, -2), ne = at(-1, 1), nee = at(-1, 2),
              neee = at(-1, 3);
    const int nn = at(-2, 0), nnw = at(-2, -1), nne = at(-2, 1), nnn = at(-3, 0);
    std::array<uint32_t, kContexts> values{};
    Hash wider(5);
    values[5] = wider.add({w, n}).value();
    values[4] = wider.add({nw}).value();
    values[3] = wider.add({ne}).value();
    values[2] = wider.add({ww, nn}).value();
    values[1] = wider.add({nne, nww, nee}).value();
    values[0] = wider.add({nnw, www, neee}).value();
    values[6] = Hash(6).add({w, ww, www, wwww}).value();
    values[7] = Hash(7).add({n, nn, nnn, w}).value();
    values[8] = Hash(8).add({n, ne, nee}).value();
    values[9] = Hash(9).add({w}).value();
    values[10] = Hash(10).add({n}).value();
    values[11] = Hash(11).add({w, ne, n}).value();
    values[12] = Hash(12).add({nw, nww, ww}).value();
    return values;
}

void Colours::look(int y, int x) {
    y_ = y;
    x_ = x;
    const auto all = values();
    for (size_t k = 0; k < kContexts; ++k) {
        Entry& entry = tables_[k][all[k] & ((1u << context_bits_) - 1)];
        if (entry.value != all[k]) entry.met.clear();
        entry.value = all[k];
        entries_[k] = &entry;
    }
    int64_t& last = matches_[(all[0] * 2654435761u) >> (32 - match_bits_)];
    if (length_ == 0 && last >= 0) {
        place_ = static_cast<size_t>(last);
        length_ = 1;
    }
    last = static_cast<int64_t>(known_.place(y, x));
}

int Colours::candidate(const std::vector<int>& excluded) const {
    std::vector<Met> votes;  // n: the sum of them
    const auto vote = [&](int colour, int weight) {
        if (colour == 0 || holds(excluded, colour)) return;
        for (Met& v : votes)
            if (v.colour == colour) {
                v.n += weight;
                return;
            }
        votes.push_back({colour, weight});
    };
    for (size_t k = 0; k < kContexts; ++k)
        for (const Met& met : entries_[k]->met)
            if (!holds(excluded, met.colour)) {
                vote(met.colour, kWeights[k] * std::min(met.n, 8));
                break;
            }
    vote(at(0, -1), 16);
    vote(at(-1, 0), 16);
    vote(at(-1, 1), 4);
    vote(at(-1, -1), 3);
    if (length_ > 0) vote(known_.number_at(place_), 64 * std::min(length_, 16));
    Met best{0, 0};
    for (const Met& v : votes)
        if (v.n > best.n) best = v;
    return best.colour;
}

bool Colours::ask(Reader& reader, int question, int candidate, const std::vector<int>& excluded, int misses) {
    const auto q = static_cast<size_t>(question);
    std::vector<Slot*> slots;
    int agree = 0, highest = 15;
    for (size_t k = 0; k < kContexts; ++k) {
        int mine = 0, others = 0;
        size_t kinds = 0;
        for (const Met& met : entries_[k]->met) {
            if (holds(excluded, met.colour)) continue;
            ++kinds;
            (met.colour == candidate ? mine : others) += met.n;
        }
        size_t slot = 0;
        if (entries_[k]->met.empty())
            slot = 255;
        else if (mine > 0)
            slot = 12 * often(mine) + often(others) + 1;
        else if (others > 0)
            slot = 160 + 4 * often(others) + kinds;
        slots.push_back(&count_slots_[(k * 4 + q) * 256 + slot]);
        if (mine > 0) {
            if (agree == 0) highest = static_cast<int>(k);
            ++agree;
        }
    }
    const int w = at(0, -1), n = at(-1, 0), nw = at(-1, -1), ne = at(-1, 1), ww = at(0, -2);
    const int c = candidate;
    const int like = (c == w) + 2 * (c == n) + 4 * (c == nw) + 8 * (c == ne);
    const int far = (c == ww) + 2 * (c == at(-2, 0)) + 4 * (c == at(-1, 2)) + 8 * (c == at(-1, -2));
    const int alike = (w == n) + 2 * (n == nw) + 4 * (n == ne) + 8 * (w == ww);
    const int l = std::min(length_, 31);
    const int expected = l > 0 ? known_.number_at(place_) : 0;
    const int of_match = l == 0 ? 0 : c == expected ? 1 + l : 64 + l;
    slots.push_back(&match_slots_[q * 256 + static_cast<size_t>(of_match)]);
    slots.push_back(&like_slots_[q * 256 + static_cast<size_t>(16 * like + alike)]);
    slots.push_back(&far_slots_[q * 256 + static_cast<size_t>(16 * far + like)]);

    const int state = 4 * agree + std::min(misses, 3);
    std::vector<uint64_t> votes = {together({question, 16 * like + alike}), together({question, highest}),
                                   together({question, state})};
    if (has_levels()) votes.push_back(look_at_levels(question, candidate, slots));
    return decision_.decide(
        reader, slots, votes, together({question}),
        {together({question * 1024 + 64 * like + state}),
         together({static_cast<int64_t>(Hash(77).add({w, n, c, question}).value() % 4096)})});
}

uint64_t Colours::look_at_levels(int question, int candidate, std::vector<Slot*>& slots) {
    const int channel = known_.shape().channels > 2 ? 1 : 0, bits = known_.shape().bits;
    const auto level = [&](int down, int right) { return known_.sample(y_ + down, x_ + right, channel); };
    const int v = known_.colour(candidate)[static_cast<size_t>(channel)];
    const int w = level(0, -1), ww = level(0, -2), www = level(0, -3);
    const int n = level(-1, 0), nw = level(-1, -1), nww = level(-1, -2), nwww = level(-1, -3);
    const int ne = level(-1, 1), nee = level(-1, 2), neee = level(-1, 3);
    const int nn = level(-2, 0), nnw = level(-2, -1), nnww = level(-2, -2), nne = level(-2, 1),
              nnee = level(-2, 2);
    const int nnn = level(-3, 0), nnnw = level(-3, -1), nnne = level(-3, 1);
    const auto down = [](int a, int b) { return a >= 0 ? a / b : -((-a + b - 1) / b); };
    const auto top = [bits](int count, std::initializer_list<int> levels) {
        int all = 0, shift = 0;
        for (const int of : levels) {
            all += (of >> std::max(bits - count, 0)) << shift;
            shift += count;
        }
        return all;
    };
    const int near2 = top(2, {w, n, nw, ne, ww, nn}), near1 = top(1, {w, n, nw, ne, ww, nn}),
              next1 = top(1, {nne, nee, nww, nnw, www, nnn});
    const std::vector<int> parts[16] = {{v - w - n + nw, down(w - n, 4)},
                                        {v, w, n},
                                        {v - 2 * w + ww, w - ww},
                                        {v - 2 * n + nn, n - nn},
                                        {2 * v - w - ne, down(n - ne, 4)},
                                        {v - w, n - nw, down(ne - n, 16)},
                                        {v - n, w - nw, down(nn - n, 16)},
                                        {down(4 * v - w - n - ne - nw, 2), down(w + n + ne + nw, 64)},
                                        {near2, v},
                                        {near2, top(2, {nne, nee, nww, nnw}), v},
                                        {near1, next1, v},
                                        {near1, next1, top(1, {neee, nnee, nnww, nwww, nnne, nnnw}), v},
                                        {v, w, n, ne, down(nw, 4)},
                                        {v, w, ww, down(n, 16)},
                                        {v, n, nn, down(w, 16)},
                                        {v, ne, n, down(nee, 16)}};
    for (size_t i = 0; i < 16; ++i) {
        Hash hash(20 + i);
        for (const int part : parts[i]) hash.add_32(part);
        const size_t table = i * 4 + static_cast<size_t>(question);
        slots.push_back(&level_slots_[(table << level_bits_) + hash.value() % (1u << level_bits_)]);
    }
    const auto size = [bits](int d) {
        return std::min(bits_of(static_cast<uint64_t>(std::abs(d) >> std::max(bits - 8, 0))), 7);
    };
    return together({question, size(v - w - n + nw), size(w - n), size(n - ne)});
}

void Colours::learn(int number) {
    if (length_ > 0) {
        length_ = known_.number_at(place_) == number ? length_ + 1 : 0;
        ++place_;
    }
    if (number == 0) return;
    for (Entry* entry : entries_) learn(entry->met, number);
}

void Colours::learn(std::vector<Met>& met, int number) {
    const auto mine = std::find_if(met.begin(), met.end(), [&](const Met& m) { return m.colour == number; });
    if (mine != met.end()) {
        mine->n = std::min(mine->n + 1, 250);
        for (Met& m : met)
            if (m.colour != number && m.n > 2) m.n -= (m.n + 2) / 4;
        if (mine != met.begin() && mine->n > (mine - 1)->n) std::swap(*mine, *(mine - 1));
        return;
    }
    for (Met& m : met)
        if (m.n > 1) m.n -= (m.n + 1) / 3;
    if (met.size() == 3) met.pop_back();
    met.push_back({number, 1});
}

}  // namespace residua::scc::reference
