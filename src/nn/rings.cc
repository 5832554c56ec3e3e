#include "nn/rings.h"

#include <algorithm>

#include "base/error.h"

namespace residua::nn {

namespace {

constexpr int64_t kRowAlignment = 64;

int64_t aligned(int64_t bytes) { return (bytes + kRowAlignment - 1) / kRowAlignment * kRowAlignment; }

// Counts the rows that are in use.
struct RowCounter {
    std::vector<Ring>& rings;
    std::vector<SizeClass>& classes;
    std::vector<int> first = std::vector<int>(rings.size());  // that is in use, [node]
    std::vector<int> in_use = std::vector<int>(classes.size());

    void take(int node, int begin, int end) {
        const auto i = static_cast<size_t>(node);
        const auto size_class = static_cast<size_t>(rings[i].size_class);
        rings[i].capacity = std::max(rings[i].capacity, end - first[i]);
        in_use[size_class] += end - begin;
        classes[size_class].rows = std::max(classes[size_class].rows, in_use[size_class]);
    }
    void compute(const Group&, int, int) {}
    void release(int node, int begin, int end) {
        const auto i = static_cast<size_t>(node);
        first[i] = end;
        in_use[static_cast<size_t>(rings[i].size_class)] -= end - begin;
    }
    void emit(int, int) {}
};

int class_of(ptrdiff_t row_bytes, std::vector<SizeClass>& classes) {
    const auto found = std::find_if(classes.begin(), classes.end(),
                                    [&](const SizeClass& known) { return known.row_bytes == row_bytes; });
    if (found != classes.end()) return static_cast<int>(found - classes.begin());
    classes.push_back({row_bytes, 0});
    return static_cast<int>(classes.size()) - 1;
}

// As a Buffer of so many bytes would.
ptrdiff_t addressable(int64_t row_bytes) {
    if (static_cast<uint64_t>(row_bytes) > uint64_t{PTRDIFF_MAX})
        throw Error(ErrorCode::kMemoryLimit,
                    "a row of this picture needs more memory than this machine can address; "
                    "code the picture on one with 64 bits");
    return static_cast<ptrdiff_t>(row_bytes);
}

}  // namespace

RingPlan plan_rings(const Network& network, Schedule& schedule) {
    const auto& nodes = network.graph().nodes;
    RingPlan plan;
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
        ring.step = pixel_step(type);
        ring.pixel_bytes = pixel_bytes(type);
        // Rows start on a cache line.
        const int64_t pixel = ring.pixel_bytes, left_bytes = aligned(left[i] * pixel);
        const int64_t row_bytes = aligned(left_bytes + (int64_t{ring.width} + right[i]) * pixel);
        ring.row_bytes = addressable(row_bytes);
        ring.left_bytes = static_cast<ptrdiff_t>(left_bytes);  // of the row
        ring.size_class = class_of(ring.row_bytes, plan.classes);
        plan.rings.push_back(ring);
    }
    RowCounter counter{plan.rings, plan.classes};
    schedule.run(counter);
    return plan;
}

ptrdiff_t RingPlan::longest_row() const {
    ptrdiff_t bytes = 0;
    for (const SizeClass& size_class : classes)
        if (size_class.rows > 0) bytes = std::max(bytes, size_class.row_bytes);
    return bytes;
}

uint64_t RingPlan::bytes() const {
    auto bytes = 2 * static_cast<uint64_t>(longest_row());
    for (const SizeClass& size_class : classes)
        bytes += static_cast<uint64_t>(size_class.row_bytes) * static_cast<uint64_t>(size_class.rows);
    for (const Ring& ring : rings) bytes += sizeof(uint8_t*) * static_cast<uint64_t>(ring.capacity);
    return bytes;
}

Rings::Rings(RingPlan plan, Allocator& allocator)
    : plan_(std::move(plan)), memory_(allocator, plan_.bytes()) {
    const ptrdiff_t zero_bytes = plan_.longest_row();
    uint8_t* next = memory_.data();
    std::fill_n(next, zero_bytes, static_cast<uint8_t>(zero_point(ElementKind::kQ8)));
    std::fill_n(next + zero_bytes, zero_bytes, static_cast<uint8_t>(zero_point(ElementKind::kU8)));
    const uint8_t* zero_rows[2] = {next, next + zero_bytes};
    next += 2 * zero_bytes;
    for (const SizeClass& size_class : plan_.classes) {
        class_memory_.push_back(next);
        free_.emplace_back().reserve(static_cast<size_t>(size_class.rows));
        next += size_class.row_bytes * size_class.rows;
    }
    auto** rows = reinterpret_cast<uint8_t**>(next);
    for (Ring& ring : plan_.rings) {
        ring.zero_row = zero_rows[ring.kind == ElementKind::kQ8 ? 0 : 1];
        ring.rows = rows;
        rows += ring.capacity;
    }
}

void Rings::restart() {
    for (size_t i = 0; i < free_.size(); ++i) {
        free_[i].clear();
        for (int row = plan_.classes[i].rows; row-- > 0;)
            free_[i].push_back(class_memory_[i] + row * plan_.classes[i].row_bytes);
    }
}

void Rings::take(int node, int first, int end) {
    const Ring& ring = (*this)[node];
    std::vector<uint8_t*>& free = free_[static_cast<size_t>(ring.size_class)];
    const ptrdiff_t right = ring.left_bytes + ring.width * ring.pixel_bytes;
    const auto zero = static_cast<uint8_t>(zero_point(ring.kind));
    for (int y = first; y < end; ++y) {
        uint8_t* row = free.back();
        free.pop_back();
        std::fill_n(row, ring.left_bytes, zero);
        std::fill_n(row + right, ring.row_bytes - right, zero);
        ring.rows[y % ring.capacity] = row;
    }
}

void Rings::release(int node, int first, int end) {
    const Ring& ring = (*this)[node];
    for (int y = first; y < end; ++y)
        free_[static_cast<size_t>(ring.size_class)].push_back(ring.rows[y % ring.capacity]);
}

}  // namespace residua::nn
