#include "qt/handler.h"

#include <QColorSpace>
#include <QImage>
#include <QLoggingCategory>
#include <QVariant>
#include <algorithm>
#include <new>
#include <stdexcept>

#include "common/limits.h"
#include "display/conversion.h"
#include "display/description.h"
#include "display/source.h"
#include "image_io/translate.h"

namespace {

Q_LOGGING_CATEGORY(logging, "residua.imageformat", QtWarningMsg)

QImage::Format format_of(const display::Layout& layout) {
    const bool deep = layout.bits == 16;
    if (layout.channels == 1) return deep ? QImage::Format_Grayscale16 : QImage::Format_Grayscale8;
    if (layout.channels == 4) return deep ? QImage::Format_RGBA64 : QImage::Format_RGBA8888;
    return deep ? QImage::Format_RGBX64 : QImage::Format_RGB888;
}

// Qt has no format of 16 bits and three channels.
display::Layout layout_of(const image_io::Description& picture) {
    display::Layout layout = display::layout_of(picture, true);
    if (layout.channels == 3 && layout.bits == 16) layout.channels = 4;
    return layout;
}

// Qt 6 has a limit of its own, which programs change.
bool allocate(const QSize& size, QImage::Format format, QImage* image) {
#if QT_VERSION >= QT_VERSION_CHECK(6, 0, 0)
    return QImageIOHandler::allocateImage(size, format, image);
#else
    *image = QImage(size, format);
    return !image->isNull();
#endif
}

}  // namespace

bool ResiduaHandler::begins_as_file(QIODevice* device) {
    return device && device->peek(4) == QByteArray("\x89RSD", 4);
}

bool ResiduaHandler::canRead() const {
    if (state_ == State::kOpen) return true;
    if (state_ != State::kNew || !begins_as_file(device())) return false;
    setFormat("rsd");
    return true;
}

bool ResiduaHandler::open() const {
    if (state_ == State::kOpen) return true;
    if (state_ != State::kNew || !begins_as_file(device())) return false;
    state_ = State::kFailed;
    try {
        const QByteArray bytes = device()->read(static_cast<qint64>(desktop::kMaxFileBytes) + 1);
        if (static_cast<size_t>(bytes.size()) > desktop::kMaxFileBytes)
            throw std::runtime_error("the file is larger than 1 GiB; decode it with residua decode");
        file_.assign(bytes.begin(), bytes.end());
        context_.emplace(desktop::make_context());
        head_ = display::description_of(context_->decode_head(file_.data(), file_.size()).get());
        if (uint64_t{head_.width} * head_.height > desktop::kMaxPixels)
            throw std::runtime_error("the picture is too large to be shown as a whole");
        state_ = State::kOpen;
        return true;
    } catch (const std::exception& failure) {
        qCWarning(logging) << failure.what();
    }
    return false;
}

bool ResiduaHandler::read(QImage* image) {
    if (!open()) return false;
    state_ = State::kFailed;
    try {
        display::Size least;
        const auto width = static_cast<uint32_t>(std::max(0, scaled_.width()));
        const auto height = static_cast<uint32_t>(std::max(0, scaled_.height()));
        if (width < head_.width && height < head_.height) least = {width, height};
        display::add_models_for(*context_, file_);
        std::optional<display::Conversion> conversion;
        QImage result;
        size_t row_bytes = 0;
        display::read(
            *context_, file_, least,
            [&](const image_io::Description& picture) {
                const display::Layout layout = layout_of(picture);
                conversion.emplace(picture, layout, false);
                const QSize size(static_cast<int>(picture.width), static_cast<int>(picture.height));
                if (!allocate(size, format_of(layout), &result)) throw std::bad_alloc();
                row_bytes = picture.row_bytes();
            },
            [&](uint32_t y, uint32_t rows, const void* samples) {
                for (uint32_t i = 0; i < rows; ++i)
                    conversion->convert(static_cast<const uint8_t*>(samples) + i * row_bytes,
                                        static_cast<size_t>(result.width()),
                                        result.scanLine(static_cast<int>(y + i)));
            });
        const auto profile = conversion->profile();
        if (!profile.empty())
            result.setColorSpace(QColorSpace::fromIccProfile(
                QByteArray(reinterpret_cast<const char*>(profile.data()), static_cast<int>(profile.size()))));
        if (scaled_.isValid() && !scaled_.isEmpty() && result.size() != scaled_)
            result = result.scaled(scaled_, Qt::IgnoreAspectRatio, Qt::SmoothTransformation);
        *image = result;
        state_ = State::kRead;
        return !image->isNull();
    } catch (const std::exception& failure) {
        qCWarning(logging) << failure.what();
    }
    return false;
}

bool ResiduaHandler::supportsOption(ImageOption option) const {
    return option == Size || option == ScaledSize || option == ImageTransformation || option == ImageFormat;
}

QVariant ResiduaHandler::option(ImageOption option) const {
    if (option == ScaledSize) return scaled_;
    if (!supportsOption(option) || (state_ != State::kRead && !open())) return {};
    if (option == Size) return QSize(static_cast<int>(head_.width), static_cast<int>(head_.height));
    if (option == ImageFormat) return format_of(layout_of(head_));
    static constexpr Transformation kTurns[] = {TransformationNone,     TransformationNone,
                                                TransformationMirror,   TransformationRotate180,
                                                TransformationFlip,     TransformationFlipAndRotate90,
                                                TransformationRotate90, TransformationMirrorAndRotate90,
                                                TransformationRotate270};
    return static_cast<int>(kTurns[image_io::orientation_of(head_)]);
}

void ResiduaHandler::setOption(ImageOption option, const QVariant& value) {
    if (option == ScaledSize) scaled_ = value.toSize();
}
