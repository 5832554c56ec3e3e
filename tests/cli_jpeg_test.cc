// The command line on JPEG files: they are kept byte for byte, unless pixels are asked for.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "image_io/test_files.h"
#include "support/tool.h"

namespace residua::testing {
namespace {

using image_io::Bytes;
using image_io::text_of;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr int kUsage = 1, kFileError = 2, kUnsupported = 3, kDamaged = 4;

// A camera's name and an orientation.
const Bytes kExif = {'E', 'x', 'i', 'f', 0, 0, 'M', 'M', 0,   42,  0,   0, 0, 8,  0, 2,  // two fields
                     1,   15,  0,   2,   0, 0, 0,   4,   'c', 'a', 'm', 0, 1, 18, 0, 3, 0, 0, 0, 1,  // and
                     0,   6,   0,   0,   0, 0, 0,   0};

class CliJpeg : public ToolTest {
  protected:
    void put_jpeg(const std::string& name, int width = 40, bool progressive = false) {
        put(name, jpeg(width, progressive));
    }
    static std::string jpeg(int width = 40, bool progressive = false) {
        return text_of(image_io::make_jpeg({.width = width, .height = 24, .progressive = progressive},
                                           {{0xe1, kExif}, {0xfe, image_io::bytes_of("a comment")}}));
    }
    // Without a model: what a user types.
    Outcome run(const std::string& script) const {
        return shell("encode=\"$residua encode\" decode=\"$residua decode\"\n" + script);
    }
    void expect_runs(const std::string& script) const {
        const Outcome outcome = run(script);
        EXPECT_EQ(outcome.exit_code, 0) << script << "\n" << outcome.errors;
    }
    void expect_refused(const std::string& script, int code, const std::string& words) const {
        const auto before = files();
        const Outcome outcome = run(script);
        EXPECT_EQ(outcome.exit_code, code) << script << "\n" << outcome.errors;
        EXPECT_THAT(outcome.errors, HasSubstr(words)) << script;
        EXPECT_EQ(files(), before) << script;
    }
    std::string codec_of(const std::string& name) const {
        const std::string line = run("$residua info --json " + name).output;
        const size_t at = line.find("\"codec\":");
        return at == std::string::npos ? line : line.substr(at + 8, line.find(',', at) - at - 8);
    }
};

TEST_F(CliJpeg, ComesBackUnderItsName) {
    const std::string photo = jpeg();
    put("photo.jpg", photo);
    set_mode("photo.jpg", 0640);
    set_time("photo.jpg", 1'500'000'000);
    for (const char* effort : {"", " --effort 1", " --effort 9", " --jpeg bytes"}) {
        const Outcome encoded = run("$encode photo.jpg" + std::string(effort));
        EXPECT_EQ(encoded.exit_code, 0) << encoded.errors;
        EXPECT_THAT(encoded.errors, HasSubstr("byte for byte"));
        EXPECT_LT(text("photo.rsd").size(), photo.size());
        EXPECT_EQ(mode("photo.rsd"), 0640u);
        expect_runs("mv photo.jpg away; $decode photo.rsd");
        EXPECT_EQ(text("photo.jpg"), photo);
        EXPECT_EQ(mode("photo.jpg"), 0640u);
        EXPECT_EQ(status("photo.jpg").st_mtim.tv_sec, 1'500'000'000);
        expect_runs("rm away photo.rsd");
    }
    expect_runs("$encode photo.jpg -o other.rsd && $decode other.rsd -o again.jpeg");
    EXPECT_EQ(text("again.jpeg"), photo);
    expect_refused("$decode other.rsd -o again.jpeg", kFileError, "again.jpeg");
}

// By their content, whatever their names are; what only begins as a JPEG is kept, too.
TEST_F(CliJpeg, IsKnownByItsFirstBytes) {
    put_jpeg("odd.png");
    const std::string photo = jpeg(), cut = photo.substr(0, photo.size() / 2), stub = photo.substr(0, 4),
                      behind = photo + std::string(3000, 'v');
    put("cut.jpg", cut);
    put("stub.jpg", stub);
    put("behind.jpg", behind);
    put("late.jpg", "\r\n" + photo);  // as broken downloads begin
    expect_runs(
        "$encode odd.png cut.jpg stub.jpg behind.jpg late.jpg -d coded && $decode coded/*.rsd -d again");
    EXPECT_EQ(text("again/odd.jpg"), photo);
    EXPECT_EQ(text("again/cut.jpg"), cut);
    EXPECT_EQ(text("again/stub.jpg"), stub);
    EXPECT_EQ(text("again/behind.jpg"), behind);
    EXPECT_EQ(text("again/late.jpg"), "\r\n" + photo);
    EXPECT_LT(text("coded/late.rsd").size(), photo.size());
    EXPECT_THAT(run("$residua info coded/late.rsd").output, HasSubstr("a JPEG file, byte for byte"));
    expect_runs("$decode coded/late.rsd --to png -d again");
    EXPECT_EQ(picture("again/late.png").pixels, picture("odd.png").pixels);
    put_picture("picture.jpg");  // a PNG
    expect_runs("$encode picture.jpg --effort 1 -o picture.rsd && $decode picture.rsd");
    EXPECT_TRUE(exists("picture.png"));
}

TEST_F(CliJpeg, OfFoldersBesidePictures) {
    make_folder("in/b");
    put_jpeg("in/one.jpg", 40);
    put_jpeg("in/b/two.JPEG", 33, true);
    put_picture("in/b/three.png");
    expect_runs("$encode --model-file " + (models_ / "experts.rsm") + " -r in -d coded --effort 1");
    EXPECT_THAT(run("cd coded; find . -type f | sort").output, "./b/three.rsd\n./b/two.rsd\n./one.rsd\n");
    const std::string before = text("coded/one.rsd");
    put_jpeg("in/new.jpg", 20);
    expect_runs("$encode -r in -d coded --skip-existing --report report");
    EXPECT_EQ(text("coded/one.rsd"), before);
    EXPECT_TRUE(exists("coded/new.rsd"));
    expect_runs("$decode --model-file " + (models_ / "experts.rsm") + " -r coded -d out");
    EXPECT_EQ(text("out/one.jpg"), text("in/one.jpg"));
    EXPECT_EQ(text("out/new.jpg"), text("in/new.jpg"));
    EXPECT_EQ(text("out/b/two.jpg"), text("in/b/two.JPEG"));
    EXPECT_EQ(picture("out/b/three.png").pixels, picture("in/b/three.png").pixels);
    // What is there stays, and is not made again.
    put("out/one.jpg", "mine");
    expect_runs("rm out/new.jpg; $decode -r coded -d out --skip-existing");
    EXPECT_EQ(text("out/one.jpg"), "mine");
    EXPECT_EQ(text("out/new.jpg"), text("in/new.jpg"));
}

TEST_F(CliJpeg, ThroughPipes) {
    put_jpeg("photo.jpg");
    expect_runs("cat photo.jpg | $encode - | $decode - > out.jpg && cmp photo.jpg out.jpg");
    expect_runs("$encode - -o a.rsd < photo.jpg && $encode photo.jpg -o - > b.rsd && cmp a.rsd b.rsd");
    expect_runs("$decode a.rsd -o - | cmp photo.jpg -");
    expect_runs("cat a.rsd | $decode - -o b.jpg && cmp photo.jpg b.jpg");
    expect_runs("cat a.rsd | $decode - --to png > c.png");
    expect_runs("cat a.rsd | $residua verify - --against photo.jpg");
    expect_refused("cat a.rsd | $residua verify - --against <(cat photo.jpg; echo)", kDamaged, "differ");
}

// The picture of a kept JPEG in another format: as its pixels would have been kept.
TEST_F(CliJpeg, GivesItsPictureWhereThatIsAskedFor) {
    put_jpeg("photo.jpg");
    expect_runs("$encode photo.jpg && $decode photo.rsd --to png && $decode photo.rsd -o photo.tif");
    expect_runs("$decode photo.rsd -o photo.ppm 2> notes");
    const image_io::Image original = picture("photo.jpg");
    for (const char* name : {"photo.png", "photo.tif"}) {
        EXPECT_EQ(picture(name).pixels, original.pixels) << name;
        EXPECT_THAT(
            run("$encode --effort 1 -o x.rsd --force " + std::string(name) + "; $residua metadata list x.rsd")
                .output,
            HasSubstr("orientation"))
            << name;
    }
    EXPECT_EQ(picture("photo.ppm").pixels, original.pixels);
    EXPECT_THAT(text("notes"), HasSubstr("Exif"));  // a PPM has no place for it
    expect_runs("$decode photo.rsd -o bare.png --metadata strip");
    EXPECT_LT(text("bare.png").size(), text("photo.png").size());
    expect_refused("$decode photo.rsd -o x.jpg --metadata strip", kUsage, "byte for byte");
    expect_refused("$decode photo.rsd -o x.ppm --strict", kUnsupported, "Exif");
    // A preview of an eighth.
    expect_runs("$residua preview photo.rsd");
    EXPECT_EQ(picture("photo.preview.png").width, 5u);
    EXPECT_EQ(picture("photo.preview.png").height, 3u);
    // What is no JPEG becomes none.
    put_picture("picture.png");
    expect_runs("$encode --effort 1 picture.png");
    expect_refused("$decode picture.rsd --to jpg", kUnsupported, "jp");
    expect_refused("$decode picture.rsd -o picture.jpg", kUnsupported, "jp");
}

// A region is pixels; of a kept JPEG those that its whole picture has there.
TEST_F(CliJpeg, GivesARegionOfItsPicture) {
    put("photo.jpg", text_of(image_io::make_jpeg({.width = 70, .height = 50}, {{0xe1, kExif}})));
    expect_runs("$encode photo.jpg && $decode photo.rsd --region 31x17+9+20");
    const image_io::Image whole = picture("photo.jpg"), region = picture("photo.png");
    ASSERT_EQ(region.width, 31u);
    ASSERT_EQ(region.height, 17u);
    for (size_t y = 0; y < 17; ++y)
        for (size_t x = 0; x < size_t{31} * 3; ++x)
            ASSERT_EQ(region.pixels[y * 31 * 3 + x], whole.pixels[(y + 20) * 70 * 3 + 9 * 3 + x]) << x << y;
    EXPECT_TRUE(region.has("exif"));
    expect_runs(
        "$decode photo.rsd --region 70x50+0+0 -o all.ppm && $decode photo.rsd --region 1x1+69+49 -o 1.pam");
    EXPECT_EQ(picture("all.ppm").pixels, whole.pixels);
    EXPECT_TRUE(std::equal(whole.pixels.end() - 3, whole.pixels.end(), picture("1.pam").pixels.begin()));
    for (const char* beyond :
         {"71x1+0+0", "1x51+0+0", "1x1+70+0", "1x1+0+50", "4294967295x1+1+0", "2x2+69+49"})
        expect_refused("$decode photo.rsd -o x.png --region " + std::string(beyond), kUsage, "70 x 50");
    for (const char* wrong :
         {"0x5+0+0", "5x5", "5x5+0", "5,5,0,0", "5x5+0+0 ", "-1x5+0+0", "5x5+0+4294967296", "''"})
        expect_refused("$decode photo.rsd -o x.png --region '" + std::string(wrong) + "'", kUsage,
                       "WIDTHxHEIGHT");
    expect_refused("$decode photo.rsd -o x.jpg --region 5x5+0+0", kUnsupported, "jp");
    // Of pixels, in strips, with alpha or not.
    expect_runs("$encode --jpeg pixels --effort 1 --strip-height 16 photo.jpg -o strips.rsd");
    expect_runs("$decode strips.rsd --region 31x17+9+20 -o strips.png");
    EXPECT_EQ(picture("strips.png").pixels, region.pixels);
    EXPECT_EQ(run("$decode strips.rsd --region 71x17+9+20 -o x.png").exit_code, kUsage);
    EXPECT_FALSE(exists("x.png"));
}

TEST_F(CliJpeg, KeepsPixelsWhereTheyAreAskedFor) {
    put_jpeg("photo.jpg");
    expect_runs("$encode photo.jpg");
    EXPECT_EQ(codec_of("photo.rsd"), "\"jpeg\"");
    const auto original = picture("photo.jpg").pixels;
    const std::string model = "--model-file " + (models_ / "experts.rsm") + " --model experts";
    for (const std::string& more :
         {std::string("--jpeg pixels --effort 1"), std::string("--codec olm --effort 1"), model,
          std::string("--metadata strip --effort 1"), std::string("--page 1 --effort 1")}) {
        expect_runs("$encode photo.jpg --force " + more);
        EXPECT_EQ(codec_of("photo.rsd"), "\"olm\"") << more;
        expect_runs("$decode photo.rsd --force --model-file " + (models_ / "experts.rsm"));
        EXPECT_EQ(picture("photo.png").pixels, original) << more;
        expect_runs("rm photo.png");
    }
    expect_refused("$encode photo.jpg -o x.rsd --jpeg dct", kUsage, "--jpeg");
}

TEST_F(CliJpeg, IsReplacedOnceItIsProved) {
    put_jpeg("a.jpg");
    put_jpeg("b.jpg", 33, true);
    set_mode("a.jpg", 0600);
    set_time("a.jpg", 1'500'000'000);
    const std::string a = text("a.jpg"), b = text("b.jpg");
    expect_runs("$encode --replace a.jpg b.jpg");
    EXPECT_THAT(files(), ElementsAre("a.rsd", "b.rsd"));
    expect_runs("$decode a.rsd b.rsd");
    EXPECT_EQ(text("a.jpg"), a);
    EXPECT_EQ(text("b.jpg"), b);
    EXPECT_EQ(mode("a.jpg"), 0600u);
    EXPECT_EQ(status("a.jpg").st_mtim.tv_sec, 1'500'000'000);
    // Goes on where a run before it was ended: the files are there.
    expect_runs("$encode --replace a.jpg b.jpg");
    EXPECT_THAT(files(), ElementsAre("a.rsd", "b.rsd"));
    // Of others.
    put("a.jpg", b);
    expect_refused("$encode --replace a.jpg", kFileError, "not this picture");
    EXPECT_EQ(text("a.jpg"), b);
    put("late.jpg", "\n" + b);
    for (const char* name : {"a.jpg", "late.jpg"})
        expect_refused("$encode --replace --jpeg pixels -o c.rsd " + std::string(name), kUnsupported, "JPEG");
    expect_refused("$encode --replace <(cat a.jpg) -o c.rsd", kUsage, "pipe");
    expect_runs("ln -s a.jpg link.jpg");
    expect_refused("$encode --replace link.jpg", kUsage, "symbolic link");
}

TEST_F(CliJpeg, IsVerifiedAgainstItsBytes) {
    put_jpeg("photo.jpg");
    put("longer.jpg", jpeg() + "x");
    put_jpeg("other.jpg", 33);
    expect_runs("$encode photo.jpg && $residua verify photo.rsd");
    const Outcome good = run("$residua verify photo.rsd --against photo.jpg");
    EXPECT_EQ(good.exit_code, 0) << good.errors;
    EXPECT_THAT(good.errors, HasSubstr("byte for byte equal to photo.jpg"));
    expect_refused("$residua verify photo.rsd --against longer.jpg", kDamaged, "differ");
    expect_refused("$residua verify photo.rsd --against other.jpg", kDamaged, "differ");
    expect_refused("$residua verify photo.rsd --against nothing.jpg", kFileError, "nothing.jpg");
    std::string damaged = text("photo.rsd");
    damaged[damaged.size() / 2] ^= 1;
    put("photo.rsd", damaged);
    expect_refused("$residua verify photo.rsd", kDamaged, "damaged");
    expect_refused("$decode photo.rsd -o x.jpg", kDamaged, "damaged");
}

TEST_F(CliJpeg, ShowsItsMetadataAndDoesNotChangeThem) {
    put_jpeg("photo.jpg");
    put("value", "words");
    expect_runs("$encode photo.jpg");
    const std::string coded = text("photo.rsd");
    EXPECT_THAT(run("$residua info photo.rsd").output,
                AllOf(HasSubstr("40 x 24"), HasSubstr("a JPEG file, byte for byte"), HasSubstr("Exif"),
                      HasSubstr("jpeg, format version")));
    EXPECT_THAT(run("$residua info --json photo.rsd").output,
                AllOf(HasSubstr("\"codec\":\"jpeg\""), HasSubstr("\"width\":40"), HasSubstr("exif")));
    EXPECT_THAT(run("$residua metadata list photo.rsd").output, AllOf(HasSubstr("Exif"), HasSubstr("COM")));
    EXPECT_EQ(run("$residua metadata get photo.rsd exif").output, text_of(kExif).substr(6));
    expect_refused("$residua explain photo.rsd", kUnsupported, "residua info");
    const char* words = "restore it, change it, and encode it again";
    expect_refused("$residua metadata set photo.rsd xmp value", kUnsupported, words);
    expect_refused("$residua metadata set photo.rsd exif value", kUnsupported, words);
    expect_refused("$residua metadata strip photo.rsd", kUnsupported, words);
    expect_refused("$residua metadata strip photo.rsd exif", kUnsupported, words);
    expect_refused("$residua metadata strip photo.rsd --all", kUnsupported, words);
    EXPECT_EQ(text("photo.rsd"), coded);
    // The pixels without them.
    expect_runs("$encode photo.jpg --force --metadata strip --effort 1 && $residua metadata strip photo.rsd");
    EXPECT_THAT(run("$residua metadata list photo.rsd").output, Not(HasSubstr("COM")));
}

// Bytes that begin as a JPEG and have no picture.
TEST_F(CliJpeg, WithoutAPictureIsShownAsThat) {
    put("header.jpg", jpeg().substr(0, 20));
    expect_runs("$encode header.jpg");
    const Outcome info = run("$residua info header.rsd");
    EXPECT_EQ(info.exit_code, 0) << info.errors;
    EXPECT_THAT(info.output, AllOf(HasSubstr("its pixels cannot be given"), Not(HasSubstr(" x "))));
    EXPECT_THAT(run("$residua info --json header.rsd").output, HasSubstr("\"colour\":null"));
    EXPECT_EQ(run("$residua metadata list header.rsd").exit_code, 0);
    expect_refused("$residua metadata strip header.rsd", kUnsupported, "restore it");
    expect_refused("$residua preview header.rsd", kUnsupported, "restore that file");
    const Outcome png = run("$decode header.rsd --to png");
    EXPECT_NE(png.exit_code, 0);
    EXPECT_NE(png.errors, "");
    EXPECT_FALSE(exists("header.png"));
}

}  // namespace
}  // namespace residua::testing
