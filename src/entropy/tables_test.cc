#include "entropy/tables.h"

#include <gtest/gtest.h>

#include <cmath>

#include "entropy/make_tables.h"

namespace residua::entropy {
namespace {

std::vector<uint8_t> bytes_of(const DistributionTables& tables) {
    ByteWriter writer;
    tables.serialise(writer);
    return writer.bytes;
}

ErrorCode parse_error(const std::vector<uint8_t>& bytes) {
    try {
        ByteReader reader(bytes, "test");
        DistributionTables::parse(reader);
    } catch (const Error& error) {
        return error.code();
    }
    return ErrorCode::kOk;
}

TEST(Tables, ReadBackWhatWasWritten) {
    for (LambdaActivation activation :
         {LambdaActivation::kNone, LambdaActivation::kTanh, LambdaActivation::kSigmoid}) {
        const DistributionTables tables = make_tables(activation, 10);
        const std::vector<uint8_t> bytes = bytes_of(tables);
        ByteReader reader(bytes, "test");
        const DistributionTables parsed = DistributionTables::parse(reader);
        EXPECT_TRUE(reader.at_end());
        EXPECT_EQ(bytes_of(parsed), bytes);
        EXPECT_EQ(parsed.lambda, tables.lambda);
        EXPECT_EQ(parsed.logistic, tables.logistic);
        EXPECT_EQ(parsed.v_min, tables.v_min);
    }
}

TEST(Tables, EveryPrefixIsRefused) {
    const std::vector<uint8_t> bytes = bytes_of(make_tables(LambdaActivation::kTanh, 5));
    for (size_t size = 0; size < bytes.size(); size += 1 + size / 50)
        EXPECT_EQ(parse_error({bytes.begin(), bytes.begin() + static_cast<ptrdiff_t>(size)}),
                  ErrorCode::kTruncated);
}

// Where the low 32 bits of the number would pass, too.
TEST(Tables, ATableOfLambdaThatIsTooLongIsRefused) {
    const std::vector<uint8_t> bytes = bytes_of(make_tables(LambdaActivation::kNone, 5));
    ASSERT_EQ(bytes.back(), 0);  // entries of lambda
    for (const uint64_t limit : {uint64_t{kMaxLambdaLimit} + 1, (uint64_t{1} << 32) + 1, UINT64_MAX}) {
        ByteWriter writer;
        writer.varint(limit);
        std::vector<uint8_t> changed(bytes.begin(), bytes.end() - 1);
        changed.insert(changed.end(), writer.bytes.begin(), writer.bytes.end());
        changed.insert(changed.end(), 6, 0);  // three entries
        EXPECT_EQ(parse_error(changed), ErrorCode::kCorrupt) << limit;
    }
}

TEST(Tables, UnsafeEntriesAreRefused) {
    const auto refused = [](auto change) {
        DistributionTables tables = make_tables(LambdaActivation::kTanh, 5);
        change(tables);
        try {
            tables.check();
        } catch (const Error& error) {
            return error.code() == ErrorCode::kCorrupt;
        }
        return false;
    };
    EXPECT_FALSE(refused([](DistributionTables&) {}));
    EXPECT_TRUE(refused([](DistributionTables& t) { t.components = 0; }));
    EXPECT_TRUE(refused([](DistributionTables& t) { t.components = 16; }));
    EXPECT_TRUE(refused([](DistributionTables& t) { t.channels = 9; }));
    EXPECT_TRUE(refused([](DistributionTables& t) { t.channels = 2; }));  // lambda couples three
    EXPECT_TRUE(refused([](DistributionTables& t) { t.v_max = t.v_min - 1; }));
    EXPECT_TRUE(refused([](DistributionTables& t) { t.base_shift = 20; }));
    EXPECT_TRUE(refused([](DistributionTables& t) { t.multiplier[3] = 0; }));
    EXPECT_TRUE(refused([](DistributionTables& t) { t.multiplier[3] = 16385; }));
    EXPECT_TRUE(refused([](DistributionTables& t) { t.exp2[0] = 0; }));
    EXPECT_TRUE(refused([](DistributionTables& t) { t.exp2[31] = 32769; }));
    EXPECT_TRUE(refused([](DistributionTables& t) { t.logistic[500] = t.logistic[499] - 1; }));
    EXPECT_TRUE(refused([](DistributionTables& t) { t.logistic[1024] = kLogisticOne + 1; }));
    EXPECT_TRUE(refused([](DistributionTables& t) { t.lambda.pop_back(); }));
    EXPECT_FALSE(refused([](DistributionTables& t) { t.lambda[7] = -16383, t.lambda[8] = 16383; }));
    EXPECT_TRUE(refused([](DistributionTables& t) { t.lambda.front() = 16384; }));
    EXPECT_TRUE(refused([](DistributionTables& t) { t.lambda.back() = -16384; }));
    std::vector<uint8_t> steep = bytes_of(make_tables(LambdaActivation::kTanh, 5));
    steep.back() = 0x40;  // the last coefficient becomes at least 0x4000
    EXPECT_EQ(parse_error(steep), ErrorCode::kCorrupt);
    // A file whose logistic leaves the range.
    std::vector<uint8_t> bytes = bytes_of(make_tables(LambdaActivation::kNone, 5));
    const size_t logistic = 1 + 1 + 2 + 2 + 1 + 64 + 64;
    bytes[logistic + 3] = 1;
    EXPECT_EQ(parse_error(bytes), ErrorCode::kCorrupt);
}

// One unit at each table's last place; S itself is the source of truth.
TEST(Tables, ApproximateTheFunctionsTheyStandFor) {
    const DistributionTables tables = make_tables(LambdaActivation::kSigmoid, 10);
    for (int i = 0; i <= kLogisticCells; ++i)
        EXPECT_NEAR(tables.logistic[i] / double{kLogisticOne}, 1 / (1 + std::exp(16 - i / 32.0)), 2e-6);
    EXPECT_EQ(tables.logistic[0], 0u);
    EXPECT_EQ(tables.logistic[kLogisticCells], kLogisticOne);
    for (int v = tables.v_min; v <= tables.v_max; ++v) {
        const int index = v - tables.v_min;
        // 1024 · (d / 64) / sigma, for d = 1.
        const double factor = std::ldexp(tables.multiplier[index % 32], -(tables.base_shift + index / 32));
        EXPECT_NEAR(factor * std::exp2(v / 32.0) / 16, 1, 1e-4);
    }
    EXPECT_EQ(tables.lambda[static_cast<size_t>(tables.lambda_limit())], 512);
    // The ends, beyond which nothing changes: −8 and 8, and for tanh −4 and 4.
    EXPECT_NEAR(tables.lambda.back() / 1024.0, 1 / (1 + std::exp(-8)), 5e-4);
    EXPECT_NEAR(make_tables(LambdaActivation::kTanh, 5).lambda.back() / 1024.0, std::tanh(4), 5e-4);
    EXPECT_EQ(tables.lambda_limit(), 8 * 256);
    EXPECT_EQ(make_tables(LambdaActivation::kTanh, 5).lambda_limit(), 4 * 256);
}

}  // namespace
}  // namespace residua::entropy
