import { chromium } from 'playwright-core';
const base = process.argv[2]!;
const user = process.argv[3]!,
  pw = process.argv[4]!;
const out = process.argv[5]!;
const pages = (process.argv[6] ?? 'overview').split(',');
const b = await chromium.launch({
  executablePath: '/usr/bin/chromium',
  args: [
    '--headless',
    '--no-sandbox',
    '--disable-gpu',
    '--disable-quic',
    '--no-first-run',
    '--disable-background-networking',
    '--disable-component-update',
    '--disable-sync',
  ],
});
for (const [scheme, w, h] of [
  ['light', 1280, 900],
  ['dark', 1280, 900],
  ['light', 390, 844],
] as const) {
  const ctx = await b.newContext({ viewport: { width: w, height: h }, colorScheme: scheme });
  const p = await ctx.newPage();
  const errs: string[] = [];
  p.on('console', (m) => {
    if (m.type() === 'error') errs.push(m.text());
  });
  p.on('pageerror', (e) => errs.push(String(e)));
  await p.goto(base + '/');
  await p.waitForTimeout(1500);
  if (scheme === 'light' && w === 1280) await p.screenshot({ path: `${out}/signin.png` });
  await p.getByLabel(/name/i).first().fill(user);
  await p.locator('input[type=password]').first().fill(pw);
  await p.keyboard.press('Enter');
  await p.waitForTimeout(2500);
  for (const path of pages) {
    await p.goto(base + (path.startsWith('/') ? path : '/' + path));
    await p.waitForTimeout(2500);
    await p.screenshot({
      path: `${out}/${path.replaceAll('/', '_') || 'home'}-${scheme}-${w}.png`,
      fullPage: w === 390,
    });
  }
  console.log(scheme, w, errs.slice(0, 5));
  await ctx.close();
}
await b.close();
