// The tool's own cage: that it is in it where it decodes, and that nothing else changes by that.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <csignal>
#include <sstream>
#include <thread>

#include "sandbox/cage.h"
#include "support/tool.h"

namespace residua::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

class CliCage : public ToolTest {
  protected:
    void SetUp() override {
        const tool::CageKind kind = tool::cage_kind();
        if (!kind.calls || !kind.files) GTEST_SKIP() << "this build or this system has no cage";
        put_picture("photo.png", 1, 60, 90);
        ASSERT_EQ(shell("$encode --strip-height 16 photo.png").exit_code, 0);
    }

    // The tool while it waits for its input in the cage, and the caged process.
    struct Waiting {
        std::unique_ptr<RunningProgram> tool;
        int inside = 0;
    };
    Waiting wait_inside(const std::vector<std::string>& more = {}) {
        std::vector<std::string> arguments = {"-", "-o", folder_ / "out.png", "--sandbox", "on"};
        arguments.insert(arguments.end(), more.begin(), more.end());
        Waiting waiting;
        waiting.tool = std::make_unique<RunningProgram>(command("decode", arguments));
        const std::string file = text("photo.rsd");
        waiting.tool->write(file.substr(0, file.size() / 2));
        while (!waiting.tool->has_read() || files().size() < 3) {  // has begun with the output
            if (waiting.tool->ended())
                throw std::runtime_error("the tool has ended: " + waiting.tool->errors());
            std::this_thread::sleep_for(std::chrono::milliseconds(1));
        }
        const std::string process = std::to_string(waiting.tool->process());
        std::istringstream(read_text("/proc/" + process + "/task/" + process + "/children")) >>
            waiting.inside;
        return waiting;
    }
    static std::string status_line(int process, const std::string& name) {
        const std::string all = read_text("/proc/" + std::to_string(process) + "/status");
        const size_t at = all.find("\n" + name + ":");
        return at == std::string::npos ? "" : all.substr(at + 1, all.find('\n', at + 1) - at - 1);
    }
    // Also one that nobody has asked about since: when its parent was killed, that is left to the system's first
    // process.
    static bool has_ended(int process) {
        return ::kill(process, 0) != 0 || status_line(process, "State").starts_with("State:\tZ");
    }
};

TEST_F(CliCage, IsWhereItDecodes) {
    Waiting waiting = wait_inside();
    ASSERT_GT(waiting.inside, 0);
    EXPECT_EQ(status_line(waiting.inside, "Seccomp"), "Seccomp:\t2");
    EXPECT_EQ(status_line(waiting.inside, "NoNewPrivs"), "NoNewPrivs:\t1");
    const std::string rest = text("photo.rsd").substr(text("photo.rsd").size() / 2);
    waiting.tool->write(rest);
    waiting.tool->end_input();
    EXPECT_EQ(waiting.tool->wait(), 0) << waiting.tool->errors();
    EXPECT_EQ(picture("out.png").pixels, picture("photo.png").pixels);
}

TEST_F(CliCage, IsNotThereWhereNobodyWantsIt) {
    EXPECT_EQ(shell("$decode --sandbox off photo.rsd -o out.png").exit_code, 0);
    EXPECT_EQ(shell("$decode --sandbox perhaps photo.rsd -o other.png").exit_code, 1);
    EXPECT_FALSE(exists("other.png"));
}

