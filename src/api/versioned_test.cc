#include "api/versioned.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <string>

#include "api/structures.h"
#include "base/error.h"

namespace residua::api {
namespace {

// A structure in its third version, and what its earlier headers had.
struct Third {
    size_t struct_size;
    uint32_t first, reserved;
    uint64_t second;
    uint64_t third;
};
struct First {
    size_t struct_size;
    uint32_t first, reserved;
};
struct Second : First {
    uint64_t second;
};
// What a later header has.
struct Fifth : Third {
    uint64_t fourth, fifth;
};

}  // namespace

template <>
struct Versions<Third> {
    static constexpr const char* name = "third";
    static constexpr size_t sizes[] = {sizeof(First), sizeof(Second), sizeof(Third)};
    static uint64_t reserved(const Third& s) { return s.reserved; }
};

namespace {

// A caller's structure in memory of exactly its own size, so that a sanitizer sees what lies beyond.
template <typename T>
struct Given {
    explicit Given(T value = {}) : memory(new T(value)) { memory->struct_size = sizeof(T); }
    Third* as_third() const { return reinterpret_cast<Third*>(memory.get()); }
    T* operator->() const { return memory.get(); }
    std::unique_ptr<T> memory;
};

ErrorCode refusal(const Third* given) {
    try {
        read(given);
    } catch (const Error& error) {
        EXPECT_NE(std::string(error.what()).find("third"), std::string::npos) << error.what();
        return error.code();
    }
    return ErrorCode::kOk;
}

TEST(Versioned, NothingGivenIsAllDefaults) {
    const Third value = read<Third>(nullptr);
    EXPECT_EQ(value.struct_size, sizeof(Third));
    EXPECT_EQ(value.first | value.second | value.third, 0u);
}

TEST(Versioned, FieldsThatAnOlderHeaderLacksAreDefaults) {
    Given<First> first;
    first->first = 7;
    EXPECT_EQ(read(first.as_third()).first, 7u);
    EXPECT_EQ(read(first.as_third()).second, 0u);
    Given<Second> second;
    second->second = 8;
    EXPECT_EQ(read(second.as_third()).second, 8u);
    EXPECT_EQ(read(second.as_third()).third, 0u);
    Given<Third> third;
    third->third = 9;
    EXPECT_EQ(read(third.as_third()).third, 9u);
}

TEST(Versioned, ALaterHeadersFieldsMustBeZero) {
    Given<Fifth> fifth;
    fifth->third = 9;
    EXPECT_EQ(read(fifth.as_third()).third, 9u);
    EXPECT_EQ(read(fifth.as_third()).struct_size, sizeof(Third));
    fifth->fifth = uint64_t{1} << 56;  // the last byte of all
    EXPECT_EQ(refusal(fifth.as_third()), ErrorCode::kUnsupported);
    fifth->fifth = 0;
    fifth->fourth = 1;
    EXPECT_EQ(refusal(fifth.as_third()), ErrorCode::kUnsupported);
}

TEST(Versioned, SizesThatNoHeaderHadAreRefused) {
    Third given{};
    for (const size_t size : {size_t{0}, size_t{1}, sizeof(First) - 1, sizeof(First) + 1, sizeof(Second) - 4,
                              sizeof(Third) - 1, kLargestStructure + 1, SIZE_MAX}) {
        given.struct_size = size;
        EXPECT_EQ(refusal(&given), ErrorCode::kInvalidArgument) << size;
    }
}

TEST(Versioned, ReservedFieldsMustBeZero) {
    Given<First> first;
    first->reserved = 1;
    EXPECT_EQ(refusal(first.as_third()), ErrorCode::kInvalidArgument);
}

TEST(Versioned, AnswersAreWrittenAsFarAsTheStructureReaches) {
    const Third answer = {0, 1, 0, 2, 3};
    Given<First> first;
    write(first.as_third(), answer);
    EXPECT_EQ(first->first, 1u);
    EXPECT_EQ(first->struct_size, sizeof(First));
    Given<Second> second;
    write(second.as_third(), answer);
    EXPECT_EQ(second->second, 2u);
    Given<Fifth> fifth;
    write(fifth.as_third(), answer);
    EXPECT_EQ(fifth->third, 3u);
    EXPECT_EQ(fifth->fourth | fifth->fifth, 0u);
    EXPECT_EQ(fifth->struct_size, sizeof(Fifth));
    Third unset{};
    EXPECT_THROW(write(&unset, answer), Error);
    EXPECT_EQ(unset.first, 0u);
}

TEST(Versioned, EmptyingLeavesAloneWhatIsNotSet) {
    Given<Second> second;
    second->first = 1, second->second = 2;
    empty(second.as_third());
    EXPECT_EQ(second->first | second->second, 0u);
    EXPECT_EQ(second->struct_size, sizeof(Second));
    second->struct_size = 0, second->first = 1;
    empty(second.as_third());
    EXPECT_EQ(second->first, 1u);
    empty<Third>(nullptr);
}

// Every structure of the interface, by the same rules.
template <typename T>
class Structure : public ::testing::Test {};
using All = ::testing::Types<residua_settings, residua_image, residua_model_info, residua_encode_options,
                             residua_row_source, residua_byte_sink, residua_byte_source, residua_row_sink,
                             residua_info, residua_research_options, residua_sample_options,
                             residua_research_info, residua_research_model_info, residua_research_times>;
TYPED_TEST_SUITE(Structure, All);

TYPED_TEST(Structure, IsItsSizesLastVersionAndKeepsItsRules) {
    EXPECT_EQ(std::rbegin(Versions<TypeParam>::sizes)[0], sizeof(TypeParam));
    EXPECT_TRUE(std::is_sorted(std::begin(Versions<TypeParam>::sizes), std::end(Versions<TypeParam>::sizes)));
    EXPECT_EQ(offsetof(TypeParam, struct_size), 0u);
    EXPECT_LT(2 * sizeof(TypeParam), kLargestStructure) << "room for growth";
    TypeParam given = RESIDUA_INIT(TypeParam);
    EXPECT_EQ(read(&given).struct_size, sizeof(TypeParam));
    given.struct_size = 0;
    EXPECT_THROW(read(&given), Error);
    given.struct_size = sizeof(TypeParam) - 1;
    EXPECT_THROW(read(&given), Error);
}

}  // namespace
}  // namespace residua::api
