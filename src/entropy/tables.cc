#include "entropy/tables.h"

#include <string>

namespace residua::entropy {

namespace {

void require(bool condition, const char* what) {
    if (!condition)
        throw Error(ErrorCode::kCorrupt, std::string("the model's distribution tables are invalid: ") + what);
}

}  // namespace

void DistributionTables::check() const {
    require(components >= 1 && components <= kMaxComponents, "number of components");
    require(channels >= 1 && channels <= kMaxChannels, "number of channels");
    require(v_min >= INT16_MIN && v_max <= INT16_MAX && v_min <= v_max, "range of log sigma");
    require(base_shift >= 0 && base_shift + (v_max - v_min) / kOctave <= 31, "shift of the inverse sigma");
    for (uint16_t value : multiplier) require(value >= 1 && value <= 16384, "multiplier");
    for (uint16_t value : exp2) require(value <= 32768, "exp2");
    require(exp2[0] >= 1, "exp2");
    for (int i = 0; i < kLogisticCells; ++i)
        require(logistic[i] <= logistic[i + 1] && logistic[i + 1] - logistic[i] <= 4095, "logistic");
    require(logistic[kLogisticCells] <= kLogisticOne, "logistic");
    if (coupled())
        require(channels == 3 && lambda.size() % 2 == 1 && lambda_limit() >= 1 &&
                    lambda_limit() <= kMaxLambdaLimit,
                "lambda");
    for (int16_t value : lambda) require(value >= -kMaxLambda && value <= kMaxLambda, "lambda");
}

void DistributionTables::serialise(ByteWriter& writer) const {
    check();
    writer.varint(static_cast<uint64_t>(components));
    writer.varint(static_cast<uint64_t>(channels));
    writer.i16(static_cast<int16_t>(v_min));
    writer.i16(static_cast<int16_t>(v_max));
    writer.u8(static_cast<uint8_t>(base_shift));
    for (uint16_t value : multiplier) writer.u16(value);
    for (uint16_t value : exp2) writer.u16(value);
    writer.u32(logistic[0]);
    for (int i = 0; i < kLogisticCells; ++i) writer.u16(static_cast<uint16_t>(logistic[i + 1] - logistic[i]));
    writer.varint(static_cast<uint64_t>(lambda_limit()));
    for (int16_t value : lambda) writer.i16(value);
}

DistributionTables DistributionTables::parse(ByteReader& reader) {
    DistributionTables tables;
    tables.components = static_cast<int>(reader.varint_in(1, kMaxComponents, "number of components"));
    tables.channels = static_cast<int>(reader.varint_in(1, kMaxChannels, "number of channels"));
    tables.v_min = reader.i16();
    tables.v_max = reader.i16();
    tables.base_shift = reader.u8();
    for (uint16_t& value : tables.multiplier) value = reader.u16();
    for (uint16_t& value : tables.exp2) value = reader.u16();
    tables.logistic[0] = reader.u32();
    require(tables.logistic[0] <= kLogisticOne, "logistic");
    for (int i = 0; i < kLogisticCells; ++i) tables.logistic[i + 1] = tables.logistic[i] + reader.u16();
    const auto limit = static_cast<size_t>(reader.varint_in(0, kMaxLambdaLimit, "lambda table"));
    if (limit > 0) tables.lambda.resize(2 * limit + 1);
    for (int16_t& value : tables.lambda) value = reader.i16();
    tables.check();
    return tables;
}

}  // namespace residua::entropy
