// Dialogs in the page, and the question before an action that takes a target out.
import { html, useLayoutEffect, useRef, useState } from './ui.js';

export function Dialog({ title, onClose, children }) {
  const element = useRef(null);
  useLayoutEffect(() => {
    const dialog = element.current;
    dialog.showModal();
    return () => dialog.close(); // gives the focus back to where it was
  }, []);
  const outside = (event) => event.target === element.current && onClose();
  return html`<dialog ref=${element} aria-label=${title} onClose=${onClose} onClick=${outside}>
    <div class="inside">
      <h2>${title}</h2>
      ${children}
    </div>
  </dialog>`;
}

let showQuestion = () => {};

/** Asks; the promise is true if the answer is yes. */
export function confirm(title, text, yes) {
  return new Promise((resolve) => showQuestion({ title, text, yes, resolve }));
}

/** The place where questions appear. */
export function Dialogs() {
  const [question, setQuestion] = useState(null);
  showQuestion = setQuestion;
  if (!question) {
    return null;
  }
  const answer = (yes) => {
    setQuestion(null);
    question.resolve(yes);
  };
  return html`<${Dialog} key=${question.title} title=${question.title} onClose=${() => answer(false)}>
    <p>${question.text}</p>
    <p class="buttons">
      <button type="button" onClick=${() => answer(false)} autofocus>Cancel</button>
      <button type="button" class="strong" onClick=${() => answer(true)}>${question.yes}</button>
    </p>
  <//>`;
}
