// All methods that there are, and what a file's own one makes of it.
#pragma once

#include <span>
#include <string>

#include "stages/method.h"

namespace residua::codec {

// In the order of their numbers.
std::span<const Method* const> methods();
container::Methods file_methods();
models::Methods model_methods();

// What encodes where no method is asked for: the first of them that there is a model for.
std::span<const Method* const> preferred_methods();

// That which keeps files' bytes.
const Method& keeping_method();

// Throws kInvalidArgument when there is none of that name.
const Method& method_named(const std::string& name);
// Of a file that was parsed with file_methods().
const Method& method_of(const container::Header& header);
// Of a model. Throws kUnsupported when this version does not have it.
const Method& method_of(const models::Registry::Entry& entry);

// container::parse and the file's stages, by its method; errors are theirs.
container::File parse_file(std::span<const uint8_t> bytes);
DecoderStages decoder_stages(const container::File& file, const StreamSource& streams,
                             const models::Registry& models);
DecoderStages preview_stages(const container::File& file, const StreamSource& streams,
                             const models::Registry& models);

}  // namespace residua::codec
