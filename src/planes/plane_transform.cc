#include "planes/plane_transform.h"

#include <algorithm>
#include <cstring>
#include <string>

#include "entropy/dec_bits.h"

namespace residua::codec {

namespace {

constexpr int kRowsAtOnce = 16;
constexpr int kSetBytes = 32;

constexpr uint8_t kOrders[kPlaneOrders][3] = {{0, 1, 2}, {0, 2, 1}, {1, 0, 2},
                                              {1, 2, 0}, {2, 0, 1}, {2, 1, 0}};
constexpr uint8_t kGreenFirst[] = {1, 0, 2};

[[noreturn]] void corrupt(const char* what) {
    throw Error(ErrorCode::kCorrupt, std::string("the file's plane transform has ") + what);
}

std::bitset<256> parse_set(ByteReader& in) {
    std::bitset<256> occurs;
    const int runs = in.u8();
    if (runs == 0) {
        const auto bytes = in.take(kSetBytes);
        for (size_t i = 0; i < 256; ++i) occurs[i] = bytes[i / 8] >> (i % 8) & 1;
    } else {
        if (runs > kMostRuns) corrupt("too many runs of values");
        size_t end = 0;
        bool present = false;
        const auto fill = [&](size_t from, size_t to) {
            for (size_t i = from; present && i < to; ++i) occurs.set(i);
        };
        for (int i = 0; i < runs; ++i, present = !present) {
            const size_t length = in.u8();
            if ((length == 0 && i > 0) || end + length > 255) corrupt("an impossible run of values");
            fill(end, end + length);
            end += length;
        }
        fill(end, 256);
    }
    if (occurs.none() || occurs.all()) corrupt("an empty or useless set of values");
    return occurs;
}

// Bits 0 … 3: the upsampling; 4, 5: the offsets.
ChromaGrid parse_chroma_grid(ByteReader& in, const PlaneTransform& transform) {
    const int bits = in.u8(), upsampling = bits & 15;
    if (upsampling >= kUpsamplings || bits >> 6)
        throw Error(ErrorCode::kUnsupported,
                    "the file's chroma is sampled in a way that this version does not know");
    const ChromaGrid grid = {static_cast<Upsampling>(upsampling), bits >> 4 & 1, bits >> 5 & 1};
    const bool photo_cd = grid.upsampling == Upsampling::kPhotoCd;
    if (grid.upsampling == Upsampling::kNone || !grid.is_valid() ||
        transform.colours != (photo_cd ? PlaneColours::kPhotoCd : PlaneColours::kJpeg))
        corrupt("an impossible sampling of chroma");
    return grid;
}

void add_border(int forms, PlaneTransform& transform) {
    ChromaGrid& grid = transform.chroma;
    const bool left = forms & kBorderLeft, above = forms & kBorderAbove;
    if ((left && grid.offset_x) || (above && grid.offset_y)) corrupt("an impossible border of chroma");
    grid.offset_x += 2 * left;
    grid.offset_y += 2 * above;
    grid.more_x = forms & kBorderRight;
    grid.more_y = forms & kBorderBelow;
    if (!grid.is_valid() || (grid.more_x && !grid.may_have_more_x(transform.width)) ||
        (grid.more_y && !grid.may_have_more_y(transform.height)))
        corrupt("an impossible border of chroma");
}

template <typename Visit>
void visit_borders(const PlaneTransform& transform, const Visit& visit) {
    for (size_t c = 0; c < 2; ++c)
        visit_border(transform.chroma, transform.width, transform.height, transform.chroma_blocks(c + 1),
                     [&](int x, int y, bool is_first) { visit(c, x, y, is_first); });
}

Buffer<uint8_t> parse_border(ByteReader& in, const PlaneTransform& transform, Allocator& allocator) {
    uint64_t count = 0;
    visit_borders(transform, [&](size_t, int, int, bool) { ++count; });
    if (count == 0) return {};
    entropy::RansDecoder decoder(in.take(in.varint()));
    if (decoder.lanes() != 1) corrupt("a border of several lanes");
    entropy::BitReader bits{decoder};
    Buffer<uint8_t> border(allocator, count);
    BorderCoder coder;
    size_t next = 0;
    visit_borders(transform, [&](size_t c, int, int, bool is_first) {
        border[next++] = coder.code(bits, static_cast<int>(c), is_first, 0);
    });
    decoder.finish();
    return border;
}

// For each plane a byte, bits 0 … 2: offset_x, 3 … 5: offset_y, 6: same steps; then the steps.
std::array<PlaneBlocks, 3> parse_blocks(ByteReader& in, size_t count) {
    std::array<PlaneBlocks, 3> planes;
    for (size_t p = 0; p < count; ++p) {
        const int place = in.u8();
        planes[p].offset_x = place & 7;
        planes[p].offset_y = place >> 3 & 7;
        const bool same = place & kSameSteps;
        if (place >= 2 * kSameSteps || (same && p == 0)) corrupt("an impossible place of blocks");
        if (same) {
            planes[p].quant = planes[p - 1].quant;
            continue;
        }
        for (uint16_t& step : planes[p].quant)
            step = static_cast<uint16_t>(in.varint_in(1, 65535, "quantisation step"));
    }
    return planes;
}

}  // namespace

ValueMap::ValueMap() : ValueMap(std::bitset<256>().set()) {}

ValueMap::ValueMap(const std::bitset<256>& occurs) : occurs_(occurs) {
    values_.fill(-1);
    for (size_t value = 0, rank = 0; value < 256; ++value)
        if (occurs[value]) values_[rank++] = static_cast<int16_t>(value);
}

PlaneTransform PlaneTransform::parse(ByteReader& in, int width, int height, int planes,
                                     Allocator& allocator) {
    PlaneTransform transform;
    transform.width = width;
    transform.height = height;
    transform.planes = planes;
    const int how = in.u8();
    const int colours = how >> 3 & 7;
    const bool smaller_chroma = how & kSmallerChroma, has_blocks = how & kHasBlocks;
    if (colours >= kPlaneColours)
        throw Error(ErrorCode::kUnsupported,
                    "the file's planes have colours that this version does not know");
    transform.order = how & 7;
    int forms = 0;
    if (transform.order == kHasForms) {
        if (colours == 0 && !has_blocks) corrupt("forms of planes that have none");
        forms = in.u8();
        transform.order = forms & 7;
    }
    const bool grey_blocks = how == (kHasForms | kHasBlocks) && forms == kCodedExceptions;
    if (transform.order >= kPlaneOrders || (planes == 1 && how != 0 && !grey_blocks))
        corrupt("an impossible order of planes");
    transform.colours = static_cast<PlaneColours>(colours);
    if (smaller_chroma) transform.chroma = parse_chroma_grid(in, transform);
    add_border(forms, transform);

    if (has_blocks) {
        if (planes != 1 && transform.colours != PlaneColours::kJpeg)
            corrupt("blocks of other colours than JPEG's");
        transform.blocks = parse_blocks(in, static_cast<size_t>(planes));
    }

    const int mapped = in.u8();
    if ((smaller_chroma || transform.blocks) && (mapped != 0 || transform.order != 0))
        corrupt("maps or an order of planes that have none");
    if (mapped >> planes) corrupt("maps of planes that it does not have");
    for (int p = 0; p < planes; ++p)
        if (mapped >> p & 1) transform.maps[static_cast<size_t>(p)] = ValueMap(parse_set(in));
    if (!transform.has_exceptions()) return transform;
    if (forms & kCodedExceptions)
        transform.exceptions = parse_coded_exceptions(in, width, height, planes, allocator);
    else
        transform.exceptions = parse_exception_list(in, product(width, height), allocator);
    if (transform.chroma.has_border()) transform.border = parse_border(in, transform, allocator);
    return transform;
}

void PlaneTransform::fill_border(const MutablePictureView& chroma_planes) const {
    size_t next = 0;
    if (border.size() > 0)
        visit_borders(*this, [&](size_t c, int x, int y, bool) {
            chroma_planes.row(y)[2 * static_cast<size_t>(x) + c] = border[next++];
        });
}

int PlaneTransform::component(int p) const {
    if (planes == 1) return 0;
    const int ordered = kOrders[order][p];
    return colours == PlaneColours::kSamples ? kGreenFirst[ordered] : ordered;
}

// A row of planes of the same size to components where they belong.
void PlaneTransform::inverse_values(const uint8_t* from, uint8_t* to) const {
    int every = 0;  // negative if one of the values is
    if (planes == 1) {
        for (int x = 0; x < width; ++x) {
            const int value = maps[0].value(from[x]);
            every |= value;
            to[x] = static_cast<uint8_t>(value);
        }
    } else {
        const int first = component(0), second = component(1), third = component(2);
        for (int x = 0; x < width; ++x) {
            const int a = maps[0].value(from[3 * x]), b = maps[1].value(from[3 * x + 1]),
                      c = maps[2].value(from[3 * x + 2]);
            every |= a | b | c;
            to[3 * x + first] = static_cast<uint8_t>(a);
            to[3 * x + second] = static_cast<uint8_t>(b);
            to[3 * x + third] = static_cast<uint8_t>(c);
        }
    }
    if (every < 0) throw Error(ErrorCode::kCorrupt, "a plane holds a rank that no value has");
}

void PlaneTransform::inverse_row(int y, const PlanesView& from, uint8_t* to) const {
    if (smaller_chroma()) {
        // Chroma comes to the row's end, so that no triple is written over pairs that are still to be read.
        const uint8_t* luma = from.planes.row(y);
        const uint8_t* pairs = to + width;
        upsample_row(chroma, from.chroma, width, height, y, to + width);
        for (int x = 0; x < width; ++x, pairs += 2) {
            const uint8_t triple[] = {luma[x], pairs[0], pairs[1]};
            std::memcpy(to + 3 * x, triple, sizeof(triple));
        }
    } else {
        inverse_values(from.planes.row(y), to);
    }
    if (colours != PlaneColours::kSamples) {
        const LatticeTables& tables = lattice_tables(colours);
        for (int x = 0; x < width; ++x) tables.to_rgb(to + 3 * x, to + 3 * x);
    }
    if (has_exceptions()) apply_exceptions(y, to);
}

void PlaneTransform::apply_exceptions(int y, uint8_t* row) const {
    const uint64_t start = static_cast<uint64_t>(y) * static_cast<uint64_t>(width);
    const uint64_t end = start + static_cast<uint64_t>(width);
    const auto samples = static_cast<size_t>(planes);
    const auto list = exceptions.span();
    auto next = std::ranges::lower_bound(list, start, {}, &PixelException::position);
    for (; next != list.end() && next->position < end; ++next) {
        uint8_t* pixel = row + samples * static_cast<size_t>(next->position - start);
        for (size_t c = 0; c < samples; ++c) {
            const uint8_t value = next->values[c];
            if (next->kind == PixelException::kStep &&
                (value == 1 ? pixel[c] == 255 : value && pixel[c] == 0))
                throw Error(ErrorCode::kCorrupt, "an exception lies outside the range of samples");
            pixel[c] =
                next->kind == PixelException::kExplicit ? value : static_cast<uint8_t>(pixel[c] + value);
        }
    }
}

void PlaneTransform::inverse(const PlanesView& from, const MutablePictureView& to,
                             ThreadPool& threads) const {
    threads.parallel_for((height + kRowsAtOnce - 1) / kRowsAtOnce, [&](int64_t part, int) {
        const int first = static_cast<int>(part) * kRowsAtOnce;
        for (int y = first; y < std::min(first + kRowsAtOnce, height); ++y) inverse_row(y, from, to.row(y));
    });
}

}  // namespace residua::codec
