#include "codec/dec_salvage.h"

#include <algorithm>
#include <cstring>

#include "codec/dec_strip_places.h"
#include "stages/methods.h"
#include "stages/tiling.h"

namespace residua::codec {

namespace {

class DamagedStreams : public FileStreams {
  public:
    explicit DamagedStreams(const container::DamagedFile& damaged)
        : FileStreams(damaged.file), whole_(damaged.whole) {}

    bool lost(int stage, int tile) const override {
        return !whole_[static_cast<size_t>(stage)][static_cast<size_t>(tile)];
    }
    bool damaged() const override { return true; }

  private:
    const std::vector<std::vector<bool>>& whole_;
};

// What is no fault of the bytes ends all.
bool is_damage(const Error& error) {
    return error.code() == ErrorCode::kCorrupt || error.code() == ErrorCode::kTruncated ||
           error.code() == ErrorCode::kUnsupported;
}

// The strips and tiles that there are, put where they belong.
class Salvage {
  public:
    Salvage(const StripPlaces& places, const models::Registry& models, Session& session)
        : places_(places),
          models_(models),
          session_(session),
          picture_(session.allocator, places.width, places.height, places.picture.channels(),
                   places.picture.sample_bytes()),
          map_(session.allocator, places.width, places.height, 1) {
        std::ranges::fill(picture_.samples.span(), 0);
        std::ranges::fill(map_.samples.span(), kInvented);
    }

    void take(const StripPlace& place) {
        const container::DamagedFile damaged = container::parse_damaged(place.bytes, file_methods());
        const int first = place.strip * places_.strip_height;
        if (damaged.all_whole() && take_whole(damaged, first)) return;
        if (damaged.payload_whole && take_tiles(damaged, first)) return;
        take_preview(damaged, first);
    }

    Picture picture() { return std::move(picture_); }
    Picture map() { return std::move(map_); }

  private:
    double share() const { return 1.0 / static_cast<double>(places_.strips.size()); }

    template <typename Decode>
    bool attempt(const container::DamagedFile& damaged, int first_row, const Decode& decode) {
        try {
            Picture part = expand(damaged.file.header.kind, decode(), session_.allocator);
            if (part.width != picture_.width || part.channels != picture_.channels ||
                part.height != damaged.file.header.height)
                return false;
            std::memcpy(picture_.row(first_row), part.samples.data(), part.samples.size());
            return true;
        } catch (const Error& error) {
            if (!is_damage(error)) throw;
            return false;
        }
    }

    // With the checksum of its pixels.
    bool take_whole(const container::DamagedFile& damaged, int first_row) {
        const container::File& file = damaged.file;
        if (!attempt(damaged, first_row, [&] { return decode(file, models_, session_, share()); }))
            return false;
        mark(0, first_row, picture_.width, first_row + file.header.height, kRight);
        return true;
    }

    bool take_tiles(const container::DamagedFile& damaged, int first_row) {
        const container::File& file = damaged.file;
        const int reach = method_of(file.header).reach_of_lost_tiles();
        if (reach < 0 || std::ranges::none_of(damaged.whole[0], [](bool tile) { return tile; })) return false;
        const DamagedStreams streams(damaged);
        const bool done = attempt(damaged, first_row, [&] {
            Known known;
            for (const auto& stage : decoder_stages(file, streams, models_)) {
                session_.progress.begin_phase(share() * stage->share());
                stage->decode(known, session_);
            }
            return std::move(*known.picture);
        });
        if (!done) return false;
        const Tiling tiling = Tiling::of(file.header);
        const int end_row = first_row + tiling.height;
        mark(0, first_row, tiling.width, end_row, kRight);
        for (int row = 0; row < tiling.rows(); ++row)
            for (int column = 0; column < tiling.columns(); ++column) {
                if (!streams.lost(0, tiling.tile(row, column))) continue;
                const int left = tiling.column_start(column), top = first_row + tiling.row_start(row);
                mark(std::max(left - reach, 0), std::max(top - reach, first_row),
                     std::min(left + tiling.column_width(column) + reach, tiling.width),
                     std::min(top + tiling.row_height(row) + reach, end_row), kInvented);
            }
        return true;
    }

