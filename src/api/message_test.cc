#include "api/message.h"

#include <gtest/gtest.h>

#include <string>

namespace residua::api {
namespace {

TEST(Message, JoinsItsTwoParts) {
    Message message;
    EXPECT_STREQ(message.c_str(), "");
    message.set("internal error: ", "a reason");
    EXPECT_STREQ(message.c_str(), "internal error: a reason");
    message.clear();
    EXPECT_STREQ(message.c_str(), "");
}

TEST(Message, KeepsAsMuchAsFits) {
    Message message;
    const std::string fits(Message::kBytes - 1, 'x');
    message.set(fits.c_str());
    EXPECT_EQ(message.c_str(), fits);
    message.set("y", fits.c_str());
    std::string expected = fits;
    expected[0] = 'y';
    EXPECT_EQ(message.c_str(), expected);
}

TEST(Message, CutsBetweenCharacters) {
    for (size_t before = Message::kBytes - 6; before < Message::kBytes; ++before) {
        Message message;
        const std::string text = std::string(before, 'x') + "\xe2\x80\xa6" + "\xc3\xa9";  // "…é"
        message.set(text.c_str());
        const size_t room = Message::kBytes - 1 - before;
        const size_t whole = room >= 5 ? 5 : room >= 3 ? 3 : 0;
        EXPECT_EQ(message.c_str(), text.substr(0, before + whole)) << before;
    }
}

}  // namespace
}  // namespace residua::api
