#include "origin/enc_plane_transform.h"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <utility>

#include "origin/blocks/enc_dct_planes.h"
#include "origin/chroma/enc_smaller_chroma.h"
#include "origin/enc_colour_lattice.h"
#include "origin/enc_value_maps.h"
#include "planes/enc_chroma_border.h"
#include "planes/enc_pixel_exceptions.h"
#include "planes/enc_plane_cost.h"

namespace residua::codec {

namespace {

constexpr int kRgb = 3;
constexpr int kBandRows = 32;  // rows that one thread makes, each knowing the one above it
constexpr int64_t kSamplePixels = 1 << 14;
constexpr int kFarOff = 24;  // levels
// Of the training photographs none would gain with a larger share of exceptions; resized ones, which were on
// the lattice before, have 0.11 … 0.73.
constexpr double kMostExceptions = 0.18;

// Looks at pixels spread over the picture, until it is clear that too many are not.
bool may_be_on_lattice(const PictureView& x, PlaneColours colours) {
    const LatticeInverse lattice(colours);
    const int64_t pixels = static_cast<int64_t>(x.width) * x.height;
    const int64_t step = std::max<int64_t>(1, pixels / kSamplePixels);
    const double most = kMostExceptions * static_cast<double>(pixels) / static_cast<double>(step);
    int64_t missing = 0;
    for (int64_t i = 0; i < pixels; i += step) {
        const uint8_t* pixel = x.row(static_cast<int>(i / x.width)) + kRgb * (i % x.width);
        Triple triple;
        missing += !lattice.find(pixel, lattice.nearest_triple(pixel), &triple);
        if (static_cast<double>(missing) > most) return false;
    }
    return true;
}

// Rows of planes without maps, from any thread.
class RowMaker {
  public:
    RowMaker(const PictureView& x, const PlaneTransform& transform) : x_(x) {
        for (int p = 0; p < transform.planes; ++p) component_[p] = transform.component(p);
        if (transform.colours != PlaneColours::kSamples) lattice_.emplace(transform.colours);
    }

    // The samples, or triples, of row y. `above`: row y − 1 as this function made it, or null. Returns the
    // number of exceptions.
    int make(int y, const uint8_t* above, uint8_t* row) const {
        if (lattice_) return lattice_->row(x_.row(y), x_.width, above, row);
        std::memcpy(row, x_.row(y), static_cast<size_t>(x_.width) * static_cast<size_t>(x_.channels));
        return 0;
    }

    // What make() made, in the planes' order.
    void order(const uint8_t* from, uint8_t* to) const {
        if (x_.channels != kRgb) {
            if (from != to) std::memcpy(to, from, static_cast<size_t>(x_.width));
            return;
        }
        for (int x = 0; x < x_.width; ++x, from += kRgb, to += kRgb) {
            const uint8_t pixel[] = {from[component_[0]], from[component_[1]], from[component_[2]]};
            std::memcpy(to, pixel, sizeof(pixel));
        }
    }

