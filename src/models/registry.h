// The models that a context has: the built-in ones, then those that the caller added.
#pragma once

#include <deque>
#include <memory>
#include <string>
#include <vector>

#include "models/method.h"
#include "models/model_file.h"

namespace residua::models {

// What Registry::choose takes where no model is named.
struct ModelPreference {
    const Method* method;
    const char* model = "";  // of several of one method; where there is none of that name, the first
};

class Registry {
  public:
    struct Entry {
        std::vector<uint8_t> copy;  // the bytes of a model that was added
        ModelFile file;
        const Method* method = nullptr;  // null: one that this version does not have
        bool built_in = false;
        mutable std::unique_ptr<const Model> model;  // made on first use
    };

    // methods: all that models may be for; must outlive this.
    explicit Registry(Methods methods);

    // Checks the model completely and copies its bytes. One that is already there is returned as it is.
    const Entry& add(std::span<const uint8_t> bytes);

    size_t count() const { return entries_.size(); }
    const Entry& at(size_t index) const { return entries_[index]; }
    // The first of the method; null where there is none.
    const Entry* first_of(const Method& method) const;

    // Null when there is none.
    const Entry* find(uint64_t hash) const;

    // Throws kUnsupported where the entry has none.
    static const Method& method_of(const Entry& entry);

    // By name, by hash or by a unique beginning of the hash (four digits or more), and of that method, or of
    // any for null. name_or_hash null or "": of the first of the preferences that there is a model for;
    // without preferences (the method is not null then) the method's first model. Throws kModelMissing, or
    // kInvalidArgument when the choice is ambiguous or the model of another method.
    const Entry& choose(const char* name_or_hash, const Method* method,
                        std::span<const ModelPreference> preferred) const;

    // The model of an entry, as that method reads it. Throws kCorrupt for models of another method,
    // kUnsupported for those of unknown ones.
    const Model& parsed(const Entry& entry, const Method& method) const;

  private:
    const Entry& first_of(std::span<const ModelPreference> preferred) const;
    std::string names() const;

    Methods methods_;
    std::deque<Entry> entries_;  // addresses stay
};

}  // namespace residua::models
