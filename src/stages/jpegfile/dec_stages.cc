#include "stages/jpegfile/dec_stages.h"

#include <algorithm>

#include "planes/jpeg_picture.h"
#include "stages/jpegfile/contents.h"

namespace residua::codec {

namespace {

constexpr int kBandRows = 64;  // of pixels that a thread makes at a time

template <typename Write>
void write_bands(Picture& picture, Session& session, const Write& write) {
    const int bands = (picture.height + kBandRows - 1) / kBandRows;
    session.threads.parallel_for(bands, [&](int64_t band, int) {
        const int top = static_cast<int>(band) * kBandRows, rows = std::min(kBandRows, picture.height - top);
        MutablePictureView view = picture.mutable_view();
        write(top, MutablePictureView{view.row(top), view.width, rows, view.channels, view.stride});
    });
}

// What the stages of one file share.
struct State {
    const container::File& file;
    std::optional<KeptContents> contents;

    jpeg::JpegPart& main() {
        jpeg::JpegPart* const part = contents->main();
        const container::Header& header = file.header;
        // Their own description of the picture is not trusted.
        if (!part || part->frame.width != header.width || part->frame.height != header.height ||
            jpeg_picture_kind(*part) != header.picture)
            throw Error(ErrorCode::kCorrupt, "the file is damaged: its JPEG is not the picture that it says");
        return *part;
    }
};

class DcStage final : public DecoderStage {
  public:
    explicit DcStage(std::shared_ptr<State> state) : state_(std::move(state)) {}
    double share() const override { return 0.1; }
    void decode(Known& known, Session& session) const override {
        state_->contents.emplace(state_->file, session.allocator);
        state_->main();
        known.metadata = state_->contents->metadata(session.allocator);
        state_->contents->decode_main_dc(session);
    }

  private:
    const std::shared_ptr<State> state_;
};

class AcStage final : public DecoderStage {
  public:
    explicit AcStage(std::shared_ptr<State> state) : state_(std::move(state)) {}
    double share() const override { return 0.9; }
    void decode(Known& known, Session& session) const override {
        state_->contents->decode_main_ac(session);
        known.picture = picture_of(state_->main(), session);
        state_->contents.reset();
    }

  private:
    const std::shared_ptr<State> state_;
};

class PreviewStage final : public DecoderStage {
  public:
    explicit PreviewStage(std::shared_ptr<State> state) : state_(std::move(state)) {}
    double share() const override { return 0.9; }
    void decode(Known& known, Session& session) const override {
        const JpegRows rows(state_->main(), session.allocator);
        Picture picture(session.allocator, rows.preview_width(), rows.preview_height(),
                        rows.kind().channels());
        std::vector<ComponentBlocks> blocks;
        for (const Buffer<int16_t>& dc : state_->contents->main_dc()) blocks.push_back({dc.data(), 0, 1});
        write_bands(picture, session,
                    [&](int top, const MutablePictureView& to) { rows.write_preview(blocks, top, to); });
        known.picture = std::move(picture);
        state_->contents.reset();
    }

  private:
    const std::shared_ptr<State> state_;
};

std::shared_ptr<State> begin(const container::File& file) {
    if (file.header.kind == container::Kind::kBytes)
        throw Error(
            ErrorCode::kUnsupported,
            "this file keeps the bytes of a file whose pixels cannot be given here; restore that file");
    return std::make_shared<State>(State{file, std::nullopt});
}

}  // namespace

DecoderStages kept_picture_stages(const container::File& file) {
    const std::shared_ptr<State> state = begin(file);
    DecoderStages stages;
    stages.push_back(std::make_unique<DcStage>(state));
    stages.push_back(std::make_unique<AcStage>(state));
    return stages;
}

DecoderStages kept_preview_stages(const container::File& file) {
    const std::shared_ptr<State> state = begin(file);
    DecoderStages stages;
    stages.push_back(std::make_unique<DcStage>(state));
    stages.push_back(std::make_unique<PreviewStage>(state));
    return stages;
}

Picture picture_of(const jpeg::JpegPart& part, Session& session) {
    const JpegRows rows(part, session.allocator);
    Picture picture(session.allocator, rows.width(), rows.height(), rows.kind().channels());
    const std::vector<ComponentBlocks> blocks = all_blocks(part);
    write_bands(picture, session,
                [&](int top, const MutablePictureView& to) { rows.write(blocks, 0, top, to); });
    return picture;
}

}  // namespace residua::codec
