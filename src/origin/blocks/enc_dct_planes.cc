#include "origin/blocks/enc_dct_planes.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <iterator>
#include <utility>

#include "origin/blocks/enc_dct_plane.h"
#include "origin/blocks/enc_settled_table.h"
#include "planes/enc_plane_cost.h"

namespace residua::codec {

namespace {

constexpr int kRowsAtOnce = 16;
// What files need of the estimates: of pictures of many qualities 0.86 to 0.97 times that of the coefficients,
// of photographs 0.78 to 0.91 times that of the planes, and 8 to 11 bits for an exception.
constexpr double kCodedCoefficients = 0.9, kCodedPlanes = 0.8, kBlockExceptionBits = 11;

// Rows of what the planes say, from several threads.
class Rows {
  public:
    Rows(const PictureView& x, const ForwardPlanes& planes, Session& session)
        : x_(x),
          planes_(planes),
          session_(session),
          memory_(session.allocator, product(session.threads.size(), row_bytes())) {}

    // use(y, that row of the picture, that row as the planes give it)
    template <typename Use>
    void each(const Use& use) const {
        session_.threads.parallel_for(
            (x_.height + kRowsAtOnce - 1) / kRowsAtOnce, [&](int64_t part, int thread) {
                uint8_t* row = memory_.data() + static_cast<size_t>(thread) * row_bytes();
                const int first = static_cast<int>(part) * kRowsAtOnce;
                for (int y = first; y < std::min(first + kRowsAtOnce, x_.height); ++y) {
                    planes_.transform.inverse_row(y, planes_.view(), row);  // it has no exceptions yet
                    use(y, x_.row(y), row);
                }
            });
    }

  private:
    size_t row_bytes() const { return static_cast<size_t>(x_.width) * static_cast<size_t>(x_.channels); }

