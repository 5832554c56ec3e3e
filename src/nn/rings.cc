#include "nn/rings.h"

#include <algorithm>

namespace residua::nn {

namespace {

constexpr ptrdiff_t kRowAlignment = 64;

ptrdiff_t aligned(ptrdiff_t bytes) { return (bytes + kRowAlignment - 1) / kRowAlignment * kRowAlignment; }

ptrdiff_t zero_row_bytes(const std::vector<Ring>& rings) {
    ptrdiff_t bytes = 0;
    for (const Ring& ring : rings) bytes = std::max(bytes, ring.row_bytes);
    return bytes;
}

}  // namespace

std::vector<Ring> plan_rings(const Network& network, Schedule& schedule) {
    const std::vector<int> capacities = schedule.ring_capacities();
    const auto& nodes = network.graph().nodes;
    std::vector<Ring> rings;
    std::vector<int> left(nodes.size()), right(nodes.size());
    for (size_t i = 0; i < nodes.size(); ++i) {
        if (std::holds_alternative<Gdn>(nodes[i].layer)) continue;
        const int node = static_cast<int>(i);
        const PackedLayer& layer = network.layer(node);
        for (const Phase& phase : layer.phases) {
            const int in = nodes[i].inputs[0];
            const int pixels =
                phase.run_groups * kByteGroup / round_up(network.type(in).channels, kByteGroup);
            const int columns = layer.phases.size() == 1 ? schedule.width(node) : schedule.width(in);
            for (const RunStart& run : phase.runs) {
                const int last = (columns - 1) * layer.stride + run.column + pixels - 1;
                int& left_of_input = left[static_cast<size_t>(in)];
                int& right_of_input = right[static_cast<size_t>(in)];
                left_of_input = std::max(left_of_input, -run.column);
                right_of_input = std::max(right_of_input, last - (schedule.width(in) - 1));
            }
        }
    }
    for (size_t i = 0; i < nodes.size(); ++i) {
        const TensorType& type = network.types()[i];
        Ring ring{};
        ring.kind = type.kind;
        ring.channels = type.channels;
        ring.width = schedule.width(static_cast<int>(i));
        ring.height = schedule.height(static_cast<int>(i));
        ring.capacity = capacities[i];
        ring.step = type.kind == ElementKind::kI16 ? type.channels : round_up(type.channels, kByteGroup);
        ring.pixel_bytes = ring.step * element_bytes(type.kind);
        // Rows start on a cache line.
        ring.left_bytes = aligned(left[i] * ring.pixel_bytes);
        ring.row_bytes = aligned(ring.left_bytes + (ring.width + right[i]) * ring.pixel_bytes);
        rings.push_back(ring);
    }
    return rings;
}

uint64_t ring_bytes(const std::vector<Ring>& rings) {
    uint64_t bytes = 2 * static_cast<uint64_t>(zero_row_bytes(rings));
    for (const Ring& ring : rings) bytes += ring.bytes();
    return bytes;
}

Rings::Rings(std::vector<Ring> plan, Allocator& allocator)
    : rings_(std::move(plan)), memory_(allocator, ring_bytes(rings_)) {
    const ptrdiff_t zero_bytes = zero_row_bytes(rings_);
    uint8_t* next = memory_.data();
    std::fill_n(next, zero_bytes, static_cast<uint8_t>(zero_point(ElementKind::kQ8)));
    std::fill_n(next + zero_bytes, zero_bytes, static_cast<uint8_t>(zero_point(ElementKind::kU8)));
    const uint8_t* zero_rows[2] = {next, next + zero_bytes};
    next += 2 * zero_bytes;
    for (Ring& ring : rings_) {
        ring.data = next;
        ring.zero_row = zero_rows[ring.kind == ElementKind::kQ8 ? 0 : 1];
        std::fill_n(ring.data, ring.bytes(), static_cast<uint8_t>(zero_point(ring.kind)));
        next += ring.bytes();
    }
}

}  // namespace residua::nn
