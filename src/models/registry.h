// The models that a context has: the built-in ones, then those that the caller added.
#pragma once

#include <deque>
#include <memory>
#include <string>
#include <vector>

#include "models/model_file.h"
#include "models/rc.h"

namespace residua::models {

class Registry {
  public:
    struct Entry {
        std::vector<uint8_t> copy;  // the bytes of a model that was added
        ModelFile file;
        bool built_in = false;
        mutable std::unique_ptr<const RcModel> rc;  // made on first use
    };

    Registry();

    // Checks the model completely and copies its bytes. One that is already there is returned as it is.
    const Entry& add(std::span<const uint8_t> bytes);

    size_t count() const { return entries_.size(); }
    const Entry& at(size_t index) const { return entries_[index]; }

    // Null when there is none.
    const Entry* find(uint64_t hash) const;

    // By name, by hash or by a unique beginning of the hash (four digits or more); null or "": the first of
    // codec RC. Throws kModelMissing, or kInvalidArgument when the choice is ambiguous.
    const Entry& choose(const char* name_or_hash) const;

    // The network and distributions of codec RC. Throws kUnsupported for models of other codecs.
    const RcModel& rc(const Entry& entry) const;

  private:
    std::string names() const;

    std::deque<Entry> entries_;  // addresses stay
};

}  // namespace residua::models
