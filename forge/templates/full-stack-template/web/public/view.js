/**
 * Shows the items and lets people change them.
 *
 * `page` holds the elements `form`, `name`, `list` and `message`, and `create`, which makes an element.
 * The promise is kept when the items are shown for the first time.
 */
export function mount(page, items) {
  async function attempt(action) {
    page.message.textContent = "";
    try {
      await action();
    } catch (problem) {
      page.message.textContent = problem.message;
    }
  }

  async function show() {
    page.list.replaceChildren(...(await items.list()).map(row));
  }

  function row(item) {
    const line = page.create("li");
    const name = page.create("span");
    // Text, never markup: a name is whatever somebody typed.
    name.textContent = item.name;
    const button = page.create("button");
    button.type = "button";
    button.textContent = "Delete";
    button.addEventListener("click", () =>
      attempt(async () => {
        await items.remove(item.id);
        await show();
      }),
    );
    line.append(name, button);
    return line;
  }

  page.form.addEventListener("submit", (event) => {
    event.preventDefault();
    return attempt(async () => {
      await items.add(page.name.value);
      page.name.value = "";
      await show();
    });
  });

  return attempt(show);
}
