// Tells Emscripten's linker that JavaScript has what calls.cc imports; lib/codec.js has it. The rest that is undefined
// stays an error.
mergeInto(LibraryManager.library, {
  begin: function () {},
  metadata: function () {},
  rows: function () {},
  fill: function () {},
  take: function () {},
  progress: function () {},
});
