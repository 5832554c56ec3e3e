#include "stages/olm/enc_tile_job.h"

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "base/stage_profile.h"
#include "entropy/enc_rans.h"
#include "stages/tile_streams.h"

namespace residua::codec {

namespace {

// From so many samples on, planes have their own streams, so that they can be decoded at the same time.
constexpr uint64_t kStreamsApart = 1 << 16;
// A plane's stream has few lanes where it is short, to make up for what more streams cost; a long one has as many as
// a tile's would have, because decoders take as many symbols at once.
constexpr int kLanesOfShort = 4;

class EncodeJob final : public PlanesJob {
  public:
    EncodeJob(const models::OlmModel& model, const olm::TileShape& shape, const olm::TileSource& samples,
              bool prove, Allocator& allocator, CountedBytes& to)
        : shape_(shape), allocator_(allocator), to_(to), coder_(model, shape_, allocator) {
        const bool apart = shape.planes > 1 && shape.samples() >= kStreamsApart;
        lists_.reserve(apart ? static_cast<size_t>(shape.planes) : 1);
        if (!apart) lists_.emplace_back(std::in_place, allocator, shape.samples());
        for (int plane = 0; apart && plane < shape.planes; ++plane)
            lists_.emplace_back(std::in_place, allocator, shape.plane_samples(plane));
        for (auto& list : lists_) places_.push_back(&*list);
        streams_.resize(lists_.size());
        coder_.prove_intervals = prove;
        coder_.begin_encoding(samples, places_);
    }

    olm::TileCoder& coder() override { return coder_; }
    const olm::TileCoder& coder() const override { return coder_; }
    int planes() const override { return shape_.planes; }

    void end_plane(int plane) override {
        if (lists_.size() > 1) write(static_cast<size_t>(plane));
    }

    void finish() override {
        if (lists_.size() == 1) {
            write(0);
            to_ = {allocator_, std::move(streams_[0])};
            return;
        }
        ByteWriter bytes;
        bytes.u8(kPlaneStreams);
        for (size_t i = 0; i + 1 < streams_.size(); ++i) bytes.varint(streams_[i].size());
        for (const auto& stream : streams_)
            bytes.bytes.insert(bytes.bytes.end(), stream.begin(), stream.end());
        to_ = {allocator_, std::move(bytes.bytes)};
    }

  private:
    void write(size_t i) {
        const StageScope stage(Stage::kStreams);
        const entropy::SymbolList& list = *lists_[i];
        const uint64_t symbols = list.intervals().size();
        const int usual = entropy::choose_lanes(symbols);
        const int lanes = lists_.size() == 1 ? usual
                                             : std::max(std::min(usual, kLanesOfShort),
                                                        entropy::choose_lanes(symbols / (2 * lists_.size())));
        streams_[i] = entropy::encode_symbols(list.intervals(), list.positions(), lanes);
        entropy::verify_symbols(streams_[i], list.intervals(), list.positions());
        stage.count(2 * list.intervals().size_bytes(), streams_[i].size());
        lists_[i].reset();
    }

    const olm::TileShape shape_;
    Allocator& allocator_;
    CountedBytes& to_;
    std::vector<std::optional<entropy::SymbolList>> lists_;  // until the stream is written
    std::vector<entropy::SymbolList*> places_;
    std::vector<std::vector<uint8_t>> streams_;
    olm::TileCoder coder_;
};

}  // namespace

std::unique_ptr<TileJob> encode_tile_job(const models::OlmModel& model, const olm::TileShape& shape,
                                         const olm::TileSource& samples, bool prove, Allocator& allocator,
                                         CountedBytes& to) {
    return std::make_unique<EncodeJob>(model, shape, samples, prove, allocator, to);
}

}  // namespace residua::codec