// Exit codes, messages, files, their modes and times, all of them.
TEST_F(CliCage, ChangesNothingElse) {
    put("broken.rsd", text("photo.rsd").substr(0, 200) + std::string(300, 'x'));
    put("text.rsd", "this is no picture");
    make_folder("deep/below");
    set_mode("deep/below", 0750);
    ASSERT_EQ(shell("cp photo.rsd deep/below/a.rsd; cp photo.rsd deep/b.rsd; chmod 640 deep/b.rsd; touch -d "
                    "2001-02-03 deep/b.rsd; cp photo.rsd other.rsd; mkfifo pipe")
                  .exit_code,
              0);
    const std::string commands[] = {
        "$residua decode $how photo.rsd -o out.png",
        "$residua decode $how photo.rsd other.rsd -d new/folder --threads 3",
        "$residua decode $how -r deep -d out --report report.json --timing timing",
        "$residua decode $how photo.rsd --report -",
        "$residua decode $how -v photo.rsd broken.rsd text.rsd missing.rsd deep other.rsd --to ppm",
        "$residua decode $how photo.rsd -o exists",
        "$residua decode $how photo.rsd -o exists --force",
        "$residua decode $how photo.rsd -o no/such/folder.png",
        "$residua decode $how photo.rsd -o out.bmp",
        "$residua decode $how photo.rsd --region 10,12,30,20 -o region.pam",
        "$residua decode $how - -o - < photo.rsd | cksum",
        "$residua decode $how photo.rsd -o - | cksum",
        "$residua decode $how photo.rsd -o - > /dev/full",
        "$residua decode $how photo.rsd -o /dev/full",
        "cat photo.rsd > pipe & $residua decode $how pipe -o piped.png",
        "$residua decode $how photo.rsd photo.rsd",
        "for i in 1 2; do $residua decode $how photo.rsd --skip-existing --report r; done",
        "$residua decode $how photo.rsd --report exists",
        "$residua decode $how photo.rsd --timing exists",
        "$residua decode $how photo.rsd --memory-limit 1 -o small.png",
        "$residua decode $how photo.rsd --limit-strips 2 -o limited.png",
        "$residua verify $how photo.rsd broken.rsd",
        "$residua verify $how photo.rsd --against photo.png",
        "$residua verify $how other.rsd --against missing.png",
        "$residua verify $how -r . --report report.json",
        "$residua salvage $how broken.rsd -o saved.png --map map.ppm",
        "$residua salvage $how photo.rsd --map exists",
        "$residua info $how photo.rsd text.rsd missing.rsd deep",
        "$residua info $how --json - < photo.rsd",
        "$residua preview $how photo.rsd",
        "$residua preview $how photo.rsd --to bmp",
        "$residua decode $how photo.rsd --model-file missing.rsm",
        "$residua decode $how photo.rsd --model-file photo.rsd",
        "ulimit -f 1; $residua decode $how photo.rsd -o limited.ppm",
    };
    for (const std::string& line : commands) {
        std::string outcomes[2];
        for (const bool caged : {false, true}) {
            const Outcome outcome =
                shell(std::string("mkdir run; cp -rp *.rsd deep photo.png pipe run; cd run; echo text > "
                                  "exists; umask 027; how='--model-file ") +
                      models_ / "experts.rsm" + " --sandbox " + (caged ? "on" : "off") + "'\n" + line +
                      "\ncode=$?; find . -name deep -prune -o -name timing -prune -o -name "
                      "'r*' -prune -o -type f -printf '%p %m %s %Ty-%Tm-%Td\\n' | sort; "
                      "cat *.png *.ppm *.pam out/*.png | cksum; sed 's/\"seconds.*//' "
                      "report.json r; cd ..; rm -r run; exit $code");
            outcomes[caged] = std::to_string(outcome.exit_code) + "\n" + outcome.output + outcome.errors;
        }
        EXPECT_EQ(outcomes[0], outcomes[1]) << line;
    }
}

TEST_F(CliCage, EndsWithTheToolAndLeavesNothing) {
    for (const int signal : {SIGTERM, SIGINT, SIGKILL}) {
        Waiting waiting = wait_inside();
        waiting.tool->send(signal);
        if (signal != SIGKILL) waiting.tool->end_input();
        EXPECT_EQ(waiting.tool->wait(), signal == SIGKILL ? -1 : 130) << signal;
        // Nobody is left inside. (A kill leaves what is unfinished under its unfinished name.)
        for (int i = 0; i < 30000 && !has_ended(waiting.inside); ++i)
            std::this_thread::sleep_for(std::chrono::milliseconds(1));
        EXPECT_TRUE(has_ended(waiting.inside)) << signal << " " << status_line(waiting.inside, "State");
        EXPECT_FALSE(exists("out.png"));
        shell("rm -f *.part*");
    }
}

// A decoder that is made to crash is told of, and its output is no file.
TEST_F(CliCage, SaysHowTheCagedProcessEnded) {
    for (const auto& [signal, code, text] :
         {std::tuple(SIGSEGV, 7, "signal 11"), std::tuple(SIGSYS, 7, "signal 31"),
          std::tuple(SIGKILL, 6, "memory")}) {
        Waiting waiting = wait_inside();
        ::kill(waiting.inside, signal);
        EXPECT_EQ(waiting.tool->wait(), code) << signal;
        EXPECT_THAT(waiting.tool->errors(), HasSubstr(text));
        EXPECT_THAT(files(), ElementsAre("photo.png", "photo.rsd"));
    }
}

}  // namespace
}  // namespace residua::testing
