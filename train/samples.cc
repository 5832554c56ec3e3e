#include "samples.h"

namespace residua::train {

namespace {

torch::Tensor image_tensor(const uint8_t* pixels, int64_t batch, int64_t height, int64_t width) {
    return torch::from_blob(const_cast<uint8_t*>(pixels), {batch, height, width, 3}, torch::kUInt8);
}

// 16320 at most, so int16 (torch 1.13 has no uint16) holds it.
torch::Tensor fine_tensor(const uint16_t* fine, int64_t batch, int64_t height, int64_t width) {
    return torch::from_blob(const_cast<uint16_t*>(fine), {batch, height, width, 3}, torch::kInt16);
}

}  // namespace

Samples batch_samples(const Batch& batch, int count, int crop, torch::Device device) {
    Samples samples;
    samples.image = image_tensor(batch.image.data(), count, crop, crop).to(device, torch::kFloat32);
    if (!batch.fine.empty())
        samples.fine = fine_tensor(batch.fine.data(), count, crop, crop).to(device, torch::kFloat32);
    return samples;
}

Samples crop_samples(const Pair& pair, int64_t x0, int64_t y0, int64_t width, int64_t height,
                     torch::Device device) {
    const auto crop = [&](const torch::Tensor& picture) {
        return picture.narrow(1, y0, height).narrow(2, x0, width).to(device, torch::kFloat32).contiguous();
    };
    Samples samples;
    samples.image = crop(image_tensor(pair.image(), 1, pair.height(), pair.width()));
    if (pair.fine()) samples.fine = crop(fine_tensor(pair.fine(), 1, pair.height(), pair.width()));
    return samples;
}

}  // namespace residua::train
