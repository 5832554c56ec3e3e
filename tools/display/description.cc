#include "display/description.h"

namespace display {

image_io::Description description_of(const residua_image& image) {
    image_io::Description picture;
    picture.set_size(image.width, image.height);
    picture.set_kind(static_cast<image_io::Colour>(image.colour), image.alpha != 0, image.bits);
    for (size_t i = 0; i < image.metadata_count; ++i) {
        const residua_metadata& entry = image.metadata[i];
        picture.add(entry.name, {static_cast<const uint8_t*>(entry.data), entry.size});
    }
    return picture;
}

}  // namespace display
