// The button of a page that checks: runs check.js, which stands before this script, and writes its findings.
//
// The page has #check-run (hidden without JavaScript), #check-summary and #check-findings. The evidence stands in the
// page (#evidence: then it is a file, and checks itself when it is opened), or is fetched from data-evidence.

const { check, obstacle } = globalThis.jiannuo;
const button = document.getElementById("check-run");
const summary = document.getElementById("check-summary");
const findings = document.getElementById("check-findings");
const inside = document.getElementById("evidence");

// The words tell; sign and colour only help. The classes are the site's marks.
const OUTCOMES = {
  proven: { sign: "✓", zh: "已证明", en: "Proven", mark: "mark mark-met" },
  failed: { sign: "✗", zh: "不符", en: "Failed", mark: "mark mark-broken" },
  open: { sign: "–", zh: "未证明", en: "Not proven", mark: "mark mark-provisional" },
};

function element(name, attributes, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.append(...children);
  return made;
}

const both = ({ zh, en }) => [`${zh} `, element("span", { class: "en", lang: "en" }, en)];

function listed(group) {
  const items = group.findings.map((finding) => {
    const { sign, mark, ...words } = OUTCOMES[finding.outcome];
    const word = element("strong", { class: mark }, `${sign} `, ...both(words));
    return element("li", { "data-code": finding.code, "data-outcome": finding.outcome }, word, " ", ...both(finding));
  });
  const made = [element("h3", {}, ...both(group.title)), element("ul", { class: "findings" }, ...items)];
  if (group.payload) {
    const title = both({ zh: "所核对的签署内容", en: "The signed content that was checked" });
    made.push(element("details", {}, element("summary", {}, ...title), element("pre", {}, group.payload)));
  }
  return made;
}

function tell(outcome, ...children) {
  summary.setAttribute("data-outcome", outcome);
  summary.replaceChildren(...children);
}

function cannot(why) {
  tell("cannot", ...both({ zh: `此处无法核验：${why.zh}。`, en: `This cannot be checked here: ${why.en}. ` }));
  const link = (href, words) => element("a", { href }, ...both(words));
  const file = { zh: "下载核验文件，在本机打开", en: "Download the file that checks itself, and open it" };
  if (button.dataset.file) summary.append(link(button.dataset.file, file), "；");
  summary.append(link("#check", { zh: "或用命令核对", en: "or check with commands" }));
}

const CONCLUSIONS = {
  proven: { zh: "核验通过", en: "The check passed" },
  failed: { zh: "核验未通过", en: "The check did not pass" },
  closed: { zh: "核验通过，但不涉及未公开的内容", en: "The check passed, as far as what is public goes" },
  open: { zh: "核验未完成：必要的一项这里不能证明", en: "The check is incomplete: it lacks something needed" },
};

function conclude({ groups, outcome }) {
  const count = (outcome) => groups.flatMap((g) => g.findings).filter((f) => f.outcome === outcome).length;
  const [proven, failed, open] = ["proven", "failed", "open"].map(count);
  const isClosed = outcome === "proven" && groups.some((g) => g.findings.some((f) => f.code === "closed"));
  const { zh, en } = CONCLUSIONS[isClosed ? "closed" : outcome];
  tell(outcome, ...both({
    zh: `${zh}。${failed} 项不符，${proven} 项已证明，${open} 项这里不能证明，见下。`,
    en: `${en}. ${failed} failed, ${proven} proven, ${open} that this cannot prove, see below.`,
  }));
  findings.replaceChildren(...groups.flatMap(listed));
}

async function evidence() {
  if (inside) return JSON.parse(inside.textContent);
  const answer = await fetch(button.dataset.evidence, { cache: "no-store" });
  if (!answer.ok) throw new Error(`${answer.status} ${answer.statusText}`);
  return answer.json();
}

async function run() {
  button.setAttribute("aria-disabled", "true");
  findings.replaceChildren();
  tell("running", ...both({ zh: "正在核验……", en: "Checking…" }));
  try {
    const why = await obstacle();
    if (why) cannot(why);
    else conclude(await check(await evidence()));
  } catch (error) {
    cannot({ zh: `数据无法取得或读懂（${error.message}）`, en: `the data cannot be had or read (${error.message})` });
  }
  button.removeAttribute("aria-disabled");
}

button.hidden = false;
button.addEventListener("click", async () => {
  if (button.hasAttribute("aria-disabled")) return;
  await run();
  summary.focus(); // what comes next in reading order is the result
});
if (inside) run();
