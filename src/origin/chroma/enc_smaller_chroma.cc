#include "origin/chroma/enc_smaller_chroma.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "origin/chroma/enc_chroma_repair.h"
#include "origin/chroma/enc_chroma_upsampling.h"
#include "origin/enc_colour_lattice.h"
#include "planes/enc_plane_cost.h"

namespace residua::codec {

namespace {

constexpr int kTriple = 3;
constexpr int kBandRows = 32;  // that one thread makes

// The estimate's predictor gains far more from smaller planes than OLM's experts, who find the interpolation.
constexpr double kTrustedChromaGain = 0.25;

// Luma for the chroma that the transform makes of `chroma`: what makes the pixel, as near to the triple's as
// there is; where there is none, what comes nearest. row() returns how many of those there are.
class LumaMaker {
  public:
    LumaMaker(const PictureView& x, const Picture& triples, const PlaneTransform& transform,
              const Picture& chroma)
        : x_(x), triples_(triples), transform_(transform), chroma_(chroma), lattice_(transform.colours) {}

    uint32_t row(int y, uint8_t* pairs, uint8_t* luma) const {
        upsample_row(transform_.chroma, chroma_.view(), x_.width, x_.height, y, pairs);
        const uint8_t *rgb = x_.row(y), *triple = triples_.row(y);
        uint32_t missing = 0;
        for (int x = 0; x < x_.width; ++x, rgb += kTriple, triple += kTriple, pairs += 2) {
            const Triple hint = {triple[0], pairs[0], pairs[1]};
            int found = 0;
            if (!lattice_.find_luma(rgb, hint, &found)) {
                found = lattice_.nearest_luma(rgb, hint);
                ++missing;
            }
            luma[x] = static_cast<uint8_t>(found);
        }
        return missing;
    }

  private:
    const PictureView& x_;
    const Picture& triples_;
    const PlaneTransform& transform_;
    const Picture& chroma_;
    const LatticeInverse lattice_;
};

}  // namespace

void make_chroma_smaller(const PictureView& x, ForwardPlanes& planes, uint32_t* counts, uint64_t& exceptions,
                         Session& session) {
    const PlaneColours colours = planes.transform.colours;
    const LatticeTables& tables = lattice_tables(colours);
    const auto bounds = [&](const uint8_t* rgb) { return lattice_chroma_bounds(tables, rgb); };
    auto found = colours == PlaneColours::kJpeg
                     ? find_chroma_samples(x, planes.planes.view(), kJpegUpsamplings, bounds, session)
                     : find_chroma_samples(x, planes.planes.view(), kPhotoCdUpsamplings, bounds, session);
    if (!found) return;
    PlaneTransform& transform = planes.transform;
    transform.chroma = found->grid;
    repair_chroma(x, LatticeInverse(colours), found->grid, found->samples, session);
    Picture luma(session.allocator, x.width, x.height, 1);
    Buffer<uint32_t> missing(session.allocator, static_cast<size_t>(x.height));
    Buffer<uint8_t> pairs(session.allocator, product(session.threads.size(), x.width, 2));
    const LumaMaker maker(x, planes.planes, transform, found->samples);
    session.threads.parallel_for((x.height + kBandRows - 1) / kBandRows, [&](int64_t band, int thread) {
        const int first = static_cast<int>(band) * kBandRows, end = std::min(first + kBandRows, x.height);
        for (int y = first; y < end; ++y)
            missing.span()[static_cast<size_t>(y)] =
                maker.row(y, pairs.data() + static_cast<ptrdiff_t>(thread) * 2 * x.width, luma.row(y));
    });
    uint64_t sum = 0;
    for (const uint32_t count : missing.span()) sum += count;
    const PlaneCosts full = estimate_plane_costs(planes.planes, session);
    const double gain = full.bits[1] + full.bits[2] - estimate_plane_costs(found->samples, session).total();
    if (sum > exceptions &&
        static_cast<double>(sum - exceptions) * kExceptionBits > gain * kTrustedChromaGain) {
        transform.chroma = {};
        return;
    }
    std::ranges::copy(missing.span(), counts);
    exceptions = sum;
    planes.chroma = std::move(found->samples);
    planes.planes = std::move(luma);
}

}  // namespace residua::codec
