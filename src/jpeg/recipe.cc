#include "jpeg/recipe.h"

#include "base/error.h"

namespace residua::jpeg {

namespace {

enum Flag : uint8_t {
    kIncomplete = 1,
    kZeroPadding = 2,
    kOtherPadding = 4,
    kOtherRestarts = 8,
    kSurplusZeros = 16,
    kOtherRuns = 32,
    kRunStarts = 64,
    kSurplusBytes = 128,
    // Of arithmetic-coded scans.
    kCuts = kOtherPadding,
    kArithmeticFlags = kIncomplete | kOtherRestarts | kCuts | kSurplusBytes,
};

[[noreturn]] void damaged() {
    throw Error(ErrorCode::kCorrupt, "the file is damaged: what it says of a JPEG's scan cannot be");
}

// Numbers that rise, as the distances between them. Each takes a byte at least.
class RisingReader {
  public:
    explicit RisingReader(ByteReader& reader) : reader_(reader), count_(reader.varint()) {
        if (count_ == 0 || count_ > reader.remaining()) damaged();
    }
    uint64_t count() const { return count_; }
    uint64_t next() {
        const uint64_t distance = reader_.varint();
        if (distance > UINT64_MAX / 2 || before_ > UINT64_MAX / 2) damaged();
        const uint64_t number = before_ + distance;
        before_ = number + 1;
        return number;
    }

  private:
    ByteReader& reader_;
    uint64_t count_, before_ = 0;
};

class RisingWriter {
  public:
    RisingWriter(ByteWriter& writer, uint64_t count) : writer_(writer) { writer.varint(count); }
    void put(uint64_t number) {
        writer_.varint(number - before_);
        before_ = number + 1;
    }

  private:
    ByteWriter& writer_;
    uint64_t before_ = 0;
};

}  // namespace

ScanSize scan_size(const Frame& frame, const Scan& scan) {
    return {mcu_grid(frame, scan).count(), scan.restart_interval, frame.arithmetic()};
}

void write_recipe(ByteWriter& writer, const ScanRecipe& recipe, const ScanSize& size) {
    const bool other_runs =
        recipe.most_run != ScanRecipe::kMostRun || !recipe.few_corrections || recipe.run_beyond > 0;
    const uint64_t due = restarts_due(recipe.mcus, size.restart_interval);
    uint8_t flags = 0;
    if (recipe.mcus != size.mcus) flags |= kIncomplete;
    if (!recipe.pad_with_ones) flags |= kZeroPadding;
    if (!recipe.other_padding.empty()) flags |= kOtherPadding;
    if (!recipe.cuts.empty()) flags |= kCuts;
    if (recipe.restarts != due) flags |= kOtherRestarts;
    if (!recipe.surplus_zeros.empty()) flags |= kSurplusZeros;
    if (other_runs) flags |= kOtherRuns;
    if (!recipe.run_starts.empty()) flags |= kRunStarts;
    if (!recipe.surplus_bytes.empty()) flags |= kSurplusBytes;

    writer.varint(recipe.size);
    writer.u8(flags);
    if (flags & kIncomplete) writer.varint(recipe.mcus);
    if (flags & kOtherRestarts) writer.varint(recipe.restarts);
    if (size.arithmetic && (flags & kCuts)) {
        RisingWriter places(writer, recipe.cuts.size());
        for (const auto& cut : recipe.cuts) {
            places.put(cut.place);
            writer.varint(cut.bytes);
        }
    } else if (flags & kOtherPadding) {
        RisingWriter places(writer, recipe.other_padding.size());
        for (const auto& padding : recipe.other_padding) {
            places.put(padding.place);
            writer.u8(padding.bits);
        }
    }
    if (flags & kSurplusZeros) {
        RisingWriter blocks(writer, recipe.surplus_zeros.size());
        for (const SurplusZeros& zeros : recipe.surplus_zeros) {
            blocks.put(zeros.block);
            writer.u8(static_cast<uint8_t>(2 * zeros.runs + zeros.without_end));
        }
    }
    if (flags & kOtherRuns) {
        writer.u8(recipe.few_corrections);
        writer.varint(recipe.most_run);
        writer.varint(recipe.run_beyond);
    }
    if (flags & kRunStarts) {
        RisingWriter blocks(writer, recipe.run_starts.size());
        for (const uint64_t block : recipe.run_starts) blocks.put(block);
    }
    if (flags & kSurplusBytes) {
        RisingWriter places(writer, recipe.surplus_bytes.size());
        size_t at = 0;
        for (const auto& part : recipe.surplus_bytes) {
            places.put(part.place);
            writer.varint(part.count);
            writer.put(std::span(recipe.surplus).subspan(at, static_cast<size_t>(part.count)));
            at += static_cast<size_t>(part.count);
        }
    }
}

ScanRecipe read_recipe(ByteReader& reader, const ScanSize& size) {
    ScanRecipe recipe;
    recipe.size = reader.varint();
    const uint8_t flags = reader.u8();
    if (size.arithmetic && (flags & ~kArithmeticFlags) != 0) damaged();
    recipe.mcus = flags & kIncomplete ? reader.varint() : size.mcus;
    if (recipe.mcus > size.mcus) damaged();
    const uint64_t due = restarts_due(recipe.mcus, size.restart_interval);
    recipe.restarts = flags & kOtherRestarts ? reader.varint() : due;
    if (recipe.restarts > due) damaged();
    recipe.pad_with_ones = !(flags & kZeroPadding);
    if (size.arithmetic && (flags & kCuts)) {
        RisingReader places(reader);
        for (uint64_t i = 0; i < places.count(); ++i) {
            const uint64_t place = places.next();
            if (place >= recipe.restarts) damaged();
            recipe.cuts.push_back({place, reader.varint()});
        }
    } else if (flags & kOtherPadding) {
        RisingReader places(reader);
        for (uint64_t i = 0; i < places.count(); ++i) {
            const uint64_t place = places.next();
            recipe.other_padding.push_back({place, reader.u8()});
        }
    }
    if (flags & kSurplusZeros) {
        RisingReader blocks(reader);
        for (uint64_t i = 0; i < blocks.count(); ++i) {
            SurplusZeros zeros;
            zeros.block = blocks.next();
            const uint8_t byte = reader.u8();
            zeros.runs = byte >> 1;
            zeros.without_end = byte & 1;
            if (zeros.runs < 1 || zeros.runs > 4) damaged();
            recipe.surplus_zeros.push_back(zeros);
        }
    }
    if (flags & kOtherRuns) {
        const uint8_t few = reader.u8();
        if (few > 1) damaged();
        recipe.few_corrections = few != 0;
        recipe.most_run = static_cast<uint32_t>(reader.varint_in(1, ScanRecipe::kMostRun, "run of blocks"));
        recipe.run_beyond = static_cast<uint32_t>(reader.varint_in(0, ScanRecipe::kMostRun, "run of blocks"));
    }
    if (flags & kRunStarts) {
        RisingReader blocks(reader);
        for (uint64_t i = 0; i < blocks.count(); ++i) recipe.run_starts.push_back(blocks.next());
    }
    if (flags & kSurplusBytes) {
        RisingReader places(reader);
        for (uint64_t i = 0; i < places.count(); ++i) {
            const uint64_t place = places.next(), count = reader.varint();
            if (place >= recipe.restarts || count == 0) damaged();
            const auto bytes = reader.take(count);
            recipe.surplus_bytes.push_back({place, count});
            recipe.surplus.insert(recipe.surplus.end(), bytes.begin(), bytes.end());
        }
    }
    return recipe;
}

}  // namespace residua::jpeg
