// A method (a codec), as the files of its models know it. stages/method.h has the whole of it.
#pragma once

#include <memory>
#include <span>
#include <string>

#include "models/model_file.h"

namespace residua::models {

// A model as its method uses it: networks, tables, parameters.
struct Model {
    virtual ~Model() = default;
    // Whether its mixtures adapt where nobody says (adapts_by_default); of no account for methods whose
    // mixtures always do.
    bool adapts = true;
    // Reads what would otherwise be read on first use, to check it. Throws kCorrupt.
    virtual void check_all() const {}
};

// A section that a method's models have.
struct SectionUse {
    SectionTag tag;
    bool required;
};

// What an encoder's lossy layer is made with where nobody says; 0 without a lossy layer.
struct LossyDefaults {
    int q = 0;
    int bit_depth = 0;
};

class Method {
  public:
    virtual const char* name() const = 0;  // in descriptions of models, and for people

    // All of them but the description.
    virtual std::span<const SectionUse> sections() const = 0;
    // Throws kCorrupt where the description is impossible.
    virtual LossyDefaults lossy_defaults(const ModelFile& file) const {
        (void)file;
        return {};
    }
    // The file must outlive the model. Throws kCorrupt, kTruncated or kUnsupported.
    virtual std::unique_ptr<const Model> parse_model(const ModelFile& file) const = 0;

  protected:
    ~Method() = default;
};

// default_adaptation of the description, "on" or "off": whether files are as small as they get with
// this model, or as a paper has them. Models that do not say adapt. Throws kCorrupt for anything else.
bool adapts_by_default(const ModelFile& file);

using Methods = std::span<const Method* const>;

// Null when there is none of that name.
const Method* find_method(Methods methods, const std::string& name);

// Throws kCorrupt unless the file has the sections of the method, and a description that can be.
void check_model_file(const ModelFile& file, const Method& method);

}  // namespace residua::models
