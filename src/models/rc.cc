#include "models/rc.h"

#include "base/error.h"

namespace residua::models {

namespace {

PartReader parts(const ModelFile& file) { return {file.name(), "an RC model"}; }

Conditioning parse_conditioning(const ModelFile& file) {
    if (file.conditioning > static_cast<uint8_t>(Conditioning::kFine))
        throw Error(ErrorCode::kUnsupported,
                    "the model " + file.name() +
                        " sees the lossy layer in a way that needs a later version of Residua");
    return static_cast<Conditioning>(file.conditioning);
}

nn::Graph parse_rc_graph(const ModelFile& file, const entropy::DistributionTables& tables,
                         Conditioning conditioning) {
    const PartReader reader = parts(file);
    nn::Graph graph = reader.graph(file.graph);
    const nn::Input input{input_channels(conditioning), nn::ElementKind::kQ8, 0};
    reader.check_inputs(graph, {&input, 1});
    reader.order_outputs(graph, mixture_output_types(tables));
    return graph;
}

}  // namespace

RcModel::RcModel(const ModelFile& file)
    : conditioning(parse_conditioning(file)),
      tables(parts(file).tables(file.distribution, kRcChannels, true)),
      network(parse_rc_graph(file, tables, conditioning)) {}

}  // namespace residua::models
