#include "stages/olm/model.h"

#include <bit>
#include <string>

#include "base/bytes.h"
#include "base/error.h"
#include "models/mixture_network.h"
#include "nn/graph_io.h"
#include "olm/wavefront.h"

namespace residua::models {

namespace {

constexpr uint8_t kExpertsVersion = 1;
constexpr float kMaxPrior = 4, kMinRidge = 0.0009765625F, kMaxRidge = 1048576;

// Reads a binary32 in [low, high], by its bits.
float number(ByteReader& reader, float low, float high, const PartReader& parts, const char* what) {
    const float value = std::bit_cast<float>(reader.u32());
    parts.require(value >= low && value <= high, std::string("its ") + what + " is impossible");
    return value;
}

olm::Input read_input(ByteReader& reader, int plane, const PartReader& parts) {
    olm::Input input{};
    input.plane = static_cast<int8_t>(reader.u8());
    input.dy = static_cast<int8_t>(reader.u8());
    input.dx = static_cast<int8_t>(reader.u8());
    const bool own = input.plane == 0;
    const bool before = input.dy < 0 || (input.dy == 0 && input.dx < 0);
    parts.require(input.plane >= 0 && input.plane <= plane && input.dy >= -olm::kLanesBefore &&
                      input.dy <= olm::kLanesAfter && input.dx >= -olm::kReach && input.dx <= olm::kReach &&
                      (!own || before),
                  "an input of its experts is not known before the sample");
    return input;
}

olm::PlaneParameters read_plane(ByteReader& reader, int plane, const PartReader& parts) {
    olm::PlaneParameters result;
    const auto inputs = static_cast<int>(reader.varint_in(1, olm::kMaxInputs, "number of inputs"));
    for (int i = 0; i < inputs; ++i) {
        result.inputs.push_back(read_input(reader, plane, parts));
        result.prior.push_back(number(reader, -kMaxPrior, kMaxPrior, parts, "prior"));
    }
    const auto experts = static_cast<int>(reader.varint_in(1, olm::kMaxLeastSquares, "number of experts"));
    for (int i = 0; i < experts; ++i) {
        olm::LeastSquares expert{};
        expert.inputs =
            static_cast<int>(reader.varint_in(1, static_cast<uint64_t>(inputs), "expert's inputs"));
        expert.along = number(reader, 0, 1, parts, "decay along rows");
        expert.down = number(reader, 0, 0.998F, parts, "decay down rows");
        expert.ridge = number(reader, kMinRidge, kMaxRidge, parts, "ridge");
        // The sums stay finite: a row's is at most 1 / (1 − along) blocks, and so on.
        parts.require(expert.along <= 0.998F, "its decay along rows is impossible");
        result.experts.push_back(expert);
    }
    return result;
}

olm::Parameters parse_experts(const ModelFile& file, const PartReader& parts) {
    ByteReader reader(file.experts, "model file's experts");
    const uint8_t version = reader.u8();
    if (version != kExpertsVersion)
        throw Error(ErrorCode::kUnsupported, "the model " + file.name() + " has experts of version " +
                                                 std::to_string(version) +
                                                 ", which need a later version of Residua");
    olm::Parameters parameters;
    parameters.solve_every = reader.u8();
    parts.require(parameters.solve_every >= 1 && olm::kBlock % parameters.solve_every == 0,
                  "its experts solve at impossible pixels");
    for (int plane = 0; plane < olm::kPlanes; ++plane)
        parameters.planes[static_cast<size_t>(plane)] = read_plane(reader, plane, parts);
    parts.require(reader.at_end(), "its experts have bytes after their end");
    return parameters;
}

}  // namespace

OlmModel::OlmModel(const ModelFile& file) {
    const PartReader parts(file.name(), "an OLM model");
    parameters = parse_experts(file, parts);
    parts.require(file.heads.size() == olm::kPlanes, "it does not have three heads");
    for (size_t plane = 0; plane < olm::kPlanes; ++plane) {
        const PartReader of_head = parts.of("head " + std::to_string(plane));
        ByteReader reader(file.heads[plane], "model file's head");
        nn::Graph graph = of_head.graph(reader.take(reader.varint()));
        auto table = of_head.tables(reader.take(reader.remaining()), 1, false);
        const int inputs = olm::head_inputs(static_cast<int>(plane),
                                            static_cast<int>(parameters.planes[plane].experts.size()));
        heads[plane] = std::make_shared<const olm::Head>(std::move(graph), inputs, table.components);
        tables[plane] = std::make_shared<const entropy::DistributionTables>(std::move(table));
    }
}

std::vector<uint8_t> serialise_experts(const olm::Parameters& parameters) {
    ByteWriter writer;
    writer.u8(kExpertsVersion);
    writer.u8(static_cast<uint8_t>(parameters.solve_every));
    const auto put = [&writer](float value) { writer.u32(std::bit_cast<uint32_t>(value)); };
    for (const olm::PlaneParameters& plane : parameters.planes) {
        writer.varint(plane.inputs.size());
        for (size_t i = 0; i < plane.inputs.size(); ++i) {
            writer.u8(static_cast<uint8_t>(plane.inputs[i].plane));
            writer.u8(static_cast<uint8_t>(plane.inputs[i].dy));
            writer.u8(static_cast<uint8_t>(plane.inputs[i].dx));
            put(plane.prior[i]);
        }
        writer.varint(plane.experts.size());
        for (const olm::LeastSquares& expert : plane.experts) {
            writer.varint(static_cast<uint64_t>(expert.inputs));
            put(expert.along);
            put(expert.down);
            put(expert.ridge);
        }
    }
    return std::move(writer.bytes);
}

}  // namespace residua::models
