// Scalars as TensorBoard event files (TFRecord frames of Event protobufs), written by hand: the format needs
// three message fields, the protobuf and TensorFlow libraries would need hundreds of megabytes.
#pragma once

#include <cstdint>
#include <fstream>
#include <map>
#include <string>

namespace residua::train {

class TensorBoardWriter {
  public:
    // Creates DIRECTORY/events.out.tfevents.TIME.residua; a resumed run adds a new file beside the old ones.
    explicit TensorBoardWriter(const std::string& directory);
    void scalars(int64_t step, const std::map<std::string, double>& values);

  private:
    void record(const std::string& event);
    std::ofstream file_;
};

}  // namespace residua::train
