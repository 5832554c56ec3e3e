// The kernels of every instruction set write the same bytes and read the same samples as the scalar ones, which are
// the specification; also of bytes that nobody wrote.
#include "scc/kernels.h"

#include <gtest/gtest.h>

#include "base/cpu.h"
#include "jpeg/coefficients/enc_output.h"
#include "jpeg/coefficients/state.h"
#include "scc/test_pictures.h"

namespace residua::scc {
namespace {

constexpr Effort kAllEfforts[] = {Effort::kFast, Effort::kDefault, Effort::kDense, Effort::kLevels,
                                  Effort::kDenseLevels};

// Without the byte that names the form.
std::vector<uint8_t> written(Isa isa, TestTile& tile) {
    Allocator allocator;
    TileMemory memory(tile.view(), allocator);
    Work& work = memory.work();
    work.end_row = work.height;
    const Kernels& kernel = kernels(isa);
    jpeg::Output output;
    kernel.begin_write(output.sink, work);
    kernel.write[static_cast<int>(tile.view().effort)](output.sink, jpeg::tables(), work);
    kernel.end_write(output.sink, work);
    return output.take();
}

std::vector<int> read(Isa isa, const std::vector<uint8_t>& stream, const TestTile& like) {
    TestTile tile = like.empty_one();
    Allocator allocator;
    TileMemory memory(tile.view(), allocator);
    Work& work = memory.work();
    work.end_row = work.height;
    const Kernels& kernel = kernels(isa);
    jpeg::WordSource source{stream.data(), stream.data() + stream.size(), 0};
    kernel.begin_read(source, work);
    kernel.read[static_cast<int>(tile.view().effort)](source, jpeg::tables(), work);
    return tile.samples();
}

TEST(SccKernels, WriteTheSameBytes) {
    for (const Effort effort : kAllEfforts)
        for (const int bits : {1, 8, 13, 16}) {
            TestTile tile(101, 47, 3, bits, effort);
            draw(tile, Content::kMixed, static_cast<uint32_t>(bits));
            const std::vector<uint8_t> bytes = written(Isa::kScalar, tile);
            for (const Isa isa : kAllIsas) {
                if (!isa_available(isa)) continue;
                EXPECT_TRUE(written(isa, tile) == bytes) << isa_name(isa);
                EXPECT_TRUE(read(isa, bytes, tile) == tile.samples()) << isa_name(isa);
            }
        }
}

TEST(SccKernels, ReadTheSameSamplesOfRandomBytes) {
    Sequence sequence(8);
    for (const Effort effort : kAllEfforts)
        for (const int bits : {1, 8, 13, 16}) {
            const TestTile tile(64, 40, 1 + sequence.below(kMostChannels), bits, effort);
            std::vector<uint8_t> bytes(60000);
            for (uint8_t& byte : bytes) byte = static_cast<uint8_t>(sequence.below(256));
            const std::vector<int> samples = read(Isa::kScalar, bytes, tile);
            for (const Isa isa : kAllIsas) {
                if (!isa_available(isa)) continue;
                EXPECT_TRUE(read(isa, bytes, tile) == samples) << isa_name(isa);
            }
        }
}

}  // namespace
}  // namespace residua::scc
