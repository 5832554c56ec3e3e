// Whether two names are one file, now or once both are written.
#pragma once

#include <map>
#include <string>

namespace tool {

class Places {
  public:
    // The same for names that lead to the same place, whether something is there or not.
    std::string key(const std::string& path);

    // A key that is also the same where the file system takes capitals and small letters of ASCII for the
    // same. Tries that in the folder, by a file that is gone afterwards.
    std::string folded(const std::string& key);

  private:
    bool ignores_case(const std::string& folder);

    std::map<std::string, std::string> folders_;
    std::map<std::string, bool> ignoring_;
};

// In small letters.
std::string small_letters(std::string text);

}  // namespace tool
