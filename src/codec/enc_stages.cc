// The encoder's side of RC's stages.
#include <algorithm>

#include "codec/enc_stage.h"
#include "codec/residual_pass.h"
#include "entropy/enc_rans.h"
#include "lossy/dec_lossy.h"
#include "lossy/enc_lossy.h"

namespace residua::codec {

namespace {

constexpr double kLossyShare = 0.5;
// Tiles have about this side: large enough that their streams' ends cost nothing, small enough that a small
// picture has several.
constexpr int kTileSide = 512;
constexpr int kMinTileHeight = 128;
// The intervals of a row of tiles are held in memory: so many pixels at most, unless kMinTileHeight asks for
// more.
constexpr int kMaxTileRowPixels = 1 << 22;

class LossyEncoder : public EncoderStage {
  public:
    explicit LossyEncoder(const EncoderOptions& options) : options_(options) {}

    double share() const override { return kLossyShare; }

    void encode(const PictureView& x, Known& known, Draft& draft, Session& session) const override {
        const int threads = session.threads.size();
        draft.bpg = {session.allocator,
                     lossy::encode_bpg(x, {options_.q, options_.bit_depth, options_.effort, threads},
                                       session.allocator)};
        draft.header.q = options_.q;
        draft.header.bit_depth = options_.bit_depth;
        session.progress.update(0.9);
        known.lossy.emplace(session.allocator, x.width, x.height, x.channels);
        lossy::decode_bpg_fine(draft.bpg.bytes, known.lossy->view(), session.allocator, threads);
    }

  private:
    EncoderOptions options_;
};

// Equal tiles of about kTileSide, in multiples of the format's unit.
int tile_side(int side, int about) {
    const int count = (side + about - 1) / about;
    const int even = (side + count - 1) / count;
    return (even + container::kTileUnit - 1) / container::kTileUnit * container::kTileUnit;
}

// The smallest alphabets that hold every residual.
std::array<container::Alphabet, 3> find_alphabets(const PictureView& x, const FineView& fine,
                                                  ThreadPool& threads) {
    std::vector<std::array<container::Alphabet, 3>> found(static_cast<size_t>(threads.size()));
    threads.parallel_for(x.height, [&](int64_t y, int thread) {
        auto& alphabets = found[static_cast<size_t>(thread)];
        const uint8_t* sample = x.row(static_cast<int>(y));
        const uint16_t* lossy = fine.row(static_cast<int>(y));
        for (int i = 0; i < x.width; ++i) {
            for (int c = 0; c < x.channels; ++c) {
                container::Alphabet& alphabet = alphabets[static_cast<size_t>(c)];
                const int residual = *sample++ - round_fine(*lossy++);
                alphabet.lowest = std::min(alphabet.lowest, residual);
                alphabet.highest = std::max(alphabet.highest, residual);
            }
        }
    });
    for (const auto& part : found) {
        for (size_t c = 0; c < 3; ++c) {
            found[0][c].lowest = std::min(found[0][c].lowest, part[c].lowest);
            found[0][c].highest = std::max(found[0][c].highest, part[c].highest);
        }
    }
    return found[0];
}

// Collects each tile's intervals, then codes and proves it.
class ResidualWriter : public ResidualCoder {
  public:
    ResidualWriter(const PictureView& x, const FineView& lossy, const models::RcModel& model, Draft& draft,
                   Session& session)
        : x_(x),
          lossy_(lossy),
          tiling_(Tiling::of(draft.header)),
          draft_(draft),
          allocator_(session.allocator),
          row_coders_(make_row_coders(model, draft.header, session.threads.size())) {
        draft.tiles.resize(static_cast<size_t>(tiling_.columns() * tiling_.rows()));
        for (int column = 0; column < tiling_.columns(); ++column)
            columns_.push_back({Buffer<entropy::Interval>(allocator_, shape(0, column).symbols()), 0});
    }

    void begin_tile(int, int column) override { columns_[static_cast<size_t>(column)].used = 0; }

    void code_row(int y, int column, const entropy::RowParameters& parameters, int thread) override {
        RowCoder& coder = row_coders_[static_cast<size_t>(thread)];
        Column& tile = columns_[static_cast<size_t>(column)];
        const int width = tiling_.column_width(column);
        const ptrdiff_t start = static_cast<ptrdiff_t>(tiling_.column_start(column)) * x_.channels;
        const uint8_t* sample = x_.row(y) + start;
        const uint16_t* lossy = lossy_.row(y) + start;
        const auto symbols = static_cast<size_t>(width * x_.channels);
        for (size_t i = 0; i < symbols; ++i)
            coder.residual[i] = static_cast<int16_t>(sample[i] - round_fine(lossy[i]));
        coder.mixture.intervals(parameters, width, coder.residual.data(), tile.intervals.data() + tile.used);
        tile.used += symbols;
    }

    void end_tile(int tile_row, int column) override {
        const Column& tile = columns_[static_cast<size_t>(column)];
        const auto intervals = tile.intervals.span().first(tile.used);
        std::vector<uint8_t> stream = entropy::encode_tile(intervals, shape(tile_row, column));
        entropy::verify_tile(stream, intervals, shape(tile_row, column));
        draft_.tiles[static_cast<size_t>(tile_row * tiling_.columns() + column)] = {allocator_,
                                                                                    std::move(stream)};
    }

  private:
    entropy::TileShape shape(int tile_row, int column) const {
        return {tiling_.column_width(column), tiling_.row_height(tile_row), x_.channels};
    }

    struct Column {
        Buffer<entropy::Interval> intervals;  // of the tile so far
        size_t used;
    };
    const PictureView x_;
    const FineView lossy_;
    const Tiling tiling_;
    Draft& draft_;
    Allocator& allocator_;
    std::vector<RowCoder> row_coders_;  // [thread]
    std::vector<Column> columns_;
};

class ResidualEncoder : public EncoderStage {
  public:
    explicit ResidualEncoder(const models::RcModel& model) : model_(model) {}

    double share() const override { return 1 - kLossyShare; }

    void encode(const PictureView& x, Known& known, Draft& draft, Session& session) const override {
        const FineView lossy = known.lossy->view();
        draft.header.alphabets = find_alphabets(x, lossy, session.threads);
        draft.header.tile_width = tile_side(x.width, kTileSide);
        draft.header.tile_height = tile_side(
            x.height, std::clamp(kMaxTileRowPixels / x.width / container::kTileUnit * container::kTileUnit,
                                 kMinTileHeight, kTileSide));
        ResidualWriter writer(x, lossy, model_, draft, session);
        run_residual_pass(model_, lossy, Tiling::of(draft.header), writer, session);
    }

  private:
    const models::RcModel& model_;
};

}  // namespace

std::vector<std::unique_ptr<EncoderStage>> encoder_stages(const EncoderOptions& options,
                                                          const models::RcModel& model) {
    std::vector<std::unique_ptr<EncoderStage>> stages;
    stages.push_back(std::make_unique<LossyEncoder>(options));
    stages.push_back(std::make_unique<ResidualEncoder>(model));
    return stages;
}

}  // namespace residua::codec
