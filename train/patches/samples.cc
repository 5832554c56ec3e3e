#include "patches/samples.h"

namespace residua::train {

namespace {

torch::Tensor image_tensor(const uint8_t* pixels, int64_t batch, int64_t height, int64_t width) {
    return torch::from_blob(const_cast<uint8_t*>(pixels), {batch, height, width, 3}, torch::kUInt8);
}

// 16320 at most, so int16 (torch 1.13 has no uint16) holds it.
torch::Tensor fine_tensor(const uint16_t* fine, int64_t batch, int64_t height, int64_t width) {
    return torch::from_blob(const_cast<uint16_t*>(fine), {batch, height, width, 3}, torch::kInt16);
}

// Bytes travel, floats are made there.
torch::Tensor floats(const torch::Tensor& x, const torch::Device& device) {
    return x.to(device).to(torch::kFloat32);
}

}  // namespace

Samples batch_samples(const Batch& batch, int count, int crop, torch::Device device) {
    Samples samples;
    samples.image = floats(image_tensor(batch.image.data(), count, crop, crop), device);
    if (!batch.fine.empty()) samples.fine = floats(fine_tensor(batch.fine.data(), count, crop, crop), device);
    return samples;
}

Samples crop_samples(const Patch& patch, const LossyVersion* version, int64_t x0, int64_t y0, int64_t width,
                     int64_t height, torch::Device device) {
    const auto crop = [&](const torch::Tensor& picture) {
        return floats(picture.narrow(1, y0, height).narrow(2, x0, width).contiguous(), device);
    };
    Samples samples;
    samples.image = crop(image_tensor(patch.image, 1, patch.height, patch.width));
    if (version) samples.fine = crop(fine_tensor(version->fine, 1, patch.height, patch.width));
    return samples;
}

}  // namespace residua::train
