// Qt's reader of .rsd files, for Qt 5 and 6.
#pragma once

#include <QImageIOHandler>
#include <QSize>
#include <cstdint>
#include <optional>
#include <residua/residua.hpp>
#include <vector>

#include "image_io/image.h"

// A picture becomes what loses nothing of it but the meaning of CMYK: grey or RGB, with alpha or without, 8 or 16 bits.
// Its profile becomes the QImage's colour space; how it is to be turned is an option, which QImageReader applies where
// the program has asked for it (setAutoTransform).
class ResiduaHandler : public QImageIOHandler {
  public:
    bool canRead() const override;
    bool read(QImage* image) override;
    QVariant option(ImageOption option) const override;
    void setOption(ImageOption option, const QVariant& value) override;
    bool supportsOption(ImageOption option) const override;

    static bool begins_as_file(QIODevice* device);

  private:
    // Reads the file and what it says of itself; false, with a warning to the log, where it is none.
    bool open() const;

    mutable enum class State { kNew, kOpen, kRead, kFailed } state_ = State::kNew;
    mutable std::vector<uint8_t> file_;
    mutable std::optional<residua::context> context_;
    mutable image_io::Description head_;
    QSize scaled_;
};
