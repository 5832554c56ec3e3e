#include "stages/jpegfile/enc_method.h"

#include <algorithm>
#include <atomic>

#include "bytes/enc_bytes.h"
#include "jpeg/coefficients/enc_coefficients.h"
#include "jpeg/enc_dissect.h"
#include "planes/jpeg_picture.h"
#include "stages/jpegfile/contents.h"
#include "stages/jpegfile/dec_stages.h"
#include "stages/jpegfile/method.h"

namespace residua::codec {

namespace {

constexpr int kLightEffort = 3, kDefaultEffort = 7;  // up to these of 1 … 9

jpeg::Effort coder_effort(int effort) {
    return effort <= kLightEffort     ? jpeg::Effort::kLight
           : effort <= kDefaultEffort ? jpeg::Effort::kDefault
                                      : jpeg::Effort::kDense;
}

// A JPEG's streams: of its DCs, of its ACs.
struct CodedPart {
    std::vector<CountedBytes> dc, ac;
};

// Reports from `begin` to `end` of the progress's phase.
CodedPart encode_part(const jpeg::JpegPart& part, jpeg::Effort effort, double begin, double end,
                      Session& session) {
    const jpeg::Layout layout = coefficient_layout(part, effort);
    std::vector<Buffer<int16_t>> dcs;
    std::vector<const int16_t*> dc;
    for (size_t k = 0; k < part.planes.size(); ++k) {
        Buffer<int16_t>& own = dcs.emplace_back(session.allocator, part.frame.components[k].blocks());
        for (size_t i = 0; i < own.size(); ++i) own[i] = part.planes[k][64 * i];
        dc.push_back(own.data());
    }
    const Reservation memory(session.allocator,
                             coder_memory(effort) * static_cast<uint64_t>(session.threads.size()));
    CodedPart coded;
    coded.dc.resize(static_cast<size_t>(layout.dc_bands()));
    coded.ac.resize(static_cast<size_t>(layout.ac_bands()));
    // The DCs' bands, which are the largest, first.
    const int64_t dc_bands = layout.dc_bands(), bands = dc_bands + layout.ac_bands();
    std::atomic<int> done{0};
    session.threads.parallel_for(bands, [&](int64_t i, int thread) {
        if (i < dc_bands) {
            coded.dc[static_cast<size_t>(i)] = {session.allocator,
                                                jpeg::encode_dc(layout, static_cast<int>(i), dc)};
        } else {
            const int band = static_cast<int>(i - dc_bands);
            std::vector<const int16_t*> blocks = part.coefficients();
            for (size_t k = 0; k < blocks.size(); ++k)
                blocks[k] += 64 * size_t(layout.ac_rows(band, static_cast<int>(k)).first) *
                             size_t(part.frame.components[k].columns);
            coded.ac[static_cast<size_t>(band)] = {session.allocator,
                                                   jpeg::encode_ac(layout, band, dc, blocks)};
        }
        ++done;
        if (thread == 0) session.progress.update(begin + (end - begin) * done / static_cast<double>(bands));
    });
    return coded;
}

class JpegFileEncoder final : public EncoderMethod {
  public:
    [[noreturn]] static void refuse_pixels() {
        throw Error(ErrorCode::kInvalidArgument,
                    "the codec jpeg keeps the bytes of JPEG files; for pixels choose another codec");
    }
    void begin(container::Header&, const EncoderOptions&, const models::Model&) const override {
        refuse_pixels();
    }
    EncoderStages stages(const EncoderOptions&, const models::Model&) const override { refuse_pixels(); }

    Kept keep(std::span<const uint8_t> bytes, int effort, Care care, Session& session) const override {
        static constexpr JpegFileMethod kMethod;
        Kept kept;
        container::Header& header = kept.draft.header;
        header.method = &kMethod;
        header.kind = container::Kind::kBytes;
        header.kept_size = bytes.size();
        header.effort = static_cast<int>(coder_effort(effort));
        header.scales = kKeptStages - 1;
        kept.draft.streams.resize(kKeptStages);
        const auto check = care == Care::kQuick ? jpeg::ScanCheck::kBehindFirst : jpeg::ScanCheck::kAll;
        const jpeg::Dissection dissection =
            care == Care::kWhole ? jpeg::Dissection{} : jpeg::dissect(bytes, session.allocator, check);
        put_payload(kept.draft, dissection, bytes, session);
        if (const jpeg::JpegPart* main = dissection.main()) describe(*main, kept, session);
        return kept;
    }

  private:
    static void put_payload(Draft& draft, const jpeg::Dissection& dissection, std::span<const uint8_t> bytes,
                            Session& session) {
        const jpeg::Effort effort = coder_effort_of(draft.header);
        const std::vector<uint8_t> structure = jpeg::write_structure(dissection);
        std::vector<uint8_t> all = structure;
        {
            const Buffer<uint8_t> foreign = jpeg::foreign_bytes(dissection, bytes, session.allocator);
            all.insert(all.end(), foreign.data(), foreign.data() + foreign.size());
        }
        const Reservation memory(session.allocator, 2 * all.size());
        ByteWriter payload;
        payload.varint(structure.size());
        payload.varint(all.size() - structure.size());
        const std::vector<uint8_t> stream = encode_list(draft.header, all);
        payload.varint(stream.size());
        payload.put(stream);
        const double share = 1 / static_cast<double>(std::max<size_t>(1, dissection.jpegs.size()));
        double begin = 0;
        for (const jpeg::JpegPart& part : dissection.jpegs) {
            CodedPart coded = encode_part(part, effort, begin, begin + share, session);
            begin += share;
            if (&part == dissection.main()) {
                draft.streams[kDcStage] = std::move(coded.dc);
                draft.streams[kAcStage] = std::move(coded.ac);
                continue;
            }
            for (const auto* streams : {&coded.dc, &coded.ac})
                for (const CountedBytes& one : *streams) {
                    payload.varint(one.bytes.size());
                    payload.put(one.bytes);
                }
        }
        draft.payload = {session.allocator, std::move(payload.bytes)};
    }

    // Few bytes are a JPEG's own markers, and hold no profile, XMP or Exif that is like others.
    static std::vector<uint8_t> encode_list(container::Header& header, std::span<const uint8_t> list) {
        constexpr size_t kFewBytes = 900;
        std::vector<uint8_t> stream = bytes::encode(list, kept_beginning(header));
        if (list.size() < kFewBytes) return stream;
        header.effort += kMetadataBeginning;
        std::vector<uint8_t> other = bytes::encode(list, kept_beginning(header));
        if (other.size() < stream.size()) return other;
        header.effort -= kMetadataBeginning;
        return stream;
    }

    static void describe(const jpeg::JpegPart& main, Kept& kept, Session& session) {
        const std::optional<PictureKind> kind = jpeg_picture_kind(main);
        if (!kind) return;
        kept.draft.header.kind = container::Kind::kAny;
        kept.draft.header.picture = *kind;
        kept.draft.header.width = main.frame.width;
        kept.draft.header.height = main.frame.height;
        kept.picture = picture_of(main, session);
    }
};

}  // namespace

const EncoderMethod& jpeg_file_encoder() {
    static constexpr JpegFileEncoder kEncoder;
    return kEncoder;
}

}  // namespace residua::codec
