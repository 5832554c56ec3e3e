#include "stages/rc/model.h"

#include "base/error.h"
#include "lossy/bpg.h"
#include "stages/rc/q_classifier.h"

namespace residua::models {

namespace {

constexpr int kDefaultQ = 12;
constexpr int kDefaultBitDepth = 10;

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

LossyDefaults lossy_defaults_of(const ModelFile& file) {
    const LossyDefaults defaults = {file.number("default_q", 1, lossy::kMaxQ, kDefaultQ),
                                    file.number("default_bit_depth", 8, 10, kDefaultBitDepth)};
    if (defaults.bit_depth == 9)
        throw Error(ErrorCode::kCorrupt, "the model file has an impossible default_bit_depth (9)");
    return defaults;
}

RcModel::RcModel(const ModelFile& file)
    : defaults(lossy_defaults_of(file)),
      conditioning(parse_conditioning(file)),
      tables(parts(file).tables(file.distribution, kRcChannels, true)),
      network(parse_rc_graph(file, tables, conditioning)),
      file_(file) {
    adapts = adapts_by_default(file);
}

const QClassifier* RcModel::q_classifier() const {
    if (!q_classifier_ && !file_.q_classifier.empty())
        q_classifier_ = std::make_shared<const QClassifier>(file_);
    return q_classifier_.get();
}

}  // namespace residua::models
