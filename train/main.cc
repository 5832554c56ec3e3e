// residua-train: trains models and exports them for the codec.
#include <iostream>

#include "commands/commands.h"

int main(int argc, char** argv) {
    using namespace residua::train;
    std::string command_line;
    for (int i = 0; i < argc; ++i) command_line += (i ? " " : "") + std::string(argv[i]);
    CLI::App app("Trains Residua's models on your own photographs");
    app.require_subcommand(1);
    add_rc_command(app, command_line);
    add_l3c_command(app, command_line);
#ifdef RESIDUA_TRAIN_CODEC
    add_olm_command(app, command_line);
    add_prepare_command(app);
    add_export_command(app);
    add_evaluate_command(app);
    add_finetune_command(app, command_line);
    add_q_commands(app, command_line);
#endif
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        return app.exit(error);
    } catch (const std::exception& error) {
        std::cerr << "residua-train: " << error.what() << "\n";
        return 1;
    }
    return 0;
}
