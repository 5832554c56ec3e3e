#include "codec/dec_rows.h"

#include "stages/methods.h"

namespace residua::codec {

namespace {

void decode_strips(ByteInput& input, const DecodeWhole& decode, Session& session, RowReceiver* receiver,
                   const Limits& limits, RowRange wanted) {
    container::StripReader reader(input, file_methods());
    const container::StripHead& head = reader.head();
    check_limits(limits, head);
    if (receiver) receiver->size(head.width, head.height);
    int decoded_rows = 0;
    for (int strip = 0; strip < head.count(); ++strip)
        if (wanted.meets(head.first_row(strip), head.rows(strip))) decoded_rows += head.rows(strip);
    bool begun = false;
    for (int strip = 0; strip < head.count() && head.first_row(strip) < wanted.end; ++strip) {
        container::StripReader::Part part = reader.next();
        if (!wanted.meets(head.first_row(strip), head.rows(strip))) continue;
        const container::Kind kind = part.file.header.kind;
        Picture coded = decode(part.file, static_cast<double>(head.rows(strip)) / decoded_rows).picture;
        part = {};
        if (!receiver) continue;
        Picture picture = expand(kind, std::move(coded), session.allocator);
        if (!begun) receiver->begin({head.width, head.height, head.picture, head.metadata, nullptr});
        begun = true;
        receiver->rows(head.first_row(strip), std::move(picture));
    }
}

}  // namespace

void decode_rows(ByteInput& input, const DecodeWhole& decode, Session& session, RowReceiver* receiver,
                 const Limits& limits, RowRange wanted) {
    Bytes bytes = input.take_up_to(container::kVersionBytes);
    const container::FileVersion version = container::version_of(bytes.span);
    if (version == container::FileVersion::kStrips) {
        decode_strips(input, decode, session, receiver, limits, wanted);
    } else {
        // What is no file of ours is refused before more of it is read.
        if (version == container::FileVersion::kWhole) bytes = input.take_up_to(UINT64_MAX, bytes.span);
        const container::File file = parse_file(bytes.span);
        check_limits(limits, file);
        if (!receiver && file.header.method->traits().keeps_bytes) {
            session.progress.begin_phase(1);
            method_of(file.header).restore(file, session);
            return session.progress.finish();
        }
        if (receiver) receiver->size(file.header.width, file.header.height);
        Decoded decoded = decode(file, 1);
        if (receiver) {
            Picture picture = expand(file.header.kind, std::move(decoded.picture), session.allocator);
            PictureHead head = head_of(file, std::move(decoded.kept));
            head.width = picture.width;  // a preview's are smaller
            head.height = picture.height;
            receiver->begin(head);
            head = {};
            bytes = {};
            receiver->rows(0, std::move(picture));
        }
    }
    session.progress.finish();
}

}  // namespace residua::codec
