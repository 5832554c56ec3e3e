#include "q/labelled_pictures.h"

#include <algorithm>
#include <stdexcept>

namespace residua::train {

namespace {

constexpr uint64_t kHoldOut = 10;

}  // namespace

QPictures labelled_pictures(const QTrainingSettings& settings, bool quiet) {
    const QLabelSettings labels = with_range(settings.labels);
    const std::string cache = settings.cache.empty() ? settings.out : settings.cache;
    QPictures pictures;
    pictures.patches = std::make_shared<PatchSet>(
        prepare_shards(settings.data, cache + "/shards", settings.prepare, quiet), kHoldOut);
    const auto labelled = [&](std::vector<PatchReference> patches) {
        std::erase_if(patches, [&](const PatchReference& reference) {
            return std::min(reference.patch().width, reference.patch().height) < settings.crop;
        });
        std::vector<QSizes> sizes = label_patches(patches, cache, labels, quiet);
        std::vector<QPicture> result;
        for (size_t i = 0; i < patches.size(); ++i) result.push_back({patches[i], std::move(sizes[i])});
        return result;
    };
    pictures.held_out = labelled(pictures.patches->held_out());
    pictures.training = labelled(pictures.patches->others());
    if (pictures.training.empty() || pictures.held_out.empty())
        throw std::runtime_error(settings.data + " holds too few pictures of " +
                                 std::to_string(settings.crop) +
                                 " pixels or more a side: some to train on and one to judge by are needed");
    pictures.fixed = static_cast<size_t>(labels.fixed_q - labels.range.first);
    return pictures;
}

}  // namespace residua::train
