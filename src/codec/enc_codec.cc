#include "codec/enc_codec.h"

#include <algorithm>
#include <cstring>
#include <optional>

#include "codec/dec_codec.h"
#include "codec/enc_stage.h"

namespace residua::codec {

namespace {

constexpr int kMaxQ = 51;
// Shares of an encoding's time that its proof takes.
constexpr double kFullProofShare = 0.3;
constexpr double kFastProofShare = 0.05;

bool has_equal_channels(const PictureView& picture) {
    for (int y = 0; y < picture.height; ++y) {
        const uint8_t* row = picture.row(y);
        for (int x = 0; x < picture.width; ++x)
            if (row[3 * x] != row[3 * x + 1] || row[3 * x] != row[3 * x + 2]) return false;
    }
    return true;
}

Picture first_channel(const PictureView& picture, Allocator& allocator) {
    Picture grey(allocator, picture.width, picture.height, 1);
    uint8_t* out = grey.samples.data();
    for (int y = 0; y < picture.height; ++y)
        for (int x = 0; x < picture.width; ++x) *out++ = picture.row(y)[x * picture.channels];
    return grey;
}

// How far around the default Q an effort looks for the smallest file.
int search_reach(int effort) { return effort >= 9 ? 4 : effort == 8 ? 2 : effort == 7 ? 1 : 0; }

[[noreturn]] void proof_failed(const std::string& what) {
    throw Error(ErrorCode::kInternal, "the written file does not decode to the picture (" + what +
                                          "); please report this, nothing was written");
}

class Encoder {
  public:
    Encoder(const EncodeRequest& request, const models::Registry& models, Session& session)
        : request_(request),
          models_(models),
          session_(session),
          entry_(models.choose(request.model)),
          model_(models.rc(entry_)) {
        x_ = request.picture;
        kind_ = x_.channels == 1 ? container::Kind::kGrey : container::Kind::kRgb;
        if (kind_ == container::Kind::kRgb && has_equal_channels(x_)) {
            kind_ = container::Kind::kRgbStoredAsGrey;
            x_ = grey_.emplace(first_channel(x_, session.allocator)).view();
        }
        checksum_ = pixel_checksum(x_);
    }

    Buffer<uint8_t> run() {
        const int reach = request_.q == 0 ? search_reach(request_.effort) : 0;
        const int start = request_.q == 0 ? entry_.file.default_q() : request_.q;
        share_ = 1.0 / (1 + (reach > 0 ? reach + 1 : 0));
        Buffer<uint8_t> best = encode_at(start);
        // The size is nearly convex in Q: go one way while it falls, the other way if it did not at once.
        for (const int direction : {1, -1}) {
            bool better = false;
            for (int step = 1; step <= reach; ++step) {
                const int q = start + direction * step;
                if (q < 1 || q > kMaxQ) break;
                Buffer<uint8_t> other = encode_at(q);
                if (other.size() >= best.size()) break;
                best = std::move(other);
                better = true;
            }
            if (better) break;
        }
        return best;
    }

  private:
    Buffer<uint8_t> encode_at(int q) {
        const int bit_depth = request_.bit_depth ? request_.bit_depth : entry_.file.default_bit_depth();
        const double proof_share = request_.proof == Proof::kFull ? kFullProofShare : kFastProofShare;
        Draft draft;
        draft.header.kind = kind_;
        draft.header.width = x_.width;
        draft.header.height = x_.height;
        draft.header.model_hash = entry_.file.hash;
        draft.header.pixel_checksum = checksum_;
        Known known;
        for (const auto& stage : encoder_stages({q, bit_depth, request_.effort}, model_)) {
            session_.progress.begin_phase(share_ * (1 - proof_share) * stage->share());
            stage->encode(x_, known, draft, session_);
        }
        Buffer<uint8_t> file = write_file(draft);
        session_.log(LogLevel::kDebug, "Q " + std::to_string(q) + ": lossy layer " +
                                           std::to_string(draft.bpg.bytes.size()) + " bytes, file " +
                                           std::to_string(file.size()) + " bytes");
        draft = {};
        prove(file.span(), known, share_ * proof_share);
        return file;
    }

    Buffer<uint8_t> write_file(const Draft& draft) {
        container::File file;
        file.header = draft.header;
        file.metadata = request_.metadata;
        file.bpg = draft.bpg.bytes;
        for (const CountedBytes& tile : draft.tiles) file.tiles.push_back(tile.bytes);
        return container::write(file, session_.allocator);
    }

    // The tiles' streams have been proved one by one as they were made (ResidualWriter).
    void prove(std::span<const uint8_t> bytes, Known& known, double share) {
        try {
            const container::File file = container::parse(bytes);
            if (request_.proof == Proof::kFull) {
                known = {};
                compare(decode(file, models_, session_, share).view(), x_, "pixels");
            } else {
                session_.progress.begin_phase(share);
                compare_lossy_layer(file, *known.lossy);
            }
        } catch (const Error& error) {
            if (error.code() != ErrorCode::kCorrupt && error.code() != ErrorCode::kTruncated) throw;
            proof_failed(error.what());
        }
    }

    void compare_lossy_layer(const container::File& file, const FinePicture& lossy) {
        Known again;
        lossy_decoder_stage(file)->decode(again, session_);
        if (!std::ranges::equal(again.lossy->samples.span(), lossy.samples.span()))
            proof_failed("lossy layer");
    }

    static void compare(const PictureView& a, const PictureView& b, const char* what) {
        for (int y = 0; y < a.height; ++y)
            if (std::memcmp(a.row(y), b.row(y),
                            static_cast<size_t>(a.width) * static_cast<size_t>(a.channels)) != 0)
                proof_failed(what);
    }

    const EncodeRequest& request_;
    const models::Registry& models_;
    Session& session_;
    const models::Registry::Entry& entry_;
    const models::RcModel& model_;
    std::optional<Picture> grey_;
    PictureView x_;  // in the coded channels
    container::Kind kind_;
    uint64_t checksum_;
    double share_ = 1;  // of the progress, for one value of Q
};

}  // namespace

Buffer<uint8_t> encode(const EncodeRequest& request, const models::Registry& models, Session& session) {
    Encoder encoder(request, models, session);
    Buffer<uint8_t> file = encoder.run();
    session.progress.finish();
    return file;
}

}  // namespace residua::codec
