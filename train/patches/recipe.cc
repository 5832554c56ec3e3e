#include "patches/recipe.h"

#include <charconv>
#include <functional>
#include <sstream>
#include <stdexcept>
#include <type_traits>
#include <utility>

namespace residua::train {

namespace {

template <typename Choice>
using Words = std::vector<std::pair<const char*, Choice>>;

const Words<bool>& words_of(bool) {
    static const Words<bool> words = {{"on", true}, {"off", false}};
    return words;
}
const Words<Schedule>& words_of(Schedule) {
    static const Words<Schedule> words = {{"cosine", Schedule::kCosine}, {"paper", Schedule::kPaper}};
    return words;
}
const Words<Precision>& words_of(Precision) {
    static const Words<Precision> words = {{"measured", Precision::kMeasured},
                                           {"float32", Precision::kFloat32},
                                           {"bfloat16", Precision::kBfloat16}};
    return words;
}
const Words<FirstWeights>& words_of(FirstWeights) {
    static const Words<FirstWeights> words = {{"pyramid", FirstWeights::kPyramid},
                                              {"random", FirstWeights::kRandom}};
    return words;
}

template <typename Value>
constexpr bool is_choice = std::is_same_v<Value, bool> || std::is_enum_v<Value>;

template <typename Value>
std::string text_of(const Value& value) {
    if constexpr (is_choice<Value>) {
        for (const auto& [word, choice] : words_of(value))
            if (choice == value) return word;
        throw std::logic_error("a choice without a word");
    } else {
        char text[32];  // the shortest that reads as the same number again
        return std::string(text, std::to_chars(text, text + sizeof text, value).ptr);
    }
}
std::string text_of(const std::string& value) { return value; }
std::string text_of(const std::vector<int>& values) {
    std::string text;
    for (const int value : values) text.append(text.empty() ? "" : ",").append(std::to_string(value));
    return text;
}

[[noreturn]] void refuse(const std::string& text) {
    throw std::runtime_error("'" + text + "' is no value of a recipe");
}

template <typename Value>
void read(const std::string& text, Value& value) {
    if constexpr (is_choice<Value>) {
        for (const auto& [word, choice] : words_of(value))
            if (word == text) {
                value = choice;
                return;
            }
        refuse(text);
    } else {
        const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
        if (error != std::errc() || end != text.data() + text.size()) refuse(text);
    }
}
void read(const std::string& text, std::string& value) { value = text; }
void read(const std::string& text, std::vector<int>& values) {
    values.clear();
    std::istringstream parts(text);
    for (std::string part; std::getline(parts, part, ',');) read(part, values.emplace_back());
}

template <typename Settings>
struct Value {
    std::string name;
    std::string codec;  // whose alone it is; empty: both
    std::function<std::string(const Settings&)> text;
    std::function<void(const std::string&, Settings&)> take;
};

// field: the member of settings, constant or not.
template <typename Settings, typename Field>
Value<Settings> value(const char* name, const char* codec, Field field) {
    return {name, codec, [field](const Settings& settings) { return text_of(field(settings)); },
            [field](const std::string& text, Settings& settings) { read(text, field(settings)); }};
}

#define RESIDUA_FIELD(member) \
    [](auto& settings) -> auto& { return settings.member; }

const std::vector<Value<RunSettings>>& run_values() {
    using Settings = RunSettings;
    static const std::vector<Value<Settings>> values = {
        value<Settings>("recipe", "", RESIDUA_FIELD(recipe)),
        value<Settings>("preset", "", RESIDUA_FIELD(preset)),
        value<Settings>("seed", "", RESIDUA_FIELD(seed)),
        value<Settings>("batch", "", RESIDUA_FIELD(batch)),
        value<Settings>("crop", "", RESIDUA_FIELD(crop)),
        value<Settings>("precision", "", RESIDUA_FIELD(precision)),
        value<Settings>("schedule", "", RESIDUA_FIELD(optimizer.schedule)),
        value<Settings>("learning-rate", "", RESIDUA_FIELD(optimizer.learning_rate)),
        value<Settings>("decay-every", "", RESIDUA_FIELD(optimizer.decay_every)),
        value<Settings>("decay-epochs", "", RESIDUA_FIELD(decay_epochs)),
        value<Settings>("warm-up", "", RESIDUA_FIELD(optimizer.warm_up)),
        value<Settings>("weight-decay", "", RESIDUA_FIELD(optimizer.weight_decay)),
        value<Settings>("gradient-clip", "", RESIDUA_FIELD(optimizer.gradient_clip)),
        value<Settings>("average", "", RESIDUA_FIELD(optimizer.average)),
        value<Settings>("fit-start", "", RESIDUA_FIELD(fit_start)),
        value<Settings>("first-weights", "l3c", RESIDUA_FIELD(learning.first_weights)),
        value<Settings>("encoder-rate", "l3c", RESIDUA_FIELD(learning.encoder_rate)),
        value<Settings>("encoder-from", "l3c", RESIDUA_FIELD(learning.encoder_from)),
        value<Settings>("ease", "l3c", RESIDUA_FIELD(learning.ease)),
        value<Settings>("train-depth", "rc", RESIDUA_FIELD(bit_depth)),
        value<Settings>("train-q-low", "rc", RESIDUA_FIELD(q_low)),
        value<Settings>("train-q-high", "rc", RESIDUA_FIELD(q_high)),
    };
    return values;
}

const std::vector<Value<PrepareSettings>>& prepare_values() {
    using Settings = PrepareSettings;
    static const std::vector<Value<Settings>> values = {
        value<Settings>("scale-low", "", RESIDUA_FIELD(scale_low)),
        value<Settings>("scale-high", "", RESIDUA_FIELD(scale_high)),
        value<Settings>("variants", "", RESIDUA_FIELD(variants)),
        value<Settings>("patch", "", RESIDUA_FIELD(patch)),
        value<Settings>("q-low", "rc", RESIDUA_FIELD(q_low)),
        value<Settings>("q-high", "rc", RESIDUA_FIELD(q_high)),
        value<Settings>("qualities", "rc", RESIDUA_FIELD(qualities)),
        value<Settings>("bit-depths", "rc", RESIDUA_FIELD(bit_depths)),
        value<Settings>("effort", "rc", RESIDUA_FIELD(effort)),
    };
    return values;
}

#undef RESIDUA_FIELD

bool concerns(const std::string& of, const std::string& codec) { return of.empty() || of == codec; }

}  // namespace

Description paper_recipe(const std::string& codec) {
    Description values = {{"recipe", "paper"},   {"crop", "128"},      {"precision", "float32"},
                          {"schedule", "paper"}, {"warm-up", "0"},     {"gradient-clip", "0"},
                          {"average", "0"},      {"fit-start", "off"}, {"scale-low", "0.6"},
                          {"scale-high", "0.8"}, {"variants", "1"}};
    if (codec == "rc")
        values.merge(Description{{"preset", "rc-paper"},
                                 {"batch", "16"},
                                 {"learning-rate", "5e-05"},
                                 {"decay-every", "100000"},
                                 {"decay-epochs", "0"},
                                 {"weight-decay", "1e-04"},
                                 {"train-depth", "8"},
                                 {"train-q-low", "9"},
                                 {"train-q-high", "11"},
                                 {"bit-depths", "8"},
                                 {"q-low", "9"},
                                 {"q-high", "11"},
                                 {"qualities", "1"}});
    else
        values.merge(Description{{"preset", "l3c-paper"},
                                 {"batch", "30"},
                                 {"learning-rate", "1e-04"},
                                 {"decay-epochs", "5"},
                                 {"weight-decay", "0"},
                                 {"first-weights", "random"},
                                 {"encoder-rate", "1"},
                                 {"encoder-from", "0"},
                                 {"ease", "0"}});
    return values;
}

Description recipe_of(const RunSettings& settings, const std::string& codec) {
    Description values;
    for (const auto& one : run_values())
        if (concerns(one.codec, codec)) values[one.name] = one.text(settings);
    // Only one of the two says how the rate falls.
    if (settings.decay_epochs > 0) values.erase("decay-every");
    if (!settings.prepared) return values;
    for (const auto& one : prepare_values())
        if (concerns(one.codec, codec)) values[one.name] = one.text(*settings.prepared);
    return values;
}

std::vector<std::string> recipe_names() {
    std::vector<std::string> names;
    for (const auto& one : run_values()) names.push_back(one.name);
    for (const auto& one : prepare_values()) names.push_back(one.name);
    return names;
}

void take_recipe(const Description& values, const std::set<std::string>& said, RunSettings& run,
                 PrepareSettings& prepare) {
    const auto take = [&](const auto& table, auto& settings) {
        for (const auto& one : table)
            if (const auto found = values.find(one.name); found != values.end() && !said.count(one.name))
                one.take(found->second, settings);
    };
    take(run_values(), run);
    take(prepare_values(), prepare);
}

std::vector<std::string> departures(const Description& values, const std::string& codec) {
    Description recipe;
    if (values.at("recipe") == "paper") {
        recipe = paper_recipe(codec);
    } else if (values.at("recipe") == "ours") {
        RunSettings ours;
        begin_as_ours(codec, ours);
        ours.prepared = PrepareSettings();
        recipe = recipe_of(ours, codec);
        // Not of the recipe: what to train, and what the machine or the shards decide.
        for (const char* name : {"preset", "seed", "precision", "train-q-low", "train-q-high"})
            recipe.erase(name);
    }
    std::vector<std::string> found;
    for (const auto& [name, wanted] : recipe)
        if (const auto value = values.find(name); value != values.end() && value->second != wanted)
            found.push_back(name + " " + value->second + " (" + wanted + ")");
    return found;
}

void check_resumed(const Description& recorded, const Description& values, const std::string& folder) {
    const std::string way_out =
        ". A resumed run goes on as it began: leave the option out, or say --change-recipe to go on "
        "differently "
        "from here";
    if (recorded.empty() && values.at("recipe") == "paper")
        throw std::runtime_error(folder +
                                 " was begun before there were recipes to choose from, not by --recipe " +
                                 values.at("recipe") + way_out);
    std::string differences;
    for (const auto& [name, value] : values) {
        const auto before = recorded.find(name);
        // "measured" is whatever it was.
        if (before == recorded.end() || before->second == value || value == "measured") continue;
        differences.append(differences.empty() ? "" : ", ")
            .append(name + " " + before->second + " and not " + value);
    }
    if (!differences.empty()) throw std::runtime_error(folder + " was begun with " + differences + way_out);
}

}  // namespace residua::train
