#include "arrays.h"

#include <algorithm>
#include <cstring>
#include <limits>

#include "failure.h"

namespace residua_python {

namespace {

[[noreturn]] void refuse(const std::string& message) { throw Failure(RESIDUA_INVALID_ARGUMENT, message); }

std::string shape_of(const InputArray& array) {
    std::string text = "(";
    for (size_t i = 0; i < array.ndim(); ++i) text += (i > 0 ? ", " : "") + std::to_string(array.shape(i));
    return text + ")";
}

uint32_t side(size_t length) {
    if (length == 0 || length > RESIDUA_MAX_SIDE)
        refuse("a picture's sides are 1 to " + std::to_string(RESIDUA_MAX_SIDE) + " pixels");
    return static_cast<uint32_t>(length);
}

uint32_t colour_of(size_t channels, const std::optional<std::string>& asked, const InputArray& array) {
    constexpr struct {
        const char* name;
        uint32_t colour;
        size_t channels;
    } kColours[] = {
        {"grey", RESIDUA_COLOUR_GREY, 1}, {"rgb", RESIDUA_COLOUR_RGB, 3}, {"cmyk", RESIDUA_COLOUR_CMYK, 4}};
    bool known = !asked;
    for (const auto& entry : kColours) {
        const bool fits = channels == entry.channels || channels == entry.channels + 1;
        // Four channels are RGB with alpha, unless CMYK is asked for.
        if (asked ? *asked == entry.name && fits : fits) return entry.colour;
        known = known || *asked == entry.name;
    }
    if (!known) refuse("there is no colour '" + *asked + "'; there are 'grey', 'rgb' and 'cmyk'");
    refuse("an array of shape " + shape_of(array) + " is no picture" +
           (asked ? " of the colour " + *asked : "") +
           ": its shape is (height, width) or (height, width, channels), where grey has 1 channel, RGB 3 and "
           "CMYK "
           "4, and one more with alpha");
}

}  // namespace

InputBytes::InputBytes(nb::handle object) {
    if (PyObject_GetBuffer(object.ptr(), &view_, PyBUF_SIMPLE) != 0) throw nb::python_error();
    if (view_.readonly) return;
    PyObject* copy = PyBytes_FromStringAndSize(static_cast<const char*>(view_.buf), view_.len);
    PyBuffer_Release(&view_);
    if (!copy) throw nb::python_error();
    const int status = PyObject_GetBuffer(copy, &view_, PyBUF_SIMPLE);
    Py_DECREF(copy);  // the view keeps it
    if (status != 0) throw nb::python_error();
}
InputBytes::~InputBytes() { PyBuffer_Release(&view_); }

InputPicture::InputPicture(const InputArray& array, const std::optional<std::string>& colour,
                           std::optional<int> bits, const Entries& metadata) {
    set_kind(array, colour, bits);
    set_pixels(array);
    for (const auto& [name, bytes] : metadata)
        metadata_.push_back({name.c_str(), bytes.data(), bytes.size()});
    image_.metadata = metadata_.data();
    image_.metadata_count = metadata_.size();
}

void InputPicture::set_kind(const InputArray& array, const std::optional<std::string>& colour,
                            std::optional<int> bits) {
    if (array.ndim() != 2 && array.ndim() != 3)
        refuse("an array of shape " + shape_of(array) +
               " is no picture: its shape is (height, width) or (height, width, channels)");
    const nb::dlpack::dtype type = array.dtype();
    uint32_t type_bits;
    if (type == nb::dtype<uint8_t>())
        type_bits = 8;
    else if (type == nb::dtype<uint16_t>())
        type_bits = 16;
    else if (type == nb::dtype<bool>())
        type_bits = 1;
    else
        refuse("samples are uint8, uint16 or bool; convert the array first");
    image_.height = side(array.shape(0));
    image_.width = side(array.shape(1));
    const size_t channels = array.ndim() == 2 ? 1 : array.shape(2);
    image_.colour = colour_of(channels, colour, array);
    image_.alpha = channels > residua_channels(image_.colour, 0);
    image_.bits = bits ? static_cast<uint32_t>(*bits) : type_bits;
    const uint32_t least = type_bits == 16 ? 9 : 1, most = type_bits;
    if (bits && (*bits < static_cast<int>(least) || *bits > static_cast<int>(most)))
        refuse("a sample of this array's type has " + std::to_string(least) + " to " + std::to_string(most) +
               " bits, not " + std::to_string(*bits));
}

void InputPicture::set_pixels(const InputArray& array) {
    const size_t size = array.itemsize();
    const auto channels = static_cast<int64_t>(array.ndim() == 2 ? 1 : array.shape(2));
    const int64_t row = array.stride(0), column = array.stride(1);
    const int64_t channel = array.ndim() == 2 ? 1 : array.stride(2);
    const auto width = static_cast<int64_t>(image_.width), height = static_cast<int64_t>(image_.height);
    const auto* from = static_cast<const uint8_t*>(array.data());
    const bool truths = array.dtype() == nb::dtype<bool>();  // any byte but 0 is true: Pillow has 255
    if (!truths && (channels == 1 || channel == 1) && (width == 1 || column == channels) &&
        (height == 1 || row >= width * channels) && reinterpret_cast<uintptr_t>(from) % size == 0) {
        image_.pixels = const_cast<uint8_t*>(from);
        image_.stride = height == 1 ? 0 : static_cast<size_t>(row) * size;
        return;
    }
    copy_ = std::make_unique_for_overwrite<uint8_t[]>(static_cast<size_t>(width * height * channels) * size);
    uint8_t* to = copy_.get();
    const auto step = static_cast<int64_t>(size);
    for (int64_t y = 0; y < height; ++y)
        for (int64_t x = 0; x < width; ++x)
            for (int64_t c = 0; c < channels; ++c, to += size)
                std::memcpy(to, from + (y * row + x * column + c * channel) * step, size);
    if (truths) std::for_each(copy_.get(), to, [](uint8_t& sample) { sample = sample != 0; });
    image_.pixels = copy_.get();
}

OutputArray array_of(residua::image picture) {
    const residua_image& image = picture.get();
    const size_t channels = residua_channels(image.colour, image.alpha);
    const size_t shape[] = {image.height, image.width, channels};
    const nb::dlpack::dtype type = image.bits > 8 ? nb::dtype<uint16_t>() : nb::dtype<uint8_t>();
    void* pixels = image.pixels;
    auto kept = std::make_unique<residua::image>(std::move(picture));
    const nb::capsule owner(kept.get(),
                            [](void* owned) noexcept { delete static_cast<residua::image*>(owned); });
    kept.release();
    return OutputArray(pixels, channels == 1 ? 2 : 3, shape, owner, nullptr, type);
}

nb::bytes bytes_of(const residua::buffer& buffer) { return nb::bytes(buffer.data(), buffer.size()); }

OutputEntries entries_of(const residua_image& picture) {
    OutputEntries entries;
    for (size_t i = 0; i < picture.metadata_count; ++i) {
        const residua_metadata& entry = picture.metadata[i];
        entries.append(nb::make_tuple(nb::str(entry.name), nb::bytes(entry.data, entry.size)));
    }
    return entries;
}

}  // namespace residua_python
