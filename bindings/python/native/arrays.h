// Between arrays of Python (NumPy's, or anything with DLPack or the buffer protocol) and pictures and bytes of the
// library.
#pragma once

#include <nanobind/nanobind.h>
#include <nanobind/ndarray.h>

#include <memory>
#include <optional>
#include <residua/residua.hpp>
#include <string>
#include <utility>
#include <vector>

namespace residua_python {

namespace nb = nanobind;

using InputArray = nb::ndarray<nb::ro, nb::device::cpu>;
using OutputArray = nb::ndarray<nb::numpy>;

// Bytes that a caller handed in, which stay as they are during the call: those of an object that may change are
// copied.
class InputBytes {
  public:
    explicit InputBytes(nb::handle object);
    ~InputBytes();
    InputBytes(const InputBytes&) = delete;

    const void* data() const { return view_.buf; }
    size_t size() const { return static_cast<size_t>(view_.len); }

  private:
    Py_buffer view_;
};

using Entries = std::vector<std::pair<std::string, nb::bytes>>;

// What the array of a picture says, and what the caller says of it. Refers to the arguments, which must stay.
class InputPicture {
  public:
    // colour: "grey", "rgb", "cmyk" or none. bits: of a sample, none: as many as the type has.
    InputPicture(const InputArray& array, const std::optional<std::string>& colour, std::optional<int> bits,
                 const Entries& metadata);
    InputPicture(const InputPicture&) = delete;

    const residua_image& get() const { return image_; }

  private:
    void set_kind(const InputArray& array, const std::optional<std::string>& colour, std::optional<int> bits);
    void set_pixels(const InputArray& array);

    residua_image image_ = RESIDUA_INIT(residua_image);
    std::vector<residua_metadata> metadata_;
    std::unique_ptr<uint8_t[]> copy_;  // of samples that lie otherwise than the library wants them
};

// The picture's memory becomes the array's: (height, width) for grey without alpha, otherwise
// (height, width, channels); uint8, or uint16 for more than 8 bits.
OutputArray array_of(residua::image picture);

nb::bytes bytes_of(const residua::buffer& buffer);

// As (name, bytes), in their order.
using OutputEntries = nb::typed<nb::list, nb::typed<nb::tuple, nb::str, nb::bytes>>;
OutputEntries entries_of(const residua_image& picture);

}  // namespace residua_python
