// --report: a line of JSON for each input of a run.
#pragma once

#include <optional>

#include "app.h"
#include "plan.h"

namespace tool {

// Whether the file is a report of an earlier run, which is overwritten unasked.
bool is_report(const std::string& path);

// Lines are there while the run goes on, in the file's temporary form; the file has its name at the end.
class Report {
  public:
    // Throws Failure or residua::error when the file cannot be written; does nothing where none is wanted. The
    // report of a run before this one is overwritten unasked.
    Report(App& app, const Work& work);

    // Takes from the coded file what is to be told of it. On any thread.
    void look_at(App& app, Job& job) const;
    void add(const Job& job);
    void finish();

  private:
    const InputKind inputs_;
    std::optional<FileOutput> file_;
};

}  // namespace tool
