#include "qt/plugin.h"

#include "qt/handler.h"

QImageIOPlugin::Capabilities ResiduaPlugin::capabilities(QIODevice* device, const QByteArray& format) const {
    if (format == "rsd") return CanRead;
    if (!format.isEmpty() || !device || !device->isOpen() || !device->isReadable()) return {};
    return ResiduaHandler::begins_as_file(device) ? Capabilities(CanRead) : Capabilities();
}

QImageIOHandler* ResiduaPlugin::create(QIODevice* device, const QByteArray& format) const {
    auto* handler = new ResiduaHandler;
    handler->setDevice(device);
    handler->setFormat(format);
    return handler;
}