    const PictureView& x_;
    const ForwardPlanes& planes_;
    Session& session_;
    mutable Buffer<uint8_t> memory_;
};

// 1 where luma surely is what the JPEG's decoder made: the pixel comes out, and nothing of it is clamped. All
// of a grey picture may be.
Picture trusted_luma(const PictureView& x, const ForwardPlanes& planes, Session& session) {
    Picture trusted(session.allocator, x.width, x.height, 1);
    if (x.channels == 1) {
        std::ranges::fill(trusted.samples.span(), uint8_t{1});
        return trusted;
    }
    Rows(x, planes, session).each([&](int y, const uint8_t* pixel, const uint8_t* made) {
        uint8_t* to = trusted.row(y);
        for (int i = 0; i < x.width; ++i, pixel += x.channels, made += x.channels) {
            bool sure = true;
            for (int c = 0; c < x.channels; ++c)
                sure &= pixel[c] == made[c] && pixel[c] != 0 && pixel[c] != 255;
            to[i] = sure;
        }
    });
    return trusted;
}

// A sample of smaller chroma can be trusted if all pixels can that it is the nearest one of.
Picture trusted_chroma(const Picture& luma, const ChromaGrid& grid, Session& session) {
    Picture trusted(session.allocator, grid.width(luma.width), grid.height(luma.height), 1);
    session.threads.parallel_for(trusted.height, [&](int64_t row, int) {
        const int y = static_cast<int>(row);
        uint8_t* to = trusted.row(y);
        std::memset(to, 1, static_cast<size_t>(trusted.width));
        const int rows = grid.halves_y() + 1, columns = grid.halves_x() + 1;
        for (int dy = 0; dy < rows; ++dy) {
            const int luma_y = rows * y - grid.offset_y + dy;
            if (luma_y < 0 || luma_y >= luma.height) continue;
            const uint8_t* from = luma.row(luma_y);
            for (int x = 0; x < luma.width; ++x) to[(x + grid.offset_x) / columns] &= from[x];
        }
    });
    return trusted;
}

// Where blocks of chroma may lie, if luma's begin there: the picture may have been cropped anywhere.
std::vector<BlockGrid> chroma_grids(const DctPlane& luma, const ChromaGrid& chroma) {
    const auto offsets = [](int of_luma, bool halved) {
        return halved ? std::vector{of_luma / 2, (of_luma + kBlockSide) / 2} : std::vector{of_luma};
    };
    std::vector<BlockGrid> grids;
    for (const int y : offsets(luma.offset_y, chroma.halves_y()))
        for (const int x : offsets(luma.offset_x, chroma.halves_x())) grids.push_back({x, y});
    return grids;
}

// Without the border.
PictureView inner_part(const PictureView& chroma, const ChromaGrid& grid) {
    PictureView inner = chroma;
    inner.data = chroma.row(grid.before_y()) + ptrdiff_t{chroma.channels} * grid.before_x();
    inner.width -= grid.before_x() + grid.more_x;
    inner.height -= grid.before_y() + grid.more_y;
    return inner;
}

// Luma, Cb, Cr; luma alone of a grey picture.
std::optional<std::vector<DctPlane>> find_planes(const PictureView& x, const ForwardPlanes& planes,
                                                 Session& session) {
    const Picture trusted = trusted_luma(x, planes, session);
    std::vector<DctPlane> found;
    auto luma = find_dct_plane({planes.planes.view(), 0, trusted.view()}, session);
    if (!luma) return {};
    if (x.channels == 1) {
        found.push_back(std::move(*luma));
        return found;
    }
    std::optional<Picture> trusted_small;
    if (planes.chroma) trusted_small = trusted_chroma(trusted, planes.transform.chroma, session);
    const ChromaGrid& chroma = planes.transform.chroma;
    const PictureView view = planes.chroma ? inner_part(planes.chroma->view(), chroma) : planes.planes.view();
    const PictureView known = planes.chroma ? inner_part(trusted_small->view(), chroma) : trusted.view();
    PlaneSamples cb = {view,          view.channels - 2, known, chroma.before_x(), chroma.before_y(),
                       chroma.more_x, chroma.more_y};
    PlaneSamples cr = cb;
    ++cr.channel;
    std::vector<QuantTable> tables = {luma->quant};
    std::ranges::copy(chroma_tables(luma->quant), std::back_inserter(tables));
    auto first = find_dct_plane(cb, session, chroma_grids(*luma, planes.transform.chroma), tables);
    if (!first) return {};
    tables.push_back(first->quant);
    const BlockGrid grid = {first->offset_x, first->offset_y};
    auto second = find_dct_plane(cr, session, std::span(&grid, 1), tables);
    if (!second) return {};
    found.push_back(std::move(*luma));
    found.push_back(std::move(*first));
    found.push_back(std::move(*second));
    return found;
}

// The plane begins at sample (left, top) of `to`; its blocks may have samples beyond it.
void fill(const DctPlane& plane, Picture& to, int channel, int left, int top, ThreadPool& threads) {
    threads.parallel_for(plane.rows(), [&](int64_t row, int) {
        const int y = static_cast<int>(row);
        for (int column = 0; column < plane.columns(); ++column)
            place_block(plane.block(y, column), plane.quant, kBlockSide * column - plane.offset_x + left,
                        kBlockSide * y - plane.offset_y + top, to.mutable_view(), channel);
    });
}

}  // namespace

void make_blocks(const PictureView& x, ForwardPlanes& planes, uint32_t* counts, uint64_t& exceptions,
                 Session& session) {
    auto found = find_planes(x, planes, session);
    if (!found) return;
    ForwardPlanes out = {Picture(session.allocator, x.width, x.height, planes.planes.channels), {}, {}, {}};
    out.transform.width = x.width;
    out.transform.height = x.height;
    out.transform.planes = x.channels;
    out.transform.colours = planes.transform.colours;
    out.transform.chroma = planes.transform.chroma;
    if (planes.chroma) {
        out.chroma.emplace(session.allocator, planes.chroma->width, planes.chroma->height, 2);
        std::ranges::copy(planes.chroma->samples.span(), out.chroma->samples.data());  // the border's
    }
    const ChromaGrid& grid = planes.transform.chroma;
    out.transform.blocks.emplace();
    for (size_t p = 0; p < found->size(); ++p) {
        const DctPlane& plane = (*found)[p];
        (*out.transform.blocks)[p] = {plane.offset_x, plane.offset_y, plane.quant};
        const bool small = p > 0 && out.chroma;
        fill(plane, small ? *out.chroma : out.planes, static_cast<int>(small ? p - 1 : p),
             small ? grid.before_x() : 0, small ? grid.before_y() : 0, session.threads);
    }
    Buffer<uint32_t> missing(session.allocator, static_cast<size_t>(x.height));
    Rows(x, out, session).each([&](int y, const uint8_t* pixel, const uint8_t* made) {
        uint32_t count = 0;
        const auto samples = static_cast<size_t>(x.channels);
        for (int i = 0; i < x.width; ++i, pixel += samples, made += samples)
            count += std::memcmp(pixel, made, samples) != 0;
        missing[static_cast<size_t>(y)] = count;
    });
    uint64_t sum = 0;
    for (const uint32_t count : missing.span()) sum += count;
    double cost = estimate_plane_costs(planes.planes, session).total();
    if (planes.chroma) cost += estimate_plane_costs(*planes.chroma, session).total();
    double coefficients = 0;
    for (const DctPlane& plane : *found) coefficients += coefficient_cost(plane, 0, 1, session.threads);
    const double more = (static_cast<double>(sum) - static_cast<double>(exceptions)) * kBlockExceptionBits;
    if (coefficients * kCodedCoefficients + more > cost * kCodedPlanes) return;
    std::ranges::copy(missing.span(), counts);
    exceptions = sum;
    out.blocks = std::move(*found);
    planes = std::move(out);
}

}  // namespace residua::codec
