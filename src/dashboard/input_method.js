// Keys that belong to an input method, such as the Enter that confirms a word, must not send or run anything. This
// script keeps them from all of the dashboard's listeners. In Safari, only the key code identifies that Enter, because
// Safari ends the composition first.
for (const name of ["keydown", "keyup"])
  addEventListener(name, (event) => { if (event.isComposing || event.keyCode === 229) event.stopImmediatePropagation(); }, true);
