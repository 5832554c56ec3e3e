#include "stages/jpegfile/contents.h"

#include <algorithm>
#include <atomic>
#include <mutex>

#include "base/checksum.h"
#include "bytes/common_metadata.h"
#include "bytes/dec_bytes.h"
#include "jpeg/coefficients/dec_coefficients.h"
#include "jpeg/common_bytes.h"
#include "jpeg/metadata.h"
#include "jpeg/scan_writer.h"

namespace residua::codec {

namespace {

[[noreturn]] void damaged(const char* what) {
    throw Error(ErrorCode::kCorrupt, std::string("the file is damaged: ") + what);
}

template <typename T>
std::vector<T*> pointers(std::vector<Buffer<std::remove_const_t<T>>>& buffers) {
    std::vector<T*> all;
    all.reserve(buffers.size());
    for (auto& buffer : buffers) all.push_back(buffer.data());
    return all;
}

}  // namespace

jpeg::Layout coefficient_layout(const jpeg::JpegPart& part, jpeg::Effort effort) {
    std::vector<jpeg::ComponentShape> shapes;
    for (const jpeg::Component& c : part.frame.components)
        shapes.push_back({c.columns, c.rows, c.across, c.down, c.steps});
    return jpeg::Layout(std::move(shapes), effort);
}

jpeg::Effort coder_effort_of(const container::Header& header) {
    return static_cast<jpeg::Effort>(header.effort % kMetadataBeginning);
}

std::vector<uint8_t> kept_beginning(const container::Header& header) {
    std::vector<uint8_t> beginning;
    const auto add = [&](std::span<const uint8_t> part) {
        beginning.insert(beginning.end(), part.begin(), part.end());
    };
    if (header.effort >= kMetadataBeginning) add(bytes::common_metadata());
    add(jpeg::common_bytes());
    return beginning;
}

uint64_t coder_memory(jpeg::Effort effort) { return effort == jpeg::Effort::kDense ? 24 << 20 : 12 << 20; }

KeptContents::KeptContents(const container::File& file, Allocator& allocator) : file_(file) {
    ByteReader payload(file.payload, "list of the file's bytes");
    const uint64_t structure_size = payload.varint(), foreign_size = payload.varint();
    if (structure_size > PTRDIFF_MAX / 4 || foreign_size > file.header.kept_size)
        damaged("it lists more bytes than it keeps");
    const auto stream = payload.take(payload.varint());
    const Buffer<uint8_t> all =
        bytes::decode(stream, structure_size + foreign_size, kept_beginning(file.header), allocator);
    bytes_ = {allocator, file.header.kept_size};
    const auto first = static_cast<size_t>(structure_size);
    dissection_ =
        jpeg::read_structure(all.span().first(first), all.span().subspan(first), bytes_.span(), allocator);
    for (const jpeg::JpegPart& part : dissection_.jpegs)
        streams_.push_back(read_streams(part, &part == dissection_.main() ? nullptr : &payload));
    if (!payload.at_end() || (!dissection_.main() && !file.streams[kDcStage].empty()))
        damaged("it has streams that belong to nothing");
}

KeptContents::Streams KeptContents::read_streams(const jpeg::JpegPart& part, ByteReader* payload) const {
    Streams streams{coefficient_layout(part, coder_effort_of(file_.header)), {}, {}, {}};
    if (payload) {
        for (int i = 0; i < streams.layout.dc_bands(); ++i)
            streams.dc.push_back(payload->take(payload->varint()));
        for (int i = 0; i < streams.layout.ac_bands(); ++i)
            streams.ac.push_back(payload->take(payload->varint()));
    } else {
        streams.dc = file_.streams[kDcStage];
        streams.ac = file_.streams[kAcStage];
        if (streams.dc.size() != static_cast<size_t>(streams.layout.dc_bands()) ||
            streams.ac.size() != static_cast<size_t>(streams.layout.ac_bands()))
            damaged("it has another number of streams than its picture needs");
    }
    return streams;
}

size_t KeptContents::main_part() const {
    return static_cast<size_t>(dissection_.main() - dissection_.jpegs.data());
}
void KeptContents::decode_main_dc(Session& session) { decode_dc(main_part(), session); }
void KeptContents::decode_main_ac(Session& session) {
    decode_ac(main_part(), 0, 1, session, [](int) {});
}

void KeptContents::decode_dc(size_t part, Session& session) {
    Streams& streams = streams_[part];
    for (const jpeg::Component& c : dissection_.jpegs[part].frame.components)
        streams.dcs.emplace_back(session.allocator, c.blocks(), int16_t{0});
    const Reservation memory(session.allocator, coder_memory(streams.layout.effort()) *
                                                    static_cast<uint64_t>(session.threads.size()));
    const std::vector<int16_t*> to = pointers<int16_t>(streams.dcs);
    session.threads.parallel_for(streams.layout.dc_bands(), [&](int64_t band, int) {
        jpeg::decode_dc(streams.layout, static_cast<int>(band), streams.dc[static_cast<size_t>(band)], to);
    });
}

void KeptContents::decode_ac(size_t part, double begin, double end, Session& session,
                             const std::function<void(int)>& behind) {
    Streams& streams = streams_[part];
    jpeg::JpegPart& jpeg = dissection_.jpegs[part];
    jpeg.allocate(session.allocator);
    const Reservation memory(session.allocator, coder_memory(streams.layout.effort()) *
                                                    static_cast<uint64_t>(session.threads.size()));
    const std::vector<const int16_t*> dc = pointers<const int16_t>(streams.dcs);
    const std::vector<int16_t*> planes = jpeg.coefficients();
    std::atomic<int> done{0};
    std::mutex mutex;
    std::vector<bool> there(static_cast<size_t>(streams.layout.ac_bands()));
    int first_missing = 0, told = 0;
    bool telling = false;
    // A thread that has done a band tells of all that are there now, unless another one is at it.
    const auto tell = [&](int64_t band) {
        std::unique_lock lock(mutex);
        there[static_cast<size_t>(band)] = true;
        while (first_missing < streams.layout.ac_bands() && there[static_cast<size_t>(first_missing)])
            ++first_missing;
        if (telling) return;
        telling = true;
        while (told < first_missing) {
            told = first_missing;
            const int bands = told;
            lock.unlock();
            behind(bands);
            lock.lock();
        }
        telling = false;
    };
    session.threads.parallel_for(streams.layout.ac_bands(), [&](int64_t band, int thread) {
        std::vector<int16_t*> to = planes;
        for (size_t k = 0; k < to.size(); ++k) {
            const jpeg::RowRange rows = streams.layout.ac_rows(static_cast<int>(band), static_cast<int>(k));
            to[k] += 64 * size_t(rows.first) * size_t(jpeg.frame.components[k].columns);
        }
        jpeg::decode_ac(streams.layout, static_cast<int>(band), streams.ac[static_cast<size_t>(band)], dc,
                        to);
        tell(band);
        ++done;
        if (thread == 0) session.progress.update(begin + (end - begin) * done / streams.layout.ac_bands());
    });
    streams.dcs.clear();
}

std::shared_ptr<const KeptMetadata> KeptContents::metadata(Allocator& allocator) const {
    const jpeg::JpegPart* const main = dissection_.main();
    if (!main) return nullptr;
    const jpeg::JpegMetadata found = jpeg::find_metadata(bytes_.span().first(main->scans[0].start));
    uint64_t icc = 0;
    for (const auto part : found.icc) icc += part.size();
    auto metadata = std::make_shared<KeptMetadata>();
    metadata->bytes = {allocator, icc + found.exif.size() + found.xmp.size()};
    uint8_t* to = metadata->bytes.data();
    const auto add = [&](const char* name, std::span<const std::span<const uint8_t>> parts) {
        uint8_t* const begin = to;
        for (const auto part : parts) to = std::ranges::copy(part, to).out;
        if (to > begin) metadata->entries.push_back({name, {begin, to}});
    };
    add("icc", found.icc);
    add("exif", {&found.exif, 1});
    add("xmp", {&found.xmp, 1});
    return metadata;
}

void KeptContents::restore_part(size_t part, double begin, double end, Session& session) {
    jpeg::JpegPart& jpeg = dissection_.jpegs[part];
    const auto bytes_of = [&](const jpeg::JpegPart::ScanPart& scan) {
        return bytes_.span().subspan(scan.start, static_cast<size_t>(scan.recipe.size));
    };
    decode_dc(part, session);
    // Scans of whole blocks are written while the bands behind them are decoded, all others side by side.
    const bool at_once = !jpeg.frame.progressive() && !jpeg.frame.arithmetic();
    std::vector<std::unique_ptr<jpeg::ScanWriter>> writers(jpeg.scans.size());
    const jpeg::Layout& layout = streams_[part].layout;
    decode_ac(part, begin, end, session, [&](int bands) {
        if (!at_once) return;
        for (size_t i = 0; i < writers.size(); ++i) {
            const jpeg::JpegPart::ScanPart& scan = jpeg.scans[i];
            if (!writers[i])
                writers[i] = std::make_unique<jpeg::ScanWriter>(jpeg.frame, scan.scan, scan.recipe,
                                                                jpeg.coefficients(), bytes_of(scan));
            uint64_t rows = UINT64_MAX;
            for (const jpeg::Scan::Part& one : scan.scan.parts) {
                const int there = layout.ac_rows(bands - 1, static_cast<int>(one.component)).end;
                const int down = scan.scan.interleaved() ? jpeg.frame.components[one.component].down : 1;
                rows = std::min(rows, static_cast<uint64_t>(there / down));
            }
            writers[i]->write_rows(rows);
        }
    });
    session.threads.parallel_for(static_cast<int64_t>(writers.size()), [&](int64_t i, int) {
        const jpeg::JpegPart::ScanPart& scan = jpeg.scans[static_cast<size_t>(i)];
        if (writers[static_cast<size_t>(i)])
            writers[static_cast<size_t>(i)]->finish();
        else
            jpeg::write_scan(jpeg.frame, scan.scan, scan.recipe, jpeg.coefficients(), bytes_of(scan));
    });
}

Buffer<uint8_t> KeptContents::restore(Session& session) {
    const auto parts = static_cast<double>(streams_.size());
    for (size_t part = 0; part < streams_.size(); ++part)
        restore_part(part, static_cast<double>(part) / parts, static_cast<double>(part + 1) / parts, session);
    if (!same_checksum(file_.header.kept_checksum, checksum64(bytes_.span())))
        throw Error(ErrorCode::kCorrupt, "the restored file fails its checksum; do not use it");
    return std::move(bytes_);
}

}  // namespace residua::codec
