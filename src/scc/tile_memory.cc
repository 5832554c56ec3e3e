#include "scc/tile_memory.h"

#include <algorithm>
#include <bit>

#include "base/error.h"
#include "dct/logistic.h"

namespace residua::scc {

namespace {

constexpr int16_t kQuestionWeight = 219, kLevelsWeight = 100;
// Bits of the tables' sizes, by those of the number of pixels.
int table_bits(uint64_t pixels, int less, int fewest, int most) {
    return std::clamp(static_cast<int>(std::bit_width(pixels)) - less, fewest, most);
}

}  // namespace

struct TileMemory::Shape {
    int inputs;  // contexts
    int votes;
    bool rich;
    size_t slots;
    size_t sets[4];
    size_t finals;
    size_t maps[2];
    int16_t weight;  // of each context's log odds at first, 2^-10
};

template <class T>
T* TileMemory::take(uint64_t count) {
    // Aligned, so that the slots of one context's nodes lie in one line of the cache.
    constexpr uint64_t kLine = 64;
    const uint64_t bytes = std::min(product(count, sizeof(T)), UINT64_MAX - kLine) + kLine;
    reserved_.push_back(std::make_unique<Reservation>(allocator_, bytes));
    void* p = bytes > PTRDIFF_MAX ? nullptr : std::calloc(static_cast<size_t>(bytes), 1);
    if (p == nullptr)
        throw Error(ErrorCode::kOutOfMemory, "there is not enough memory for the picture's coder");
    memory_.emplace_back(p);
    auto space = static_cast<size_t>(bytes);
    return static_cast<T*>(std::align(kLine, static_cast<size_t>(count) * sizeof(T), p, space));
}

void TileMemory::make(jpeg::Bank& bank, const Shape& shape) {
    const auto votes = static_cast<size_t>(shape.votes);
    bank.slots = take<int32_t>(shape.slots);
    const auto contexts = static_cast<size_t>(shape.inputs), size = (shape.rich ? 2 : 1) * contexts + 8;
    for (size_t k = 0; k < votes; ++k) {
        bank.weights[k] = take<int32_t>(shape.sets[k] * size);
        for (size_t set = 0; set < shape.sets[k]; ++set)
            std::fill_n(bank.weights[k] + set * size, contexts,
                        int32_t{shape.weight} * (1 << (16 + jpeg::kWeightBits - 10)));
    }
    if (!shape.rich) return;
    bank.finals = take<int32_t>(shape.finals * votes);
    std::fill_n(bank.finals, shape.finals * votes, 65536 / shape.votes);
    for (size_t m = 0; m < 2; ++m) {
        const size_t points = jpeg::kMapPoints * shape.maps[m];
        bank.maps[m] = take<uint16_t>(points);
        for (size_t i = 0; i < points; ++i)
            bank.maps[m][i] = static_cast<uint16_t>(dct::squash(std::clamp(
                static_cast<int>(i % jpeg::kMapPoints) * 128 - 2048, -jpeg::kMaxLogit, jpeg::kMaxLogit)));
    }
}

TileMemory::TileMemory(const TileView& tile, Allocator& allocator) : allocator_(allocator) {
    const auto width = static_cast<uint64_t>(tile.width), height = static_cast<uint64_t>(tile.height),
               channels = static_cast<uint64_t>(tile.channels), bits = static_cast<uint64_t>(tile.bits);
    const uint64_t pixels = product(width, height), stride = width + 2 * kPad;
    const bool large = kHasLevels[static_cast<size_t>(tile.effort)];
    work_.width = tile.width;
    work_.height = tile.height;
    work_.channels = tile.channels;
    work_.bits = tile.bits;
    work_.samples = tile.samples;
    work_.stride = tile.stride;
    work_.sample_bytes = tile.sample_bytes;
    work_.ids = take<uint32_t>(product(stride, height + 3));
    work_.rows = take<uint16_t>(product(uint64_t{4}, channels, stride));
    work_.colours = take<Colour>(kMostColours + 1);
    work_.places = take<uint32_t>(2 * (kMostColours + 1));
    work_.memory_bits = large ? table_bits(pixels, 3, 8, 18) : table_bits(pixels, 4, 8, 16);
    work_.memories = take<Memory>(uint64_t{kOrders} << work_.memory_bits);
    work_.match_bits = table_bits(pixels, 2, 8, 18);
    work_.matches = take<uint32_t>(uint64_t{1} << work_.match_bits);
    work_.flat = take<int32_t>(kFlatStates + 32);
    work_.sample_bits = large ? table_bits(pixels, 4, 7, 16) : table_bits(pixels, 5, 7, 15);
    const auto effort = static_cast<size_t>(tile.effort);
    const bool rich = kRich[effort];
    const size_t levels = kHasLevels[effort] ? kLevelInputs : 0;
    work_.level_bits = table_bits(pixels, 4, 8, 16);
    make(work_.question,
         {kQuestionInputs + static_cast<int>(levels),
          kQuestionVotes[effort],
          rich,
          size_t{kQuestionInputs} * kQuestions * kStates + (levels * kQuestions << work_.level_bits),
          {kQuestions * 256, kQuestions * 16, kQuestions * 64, kQuestions * 512},
          kQuestions,
          {kQuestions * 1024, 4096},
          kHasLevels[effort] ? kLevelsWeight : kQuestionWeight});
    const auto c = static_cast<size_t>(channels), b = static_cast<size_t>(bits);
    const int hashed = kHashed[effort], inputs = hashed + kExpected[effort];
    make(work_.sample, {inputs,
                        kVotes[effort],
                        rich,
                        (static_cast<size_t>(hashed) << (work_.sample_bits + kGroupBits)) +
                            size_t{kMostExpected} * 4 * kMostChannels * 16 * 4,
                        {c * b * 64, c * 64, c * b * 8, 0},
                        c,
                        {c * 64, kSampleMaps},
                        static_cast<int16_t>(4096 / std::max(inputs, 24))});
}

}  // namespace residua::scc
