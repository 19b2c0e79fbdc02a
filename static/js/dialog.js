// Opens a <dialog> from any [data-dialog="id"]; a link without JavaScript leads to the page that asks the same.
// Takes the reader to the list of what is wrong, if there is one.

document.addEventListener("click", (event) => {
  const opener = event.target.closest("[data-dialog]");
  const dialog = opener && document.getElementById(opener.dataset.dialog);
  if (dialog) {
    event.preventDefault();
    dialog.showModal();
  }
  const closer = event.target.closest("[data-close]");
  if (closer) {
    event.preventDefault();
    closer.closest("dialog")?.close();
  }
});

document.querySelector("[data-focus]")?.focus();
