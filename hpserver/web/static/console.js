// What HTML alone does not do: the keyboard's help and palette, two passwords compared, the grid drawn as it is typed.
"use strict";
const help = document.getElementById("help");
const palette = document.getElementById("palette");

function places() {
  const links = [...document.querySelectorAll(".panes a, .tabs a, main a.button")];
  const buttons = [...document.querySelectorAll("main form button")];
  return [...links, ...buttons].filter((one) => one.textContent.trim());
}

function fill(list, text) {
  list.replaceChildren(
    ...places()
      .filter((one) => one.textContent.toLowerCase().includes(text.toLowerCase()))
      .map((one) => {
        const item = document.createElement("li");
        const link = document.createElement("a");
        link.href = one.href || "#";
        link.textContent = one.textContent.trim();
        link.addEventListener("click", (event) => {
          palette.close();
          if (!one.href) { event.preventDefault(); one.focus(); }
        });
        item.append(link);
        return item;
      }),
  );
}

document.addEventListener("keydown", (event) => {
  const typing = event.target.closest("input, select, textarea");
  if (event.key === "?" && !typing) { event.preventDefault(); help.showModal(); }
  if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k") {
    event.preventDefault();
    const field = palette.querySelector("input");
    field.value = "";
    fill(palette.querySelector("ul"), "");
    palette.showModal();
    field.focus();
  }
});
palette.querySelector("input").addEventListener("input", (event) => fill(palette.querySelector("ul"), event.target.value));
palette.querySelector("input").addEventListener("keydown", (event) => {
  if (event.key === "Enter") { event.preventDefault(); palette.querySelector("li a")?.click(); }
});

document.addEventListener("input", (event) => {
  const form = event.target.form;
  const again = form?.querySelector("[data-differs]");
  if (again) {
    const first = form.querySelector("[data-same]");
    again.setCustomValidity(again.value && again.value !== first.value ? again.dataset.differs : "");
  }
  if (form?.matches("[data-grid]")) draw(form);
});

function svg(name, attributes, text) {
  const made = document.createElementNS("http://www.w3.org/2000/svg", name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  if (text) made.textContent = text;
  return made;
}

function draw(form) {
  const read = (name) => Number(form.elements[name].value);
  const days = [...form.querySelectorAll('input[type="checkbox"][name="days"]')];
  const names = days.map((one) => one.parentElement.textContent.trim());
  const sequences = Math.min(read("sequences") || 1, 288);
  const length = read("sequence_minutes") || 60;
  const division = Number(form.querySelector('input[name="division"]:checked').value);
  const start = read("day_start");
  const weeks = Math.round((new Date(form.elements.last_sunday.value) - new Date(form.elements.first_monday.value) + 864e5) / 6048e5);
  const clock = (minutes) => `${String(Math.floor(minutes / 60) % 24).padStart(2, "0")}:${String(minutes % 60).padStart(2, "0")}`;
  const picture = form.querySelector("svg");
  const height = 190 / sequences;
  const marks = [];
  names.forEach((name, day) => {
    const x = 46 + day * 53;
    marks.push(svg("text", { x, y: 14 }, name));
    marks.push(svg("rect", { x, y: 22, width: 49, height: 190, class: days[day].checked ? "cell" : "off" }));
    if (!days[day].checked) return;
    for (let n = 1; n < sequences * division && sequences * division <= 96; n += 1) {
      const y = 22 + (n * height) / division;
      marks.push(svg("line", { x1: x, x2: x + (n % division ? 8 : 49), y1: y, y2: y, class: "hour" }));
    }
  });
  const every = Math.ceil(sequences / 12);
  for (let n = 0; n <= sequences; n += every) marks.push(svg("text", { x: 4, y: 26 + n * height }, clock(start + n * length)));
  picture.replaceChildren(...marks);
  const total = sequences * length;
  form.querySelector("figcaption").textContent = form.dataset.summary
    .replace("{weeks}", weeks).replace("{days}", days.filter((one) => one.checked).length)
    .replace("{day}", `${Math.floor(total / 60)} h ${String(total % 60).padStart(2, "0")}`).replace("{step}", Math.round((length / division) * 100) / 100);
}
document.querySelectorAll("form[data-grid]").forEach(draw);

// A file that is sent: the page stays, and its part that lives says how far it is. Without a script the browser sends it.
document.addEventListener("submit", async (event) => {
  const form = event.target.closest("form[data-upload]");
  if (!form) return;
  event.preventDefault();
  const told = form.querySelector(".sending");
  const button = form.querySelector("button");
  button.disabled = true;
  told.classList.remove("error");
  told.textContent = form.dataset.upload;
  try {
    const answer = await fetch(form.action, { method: "POST", body: new FormData(form), redirect: "manual" });
    if (answer.type === "opaqueredirect") { location.assign("/plannings"); return; }
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    told.textContent = page.querySelector("main .error, main p")?.textContent ?? form.dataset.lost;
  } catch { told.textContent = form.dataset.lost; }
  told.classList.add("error");
  button.disabled = false;
});
