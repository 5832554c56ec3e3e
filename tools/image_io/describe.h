// Metadata for people.
#pragma once

#include <string>

#include "image_io/metadata.h"

namespace image_io {

// What a name stands for: "pixel density"; empty where nothing is known of it.
std::string meaning_of(const std::string& name);

// A word or a line about the bytes: numbers, the beginning of a text; empty where they are not for people. It may
// hold whatever the file's text holds.
std::string summary_of(const Metadata& entry);

}  // namespace image_io
