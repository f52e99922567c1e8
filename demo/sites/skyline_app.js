"use strict";
// The whole site: fetches the stock and draws cards and detail views into #app.
const app = document.getElementById("app");
const element = (name, text, className) => {
  const made = document.createElement(name);
  if (text !== undefined && text !== null) made.textContent = text;
  if (className) made.className = className;
  return made;
};
const getJson = async (url) => {
  const answer = await fetch(url, { headers: { Accept: "application/json" } });
  if (!answer.ok) throw new Error(String(answer.status));
  return answer.json();
};
const priceText = (machine) => {
  if (machine.status === "sold") return "SOLD";
  const { amount, currency, per } = machine.price;
  if (amount === null) return "Call for price";
  const money = new Intl.NumberFormat("en-CA", { style: "currency", currency, maximumFractionDigits: 0 }).format(amount);
  return money + " " + currency + (per ? " / " + per : "");
};
const meter = (machine) => (machine.usage ? machine.usage.value.toLocaleString("en-CA") + " hrs" : "");

function card(machine) {
  const box = element("article", null, "machine-card");
  const link = element("a", machine.headline, "machine-link");
  link.href = "/machine/" + machine.id;
  const heading = element("h3");
  heading.append(link);
  box.append(heading, element("p", [meter(machine), machine.site.city].filter(Boolean).join(" · ")),
    element("p", priceText(machine), machine.status === "sold" ? "price sold" : "price"));
  return box;
}

async function showList(page) {
  const data = await getJson("/api/stock?page=" + page);
  const grid = element("div", null, "cards");
  grid.append(...data.items.map(card));
  app.replaceChildren(element("h1", data.total + " machines in stock"), grid);
  if (data.next) {
    const more = element("a", "Next page", "next");
    more.href = "/stock?page=" + (page + 1);
    more.rel = "next";
    app.append(more);
  }
}

async function showMachine(id) {
  const machine = await getJson("/api/stock/" + id);
  document.title = machine.headline + " | Skyline Access & Lift";
  const rows = [["Stock number", machine.id], ["Make", machine.manufacturer], ["Model", machine.modelName],
    ["Year", machine.yearOfManufacture], ["Hours", meter(machine)], ["Serial number", machine.serial],
    ["Operating weight", machine.specs.weightKg && machine.specs.weightKg.toLocaleString("en-CA") + " kg"],
    ["Location", machine.site.city + ", " + machine.site.province]];
  const table = element("table", null, "specs");
  for (const [name, value] of rows) {
    if (value === null || value === undefined || value === "") continue;
    const row = element("tr");
    row.append(element("th", name), element("td", String(value)));
    table.append(row);
  }
  app.replaceChildren(element("h1", machine.headline), element("p", priceText(machine), "price"), table, element("p", machine.text));
}

async function start() {
  const detail = location.pathname.match(/^\/machine\/(\d+)$/);
  try {
    if (detail) await showMachine(detail[1]);
    else if (location.pathname === "/contact") app.replaceChildren(element("h1", "Contact"), element("p", "+1 403 555 0199"));
    else await showList(Number(new URLSearchParams(location.search).get("page")) || 1);
  } catch (error) {
    app.replaceChildren(element("h1", error.message === "404" ? "This machine is no longer available" : "Something went wrong"));
  }
  document.body.dataset.ready = "1";
}
start();
