// encode --replace: an original goes once its coded file is on disk, was read again from there, and is the
// same picture. Until then both are there; at no moment is neither.
#pragma once

#include <string>

#include "app.h"

namespace tool {

class Replacement {
  public:
    // Throws Failure where the original has to stay: something of it would not come back, or it is a pipe or
    // a link.
    Replacement(App& app, const Job& job, const PictureInput& original);
    // Of a JPEG that is kept byte for byte.
    Replacement(App& app, const Job& job, const PictureSource& original);

    // Decodes the file and compares all of it with the original, which is read again, too. Throws Failure
    // where they differ.
    void prove(const std::string& coded) const;
    // Of the job's output, which was proved under this name or a temporary one. Throws Failure, and leaves the
    // original, where that has changed since it was opened.
    void remove_original() const;

  private:
    void check_places() const;
    void prove_bytes(const std::string& coded) const;

    App& app_;
    const Job& job_;
    const Attributes original_;
    const bool bytes_;  // are kept, and not pixels
};

}  // namespace tool
