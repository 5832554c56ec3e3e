// Where the bits of a file are.
#include <residua/research.h>

#include <utility>

#include "api/api.h"
#include "codec/dec_explain.h"
#include "codec/dec_kept.h"
#include "codec/dec_rows.h"

namespace residua {

namespace {

using Visit = int (*)(void* user, const residua_stage_bits* stage);

// One strip's stages, as the caller sees them.
class Explanation {
  public:
    Explanation(Visit visit, void* user, Allocator& allocator)
        : visit_(visit), user_(user), allocator_(allocator) {}

    void stage(const codec::ExplainedStage& explained) const {
        const container::Header& header = explained.file.header;
        const codec::StageBits& bits = explained.bits;
        Buffer<uint64_t> tile_sizes(allocator_, explained.tiles.size());
        for (size_t tile = 0; tile < tile_sizes.size(); ++tile)
            tile_sizes[tile] = explained.tiles[tile].size();

        residua_stage_bits stage{};
        stage.struct_size = sizeof stage;
        stage.name = explained.name.c_str();
        stage.bits = bits.data();
        stage.channel_names = bits.names.data();
        stage.value_counts = bits.value_counts.data();
        stage.size = explained.size;
        stage.strip = strip_;
        stage.first_row = first_row_;
        stage.width = static_cast<uint32_t>(header.width);
        stage.height = static_cast<uint32_t>(header.height);
        stage.channels = static_cast<uint32_t>(bits.channels());
        stage.chroma_columns = static_cast<uint32_t>(bits.chroma_columns);
        stage.chroma_rows = static_cast<uint32_t>(bits.chroma_rows);
        stage.planes = static_cast<uint32_t>(bits.colours);
        stage.blocks = bits.blocks;
        stage.exceptions = bits.exceptions;
        if (explained.tiles.empty()) {
            stage.spread = 1;
        } else {
            stage.tile_sizes = tile_sizes.data();
            stage.tile_columns = static_cast<uint32_t>(header.tile_columns());
            stage.tile_rows = static_cast<uint32_t>(header.tile_rows());
            stage.tile_width = static_cast<uint32_t>(header.tile_width);
            stage.tile_height = static_cast<uint32_t>(header.tile_height);
            stage.tau = header.tau.empty() ? nullptr : header.tau.data();
            stage.tau_count = static_cast<uint32_t>(header.tau.size());
            // The payload before the tiles of a method whose payload is no stage.
            if (!header.method->traits().lossy_layer) stage.description_size = explained.file.payload.size();
        }
        if (visit_(user_, &stage) != 0)
            throw Error(ErrorCode::kIo, "the function that takes the explanation has failed");
    }

    void end_strip(int rows) {
        ++strip_;
        first_row_ += static_cast<uint32_t>(rows);
    }

  private:
    const Visit visit_;
    void* const user_;
    Allocator& allocator_;
    uint32_t strip_ = 0, first_row_ = 0;
};

}  // namespace
}  // namespace residua

extern "C" {

residua_status residua_explain(residua_context* context, const void* data, size_t size,
                               int (*visit)(void* user, const residua_stage_bits* stage), void* user) {
    using namespace residua;
    return api::session_call(context, [&](Session& session) {
        api::require(visit, "no function was given");
        if (codec::keeps_a_file(api::bytes_of(data, size)))
            throw Error(
                ErrorCode::kUnsupported,
                "this file keeps a JPEG file, whose bits are not told apart by pixels; 'residua info' "
                "says how many are DC, AC and all else");
        Explanation explanation(visit, user, session.allocator);
        MemoryInput input(api::bytes_of(data, size));
        const auto explain = [&](const container::File& file, double share) {
            Picture picture =
                codec::explain(file, context->models, session, share,
                               [&](const codec::ExplainedStage& stage) { explanation.stage(stage); });
            explanation.end_strip(file.header.height);
            return codec::Decoded{std::move(picture), nullptr};
        };
        codec::decode_rows(input, explain, session, nullptr, context->limits);
    });
}

}  // extern "C"