    // Of what is left of a file of several stages; checksums of parts are right, of the whole there is none.
    void take_preview(const container::DamagedFile& damaged, int first_row) {
        const container::File& file = damaged.file;
        if (!damaged.payload_whole || file.header.method->traits().keeps_bytes) return;
        for (size_t stage = 0; stage + 1 < damaged.whole.size(); ++stage)
            if (std::ranges::any_of(damaged.whole[stage], [](bool tile) { return !tile; })) return;
        if (attempt(damaged, first_row, [&] { return preview(file, models_, session_, share()); }))
            mark(0, first_row, picture_.width, first_row + file.header.height, kPreviewed);
    }

    void mark(int left, int top, int right, int bottom, uint8_t as) {
        for (int y = top; y < bottom; ++y) std::fill(map_.row(y) + left, map_.row(y) + right, as);
    }

    const StripPlaces& places_;
    const models::Registry& models_;
    Session& session_;
    Picture picture_, map_;
};

// Gives each lost pixel of a line the nearest one that is not. `step`: from one to the next, in pixels.
// Returns whether there is any.
bool fill_line(uint8_t* pixels, size_t pixel_bytes, uint8_t* map, ptrdiff_t step, int count, uint8_t filled) {
    const auto known = [&](int i) { return map[i * step] != kInvented; };
    int before = -1;
    for (int i = 0; i < count; ++i) {
        if (known(i)) {
            before = i;
            continue;
        }
        int end = i;
        while (end < count && !known(end)) ++end;
        if (before < 0 && end == count) return false;
        for (int at = i; at < end; ++at) {
            const bool first = before >= 0 && (end == count || at - before <= end - at);
            const ptrdiff_t from = (first ? before : end) * step;
            std::memcpy(pixels + at * step * static_cast<ptrdiff_t>(pixel_bytes),
                        pixels + from * static_cast<ptrdiff_t>(pixel_bytes), pixel_bytes);
        }
        for (int at = i; at < end && filled != kInvented; ++at) map[at * step] = filled;
        i = end - 1;
    }
    return true;
}

// The map stays as it is.
void fill_lost(Picture& picture, const Picture& map, const PictureKind& kind, Allocator& allocator) {
    const size_t pixel_bytes =
        static_cast<size_t>(picture.channels) * static_cast<size_t>(picture.sample_bytes);
    Picture work(allocator, map.width, map.height, 1);
    std::ranges::copy(map.samples.span(), work.samples.data());
    bool columns = false;
    for (int x = 0; x < map.width; ++x)
        columns |= fill_line(picture.row(0) + static_cast<size_t>(x) * pixel_bytes, pixel_bytes,
                             work.row(0) + x, map.width, map.height, kPreviewed);
    if (columns) {  // the others by their neighbours
        for (int y = 0; y < map.height; ++y)
            fill_line(picture.row(y), pixel_bytes, work.row(y), 1, map.width, kPreviewed);
        return;
    }
    const auto grey = static_cast<uint16_t>(1u << (kind.bits - 1));
    for (size_t i = 0; i < picture.samples.size(); i += static_cast<size_t>(picture.sample_bytes)) {
        if (picture.sample_bytes == 2)
            std::memcpy(picture.samples.data() + i, &grey, sizeof grey);
        else
            picture.samples.data()[i] = static_cast<uint8_t>(grey);
    }
}

}  // namespace

Salvaged salvage(std::span<const uint8_t> bytes, const models::Registry& models, Session& session,
                 const Limits& limits) {
    if (container::version_of(bytes) == container::FileVersion::kWhole &&
        container::keeps_bytes(bytes.first(std::min<size_t>(bytes.size(), 64)), file_methods()))
        throw Error(
            ErrorCode::kUnsupported,
            "this file keeps the bytes of a JPEG file, all of which depend on each other: restore it by "
            "decode, or not at all");
    StripPlaces places = find_strips(bytes);
    container::StripHead size = places.head.value_or(container::StripHead{});
    size.width = places.width;
    size.height = places.height;
    size.strip_height = places.strip_height;
    check_limits(limits, size);
    Salvage all(places, models, session);
    for (const StripPlace& place : places.strips) all.take(place);
    Salvaged result{places.picture, all.picture(), all.map(), {}};
    if (places.head)
        result.metadata = places.head->metadata;
    else if (container::version_of(bytes) == container::FileVersion::kWhole)
        result.metadata = container::parse_damaged(bytes, file_methods()).file.metadata;
    fill_lost(result.picture, result.map, result.kind, session.allocator);
    session.progress.finish();
    return result;
}

}  // namespace residua::codec
