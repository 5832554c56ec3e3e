// Mode, owner and times of files, which go along from an input to its output.
#pragma once

#include <sys/stat.h>

#include <optional>
#include <string>

namespace tool {

// From now on new files and folders are the user's alone until they get their mode: a private picture is at no
// moment readable by others. Once, at the beginning.
void make_files_private();

// What a regular file has that its copy gets, too.
class Attributes {
  public:
    // Of the open file; none where it is no regular one.
    static std::optional<Attributes> of(int descriptor);

    // Is it that file still, as it was?
    bool same_file(const struct stat& other) const;

    // A new file gets the mode, the owner where that is allowed, and the times.
    void give_to(const std::string& path) const;
    // The times alone.
    void give_times_to(const std::string& path) const;

  private:
    explicit Attributes(const struct stat& status) : status_(status) {}
    struct stat status_;
};

// The mode that new files have from the user's umask.
void give_default_mode(const std::string& path);

// Makes a folder and those above it. `like`: a folder whose mode a new one gets; empty: as the umask has it.
// Throws Failure.
void make_folder(const std::string& path, const std::string& like = "");

}  // namespace tool
