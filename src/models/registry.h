// The models that a context has: the built-in ones, then those that the caller added.
#pragma once

#include <deque>
#include <memory>
#include <string>
#include <vector>

#include "models/l3c.h"
#include "models/model_file.h"
#include "models/olm.h"
#include "models/q_classifier.h"
#include "models/rc.h"

namespace residua::models {

// What Registry::choose takes where nothing is asked for.
struct ModelPreference {
    const char* codec = kOlmCodec;
    const char* model = "";  // of several of one codec; where there is none of that name, the first
};

class Registry {
  public:
    struct Entry {
        std::vector<uint8_t> copy;  // the bytes of a model that was added
        ModelFile file;
        bool built_in = false;
        // Made on first use; which one, the codec says.
        mutable std::unique_ptr<const RcModel> rc;
        mutable std::unique_ptr<const L3cModel> l3c;
        mutable std::unique_ptr<const OlmModel> olm;
        mutable std::unique_ptr<const QClassifier> q_classifier;
    };

    Registry();

    // Checks the model completely and copies its bytes. One that is already there is returned as it is.
    const Entry& add(std::span<const uint8_t> bytes);

    size_t count() const { return entries_.size(); }
    const Entry& at(size_t index) const { return entries_[index]; }

    // Null when there is none.
    const Entry* find(uint64_t hash) const;

    // By name, by hash or by a unique beginning of the hash (four digits or more); null or "": the codec's
    // preferred one. codec: "rc", "l3c" or "olm"; null or "": that of the model, or the preferred one when no
    // model is named either ("rc" if there is none of that). Throws kModelMissing, or kInvalidArgument when
    // the choice is ambiguous, the codec unknown or the model of another codec.
    const Entry& choose(const char* name_or_hash, const char* codec,
                        const ModelPreference& preferred = {}) const;

    // The networks and distributions. Throws kCorrupt for models of the other codec, kUnsupported for those
    // of unknown ones.
    const RcModel& rc(const Entry& entry) const;
    const L3cModel& l3c(const Entry& entry) const;
    const OlmModel& olm(const Entry& entry) const;

    // What chooses Q for an encoder; null for a model that has none. Throws kCorrupt.
    const QClassifier* q_classifier(const Entry& entry) const;

  private:
    // Null when there is none of the codec.
    const Entry* one_of(const std::string& codec, const std::string& preferred_model) const;
    static void expect_codec(const Entry& entry, const char* codec);
    std::string names() const;

    std::deque<Entry> entries_;  // addresses stay
};

}  // namespace residua::models
