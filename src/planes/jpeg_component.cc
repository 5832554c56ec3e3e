#include "planes/jpeg_component.h"

#include <algorithm>

namespace residua::codec {

namespace {

constexpr int kNarrow = 2;  // libjpeg's fancy filters across need more samples than this

// As in jinit_upsampler() of libjpeg-turbo's jdsample.c.
Upsampling filter_of(const JpegComponent& c) {
    if (c.times_across == 1 && c.times_down == 2) return Upsampling::kTriangle12;
    if (c.times_across != 2 || c.width <= kNarrow) return Upsampling::kNone;
    if (c.times_down == 1) return Upsampling::kTriangle21;
    return c.times_down == 2 ? Upsampling::kTriangle22 : Upsampling::kNone;
}

int divide_up(int a, int b) { return (a + b - 1) / b; }

}  // namespace

IndexRange JpegComponent::samples_of(int first, int end, int count, int times, bool with_neighbours) {
    const int beside = with_neighbours ? 1 : 0;
    return {std::max(0, first / times - beside), std::min(count, (end - 1) / times + 1 + beside)};
}

std::vector<JpegComponent> jpeg_components(const jpeg::JpegPart& part) {
    const jpeg::Frame& frame = part.frame;
    const std::vector<JpegSmoothing> smoothing = JpegSmoothing::of(part);
    std::vector<JpegComponent> all;
    for (const jpeg::Component& layout : frame.components) {
        JpegComponent c;
        c.layout = layout;
        c.times_across = frame.most_across / layout.across;
        c.times_down = frame.most_down / layout.down;
        c.width = divide_up(frame.width, c.times_across);
        c.height = divide_up(frame.height, c.times_down);
        c.filter = filter_of(c);
        if (!smoothing.empty()) c.smoothing = smoothing[all.size()];
        all.push_back(c);
    }
    return all;
}

}  // namespace residua::codec
