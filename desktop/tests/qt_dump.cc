// qt_dump FILE [WIDTH HEIGHT]: what a program gets of QImageReader, as a PAM; what else it says, as lines on standard
// error.
#include <QColorSpace>
#include <QGuiApplication>
#include <QImageReader>
#include <cstdio>

int main(int argc, char** argv) {
    const QGuiApplication application(argc, argv);
    QImageReader reader(QString::fromLocal8Bit(argv[1]));
    if (argc == 4) reader.setScaledSize(QSize(atoi(argv[2]), atoi(argv[3])));
    const QSize size = reader.size();
    const int turn = reader.transformation();
    const QImage image = reader.read();
    if (image.isNull()) {
        std::fprintf(stderr, "error: %s\n", qPrintable(reader.errorString()));
        return 1;
    }
    std::fprintf(stderr, "size %d %d\ntransformation %d\nformat %s\n", size.width(), size.height(), turn,
                 reader.format().constData());
    if (image.colorSpace().isValid())
        std::fprintf(stderr, "icc-profile %s\n", image.colorSpace().iccProfile().toBase64().constData());
    const bool grey =
        image.format() == QImage::Format_Grayscale8 || image.format() == QImage::Format_Grayscale16;
    const bool deep = image.depth() == 64 || image.format() == QImage::Format_Grayscale16;
    const int channels = grey ? 1 : image.depth() == 24 ? 3 : 4;
    std::printf("P7\nWIDTH %d\nHEIGHT %d\nDEPTH %d\nMAXVAL %d\nENDHDR\n", image.width(), image.height(),
                channels, deep ? 65535 : 255);
    const size_t row = size_t(image.width()) * channels;
    for (int y = 0; y < image.height(); ++y) {
        const uchar* line = image.constScanLine(y);
        const auto* words = reinterpret_cast<const quint16*>(line);
        if (!deep) std::fwrite(line, 1, row, stdout);
        for (size_t i = 0; deep && i < row; ++i) {
            std::putchar(words[i] >> 8);
            std::putchar(words[i] & 255);
        }
    }
    return 0;
}
