#include "models/model_file.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>

#include "base/error.h"

namespace residua::models {
namespace {

const std::string kDescription = "name=rc-test\ncodec=rc\ndefault_q=13\nsteps=many\n";
const std::vector<uint8_t> kGraph(200, 3), kTables(20, 4);
const ModelSections kSections{.description = kDescription, .graph = kGraph, .distribution = kTables};

const std::vector<uint8_t> kClassifier(60, 9);
const std::vector<uint8_t> kLatent(4, 5), kFirst(30, 6), kThird(40, 7), kEncoder(50, 8);
const ModelSections kL3cSections{.description = "name=l3c-test\ncodec=l3c\n",
                                 .latent = kLatent,
                                 .scales = {kFirst, {}, kThird},
                                 .encoder = kEncoder};

ErrorCode parse_result(const std::vector<uint8_t>& bytes) {
    try {
        parse_model_file(bytes);
    } catch (const Error& error) {
        return error.code();
    }
    return ErrorCode::kOk;
}

ErrorCode write_result(const ModelSections& sections) {
    try {
        write_model_file(sections);
    } catch (const Error& error) {
        return error.code();
    }
    return ErrorCode::kOk;
}

ErrorCode description_result(const std::string& description) {
    ModelSections sections = kSections;
    sections.description = description;
    return write_result(sections);
}

TEST(ModelFile, ReadsBackWhatWasWritten) {
    const auto bytes = write_model_file(kSections);
    const ModelFile file = parse_model_file(bytes);
    EXPECT_EQ(file.name(), "rc-test");
    EXPECT_EQ(file.codec(), "rc");
    EXPECT_EQ(file.description, kDescription);
    EXPECT_TRUE(std::ranges::equal(file.graph, kGraph));
    EXPECT_TRUE(std::ranges::equal(file.distribution, kTables));
    EXPECT_EQ(file.number("default_q", 1, 51, 12), 13);
    EXPECT_EQ(file.number("default_bit_depth", 8, 10, 10), 10);
    EXPECT_THROW(file.number("default_q", 1, 12, 12), Error);
    EXPECT_THROW(file.number("steps", 1, 12, 12), Error);
}

TEST(ModelFile, MayHaveAQClassifier) {
    EXPECT_TRUE(parse_model_file(write_model_file(kSections)).q_classifier.empty());
    ModelSections sections = kSections;
    sections.q_classifier = kClassifier;
    auto bytes = write_model_file(sections);
    EXPECT_TRUE(std::ranges::equal(parse_model_file(bytes).q_classifier, kClassifier));
    bytes.insert(bytes.end(), {0x81, 1, 0});
    EXPECT_EQ(parse_result(bytes), ErrorCode::kCorrupt) << "two of them";
    bytes = write_model_file(kSections);
    bytes.insert(bytes.end(), {0x81, 0});
    EXPECT_EQ(parse_result(bytes), ErrorCode::kCorrupt) << "an empty one";
}

TEST(ModelFile, ReadsBackTheSectionsOfL3c) {
    const auto bytes = write_model_file(kL3cSections);
    const ModelFile file = parse_model_file(bytes);
    EXPECT_EQ(file.codec(), "l3c");
    EXPECT_TRUE(std::ranges::equal(file.latent, kLatent));
    ASSERT_EQ(file.scales.size(), 3u);
    EXPECT_TRUE(std::ranges::equal(file.scales[0], kFirst));
    EXPECT_TRUE(file.scales[1].empty());
    EXPECT_TRUE(std::ranges::equal(file.scales[2], kThird));
    EXPECT_TRUE(std::ranges::equal(file.encoder, kEncoder));
    EXPECT_EQ(file.found, (std::set<SectionTag>{SectionTag::kDescription, SectionTag::kLatent,
                                                SectionTag::kScale, SectionTag::kEncoder}));
}

TEST(ModelFile, NoSectionComesTwice) {
    for (const ModelSections& sections : {kSections, kL3cSections}) {
        auto bytes = write_model_file(sections);
        for (const uint8_t tag : {1, 2, 5, 7}) {
            auto twice = bytes;
            for (int i = 0; i < 2; ++i) twice.insert(twice.end(), {tag, 1, 0});
            EXPECT_EQ(parse_result(twice), ErrorCode::kCorrupt) << int{tag};
        }
    }
}

TEST(ModelFile, TheHashNamesEveryByte) {
    auto bytes = write_model_file(kSections);
    const uint64_t hash = parse_model_file(bytes).hash;
    EXPECT_EQ(parse_model_file(bytes).hash, hash);
    bytes.back() ^= 1;
    EXPECT_NE(parse_model_file(bytes).hash, hash);
    EXPECT_EQ(hash_text(0x0123456789abcdef), "0123456789abcdef");
}

TEST(ModelFile, SectionsOfLaterVersions) {
    auto bytes = write_model_file(kSections);
    bytes.insert(bytes.end(), {0x99, 1, 0});
    EXPECT_EQ(parse_result(bytes), ErrorCode::kOk);
    bytes[bytes.size() - 3] = 0x19;
    EXPECT_EQ(parse_result(bytes), ErrorCode::kUnsupported);
    bytes[4] = 2;
    EXPECT_EQ(parse_result(bytes), ErrorCode::kUnsupported);
}

TEST(ModelFile, DescriptionsAreChecked) {
    EXPECT_EQ(description_result(kDescription), ErrorCode::kOk);
    EXPECT_EQ(description_result("name=a\n"), ErrorCode::kCorrupt);
    EXPECT_EQ(description_result("name=a b\ncodec=rc\n"), ErrorCode::kCorrupt);
    EXPECT_EQ(description_result("name=a\nname=b\ncodec=rc\n"), ErrorCode::kCorrupt);
    EXPECT_EQ(description_result("name=a\ncodec=rc"), ErrorCode::kCorrupt);
    EXPECT_EQ(description_result("name=a\ncodec=rc\nwhat\n"), ErrorCode::kCorrupt);
    EXPECT_EQ(description_result("name=a\ncodec=rc\nnote=\x1b[2J\n"), ErrorCode::kCorrupt);
}

}  // namespace
}  // namespace residua::models
