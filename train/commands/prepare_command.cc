#include <cstdio>
#include <memory>
#include <stdexcept>

#include "commands/commands.h"
#include "commands/prepare_options.h"
#include "data/shard.h"

namespace residua::train {

namespace {

struct PrepareCommand {
    std::string codec = "rc", data, out, verify;
    PrepareSettings prepare;
};

}  // namespace

void add_prepare_command(CLI::App& app) {
    const auto owner = std::make_shared<PrepareCommand>();
    PrepareCommand& settings = *owner;
    CLI::App* command =
        app.add_subcommand("prepare",
                           "Turn photographs into shards of training patches, on all cores; an "
                           "interrupted call goes on where it was");
    command->add_option("--codec", settings.codec, "rc (pictures and their lossy layers) or l3c (pictures)")
        ->check(CLI::IsMember({"rc", "l3c"}))
        ->capture_default_str();
    CLI::Option* data =
        command->add_option("--data", settings.data, "Folder of photographs (JPEG, PNG, TIFF, WebP, PPM)");
    command->add_option("--out", settings.out, "Folder for the shards")->needs(data);
    command->add_option("--verify", settings.verify, "Only check the shards of this folder")->excludes(data);
    add_prepare_options(*command, settings.prepare, true);
    command->add_option("--shard-size", settings.prepare.shard_mib, "MiB that a shard has, about")
        ->capture_default_str();
    command->add_option("--workers", settings.prepare.workers, "Threads (0: as many as cores)")
        ->capture_default_str();
    command->callback([owner] {
        PrepareCommand& settings = *owner;
        if (!settings.verify.empty()) {
            const auto paths = find_shards(settings.verify);
            verify_shards(paths);
            std::printf("%zu shards are as they were written\n", paths.size());
            return;
        }
        if (settings.data.empty() || settings.out.empty())
            throw std::runtime_error("prepare needs --data and --out, or --verify");
        settings.prepare.lossy_layer = settings.codec == "rc";
        const auto paths = prepare_shards(settings.data, settings.out, settings.prepare, false);
        size_t patches = 0;
        for (const auto& path : paths) patches += Shard(path).patches().size();
        std::printf("%s: %zu patches in %zu shards\n", settings.out.c_str(), patches, paths.size());
    });
}

}  // namespace residua::train
