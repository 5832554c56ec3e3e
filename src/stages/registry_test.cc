// The registry and the models' sections, with the methods that there are.
#include "models/registry.h"

#include <gtest/gtest.h>

#include <functional>

#include "base/error.h"
#include "stages/methods.h"
#include "stages/test_models.h"

namespace residua::models {
namespace {

const Method& kRc = codec::method_named("rc");
const Method& kL3c = codec::method_named("l3c");
const Method& kOlm = codec::method_named("olm");

TEST(Registry, PrefersAModelByNameWhereNoneIsAskedFor) {
    Registry registry(codec::model_methods());
    const auto& plain = registry.add(make_olm_model("plain-experts"));
    const auto& wanted = registry.add(make_olm_model("wanted-experts", olm::fast_parameters()));
    const auto& scales = registry.add(make_l3c_model({.name = "wanted-experts"}));
    const ModelPreference olm[] = {{&kOlm, "wanted-experts"}, {&kRc, "wanted-experts"}};
    EXPECT_EQ(&registry.choose(nullptr, nullptr, olm), &wanted);
    EXPECT_EQ(&registry.choose("", &kOlm, olm), &wanted);
    const ModelPreference l3c[] = {{&kL3c, "wanted-experts"}};
    EXPECT_EQ(&registry.choose(nullptr, &kL3c, l3c), &scales);
    EXPECT_EQ(&registry.choose("plain-experts", nullptr, olm), &plain);
    // The first of the codec where there is none of that name.
    const auto& first = registry.choose(nullptr, &kOlm, {});
    const ModelPreference none[] = {{&kOlm, "no such"}};
    EXPECT_EQ(&registry.choose(nullptr, nullptr, none), &first);
    EXPECT_EQ(first.file.codec(), "olm");
    EXPECT_NE(&first, &wanted);
    // The first method that there is a model for.
    const class : public Method {
      public:
        const char* name() const override { return "new"; }
        std::span<const SectionUse> sections() const override { return {}; }
        std::unique_ptr<const Model> parse_model(const ModelFile&) const override { return nullptr; }
    } unheard_of;
    const ModelPreference two[] = {{&unheard_of, ""}, {&kL3c, "wanted-experts"}};
    EXPECT_EQ(&registry.choose(nullptr, nullptr, two), &scales);
    try {
        registry.choose(nullptr, nullptr, std::span(two).first(1));
        FAIL();
    } catch (const Error& error) {
        EXPECT_EQ(error.code(), ErrorCode::kModelMissing);
        EXPECT_STREQ(error.what(),
                     "this build of Residua has no model for the codec 'new'; add a model file (.rsm)");
    }
}

TEST(Registry, KeepsCodecsApart) {
    Registry registry(codec::model_methods());
    const auto& added = registry.add(make_l3c_model({.name = "scales"}));
    EXPECT_EQ(&registry.choose("scales", nullptr, {}), &added);
    EXPECT_EQ(&registry.choose("scales", &kL3c, {}), &added);
    EXPECT_EQ(registry.choose(nullptr, &kL3c, {}).file.codec(), "l3c");
    EXPECT_EQ(&registry.parsed(added, kL3c), &registry.parsed(added, kL3c));
    const auto result = [&](const char* name, const Method* method) {
        try {
            registry.choose(name, method, {});
        } catch (const Error& error) {
            return error.code();
        }
        return ErrorCode::kOk;
    };
    EXPECT_EQ(result("scales", &kRc), ErrorCode::kInvalidArgument);
    EXPECT_EQ(result("no such", &kL3c), ErrorCode::kModelMissing);
    try {
        registry.parsed(added, kRc);
        FAIL();
    } catch (const Error& error) {
        EXPECT_EQ(error.code(), ErrorCode::kCorrupt);
        EXPECT_STREQ(error.what(), "the model scales is for the codec 'l3c', where one for 'rc' is needed");
    }
    // The name alone does not say which; the codec does.
    const auto& other = registry.add(make_l3c_model({.seed = 2, .name = "scales"}));
    EXPECT_NE(&added, &other);
    EXPECT_EQ(result("scales", nullptr), ErrorCode::kInvalidArgument);
    EXPECT_EQ(&registry.choose(hash_text(other.file.hash).c_str(), &kL3c, {}), &other);
}

TEST(Registry, RefusesWhatItCannotRun) {
    Registry registry(codec::model_methods());
    const auto result = [&](const std::vector<uint8_t>& bytes) {
        const size_t before = registry.count();
        try {
            registry.add(bytes);
        } catch (const Error& error) {
            EXPECT_EQ(registry.count(), before);
            return error.code();
        }
        return ErrorCode::kOk;
    };
    L3cParts parts = make_l3c_parts({});
    parts.encoder.reset();
    EXPECT_EQ(result(write_l3c_model(parts, "test")), ErrorCode::kCorrupt);
    EXPECT_EQ(result(write_model_file({.description = "name=a\ncodec=other\n"})), ErrorCode::kUnsupported);
}

const std::vector<uint8_t> kGraph(200, 3), kTables(20, 4), kClassifier(60, 9);
const std::vector<uint8_t> kLatent(4, 5), kFirst(30, 6), kThird(40, 7), kEncoder(50, 8);
const ModelSections kSections{
    .description = "name=rc-test\ncodec=rc\n", .graph = kGraph, .distribution = kTables};
const ModelSections kL3cSections{.description = "name=l3c-test\ncodec=l3c\n",
                                 .latent = kLatent,
                                 .scales = {kFirst, {}, kThird},
                                 .encoder = kEncoder};

ErrorCode check_result(std::span<const uint8_t> bytes) {
    try {
        const ModelFile file = parse_model_file(bytes);
        if (const Method* method = find_method(codec::model_methods(), file.codec()))
            check_model_file(file, *method);
    } catch (const Error& error) {
        return error.code();
    }
    return ErrorCode::kOk;
}

ErrorCode write_result(const ModelSections& sections) {
    try {
        return check_result(write_model_file(sections));
    } catch (const Error& error) {
        return error.code();
    }
}

TEST(ModelSections, BelongToTheirMethod) {
    const auto changed = [](ModelSections sections, const std::function<void(ModelSections&)>& change) {
        change(sections);
        return write_result(sections);
    };
    const auto rc = [&](const auto& change) { return changed(kSections, change); };
    const auto l3c = [&](const auto& change) { return changed(kL3cSections, change); };
    EXPECT_EQ(rc([](ModelSections&) {}), ErrorCode::kOk);
    EXPECT_EQ(rc([](ModelSections& file) { file.graph = {}; }), ErrorCode::kCorrupt);
    EXPECT_EQ(rc([](ModelSections& file) { file.distribution = {}; }), ErrorCode::kCorrupt);
    EXPECT_EQ(rc([](ModelSections& file) { file.latent = kLatent; }), ErrorCode::kCorrupt);
    EXPECT_EQ(rc([](ModelSections& file) { file.scales = {{}}; }), ErrorCode::kCorrupt);
    EXPECT_EQ(rc([](ModelSections& file) { file.encoder = kEncoder; }), ErrorCode::kCorrupt);
    EXPECT_EQ(l3c([](ModelSections&) {}), ErrorCode::kOk);
    EXPECT_EQ(l3c([](ModelSections& file) { file.latent = {}; }), ErrorCode::kCorrupt);
    EXPECT_EQ(l3c([](ModelSections& file) { file.scales = {}; }), ErrorCode::kCorrupt);
    EXPECT_EQ(l3c([](ModelSections& file) { file.scales.resize(kMaxScales); }), ErrorCode::kOk);
    EXPECT_EQ(l3c([](ModelSections& file) { file.scales.resize(kMaxScales + 1); }), ErrorCode::kCorrupt);
    EXPECT_EQ(l3c([](ModelSections& file) { file.graph = kGraph; }), ErrorCode::kCorrupt);
    EXPECT_EQ(l3c([](ModelSections& file) { file.distribution = kTables; }), ErrorCode::kCorrupt);
    EXPECT_EQ(l3c([](ModelSections& file) { file.conditioning = 1; }), ErrorCode::kCorrupt);
    const ModelSections olm_sections{
        .description = "name=olm-test\ncodec=olm\n", .experts = kLatent, .heads = {kFirst, kThird, kFirst}};
    const auto olm = [&](const auto& change) { return changed(olm_sections, change); };
    EXPECT_EQ(olm([](ModelSections&) {}), ErrorCode::kOk);
    EXPECT_EQ(olm([](ModelSections& file) { file.experts = {}; }), ErrorCode::kCorrupt);
    EXPECT_EQ(olm([](ModelSections& file) { file.heads = {}; }), ErrorCode::kCorrupt);
    EXPECT_EQ(olm([](ModelSections& file) { file.heads.resize(4, kFirst); }), ErrorCode::kCorrupt);
    EXPECT_EQ(olm([](ModelSections& file) { file.scales = {kFirst}; }), ErrorCode::kCorrupt);
    EXPECT_EQ(olm([](ModelSections& file) { file.graph = kGraph; }), ErrorCode::kCorrupt);
    EXPECT_EQ(rc([](ModelSections& file) { file.experts = kLatent; }), ErrorCode::kCorrupt);
    EXPECT_EQ(l3c([](ModelSections& file) { file.heads = {kFirst}; }), ErrorCode::kCorrupt);
    EXPECT_EQ(l3c([](ModelSections& file) { file.q_classifier = kClassifier; }), ErrorCode::kCorrupt);
    // For a later version to judge.
    EXPECT_EQ(write_result({.description = "name=a\ncodec=other\n", .graph = kGraph, .encoder = kEncoder}),
              ErrorCode::kOk);
}

TEST(ModelSections, TruncationsAreRefused) {
    const auto bytes = write_model_file(kSections);
    for (size_t size = 0; size < bytes.size(); ++size)
        ASSERT_NE(check_result(std::span(bytes).first(size)), ErrorCode::kOk) << size;
}

TEST(ModelSections, TheDefaultsOfALossyLayerAreChecked) {
    const auto described = [](const std::string& keys) {
        ModelSections sections = kSections;
        sections.description += keys;
        return write_result(sections);
    };
    EXPECT_EQ(described("default_q=51\ndefault_bit_depth=8\n"), ErrorCode::kOk);
    for (const char* keys : {"default_q=0\n", "default_q=52\n", "default_bit_depth=9\n", "default_q=x\n"})
        EXPECT_EQ(described(keys), ErrorCode::kCorrupt) << keys;
    const std::vector<uint8_t> bytes = write_model_file(kSections);
    const LossyDefaults defaults = kRc.lossy_defaults(parse_model_file(bytes));
    EXPECT_EQ(defaults.q, 12);
    EXPECT_EQ(defaults.bit_depth, 10);
    EXPECT_EQ(kL3c.lossy_defaults(parse_model_file(bytes)).q, 0);
}

TEST(Methods, AreFoundByName) {
    for (const codec::Method* method : codec::methods())
        EXPECT_EQ(&codec::method_named(method->name()), method);
    try {
        codec::method_named("jpeg2000");
        FAIL();
    } catch (const Error& error) {
        EXPECT_EQ(error.code(), ErrorCode::kInvalidArgument);
        EXPECT_STREQ(error.what(), "there is no codec 'jpeg2000'; there are rc, l3c, olm, jpeg and scc");
    }
}

}  // namespace
}  // namespace residua::models
