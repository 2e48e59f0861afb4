// Keys that an input method takes, such as the Enter that confirms a word, must not send or run anything. They do not reach
// any of the dashboard's listeners. Safari reports the Enter that confirms a word only by its code, because it ends the
// composition first.
for (const name of ["keydown", "keyup"])
  addEventListener(name, (event) => { if (event.isComposing || event.keyCode === 229) event.stopImmediatePropagation(); }, true);
