// The decoder's side of RC's stages.
#include <algorithm>

#include "codec/residual_pass.h"
#include "codec/stage.h"
#include "lossy/dec_lossy.h"

namespace residua::codec {

namespace {

constexpr double kLossyShare = 0.2;

class LossyDecoder : public DecoderStage {
  public:
    explicit LossyDecoder(const container::File& file) : file_(file) {}

    double share() const override { return kLossyShare; }

    void decode(Known& known, Session& session) const override {
        const container::Header& header = file_.header;
        known.lossy.emplace(session.allocator, header.width, header.height, coded_channels(header.kind));
        lossy::decode_bpg_fine(file_.bpg, known.lossy->view(), session.allocator, session.threads.size());
    }

  private:
    const container::File& file_;
};

// x = x_l + r, row by row.
class ResidualReader : public ResidualCoder {
  public:
    ResidualReader(const container::File& file, const models::RcModel& model, const FineView& lossy,
                   const MutablePictureView& picture, int threads)
        : file_(file),
          tiling_(Tiling::of(file.header)),
          lossy_(lossy),
          picture_(picture),
          row_coders_(make_row_coders(model, file.header, threads)),
          streams_(static_cast<size_t>(tiling_.columns())) {}

    void begin_tile(int tile_row, int column) override {
        const int tile = tile_row * tiling_.columns() + column;
        streams_[static_cast<size_t>(column)].emplace(file_.tiles[static_cast<size_t>(tile)]);
    }

    void code_row(int y, int column, const entropy::RowParameters& parameters, int thread) override {
        RowCoder& coder = row_coders_[static_cast<size_t>(thread)];
        const int width = tiling_.column_width(column);
        coder.mixture.decode_row(*streams_[static_cast<size_t>(column)], parameters, width,
                                 coder.residual.data());
        const ptrdiff_t start = static_cast<ptrdiff_t>(tiling_.column_start(column)) * picture_.channels;
        const uint16_t* fine = lossy_.row(y) + start;
        uint8_t* samples = picture_.row(y) + start;
        int outside = 0;
        for (int i = 0; i < width * picture_.channels; ++i) {
            const int sample = round_fine(fine[i]) + coder.residual[static_cast<size_t>(i)];
            outside |= sample & ~255;
            samples[i] = static_cast<uint8_t>(sample);
        }
        if (outside)
            throw Error(ErrorCode::kCorrupt, "the file is damaged: its residual leaves the range of pixels");
    }

    void end_tile(int, int column) override { streams_[static_cast<size_t>(column)]->finish(); }

  private:
    const container::File& file_;
    const Tiling tiling_;
    const FineView lossy_;
    const MutablePictureView picture_;
    std::vector<RowCoder> row_coders_;                          // [thread]
    std::vector<std::optional<entropy::RansDecoder>> streams_;  // [column]
};

class ResidualDecoder : public DecoderStage {
  public:
    ResidualDecoder(const container::File& file, const models::RcModel& model) : file_(file), model_(model) {}

    double share() const override { return 1 - kLossyShare; }

    void decode(Known& known, Session& session) const override {
        const FineView lossy = known.lossy->view();
        known.picture.emplace(session.allocator, lossy.width, lossy.height, lossy.channels);
        ResidualReader reader(file_, model_, lossy, known.picture->mutable_view(), session.threads.size());
        run_residual_pass(model_, lossy, Tiling::of(file_.header), reader, session);
    }

  private:
    const container::File& file_;
    const models::RcModel& model_;
};

}  // namespace

std::unique_ptr<DecoderStage> lossy_decoder_stage(const container::File& file) {
    return std::make_unique<LossyDecoder>(file);
}

std::vector<std::unique_ptr<DecoderStage>> decoder_stages(const container::File& file,
                                                          const models::Registry& models) {
    const models::Registry::Entry* entry = models.find(file.header.model_hash);
    if (!entry)
        throw Error(ErrorCode::kModelMissing,
                    "model " + models::hash_text(file.header.model_hash) +
                        " is not installed; this file needs it. Get its .rsm file and add it");
    const models::RcModel& model = models.rc(*entry);
    const size_t expected_tau =
        static_cast<size_t>(coded_channels(file.header.kind)) * static_cast<size_t>(model.tables.components);
    if (!file.header.tau.empty() && file.header.tau.size() != expected_tau)
        throw Error(ErrorCode::kCorrupt, "the file's tau does not fit its model");
    std::vector<std::unique_ptr<DecoderStage>> stages;
    stages.push_back(lossy_decoder_stage(file));
    stages.push_back(std::make_unique<ResidualDecoder>(file, model));
    return stages;
}

}  // namespace residua::codec