  private:
    const PictureView& x_;
    int component_[kRgb] = {};
    std::optional<LatticeInverse> lattice_;
};

// Before any map: what the planes of these colours may cost, in bits.
double colour_cost(const PictureView& x, const PlaneTransform& transform, Session& session) {
    struct Rows {
        Buffer<uint8_t> above, made;
        int last = -1;
    };
    const RowMaker maker(x, transform);
    const size_t row_bytes = static_cast<size_t>(x.width) * kRgb;
    const auto begin = [&]() -> PlaneRows {
        const auto rows =
            std::make_shared<Rows>(Rows{{session.allocator, row_bytes}, {session.allocator, row_bytes}});
        return [&maker, rows](int y, uint8_t* row) {
            maker.make(y, y == rows->last + 1 && y > 0 ? rows->above.data() : nullptr, rows->made.data());
            maker.order(rows->made.data(), row);
            std::swap(rows->above, rows->made);
            rows->last = y;
        };
    };
    return estimate_plane_costs(begin, x.width, x.height, x.channels, session).total();
}

// Sets the colours, and returns how many exceptions they may have.
double choose_colours(const PictureView& x, PlaneTransform& transform, Session& session) {
    transform.colours = PlaneColours::kSamples;
    if (x.channels != kRgb) return 0;
    for (const PlaneColours colours : {PlaneColours::kJpeg, PlaneColours::kPhotoCd}) {
        if (!may_be_on_lattice(x, colours)) continue;
        const double samples = colour_cost(x, transform, session);
        transform.colours = colours;
        const double gain = samples - colour_cost(x, transform, session);
        if (gain > 0) return gain * kTrustedGain / kExceptionBits;
        transform.colours = PlaneColours::kSamples;
    }
    return 0;
}

// Fills the planes, without maps, and the number of exceptions of each row; returns their sum.
uint64_t fill_planes(const PictureView& x, const PlaneTransform& transform, Picture& planes,
                     uint32_t* exceptions, ThreadPool& threads) {
    const RowMaker maker(x, transform);
    threads.parallel_for((x.height + kBandRows - 1) / kBandRows, [&](int64_t band, int) {
        const int first = static_cast<int>(band) * kBandRows, end = std::min(first + kBandRows, x.height);
        for (int y = first; y < end; ++y)
            exceptions[y] =
                static_cast<uint32_t>(maker.make(y, y > first ? planes.row(y - 1) : nullptr, planes.row(y)));
        for (int y = first; y < end; ++y) maker.order(planes.row(y), planes.row(y));
    });
    uint64_t sum = 0;
    for (int y = 0; y < x.height; ++y) sum += exceptions[y];
    return sum;
}

// A difference, but where the pixel is far off: then it was drawn over the picture, and what was drawn may be
// the same in the next one. `before`: the exception before in the row, or null.
PixelException exception_of(const uint8_t* pixel, const uint8_t* image, size_t samples,
                            const PixelException* before) {
    PixelException exception = {};
    int most = 0;
    std::array<uint8_t, kRgb> explicit_values = {};
    for (size_t c = 0; c < samples; ++c) {
        most = std::max(most, std::abs(pixel[c] - image[c]));
        exception.values[c] = static_cast<uint8_t>(pixel[c] - image[c]);
        explicit_values[c] = pixel[c];
    }
    const bool again =
        before && before->kind == PixelException::kExplicit && before->values == explicit_values;
    const bool is_explicit = again || most >= kFarOff;
    exception.kind = is_explicit ? PixelException::kExplicit : PixelException::kDifference;
    if (is_explicit) exception.values = explicit_values;
    return exception;
}

void list_exceptions(const PictureView& x, const PlanesView& planes, const uint32_t* counts, uint64_t total,
                     PlaneTransform& transform, Session& session) {
    if (total == 0) return;
    Buffer<PixelException> list(session.allocator, static_cast<size_t>(total));
    Buffer<uint64_t> starts(session.allocator, static_cast<size_t>(x.height));
    uint64_t start = 0;
    for (int y = 0; y < x.height; start += counts[y], ++y) starts[static_cast<size_t>(y)] = start;
    const auto samples = static_cast<size_t>(x.channels);
    const size_t row_bytes = static_cast<size_t>(x.width) * samples;
    Buffer<uint8_t> rows(session.allocator, product(session.threads.size(), row_bytes));
    session.threads.parallel_for(x.height, [&](int64_t row, int thread) {
        const auto y = static_cast<int>(row);
        if (counts[y] == 0) return;
        uint8_t* image = rows.data() + static_cast<size_t>(thread) * row_bytes;
        transform.inverse_row(y, planes, image);  // it has no exceptions yet
        PixelException* next = list.data() + starts[static_cast<size_t>(y)];
        const uint8_t* pixel = x.row(y);
        const PixelException* before = nullptr;
        for (int i = 0; i < x.width; ++i, pixel += samples, image += samples) {
            if (std::memcmp(pixel, image, samples) == 0) continue;
            *next = exception_of(pixel, image, samples, before);
            next->position = static_cast<uint32_t>(row * x.width + i);
            before = next++;
        }
    });
    transform.exceptions = std::move(list);
}

}  // namespace

ForwardPlanes make_planes(const PictureView& x, const PlaneOptions& options, Session& session) {
    ForwardPlanes out = {Picture(session.allocator, x.width, x.height, x.channels), {}, {}, {}};
    PlaneTransform& transform = out.transform;
    transform.width = x.width;
    transform.height = x.height;
    transform.planes = x.channels;
    if (x.channels == kRgb) transform.order = options.order;
    Buffer<uint32_t> counts(session.allocator, static_cast<size_t>(x.height));
    double affordable = static_cast<double>(x.width) * x.height;
    if (options.colours && x.channels == kRgb)
        transform.colours = *options.colours;
    else
        affordable = choose_colours(x, transform, session);
    uint64_t exceptions = fill_planes(x, transform, out.planes, counts.data(), session.threads);
    if (exceptions > 0 && static_cast<double>(exceptions) > affordable) {
        transform.colours = PlaneColours::kSamples;
        exceptions = fill_planes(x, transform, out.planes, counts.data(), session.threads);
    }
    if (transform.colours != PlaneColours::kSamples && transform.order == 0 && options.smaller_chroma &&
        !options.ranks.value_or(false))
        make_chroma_smaller(x, out, counts.data(), exceptions, session);
    const bool may_have_blocks = transform.colours == PlaneColours::kJpeg || x.channels == 1;
    if (may_have_blocks && transform.order == 0 && options.blocks && !options.ranks.value_or(false))
        make_blocks(x, out, counts.data(), exceptions, session);
    if (!out.chroma && !transform.blocks) choose_maps(out.planes, options, transform, session);
    if (transform.chroma.has_border()) take_border(*out.chroma, transform, session.allocator);
    list_exceptions(x, out.view(), counts.data(), exceptions, transform, session);
    return out;
}

void write_plane_transform(const PlaneTransform& transform, Allocator& allocator, ByteWriter& out) {
    const ChromaGrid& grid = transform.chroma;
    const bool coded = !transform.exceptions.empty() || (transform.planes == 1 && transform.blocks);
    const bool has_forms = coded || grid.has_border();
    out.u8(static_cast<uint8_t>(
        (has_forms ? kHasForms : transform.order) | static_cast<int>(transform.colours) << 3 |
        (transform.smaller_chroma() ? kSmallerChroma : 0) | (transform.blocks ? kHasBlocks : 0)));
    if (has_forms)
        out.u8(static_cast<uint8_t>(transform.order | (coded ? kCodedExceptions : 0) |
                                    (grid.before_x() ? kBorderLeft : 0) |
                                    (grid.before_y() ? kBorderAbove : 0) | (grid.more_x ? kBorderRight : 0) |
                                    (grid.more_y ? kBorderBelow : 0)));
    if (transform.smaller_chroma())
        out.u8(static_cast<uint8_t>(static_cast<int>(grid.upsampling) | (grid.offset_x & 1) << 4 |
                                    (grid.offset_y & 1) << 5));
    for (size_t p = 0; transform.blocks && p < static_cast<size_t>(transform.planes); ++p) {
        const PlaneBlocks& plane = (*transform.blocks)[p];
        const bool same = p > 0 && plane.quant == (*transform.blocks)[p - 1].quant;
        out.u8(static_cast<uint8_t>(plane.offset_x | plane.offset_y << 3 | (same ? kSameSteps : 0)));
        for (size_t i = 0; !same && i < plane.quant.size(); ++i) out.varint(plane.quant[i]);
    }
    int mapped = 0;
    for (int p = 0; p < transform.planes; ++p)
        mapped |= !transform.maps[static_cast<size_t>(p)].is_identity() << p;
    out.u8(static_cast<uint8_t>(mapped));
    for (const ValueMap& map : transform.maps)
        if (!map.is_identity()) out.put(serialised_set(map.occurs()));
    if (!transform.has_exceptions()) return;
    if (coded)
        write_coded_exceptions(transform.exceptions.span(), transform.width, transform.height,
                               transform.planes, allocator, out);
    else
        out.varint(0);
    write_border(transform, out);
}

}  // namespace residua::codec
