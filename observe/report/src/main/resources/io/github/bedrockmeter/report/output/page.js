/* Draws each chart from the table beside it, so that both say the same. Without scripts the tables stay. */
(() => {
  "use strict";
  if (typeof uPlot === "undefined") { return; }

  const colour = name => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  const valueOf = cell => {
    const exact = cell ? cell.querySelector("data") : null;
    return exact === null ? null : Number(exact.value);
  };
  const dollars = amount => {
    if (amount === null || amount === undefined) { return "unknown"; }
    const size = Math.abs(amount);
    const digits = size === 0 || size >= 100 ? 2 : size >= 1 ? 2 : size >= 0.01 ? 4 : 6;
    return "$" + amount.toLocaleString("en-US", { minimumFractionDigits: 2, maximumFractionDigits: digits });
  };
  const plain = amount => amount === null || amount === undefined ? "unknown" : amount.toLocaleString("en-US");
  const shortened = (text, most) => text.length <= most ? text
    : text.slice(0, Math.floor(most / 3)) + "\u2026" + text.slice(text.length - most + 1 + Math.floor(most / 3));

  /** The rows of a figure's table: a label and a number for each column that the chart draws. */
  const read = figure => {
    const columns = figure.dataset.columns.split(",").map(Number);
    const rows = Array.from(figure.querySelectorAll("tbody tr"));
    return {
      labels: rows.map(row => row.cells[0].dataset.label || row.cells[0].textContent.trim()),
      series: columns.map(column => rows.map(row => valueOf(row.cells[column]))),
      names: (figure.dataset.names || "").split("|"),
      format: figure.dataset.unit === "usd" ? dollars : plain,
    };
  };

  const axis = extra => Object.assign({
    stroke: colour("--soft"), font: "12px system-ui, sans-serif",
    grid: { stroke: colour("--line"), width: 1 }, ticks: { show: false },
  }, extra);

  const draw = figure => {
    const plot = figure.querySelector(".plot");
    const readout = figure.querySelector(".readout");
    const data = read(figure);
    const sideways = figure.dataset.chart === "bars";
    const count = data.labels.length;
    if (count === 0) { return null; }
    const width = Math.max(220, plot.clientWidth);
    const height = sideways ? Math.max(90, count * 36 + 34) : 330;
    const names = sideways ? Math.min(200, Math.floor(width * 0.42)) : 0;
    const most = Math.max(6, Math.floor(names / 7.4));
    const every = Math.ceil(count / Math.max(2, Math.floor((width - 70) / 58)));
    const bars = uPlot.paths.bars({ size: [0.72, 46], radius: 0.12 });
    const options = {
      width, height, padding: sideways ? [4, 28, 0, 4] : [10, 20, 0, 4],
      legend: { show: false },
      cursor: { drag: { setScale: false, x: false, y: false }, points: { show: false }, y: false, x: !sideways },
      scales: {
        x: { time: false, ori: sideways ? 1 : 0, dir: sideways ? -1 : 1, range: [-0.5, count - 0.5] },
        y: { ori: sideways ? 0 : 1, dir: 1, range: (u, low, high) => {
          const top = Math.max(high, 0), bottom = Math.min(low, 0);
          return top === bottom ? [0, 1] : [bottom * 1.08, top * 1.08];
        } },
      },
      axes: [
        axis({ side: sideways ? 3 : 2, size: sideways ? names : 34, gap: 6, grid: { show: false },
          splits: () => data.labels.map((label, i) => i).filter(i => sideways || i % every === 0),
          values: (u, at) => at.map(i => sideways ? shortened(data.labels[i] || "", most) : data.labels[i]) }),
        axis({ side: sideways ? 2 : 3, size: sideways ? 28 : 62, gap: 4, space: sideways ? 76 : 46,
          values: (u, at) => at.map(v => data.format(v)) }),
      ],
      series: [{}].concat(data.series.map((values, i) => i === 0
        ? { stroke: colour("--accent"), fill: colour("--accent"), width: 0, paths: bars, points: { show: false } }
        : { stroke: colour("--before"), width: 2.5, dash: [6, 4], points: { show: false } })),
      hooks: { setCursor: [u => {
        const i = u.cursor.idx;
        readout.textContent = i === null || i === undefined ? "" : data.labels[i] + ": "
          + data.series.map((values, s) => (s > 0 ? data.names[s] + " " : "") + data.format(values[i])).join(", ");
      }] },
    };
    plot.textContent = "";
    plot.classList.add("drawn");
    return new uPlot(options, [data.labels.map((label, i) => i)].concat(data.series), plot);
  };

  let drawn = [];
  const drawAll = () => {
    drawn.forEach(chart => chart.destroy());
    drawn = Array.from(document.querySelectorAll("figure[data-chart]")).map(draw).filter(chart => chart !== null);
  };
  let due = 0;
  const later = () => {
    cancelAnimationFrame(due);
    due = requestAnimationFrame(drawAll);
  };
  let width = document.documentElement.clientWidth;
  addEventListener("resize", () => {
    if (width !== document.documentElement.clientWidth) {
      width = document.documentElement.clientWidth;
      later();
    }
  });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", later);
  matchMedia("print").addEventListener("change", drawAll);
  drawAll();
  document.documentElement.dataset.charts = String(drawn.length);
})();
